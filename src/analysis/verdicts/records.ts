// Which operations wrote, read or saw the same record: by its version where every operation of a key that counts has
// one, else by its value, so far as values are unique. Each record gets a number, found in one table for all
// keys; the first numbers are those of "nothing there" at the beginning, one for each key.

import type { Operation } from '../history/operation.ts'
import { EPOCH_RANKS } from '../history/ranks.ts'
import { type Groups, grouped } from './groups.ts'
import { APPEND, CAS, DELETE, FAILED, NOTHING, OK, READ } from './what.ts'

export interface Records {
  readonly size: number
  /** Those of one key stand together, "nothing there" first. By key: its first, and the end of all at last. */
  readonly first: Int32Array
  /** By operation; -1 where it says nothing of one. */
  readonly of: Int32Array
  /** By record: the first that wrote it, -1 for nobody known. */
  readonly writer: Int32Array
  /** By key: whether its records are told apart by version. */
  readonly byVersion: Uint8Array
  /** By key: several writes of one record, or facts about the state that name no record. */
  readonly repeats: Uint8Array
  /** By key: operations disagree on the value of one version. */
  readonly clashes: Uint8Array
}

/** What of a case tells its records. */
export interface Columns {
  readonly operations: readonly Operation[]
  readonly what: Uint8Array
  readonly ranks: Float64Array | undefined
  readonly keys: Groups
  readonly failedCas: 'fact' | 'never'
}

/** @param byVersion as `keysByVersion` finds it, unless asked for otherwise */
export function recordsOf(
  columns: Columns,
  // Said, for an older TypeScript knows no `Uint8Array<ArrayBuffer>`, which is what it would be taken for.
  byVersion: Uint8Array = keysByVersion(columns),
): Records {
  const { operations, what, ranks, keys, failedCas } = columns
  const table = new Table(columns)
  const of = new Int32Array(operations.length)
  const repeats = new Uint8Array(keys.size)
  const clashes = new Uint8Array(keys.size)
  for (let op = 0; op < of.length; op++) {
    const is = what[op] as number
    const key = keys.of[op] as number
    const isByVersion = byVersion[key] === 1
    const hasRank = isByVersion && ranks !== undefined && (ranks[op] as number) >= 0
    of[op] = -1
    if ((is & READ) === 0) {
      if ((is & FAILED) !== 0) {
        if ((is & CAS) === 0 || failedCas === 'never') continue
        if ((operations[op] as Operation).seen === undefined) {
          repeats[key] = 1
          continue
        }
      } else if ((is & APPEND) !== 0) repeats[key] = 1
      // Of unknown writes without a version, one may be the write that a read's version names.
      else if (isByVersion && !hasRank) continue
    } else if ((is & OK) === 0) continue
    const value = textOf(operations[op] as Operation)
    const record = table.number(op, key, hasRank, value)
    of[op] = record
    if (hasRank && !table.is(record, op, false, value)) clashes[key] = 1
    if ((is & (READ | FAILED)) !== 0) continue
    // Whoever writes "nothing there" writes what was there before.
    if (record === key || (table.isWritten(record) && table.ops[record] !== op)) repeats[key] = 1
    else table.ops[record] = op
  }
  return { ...byKey(table, of), of, byVersion, repeats, clashes }
}

/** What it wrote, read or, for a cas that failed, saw. */
export function textOf({ kind, outcome, value, seen = null }: Operation): string | null {
  if (kind === 'delete') return null
  return kind === 'cas' && outcome === 'failed' ? seen : value
}

/** Numbers the records anew, so that whoever goes through those of a key finds them side by side. */
function byKey(table: Table, of: Int32Array) {
  const { size } = table
  const keyOf = new Int32Array(size)
  for (let record = 0; record < size; record++) keyOf[record] = table.keyOf(record)
  const { members, first } = grouped(keyOf, table.keys.size)
  const number = keyOf
  const writer = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const record = members[i] as number
    number[record] = i
    writer[i] = table.isWritten(record) ? (table.ops[record] as number) : -1
  }
  for (let op = 0; op < of.length; op++) {
    if ((of[op] as number) >= 0) of[op] = number[of[op] as number] as number
  }
  return { size, first, writer }
}

const NONE = 1
const DELETED = 2
const BARE = 4

/** Versions are the surer way, but every operation that counts must have one. */
function keysByVersion({ what, ranks, keys }: Columns): Uint8Array {
  const found = new Uint8Array(keys.size)
  for (let op = 0; op < what.length; op++) {
    const is = what[op] as number
    let says = (is & CAS) !== 0 ? NONE : (is & DELETE) !== 0 ? DELETED : 0
    if ((is & OK) !== 0 && !(ranks && (ranks[op] as number) >= 0)) {
      says |= (is & READ) !== 0 && (is & NOTHING) !== 0 ? BARE : NONE
    }
    if (says !== 0) (found[keys.of[op] as number] as number) |= says
  }
  // Whether "nothing there" is the beginning or a deletion, only a version would tell.
  return found.map((says) => ((says & NONE) !== 0 || says === (DELETED | BARE) ? 0 : 1))
}

/** Records by key and version or value, with open addressing: V8's maps of so many texts take twice as long. */
class Table {
  size: number
  /** By record: the first that wrote it, else that read it; -1 for what was there at the beginning. */
  ops: Int32Array
  readonly keys: Columns['keys']
  readonly #what: Uint8Array
  readonly #ranks: Float64Array
  readonly #operations: readonly Operation[]
  /** The last record met, by key: most reads return it. */
  readonly #last: Int32Array
  /** Pairs of a record's number and its hash; zeros where free, for the first record is never looked for. */
  #slots: Int32Array

  constructor({ operations, what, ranks, keys }: Columns) {
    this.keys = keys
    this.#what = what
    this.#ranks = ranks ?? new Float64Array(0)
    this.#operations = operations
    this.size = keys.size
    this.#last = new Int32Array(keys.size)
    let slots = 16
    while (slots < operations.length) slots *= 2
    this.#slots = new Int32Array(2 * slots)
    this.ops = new Int32Array(keys.size + slots / 2).fill(-1, 0, keys.size)
    for (let key = 0; key < keys.size; key++) this.#last[key] = key
  }

  keyOf(record: number): number {
    const op = this.ops[record] as number
    return op < 0 ? record : (this.keys.of[op] as number)
  }

  isWritten(record: number): boolean {
    const op = this.ops[record] as number
    return op >= 0 && ((this.#what[op] as number) & (READ | FAILED)) === 0
  }

  /** @param hasRank its version tells, else its text */
  number(op: number, key: number, hasRank: boolean, text: string | null): number {
    if (!hasRank && text === null) return key
    const last = this.#last[key] as number
    if (last !== key && this.is(last, op, hasRank, text)) return last
    const identity = hasRank ? hashOfRank(this.#ranks[op] as number) : hashOfText(text ?? '')
    const hash = (Math.imul(identity, MIX) + key) | 0
    const slots = this.#slots
    let at = firstSlot(hash, slots)
    for (; slots[at] !== 0; at = (at + 2) & (slots.length - 1)) {
      const record = slots[at] as number
      if (slots[at + 1] !== hash || this.keyOf(record) !== key) continue
      if (!this.is(record, op, hasRank, text)) continue
      this.#last[key] = record
      return record
    }
    const record = this.size++
    this.ops[record] = op
    this.#last[key] = record
    slots[at] = record
    slots[at + 1] = hash
    if (this.size === this.ops.length) this.#grow()
    return record
  }

  /** Not to be asked of what was there at the beginning. */
  is(record: number, op: number, hasRank: boolean, text: string | null): boolean {
    const other = this.ops[record] as number
    if (hasRank) return this.#ranks[other] === this.#ranks[op]
    return textOf(this.#operations[other] as Operation) === text
  }

  #grow(): void {
    const before = this.#slots
    const slots = new Int32Array(2 * before.length)
    for (let from = 0; from < before.length; from += 2) {
      if (before[from] === 0) continue
      let at = firstSlot(before[from + 1] as number, slots)
      while (slots[at] !== 0) at = (at + 2) & (slots.length - 1)
      slots[at] = before[from] as number
      slots[at + 1] = before[from + 1] as number
    }
    this.#slots = slots
    const ops = new Int32Array(2 * this.ops.length)
    ops.set(this.ops)
    this.ops = ops
  }
}

const MIX = 0x9e3779b1

function firstSlot(hash: number, slots: Int32Array): number {
  return ((Math.imul(hash ^ (hash >>> 15), MIX) >>> 8) << 1) & (slots.length - 1)
}

function hashOfText(text: string): number {
  let hash = text.length
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

function hashOfRank(rank: number): number {
  return rank ^ Math.floor(rank / EPOCH_RANKS)
}
