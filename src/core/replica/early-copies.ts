// Copies at one follower that wait for their predecessors, by offset.

import { BOUNDS } from '../bounds.ts'
import { bytesOf } from '../bytes.ts'
import type { CopyBody } from '../network/message.ts'
import type { StoredRecord } from '../record.ts'
import type { Offset } from '../version.ts'

interface EarlyCopy {
  readonly body: CopyBody
  readonly message: number
}

export class EarlyCopies {
  readonly #bytesMax: number
  readonly #copies = new Map<Offset, EarlyCopy>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get size(): number {
    return this.#copies.size
  }

  has(offset: Offset): boolean {
    return this.#copies.has(offset)
  }

  at(offset: Offset): StoredRecord | undefined {
    return this.#copies.get(offset)?.body.record
  }

  /** The number of the message that brought it. */
  messageAt(offset: Offset): number | null {
    return this.#copies.get(offset)?.message ?? null
  }

  /** @returns whether there was room for it */
  keep(copy: EarlyCopy): boolean {
    const { record } = copy.body
    const isFull = this.size >= BOUNDS.earlyCopiesMax || this.#bytes >= this.#bytesMax
    if (isFull) return false
    if (!this.has(record.offset)) this.#bytes += bytesOf(record)
    this.#copies.set(record.offset, copy)
    return true
  }

  /** The copy of this offset, which waits no longer. */
  take(offset: Offset): EarlyCopy | undefined {
    const copy = this.#copies.get(offset)
    if (!copy) return undefined
    this.#copies.delete(offset)
    this.#bytes -= bytesOf(copy.body.record)
    return copy
  }

  dropUpTo(offset: Offset): void {
    for (const one of this.#copies.keys()) if (one <= offset) this.take(one)
  }

  clear(): void {
    this.#copies.clear()
    this.#bytes = 0
  }
}
