// With versions one can ask more: is a key linearizable in the order that the system claims, and if not, does every
// read return one of the k newest writes? One sweep each over the clusters by version. And how stale the
// reads were, with versions or, where values are unique, as far as real time alone tells.

import { type Operation, parseAnyVersion } from '../history/operation.ts'
import { type Cluster, type Clustering, identityOf } from './clusters.ts'
import { rankOfVersion } from './order.ts'
import type { Case } from './verdict.ts'
import type { Conflict } from './zones.ts'

const NEVER = Number.POSITIVE_INFINITY

export type Clusters = Extract<Clustering, { kind: 'clusters' }>

/** By version, the initial "nothing there" first. */
export function inVersionOrder({ byId, clusters }: Clusters): Cluster[] {
  const kept = new Set(clusters)
  const ranked = [...byId].flatMap(([id, cluster]) => {
    if (!kept.has(cluster)) return []
    const version = id === null ? undefined : parseAnyVersion(id)
    return [{ cluster, rank: (version && rankOfVersion(version)) ?? 0 }]
  })
  return ranked.sort((a, b) => a.rank - b.rank).map(({ cluster }) => cluster)
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
export function leastK(
  one: Case,
  indices: readonly number[],
  found: Clusters,
  sorted: readonly Cluster[],
): number {
  const latest = suffixLeast(sorted, ({ f }) => f)
  const place = new Map(sorted.map((cluster, i) => [cluster, i]))
  let earliest = -NEVER
  for (let i = 0; i < sorted.length; i++) {
    earliest = Math.max(earliest, (sorted[i] as Cluster).w)
    if (earliest > (latest[i] as number)) return NEVER
  }
  let k = 1
  for (const i of indices) {
    const cluster = clusterOfRead(one, found, i)
    if (!cluster) continue
    k = Math.max(k, countBefore(latest, one.start[i] as number) - (place.get(cluster) as number))
  }
  return k
}

/** What an `ok` read returned; undefined for every other operation. */
function clusterOfRead(one: Case, { byId, by }: Clusters, i: number): Cluster | undefined {
  const operation = one.operations[i] as Operation
  if (operation.kind !== 'read' || operation.outcome !== 'ok') return undefined
  return byId.get(identityOf(operation, by))
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
  /** Writes it missed; null where no version tells. */
  readonly versions: number | null
}

/** Reads that began after a newer write of their key had been acknowledged. */
export function staleReads(one: Case, indices: readonly number[], found: Clusters): StaleRead[] {
  const hasOrder = found.by === 'version'
  const sorted = hasOrder
    ? inVersionOrder(found)
    : found.clusters.toSorted((a, b) => (a.w < b.w ? -1 : a.w > b.w ? 1 : 0))
  const ends = suffixLeast(sorted, ({ write }) => (write < 0 ? NEVER : (one.end[write] as number)))
  const starts = Float64Array.from(sorted, ({ w }) => w)
  const place = new Map(sorted.map((cluster, i) => [cluster, i]))
  const firstMissed = lastWriters(one, sorted)
  const stale: StaleRead[] = []
  for (const i of indices) {
    const cluster = clusterOfRead(one, found, i)
    if (!cluster) continue
    // Without versions only what began after the read's own write had ended is newer for sure.
    const own = place.get(cluster) as number
    const newer = hasOrder ? own + 1 : countUpTo(starts, endOfWrite(one, cluster))
    const start = one.start[i] as number
    if (newer >= sorted.length || !((ends[newer] as number) < start)) continue
    const { calledMs } = one.operations[i] as Operation
    const ms = calledMs - (firstMissed[newer] as number)
    stale.push({ op: i, ms, versions: hasOrder ? countBefore(ends, start) - newer : null })
  }
  return stale
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
