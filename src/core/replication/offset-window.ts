// A map from log offsets to what is under way for them, for offsets that come and go roughly in order.
// A flat array with a moving start: one slot an offset, no hashing on the busiest path.

import type { Offset } from '../version.ts'

const TRIM_AT = 1024

export class OffsetWindow<T extends object> {
  #items: (T | undefined)[] = []
  /** Slots before it are spent. */
  #head = 0
  /** The offset of the slot at `#head`. */
  #base: Offset = 1
  #size = 0

  get size(): number {
    return this.#size
  }

  get(offset: Offset): T | undefined {
    if (offset < this.#base) return undefined
    return this.#items[this.#head + offset - this.#base]
  }

  set(offset: Offset, item: T): void {
    if (this.#size === 0) this.#restart(offset)
    else if (offset < this.#base) this.#reachBackTo(offset)
    const index = this.#head + offset - this.#base
    while (this.#items.length < index) this.#items.push(undefined)
    if (this.#items[index] === undefined) this.#size++
    this.#items[index] = item
  }

  delete(offset: Offset): void {
    if (this.get(offset) === undefined) return
    this.#items[this.#head + offset - this.#base] = undefined
    this.#size--
  }

  /** Forgets everything up to and including `offset`. */
  deleteUpTo(offset: Offset): void {
    if (this.#size === 0) return
    const end = Math.min(this.#head + offset - this.#base + 1, this.#items.length)
    while (this.#head < end) {
      if (this.#items[this.#head] !== undefined) this.#size--
      this.#items[this.#head++] = undefined
      this.#base++
    }
    if (this.#size === 0) this.clear()
    else if (this.#head >= TRIM_AT && this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head)
      this.#head = 0
    }
  }

  clear(): void {
    this.#items.length = 0
    this.#head = 0
    this.#size = 0
  }

  *values(): Iterable<T> {
    for (let i = this.#head; i < this.#items.length; i++) {
      const item = this.#items[i]
      if (item !== undefined) yield item
    }
  }

  #restart(offset: Offset): void {
    this.clear()
    this.#base = offset
  }

  #reachBackTo(offset: Offset): void {
    const gap = new Array<T | undefined>(this.#base - offset).fill(undefined)
    this.#items = gap.concat(this.#items.slice(this.#head))
    this.#head = 0
    this.#base = offset
  }
}
