// One key's operations as clusters: a write with the reads that returned it. That needs each read to belong to one
// write, by version or because values are unique; where they repeat there are no clusters, and search.ts
// decides. After P. Gibbons and E. Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997.

import type { Operation } from '../history/operation.ts'
import { rankOfText } from '../history/ranks.ts'
import type { Case } from './verdict.ts'

const NEVER = Number.POSITIVE_INFINITY
const ALWAYS = Number.NEGATIVE_INFINITY

const DEFINITE = 1
const WRITTEN = 2

/**
 * Clusters by their numbers, each a row. A million small objects would keep the collector busier than all the rest. Its
 * columns are instants, and beside each the operation whose it is; -1 is the time before the history.
 */
export class Clusters {
  size = 0
  /** The write; -1 where it is older than the history, or nobody's. */
  write = new Int32Array(0)
  /** The least end, write included. */
  f = new Float64Array(0)
  fOp = new Int32Array(0)
  /** The write's start, or the greatest of a chain's writes. */
  w = new Float64Array(0)
  wOp = new Int32Array(0)
  /** The greatest start of a read. */
  r = new Float64Array(0)
  rOp = new Int32Array(0)
  /** The least end of a read. */
  rf = new Float64Array(0)
  rfOp = new Int32Array(0)
  /** Where its version sorts; 0 for "nothing there", and without versions. */
  rank = new Float64Array(0)
  readonly values: (string | null)[] = []
  /** What its compare-and-set expected; none for a plain write. */
  readonly from = new Map<number, string | null>()
  #flags = new Uint8Array(0)

  /** @param rows as many as there will be, about */
  constructor(rows: number) {
    this.#grow(rows)
  }

  #grow(rows: number): void {
    const before = this.write.length
    const longer = <T extends Int32Array | Float64Array | Uint8Array>(column: T, empty: number) => {
      const longer = new (column.constructor as new (length: number) => T)(rows)
      longer.set(column)
      longer.fill(empty, before)
      return longer
    }
    this.write = longer(this.write, -1)
    this.f = longer(this.f, NEVER)
    this.fOp = longer(this.fOp, -1)
    this.w = longer(this.w, ALWAYS)
    this.wOp = longer(this.wOp, -1)
    this.r = longer(this.r, ALWAYS)
    this.rOp = longer(this.rOp, -1)
    this.rf = longer(this.rf, NEVER)
    this.rfOp = longer(this.rfOp, -1)
    this.rank = longer(this.rank, 0)
    this.#flags = longer(this.#flags, 0)
  }

  add(value: string | null, version: string | null = null): number {
    if (this.size === this.write.length) this.#grow(2 * this.size)
    this.values.push(value)
    if (version !== null) this.rank[this.size] = rankOfText(version) ?? 0
    return this.size++
  }

  /** It happened for sure: its write is ok, or somebody read it. */
  isDefinite(row: number): boolean {
    return ((this.#flags[row] as number) & DEFINITE) !== 0
  }

  isWritten(row: number): boolean {
    return ((this.#flags[row] as number) & WRITTEN) !== 0
  }

  /** It was there before the history. */
  setInitial(row: number): void {
    this.f[row] = ALWAYS
    this.#flags[row] = (this.#flags[row] as number) | WRITTEN
  }

  setWrite(row: number, op: number, one: Case): void {
    const isOk = (one.operations[op] as Operation).outcome === 'ok'
    this.write[row] = this.wOp[row] = this.fOp[row] = op
    this.w[row] = one.start[op] as number
    this.f[row] = one.end[op] as number
    this.#flags[row] = (this.#flags[row] as number) | WRITTEN | (isOk ? DEFINITE : 0)
  }

  addRead(row: number, op: number, one: Case): void {
    const [start, end] = [one.start[op] as number, one.end[op] as number]
    this.#flags[row] = (this.#flags[row] as number) | DEFINITE
    if (end < (this.rf[row] as number)) {
      this.rf[row] = end
      this.rfOp[row] = op
    }
    if (start > (this.r[row] as number)) {
      this.r[row] = start
      this.rOp[row] = op
    }
  }
}

/** Rows by a column. What is in order already, as histories nearly are, costs one look. */
export function sortedBy(rows: Int32Array, column: Float64Array): Int32Array {
  return rows.toSorted((a, b) => {
    const x = column[a] as number
    const y = column[b] as number
    return x < y ? -1 : x > y ? 1 : 0
  })
}

/** Reads, and the row of each one's cluster. */
export interface Reads {
  readonly ops: number[]
  readonly rows: number[]
}

export interface Clustered {
  readonly kind: 'clusters'
  readonly table: Clusters
  /** The rows that count. */
  readonly rows: Int32Array
  /** Every ok read, and what it returned. */
  readonly reads: Reads
  /** By what reads found their writes. */
  readonly by: 'version' | 'value'
}

export type Clustering =
  | Clustered
  /** A read that cannot be, alone or with the write that came too late. */
  | { readonly kind: 'impossible'; readonly ops: readonly number[] }
  /** Values repeat, or a fact stands about the state that no cluster can hold. */
  | { readonly kind: 'repeats' }

/** @param indices the operations of one key */
export function clusterKey(one: Case, indices: readonly number[]): Clustering {
  if (one.model === 'append') return { kind: 'repeats' }
  return new Clusterer(one, indices).run()
}

/** Versions are the surer way, but every operation that counts must have one. */
function mapping(one: Case, indices: readonly number[]): 'version' | 'value' {
  let isEverDeleted = false
  let isBareNull = false
  for (const i of indices) {
    const { kind, outcome, version, value } = one.operations[i] as Operation
    if (kind === 'cas') return 'value'
    if (kind === 'delete') isEverDeleted = true
    if (outcome !== 'ok' || version !== undefined) continue
    if (kind !== 'read' || value !== null) return 'value'
    isBareNull = true
  }
  // Whether "nothing there" is the beginning or a deletion, only a version would tell.
  return isEverDeleted && isBareNull ? 'value' : 'version'
}

/** What tells one write from another: its first version, or its value. */
function identityOf(operation: Operation, by: 'version' | 'value'): string | null {
  const { kind, version, origin, value } = operation
  if (by === 'version' && version !== undefined) return origin ?? version
  return kind === 'delete' ? null : value
}

class Clusterer {
  readonly #one: Case
  readonly #indices: readonly number[]
  readonly #by: 'version' | 'value'
  readonly #table: Clusters
  readonly #rowOf = new Map<string | null, number>()
  readonly #reads: Reads = { ops: [], rows: [] }

  constructor(one: Case, indices: readonly number[]) {
    this.#one = one
    this.#indices = indices
    this.#by = mapping(one, indices)
    this.#table = new Clusters(1 + countWrites(one, indices))
    const initial = this.#add(null, null)
    this.#table.setInitial(initial)
  }

  run(): Clustering {
    if (!this.#addWrites()) return { kind: 'repeats' }
    return this.#addReads() ?? this.#complete()
  }

  #add(id: string | null, value: string | null): number {
    const row = this.#table.add(value, this.#by === 'version' ? id : null)
    this.#rowOf.set(id, row)
    return row
  }

  /** @returns false when two writes have one identity */
  #addWrites(): boolean {
    for (const op of this.#indices) {
      const operation = this.#one.operations[op] as Operation
      const { kind, outcome, version } = operation
      if (kind === 'read' || outcome === 'failed') continue
      if (kind === 'append') return false
      // Of unknown writes without a version, one may be the write that a read's version names.
      if (this.#by === 'version' && version === undefined) continue
      const id = identityOf(operation, this.#by)
      if (this.#rowOf.has(id)) return false
      const row = this.#add(id, kind === 'delete' ? null : operation.value)
      this.#table.setWrite(row, op, this.#one)
      if (kind === 'cas') this.#table.from.set(row, operation.from ?? null)
    }
    return true
  }

  #addReads(): Clustering | undefined {
    const table = this.#table
    for (const op of this.#indices) {
      const operation = this.#one.operations[op] as Operation
      const { kind, outcome } = operation
      let id: string | null
      let value = operation.value
      if (kind === 'read' && outcome === 'ok') id = identityOf(operation, this.#by)
      else if (kind === 'cas' && outcome === 'failed' && this.#one.failedCas === 'fact') {
        if (operation.seen === undefined) return { kind: 'repeats' }
        id = value = operation.seen
      } else continue
      let row = this.#rowOf.get(id)
      if (row === undefined) {
        row = this.#add(id, value)
        if (this.#by === 'version' && !this.#adopt(row)) return { kind: 'repeats' }
      }
      if (table.values[row] !== value) {
        return { kind: 'impossible', ops: [table.write[row] as number, op] }
      }
      table.addRead(row, op, this.#one)
      if (kind !== 'read') continue
      this.#reads.ops.push(op)
      this.#reads.rows.push(row)
    }
    return undefined
  }

  /**
   * A read names a version that no known write has: it may be a write of unknown outcome with the same value.
   * @returns false when there are several, and nobody can tell which
   */
  #adopt(row: number): boolean {
    const unknown = this.#indices.filter((op) => {
      const { kind, outcome, version, value } = this.#one.operations[op] as Operation
      const isWrite = kind === 'write' && outcome === 'unknown' && version === undefined
      return isWrite && value === this.#table.values[row]
    })
    if (unknown.length === 1) this.#table.setWrite(row, unknown[0] as number, this.#one)
    return unknown.length < 2
  }

  #complete(): Clustering {
    const table = this.#table
    const by = this.#by
    for (let row = 0; row < table.size; row++) {
      const [rf, rfOp] = [table.rf[row] as number, table.rfOp[row] as number]
      if (!table.isWritten(row) && !this.#one.isPartial && rfOp >= 0) {
        return { kind: 'impossible', ops: [rfOp] }
      }
      if (rf < (table.w[row] as number)) {
        // The value may have been written before as well, by an operation that is missing.
        if (this.#one.isPartial && by === 'value') return { kind: 'repeats' }
        return { kind: 'impossible', ops: [table.write[row] as number, rfOp] }
      }
      if (rf < (table.f[row] as number)) {
        table.f[row] = rf
        table.fOp[row] = rfOp
      }
    }
    return { kind: 'clusters', by, reads: this.#reads, table, rows: needed(table) }
  }
}

function countWrites({ operations }: Case, indices: readonly number[]): number {
  let writes = 0
  for (const op of indices) if ((operations[op] as Operation).kind !== 'read') writes++
  return writes
}

/** Without the writes of unknown outcome that nothing needs: neither a read, nor a cas that is needed. */
function needed(table: Clusters): Int32Array {
  if (table.from.size === 0) {
    const rows = new Int32Array(table.size)
    let count = 0
    for (let row = 0; row < table.size; row++) if (table.isDefinite(row)) rows[count++] = row
    return rows.subarray(0, count)
  }
  const byValue = new Map(table.values.map((value, row) => [value, row]))
  const kept = new Set<number>()
  for (let row = 0; row < table.size; row++) {
    let next: number | undefined = table.isDefinite(row) ? row : undefined
    while (next !== undefined && !kept.has(next)) {
      kept.add(next)
      const from = table.from.get(next)
      next = from === undefined ? undefined : byValue.get(from)
    }
  }
  return Int32Array.from(kept)
}
