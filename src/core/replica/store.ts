// The records one replica holds, one a key. An array by the keys' numbers: records are shared by all replicas,
// so a store is little more than one pointer a key.

import { bytesOf } from '../bytes.ts'
import type { StoredRecord } from '../record.ts'
import type { Keys } from './keys.ts'

export class Store {
  readonly #keys: Keys
  #records: (StoredRecord | undefined)[] = []
  #size = 0
  #bytes = 0

  constructor(keys: Keys) {
    this.#keys = keys
  }

  get size(): number {
    return this.#size
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): StoredRecord | undefined {
    const entry = this.#keys.find(key)
    return entry && this.#records[entry.slot]
  }

  /** For those who know the key's slot already. */
  at(slot: number): StoredRecord | undefined {
    return this.#records[slot]
  }

  set(record: StoredRecord): void {
    this.setAt(this.#keys.enter(record.key).slot, record)
  }

  setAt(slot: number, record: StoredRecord): void {
    // Filled up in order, so that the array stays a dense one.
    while (this.#records.length < slot) this.#records.push(undefined)
    const before = this.#records[slot]
    if (before === undefined) this.#size++
    else this.#bytes -= bytesOf(before)
    this.#bytes += bytesOf(record)
    this.#records[slot] = record
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    const entry = this.#keys.find(key)
    const record = entry && this.#records[entry.slot]
    if (!record) return false
    this.#bytes -= bytesOf(record)
    this.#records[entry.slot] = undefined
    this.#size--
    return true
  }

  clear(): void {
    this.#records = []
    this.#size = 0
    this.#bytes = 0
  }

  /** `limit` records from the `from`-th on, in the order of `values`. */
  page(from: number, limit: number): StoredRecord[] {
    const found: StoredRecord[] = []
    let passed = 0
    for (const record of this.#records) {
      if (!record || passed++ < from) continue
      if (found.length === limit) break
      found.push(record)
    }
    return found
  }

  /** In the order in which their keys were first written anywhere. */
  *values(): Iterable<StoredRecord> {
    for (const record of this.#records) if (record) yield record
  }
}
