// Every key that was ever written, numbered. A key is hashed once, where it enters; the stores of all replicas
// and the observer's memory then go by its number, so that a write costs the same however many keys there
// are and a replica pays one array slot a key.

import type { Trace } from './observer.ts'
import type { StoredRecord } from './record.ts'
import type { Microseconds } from './units.ts'

/** One key, and what the observer remembers of it. */
export interface KeyEntry {
  readonly key: string
  /** Its place in every store. */
  readonly slot: number
  newest: Trace | undefined
  /** Acknowledged writes of the key that are no longer remembered. */
  forgotten: number
  lastForgotten: StoredRecord | undefined
  /** -1 while there was none. */
  firstAcknowledgedUs: Microseconds
}

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
        newest: undefined,
        forgotten: 0,
        lastForgotten: undefined,
        firstAcknowledgedUs: -1,
      }
      this.#entries.set(key, entry)
    }
    return entry
  }
}
