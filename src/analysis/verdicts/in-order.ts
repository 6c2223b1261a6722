// With versions one can ask more: is a key linearizable in the order that the system claims, and if not, does every
// read return one of the k newest writes? One sweep each over the clusters by version. And how stale the
// reads were, with versions or, where values are unique, as far as real time alone tells.

import type { Operation } from '../history/operation.ts'
import type { Cluster, Clustering } from './clusters.ts'
import type { Case } from './verdict.ts'
import type { Conflict } from './zones.ts'

const NEVER = Number.POSITIVE_INFINITY

export type Clusters = Extract<Clustering, { kind: 'clusters' }>

/** By version, the initial "nothing there" first. */
export function inVersionOrder({ clusters }: Clusters): readonly Cluster[] {
  return placed(clusters.toSorted((a, b) => a.rank - b.rank))
}

function placed(sorted: readonly Cluster[]): readonly Cluster[] {
  for (let i = 0; i < sorted.length; i++) (sorted[i] as Cluster).place = i
  return sorted
}

/** From the newest to the oldest: whoever starts after something newer has ended contradicts the order. */
export function conflictInOrder(sorted: readonly Cluster[]): Conflict | undefined {
  let least = NEVER
  let leastOp = -1
  for (let i = sorted.length - 1; i >= 0; i--) {
    const { f, fOp, w, wOp, r, rOp } = sorted[i] as Cluster
    if (least < Math.max(w, r)) {
      const pair = [leastOp, w >= r ? wOp : rOp] as const
      return { ops: pair, pairs: [pair], need: w > least ? NEVER : r - least }
    }
    if (f < least) [least, leastOp] = [f, fOp]
  }
  return undefined
}

/**
 * The least k for which every read returns one of the k newest writes, in the given order and in real time.
 * @returns infinite when the writes themselves contradict the order
 */
export function leastK(one: Case, { reads }: Clusters, sorted: readonly Cluster[]): number {
  const latest = suffixLeast(sorted, ({ f }) => f)
  let earliest = -NEVER
  for (let i = 0; i < sorted.length; i++) {
    earliest = Math.max(earliest, (sorted[i] as Cluster).w)
    if (earliest > (latest[i] as number)) return NEVER
  }
  let k = 1
  for (let i = 0; i < reads.ops.length; i++) {
    const start = one.start[reads.ops[i] as number] as number
    k = Math.max(k, countBefore(latest, start) - (reads.clusters[i] as Cluster).place)
  }
  return k
}

/** For each place the least of what comes from there on: instants that ascend. */
function suffixLeast(sorted: readonly Cluster[], of: (cluster: Cluster) => number): Float64Array {
  const latest = new Float64Array(sorted.length)
  let least = NEVER
  for (let i = sorted.length - 1; i >= 0; i--) {
    least = Math.min(least, of(sorted[i] as Cluster))
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
export function staleReads(one: Case, found: Clusters): StaleRead[] {
  const { reads } = found
  const hasOrder = found.by === 'version'
  const sorted = hasOrder
    ? inVersionOrder(found)
    : placed(found.clusters.toSorted((a, b) => (a.w < b.w ? -1 : a.w > b.w ? 1 : 0)))
  const acknowledged = sorted.map(({ write }) => (write < 0 ? NEVER : (one.end[write] as number)))
  const ends = suffixLeast(sorted, ({ place }) => acknowledged[place] as number)
  const starts = Float64Array.from(sorted, ({ w }) => w)
  const firstMissed = lastWriters(one, sorted)
  const stale: Stale[] = []
  for (let n = 0; n < reads.ops.length; n++) {
    const i = reads.ops[n] as number
    const cluster = reads.clusters[n] as Cluster
    // Without versions only what began after the read's own write had ended is newer for sure.
    const newer = hasOrder ? cluster.place + 1 : countUpTo(starts, endOfWrite(one, cluster))
    const start = one.start[i] as number
    if (newer >= sorted.length || !((ends[newer] as number) < start)) continue
    const { calledMs } = one.operations[i] as Operation
    const ms = calledMs - (firstMissed[newer] as number)
    stale.push({ op: i, ms, versions: null, start, newer })
  }
  if (hasOrder) countMissed(stale, acknowledged)
  return stale
}

/** Reads and acknowledgements by their instants: those so far are counted in a Fenwick tree, by their places. */
function countMissed(stale: readonly Stale[], acknowledged: readonly number[]): void {
  const n = acknowledged.length
  const instants = Float64Array.from(acknowledged)
  const places = acknowledged.map((_, place) => place)
  places.sort((a, b) => (instants[a] as number) - (instants[b] as number))
  const tree = new Int32Array(n + 1)
  let next = 0
  for (const read of stale.toSorted((a, b) => a.start - b.start)) {
    for (; next < n && (instants[places[next] as number] as number) < read.start; next++) {
      for (let i = n - (places[next] as number); i <= n; i += i & -i)
        tree[i] = (tree[i] as number) + 1
    }
    let versions = 0
    for (let i = n - read.newer; i > 0; i -= i & -i) versions += tree[i] as number
    read.versions = versions
  }
}

function endOfWrite(one: Case, { write }: Cluster): number {
  return write < 0 ? -NEVER : (one.end[write] as number)
}

function countUpTo(ascending: Float64Array, instant: number): number {
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
function lastWriters(one: Case, sorted: readonly Cluster[]): Float64Array {
  return suffixLeast(sorted, ({ write }) => {
    const returnedMs = one.operations[write]?.returnedMs
    return write < 0 || one.operations[write]?.outcome !== 'ok' ? NEVER : (returnedMs ?? NEVER)
  })
}
