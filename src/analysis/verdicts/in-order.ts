// With versions one can ask more: is a key linearizable in the order that the system claims, and if not, does every
// read return one of the k newest writes? One sweep each over the clusters by version. And how stale the
// reads were, with versions or, where values are unique, as far as real time alone tells.

import type { Operation } from '../history/operation.ts'
import { type Clustered, type Clusters, sortedBy } from './clusters.ts'
import type { Case } from './verdict.ts'
import type { Conflict } from './zones.ts'

const NEVER = Number.POSITIVE_INFINITY

/** The rows of clusters in an order, and the place of each row in it. */
export interface Ordered {
  readonly sorted: Int32Array
  readonly placeOf: Int32Array
}

/** By version, the initial "nothing there" first. */
export function inVersionOrder({ table, rows }: Clustered): Ordered {
  return ordered(table, rows, table.rank)
}

function ordered({ size }: Clusters, rows: Int32Array, by: Float64Array): Ordered {
  const sorted = sortedBy(rows, by)
  const placeOf = new Int32Array(size)
  for (let place = 0; place < sorted.length; place++) placeOf[sorted[place] as number] = place
  return { sorted, placeOf }
}

/** From the newest to the oldest: whoever starts after something newer has ended contradicts the order. */
export function conflictInOrder(table: Clusters, { sorted }: Ordered): Conflict | undefined {
  const { f, fOp, w, wOp, r, rOp } = table
  let least = NEVER
  let leastOp = -1
  for (let i = sorted.length - 1; i >= 0; i--) {
    const row = sorted[i] as number
    const [start, read] = [w[row] as number, r[row] as number]
    if (least < Math.max(start, read)) {
      const pair = [leastOp, (start >= read ? wOp[row] : rOp[row]) as number] as const
      return { ops: pair, pairs: [pair], need: start > least ? NEVER : read - least }
    }
    if ((f[row] as number) < least) [least, leastOp] = [f[row] as number, fOp[row] as number]
  }
  return undefined
}

/**
 * The least k for which every read returns one of the k newest writes, in the given order and in real time.
 * @returns infinite when the writes themselves contradict the order
 */
export function leastK(
  one: Case,
  { table, reads }: Clustered,
  { sorted, placeOf }: Ordered,
): number {
  const latest = suffixLeast(sorted, (row) => table.f[row] as number)
  let earliest = -NEVER
  for (let i = 0; i < sorted.length; i++) {
    earliest = Math.max(earliest, table.w[sorted[i] as number] as number)
    if (earliest > (latest[i] as number)) return NEVER
  }
  let k = 1
  for (let i = 0; i < reads.ops.length; i++) {
    const start = one.start[reads.ops[i] as number] as number
    const place = placeOf[reads.rows[i] as number] as number
    k = Math.max(k, countBefore(latest, start) - place)
  }
  return k
}

function each(sorted: Int32Array, of: (row: number) => number): Float64Array {
  const column = new Float64Array(sorted.length)
  for (let i = 0; i < sorted.length; i++) column[i] = of(sorted[i] as number)
  return column
}

/** For each place the least of what comes from there on: instants that ascend. */
function suffixLeast(sorted: Int32Array, of: (row: number) => number): Float64Array {
  const latest = new Float64Array(sorted.length)
  let least = NEVER
  for (let i = sorted.length - 1; i >= 0; i--) {
    least = Math.min(least, of(sorted[i] as number))
    latest[i] = least
  }
  return latest
}

/** How many of some ascending instants are less than one. */
function countBefore(ascending: Float64Array, instant: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) < instant) low = middle + 1
    else high = middle
  }
  return low
}

export interface StaleRead {
  readonly op: number
  /** Since the first write that it missed was acknowledged. */
  readonly ms: number
  /** Newer writes that had been acknowledged when it began; null where no version tells. */
  readonly versions: number | null
}

interface Stale extends StaleRead {
  versions: number | null
  readonly start: number
  /** The first place in the order whose write it may have missed. */
  readonly newer: number
}

/** Reads that began after a newer write of their key had been acknowledged. */
export function staleReads(one: Case, found: Clustered): StaleRead[] {
  const { table, rows, reads } = found
  const hasOrder = found.by === 'version'
  const { sorted, placeOf } = hasOrder ? inVersionOrder(found) : ordered(table, rows, table.w)
  const acknowledged = (row: number) => endOfWrite(one, table, row, NEVER)
  const ends = suffixLeast(sorted, acknowledged)
  const starts = hasOrder ? [] : each(sorted, (row) => table.w[row] as number)
  let firstMissed: Float64Array | undefined
  const stale: Stale[] = []
  for (let n = 0; n < reads.ops.length; n++) {
    const i = reads.ops[n] as number
    const row = reads.rows[n] as number
    // Without versions only what began after the read's own write had ended is newer for sure.
    const newer = hasOrder
      ? (placeOf[row] as number) + 1
      : countUpTo(starts, endOfWrite(one, table, row, -NEVER))
    const start = one.start[i] as number
    if (newer >= sorted.length || !((ends[newer] as number) < start)) continue
    const { calledMs } = one.operations[i] as Operation
    firstMissed ??= lastWriters(one, table, sorted)
    const ms = calledMs - (firstMissed[newer] as number)
    stale.push({ op: i, ms, versions: null, start, newer })
  }
  if (hasOrder && stale.length > 0) countMissed(stale, each(sorted, acknowledged))
  return stale
}

/** Reads and acknowledgements by their instants: those so far are counted in a Fenwick tree, by their places. */
function countMissed(stale: readonly Stale[], acknowledged: Float64Array): void {
  const n = acknowledged.length
  const places = acknowledged.map((_, place) => place)
  places.sort((a, b) => (acknowledged[a] as number) - (acknowledged[b] as number))
  const tree = new Int32Array(n + 1)
  let next = 0
  for (const read of stale.toSorted((a, b) => a.start - b.start)) {
    for (; next < n && (acknowledged[places[next] as number] as number) < read.start; next++) {
      for (let i = n - (places[next] as number); i <= n; i += i & -i)
        tree[i] = (tree[i] as number) + 1
    }
    let versions = 0
    for (let i = n - read.newer; i > 0; i -= i & -i) versions += tree[i] as number
    read.versions = versions
  }
}

function endOfWrite(one: Case, { write }: Clusters, row: number, unless: number): number {
  const op = write[row] as number
  return op < 0 ? unless : (one.end[op] as number)
}

function countUpTo(ascending: ArrayLike<number>, instant: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) <= instant) low = middle + 1
    else high = middle
  }
  return low
}

/** For each place, when the first write from there on was acknowledged, in ms. */
function lastWriters(one: Case, { write }: Clusters, sorted: Int32Array): Float64Array {
  return suffixLeast(sorted, (row) => {
    const operation = one.operations[write[row] as number]
    return operation?.outcome === 'ok' ? (operation.returnedMs ?? NEVER) : NEVER
  })
}
