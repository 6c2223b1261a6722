// A map from log offsets to what is under way for them, for offsets that come and go roughly in order. A flat array with
// a moving start: one slot an offset, no hashing on the busiest path. When the last of a run lands it says without
// looking at each: what a block of them comes to is kept until one of them changes.

import type { Microseconds } from '../units.ts'
import type { Offset } from '../version.ts'

const TRIM_AT = 1024
/** Offsets a block. */
const BLOCK = 512

/** A copy, as far as its instant is concerned. */
interface Item {
  readonly dueUs: Microseconds
  /** It was dropped, and is sent again at that instant. */
  readonly isLost: boolean
}

/** What a run of offsets comes to. Instants are the latest; of none, -1. */
export interface Stretch {
  missing: number
  dueUs: Microseconds
  /** Of those that are sent again. */
  againUs: Microseconds
}

export class UnderWay<T extends Item> {
  #items: (T | undefined)[] = []
  /** Slots before it are spent. */
  #head = 0
  /** The offset of the slot at `#head`. */
  #base: Offset = 1
  #size = 0
  readonly #blocks = new Map<number, Stretch>()

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
    if (this.#blocks.size > 0) this.#blocks.delete(blockOf(offset))
  }

  delete(offset: Offset): void {
    if (this.get(offset) === undefined) return
    this.#items[this.#head + offset - this.#base] = undefined
    this.#size--
    this.#blocks.delete(blockOf(offset))
  }

  /** Forgets everything up to and including `offset`. */
  deleteUpTo(offset: Offset): void {
    if (this.#size === 0) return
    if (this.#blocks.size > 0) this.#dropBlocks(blockOf(this.#base), blockOf(offset))
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
    this.#blocks.clear()
  }

  /** What the offsets from one to another come to, both included. */
  stretch(from: Offset, to: Offset): Stretch {
    const sum: Stretch = { missing: 0, dueUs: -1, againUs: -1 }
    let offset = from
    while (offset <= to) {
      const last = (blockOf(offset) + 1) * BLOCK - 1
      if (last <= to && offset % BLOCK === 0) add(sum, this.#block(offset))
      else this.#addAll(sum, offset, Math.min(last, to))
      offset = last + 1
    }
    return sum
  }

  *values(): Iterable<T> {
    for (let i = this.#head; i < this.#items.length; i++) {
      const item = this.#items[i]
      if (item !== undefined) yield item
    }
  }

  #block(first: Offset): Stretch {
    const id = blockOf(first)
    let block = this.#blocks.get(id)
    if (!block) {
      block = { missing: 0, dueUs: -1, againUs: -1 }
      this.#addAll(block, first, first + BLOCK - 1)
      this.#blocks.set(id, block)
    }
    return block
  }

  #addAll(sum: Stretch, from: Offset, to: Offset): void {
    for (let offset = from; offset <= to; offset++) {
      const item = this.get(offset)
      if (!item) sum.missing++
      else if (item.isLost) sum.againUs = Math.max(sum.againUs, item.dueUs)
      else sum.dueUs = Math.max(sum.dueUs, item.dueUs)
    }
  }

  #dropBlocks(from: number, to: number): void {
    for (let id = from; id <= to; id++) this.#blocks.delete(id)
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

function add(sum: Stretch, { missing, dueUs, againUs }: Stretch): void {
  sum.missing += missing
  sum.dueUs = Math.max(sum.dueUs, dueUs)
  sum.againUs = Math.max(sum.againUs, againUs)
}

function blockOf(offset: Offset): number {
  return Math.floor(offset / BLOCK)
}
