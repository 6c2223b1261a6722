// Every key that was ever written, numbered. A key is hashed once, where it enters; the stores of all replicas
// and the observer's memory then go by its number, so that a write costs the same however many keys there
// are and a replica pays one array slot a key.

import type { KeyEntry } from '../observed-write.ts'

export class Keys {
  readonly #entries = new Map<string, KeyEntry>()

  get size(): number {
    return this.#entries.size
  }

  find(key: string): KeyEntry | undefined {
    return this.#entries.get(key)
  }

  /** The entry of a key that is being written. */
  enter(key: string): KeyEntry {
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = {
        key,
        slot: this.#entries.size,
        oldest: undefined,
        newest: undefined,
        brokenAt: 0,
        forgotten: undefined,
      }
      this.#entries.set(key, entry)
    }
    return entry
  }
}
