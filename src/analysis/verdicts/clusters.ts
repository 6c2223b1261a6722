// Operations as clusters: a write with the reads that returned it, a row for each record. That needs each read to
// belong to one write, by version or because values are unique; where they repeat there are no clusters, and search.ts
// decides. After P. Gibbons and E. Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997.

import type { Operation } from '../history/operation.ts'
import type { Case, Instants } from './case.ts'
import { textOf } from './records.ts'
import { CAS, OK, READ } from './what.ts'

const NEVER = Number.POSITIVE_INFINITY
const ALWAYS = Number.NEGATIVE_INFINITY

const DEFINITE = 1
const WRITTEN = 2

/**
 * Clusters of all keys by the numbers of their records, each a row. A million small objects would keep the collector
 * busier than all the rest. Its columns are instants, and beside each the operation whose it is; -1 is the time before
 * the history.
 */
export class Clusters {
  /** Rows of records, and after them of chains. */
  size: number
  /** The write, of a chain the one that started last; -1 where it is older than the history, or nobody's. */
  readonly write: Int32Array
  /** The least end. */
  readonly f: Float64Array
  readonly fOp: Int32Array
  /** The write's start. */
  readonly w: Float64Array
  /** The greatest start of a read. */
  readonly r: Float64Array
  readonly rOp: Int32Array
  /** What its compare-and-set expected; none for a plain write. */
  readonly from = new Map<number, string | null>()
  readonly #flags: Uint8Array
  readonly #one: Case
  readonly #instants: Instants

  /** @param instants those of the case, or the same in another measure */
  constructor(one: Case, instants: Instants = one) {
    const { records, what, keys } = one
    this.#one = one
    this.#instants = instants
    this.size = records.size
    // Each chain has a compare-and-set.
    let rows = this.size
    for (let op = 0; op < what.length; op++) if (((what[op] as number) & CAS) !== 0) rows++
    this.write = new Int32Array(rows).fill(-1)
    this.f = new Float64Array(rows).fill(NEVER)
    this.fOp = new Int32Array(rows).fill(-1)
    this.w = new Float64Array(rows).fill(ALWAYS)
    this.r = new Float64Array(rows).fill(ALWAYS)
    this.rOp = new Int32Array(rows).fill(-1)
    this.#flags = new Uint8Array(rows)
    // It was there before the history.
    for (let key = 0; key < keys.size; key++) {
      this.f[records.first[key] as number] = ALWAYS
      this.#flags[records.first[key] as number] = WRITTEN
    }
    this.#fill()
  }

  #fill(): void {
    const { records, what, operations } = this.#one
    for (let op = 0; op < what.length; op++) {
      const row = records.of[op] as number
      if (row < 0) continue
      const is = what[op] as number
      // A compare-and-set that failed and saw something has read it.
      if (records.writer[row] !== op) this.#addRead(row, op)
      else {
        this.setWrite(row, op)
        if ((is & CAS) !== 0) this.from.set(row, (operations[op] as Operation).from ?? null)
      }
    }
  }

  /** It happened for sure: its write is ok, or somebody read it. */
  isDefinite(row: number): boolean {
    return ((this.#flags[row] as number) & DEFINITE) !== 0
  }

  isWritten(row: number): boolean {
    return ((this.#flags[row] as number) & WRITTEN) !== 0
  }

  setWrite(row: number, op: number): void {
    const isOk = ((this.#one.what[op] as number) & OK) !== 0
    this.write[row] = op
    this.w[row] = this.#instants.start[op] as number
    this.#flags[row] = (this.#flags[row] as number) | WRITTEN | (isOk ? DEFINITE : 0)
    this.#end(row, op)
  }

  #addRead(row: number, op: number): void {
    const start = this.#instants.start[op] as number
    this.#flags[row] = (this.#flags[row] as number) | DEFINITE
    if (start > (this.r[row] as number)) {
      this.r[row] = start
      this.rOp[row] = op
    }
    this.#end(row, op)
  }

  #end(row: number, op: number): void {
    const end = this.#instants.end[op] as number
    if (this.fOp[row] === -1 ? end <= (this.f[row] as number) : end < (this.f[row] as number)) {
      this.f[row] = end
      this.fOp[row] = op
    }
  }

  valueOf(row: number): string | null {
    const write = this.write[row] as number
    const op = write >= 0 ? write : (this.fOp[row] as number)
    return op < 0 ? null : textOf(this.#one.operations[op] as Operation)
  }
}

export interface Clustered {
  readonly kind: 'clusters'
  readonly key: number
  readonly table: Clusters
  /** The rows that count. */
  readonly rows: Int32Array
}

export type Clustering =
  | Clustered
  /** A read that cannot be, alone or with the write that came too late. */
  | { readonly kind: 'impossible'; readonly ops: readonly number[] }
  /** Values repeat, or a fact stands about the state that no cluster can hold. */
  | { readonly kind: 'repeats' }

/** What there is on one key; to be asked once for each table. */
export function clusterKey(one: Case, table: Clusters, key: number): Clustering {
  const { records, model, isPartial } = one
  if (model === 'append' || records.repeats[key]) return { kind: 'repeats' }
  const clash = records.clashes[key] ? clashOn(one, table, key) : undefined
  if (clash) return { kind: 'impossible', ops: clash }
  const isByVersion = records.byVersion[key] === 1
  if (isByVersion && !adopt(one, table, key)) return { kind: 'repeats' }
  const end = records.first[key + 1] as number
  for (let row = records.first[key] as number; row < end; row++) {
    const op = table.fOp[row] as number
    if (op >= 0 && !isPartial && !table.isWritten(row)) return { kind: 'impossible', ops: [op] }
    if ((table.f[row] as number) < (table.w[row] as number)) {
      // The value may have been written before as well, by an operation that is missing.
      if (isPartial && !isByVersion) return { kind: 'repeats' }
      return { kind: 'impossible', ops: [table.write[row] as number, op] }
    }
  }
  return { kind: 'clusters', key, table, rows: needed(one, table, key) }
}

/** The first read whose value is not the one that its version was written with, or read with before. */
function clashOn({ records, keys, operations, what }: Case, table: Clusters, key: number) {
  const values = new Map<number, string | null>()
  for (const op of keys.members(key)) {
    const row = records.of[op] as number
    if (row < 0 || ((what[op] as number) & READ) === 0) continue
    const { value } = operations[op] as Operation
    const write = table.write[row] as number
    const written = write >= 0 ? table.valueOf(row) : values.get(row)
    if (written !== undefined && written !== value) return [write, op]
    values.set(row, value)
  }
  return undefined
}

/**
 * Reads name versions that no known write has: each may be a write of unknown outcome with the same value.
 * @returns false when there are several, and nobody can tell which
 */
function adopt(one: Case, table: Clusters, key: number): boolean {
  const { first } = one.records
  let unknown: Map<string | null, number[]> | undefined
  for (let row = (first[key] as number) + 1; row < (first[key + 1] as number); row++) {
    if (table.isWritten(row)) continue
    unknown ??= unknownWrites(one, key)
    const candidates = unknown.get(table.valueOf(row)) ?? []
    if (candidates.length > 1) return false
    if (candidates.length === 1) table.setWrite(row, candidates[0] as number)
  }
  return true
}

/** By value: writes without a version that may have happened. */
function unknownWrites({ keys, operations, ranks }: Case, key: number) {
  const writes = new Map<string | null, number[]>()
  for (const op of keys.members(key)) {
    const { kind, outcome, value } = operations[op] as Operation
    if (kind !== 'write' || outcome !== 'unknown' || (ranks?.[op] ?? -1) >= 0) continue
    writes.set(value, [...(writes.get(value) ?? []), op])
  }
  return writes
}

/** Without the writes of unknown outcome that nothing needs: neither a read, nor a cas that is needed. */
function needed({ records }: Case, table: Clusters, key: number): Int32Array {
  const first = records.first[key] as number
  const all = new Int32Array((records.first[key + 1] as number) - first)
  for (let i = 0; i < all.length; i++) all[i] = first + i
  if (table.from.size === 0) {
    let count = 0
    for (let i = 0; i < all.length; i++) if (table.isDefinite(first + i)) all[count++] = first + i
    return all.subarray(0, count)
  }
  const byValue = new Map<string | null, number>()
  for (const row of all) byValue.set(table.valueOf(row), row)
  const kept = new Set<number>()
  for (const row of all) {
    let next: number | undefined = table.isDefinite(row) ? row : undefined
    while (next !== undefined && !kept.has(next)) {
      kept.add(next)
      const from = table.from.get(next)
      next = from === undefined ? undefined : byValue.get(from)
    }
  }
  return Int32Array.from(kept)
}
