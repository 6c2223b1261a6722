// The ordered writes of one replica: a leader appends to it, a follower applies a prefix of its leader's.
// Bounded: the oldest entries are dropped, and a follower that needs them gets a snapshot. Which epoch
// an offset belongs to is the replica's table's business (version.ts).

import { bytesOf } from '../bytes.ts'
import { invariant } from '../errors.ts'
import type { StoredRecord } from '../record.ts'
import type { Offset } from '../version.ts'

export class Log {
  readonly #entriesMax: number
  readonly #bytesMax: number
  #bytes = 0
  /** A ring: entry `offset` lies at `offset % length` once it is full; Invariant: offsets are contiguous. */
  #entries: (StoredRecord | undefined)[] = []
  #firstOffset: Offset = 1
  #lastOffset: Offset = 0

  constructor(entriesMax: number, bytesMax = Number.POSITIVE_INFINITY) {
    this.#entriesMax = entriesMax
    this.#bytesMax = bytesMax
  }

  /** The oldest offset still kept; `lastOffset + 1` when none is. */
  get firstOffset(): Offset {
    return this.#firstOffset
  }

  get lastOffset(): Offset {
    return this.#lastOffset
  }

  /** The entry at an offset, if it is still kept. */
  at(offset: Offset): StoredRecord | undefined {
    if (offset < this.#firstOffset || offset > this.#lastOffset) return undefined
    return this.#entries[offset % this.#entriesMax]
  }

  append(record: StoredRecord): void {
    invariant(record.offset === this.#lastOffset + 1, 'a log grows by one entry at a time')
    if (this.#lastOffset - this.#firstOffset + 1 === this.#entriesMax) this.#dropFirst()
    const slot = record.offset % this.#entriesMax
    while (this.#entries.length < slot) this.#entries.push(undefined)
    this.#entries[slot] = record
    this.#lastOffset = record.offset
    this.#bytes += bytesOf(record)
    while (this.#bytes > this.#bytesMax && this.#firstOffset < this.#lastOffset) this.#dropFirst()
  }

  #dropFirst(): void {
    const slot = this.#firstOffset++ % this.#entriesMax
    this.#bytes -= bytesOf(this.#entries[slot] as StoredRecord)
    this.#entries[slot] = undefined
  }

  /** Gives up everything after `offset`. @returns what was given up and still known, oldest first */
  truncateAfter(offset: Offset): StoredRecord[] {
    const removed: StoredRecord[] = []
    const from = Math.max(offset + 1, this.#firstOffset)
    for (let o = from; o <= this.#lastOffset; o++) {
      const record = this.at(o) as StoredRecord
      this.#bytes -= bytesOf(record)
      removed.push(record)
      this.#entries[o % this.#entriesMax] = undefined
    }
    if (offset < this.#lastOffset) this.#lastOffset = offset
    if (this.#firstOffset > this.#lastOffset + 1) this.#firstOffset = this.#lastOffset + 1
    return removed
  }

  /** Starts anew after a snapshot that covers everything up to `offset`. */
  restartAfter(offset: Offset): void {
    this.#entries = []
    this.#bytes = 0
    this.#firstOffset = offset + 1
    this.#lastOffset = offset
  }

  /** The newest kept entry of each of these keys. */
  newestOf(keys: ReadonlySet<string>): Map<string, StoredRecord> {
    const found = new Map<string, StoredRecord>()
    for (let o = this.#lastOffset; o >= this.#firstOffset && found.size < keys.size; o--) {
      const record = this.at(o) as StoredRecord
      if (keys.has(record.key) && !found.has(record.key)) found.set(record.key, record)
    }
    return found
  }
}
