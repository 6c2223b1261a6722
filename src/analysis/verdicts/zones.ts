// Linearizable or not, in O(n log n), for a key whose reads each belong to one write; and if not, by how much: the
// least Δ for which it becomes so when every read may have begun Δ earlier. A chain of compare-and-sets
// is one zone outwards. After Gibbons and Korach (1997), and Golab, Li and Shah (PODC 2011) for Δ.

import { Cluster } from './clusters.ts'

/** Two zones that cannot be put in either order, or what cannot be at all. */
export interface Conflict {
  /** Up to four operations. */
  readonly ops: readonly number[]
  /** Pairs of which the first ended before the second began, though it should come after it. */
  readonly pairs: readonly (readonly [earlier: number, later: number])[]
  /** The Δ that would settle it; infinite when none does. */
  readonly need: number
}

const NEVER = Number.POSITIVE_INFINITY

export interface Zones {
  readonly sorted: readonly Cluster[]
  /** Chains of more than one cluster, in their order. */
  readonly chains: readonly (readonly Cluster[])[]
}

/** @returns the operations of a chain that cannot be: two successors of one value, or a ring */
export function zonesOf(clusters: readonly Cluster[], isPartial: boolean): Zones | Conflict {
  const inOrder = (a: Cluster, b: Cluster) => (a.f < b.f ? -1 : a.f > b.f ? 1 : 0)
  if (clusters.every((cluster) => cluster.from === undefined)) {
    return { sorted: clusters.toSorted(inOrder), chains: [] }
  }
  const byValue = new Map(clusters.map((cluster) => [cluster.value, cluster]))
  const next = new Map<Cluster, Cluster>()
  const heads: Cluster[] = []
  for (const cluster of clusters) {
    const before = cluster.from === undefined ? undefined : byValue.get(cluster.from)
    if (cluster.from !== undefined && !before && !isPartial) return never([cluster.wOp])
    const rival = before && next.get(before)
    if (rival) return never([rival.wOp, cluster.wOp])
    if (before) next.set(before, cluster)
    else heads.push(cluster)
  }
  const chains = heads.map((head) => {
    const chain = [head]
    for (let last = next.get(head); last; last = next.get(last)) chain.push(last)
    return chain
  })
  const reached = chains.reduce((sum, chain) => sum + chain.length, 0)
  if (reached < clusters.length) return ring(clusters, chains.flat())
  return {
    sorted: chains.map(glue).sort(inOrder),
    chains: chains.filter((chain) => chain.length > 1),
  }
}

function never(ops: readonly number[]): Conflict {
  return { ops: ops.filter((op) => op >= 0), pairs: [], need: NEVER }
}

function ring(clusters: readonly Cluster[], reached: readonly Cluster[]): Conflict {
  const left = new Set(clusters)
  for (const cluster of reached) left.delete(cluster)
  return never([...left].map((cluster) => cluster.wOp))
}

function glue(chain: readonly Cluster[]): Cluster {
  const [head] = chain as [Cluster]
  if (chain.length === 1) return head
  const glued = new Cluster(head.value)
  for (const { f, fOp, w, wOp, r, rOp } of chain) {
    if (f < glued.f) [glued.f, glued.fOp] = [f, fOp]
    if (w > glued.w) [glued.w, glued.wOp] = [w, wOp]
    if (r > glued.r) [glued.r, glued.rOp] = [r, rOp]
  }
  return glued
}

/** When the last of a zone begins, if reads may have begun `delta` earlier. */
function lastStart({ w, r }: Cluster, delta: number): number {
  return Math.max(w, r - delta)
}

function lastOp({ w, wOp, r, rOp }: Cluster): number {
  return w >= r ? wOp : rOp
}

/** The Δ with which `x` may stand before `y`. */
function needOf(x: Cluster, y: Cluster): number {
  return x.w <= y.f ? Math.max(0, x.r - y.f) : NEVER
}

/** Tells of every conflict it meets; where there is any, it meets one. `told` says whether it was enough. */
function sweep(
  { sorted, chains }: Zones,
  delta: number,
  told: (conflict: Conflict) => boolean,
): void {
  for (const chain of chains) if (sweepChain(chain, delta, told)) return
  const forward: Cluster[] = []
  for (const zone of sorted) {
    if (zone.f >= lastStart(zone, delta)) continue
    const before = forward.at(-1)
    if (before && zone.f < lastStart(before, delta) && told(conflictOf(before, zone))) return
    forward.push(zone)
  }
  if (forward.length === 0) return
  for (const zone of sorted) {
    const start = lastStart(zone, delta)
    if (zone.f < start) continue
    const around = lastBefore(forward, start)
    if (around && zone.f < lastStart(around, delta) && told(conflictOf(around, zone))) return
  }
}

/** The last zone whose `f` is less than an instant. */
function lastBefore(forward: readonly Cluster[], instant: number): Cluster | undefined {
  let low = 0
  let high = forward.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((forward[middle] as Cluster).f < instant) low = middle + 1
    else high = middle
  }
  return forward[low - 1]
}

/** Inside a chain the order is given: a later cluster must not end before an earlier one starts. */
function sweepChain(
  chain: readonly Cluster[],
  delta: number,
  told: (conflict: Conflict) => boolean,
): boolean {
  let latest = chain[0] as Cluster
  for (const cluster of chain.slice(1)) {
    if (cluster.f < lastStart(latest, delta)) {
      const pair = [cluster.fOp, lastOp(latest)] as const
      const ops = [...pair, cluster.wOp]
      if (told({ ops, pairs: [pair], need: needOf(latest, cluster) })) return true
    }
    if (lastStart(cluster, delta) > lastStart(latest, delta)) latest = cluster
  }
  return false
}

function conflictOf(x: Cluster, y: Cluster): Conflict {
  const pairs = [
    [y.fOp, lastOp(x)],
    [x.fOp, lastOp(y)],
  ] as const
  return { ops: pairs.flat(), pairs, need: Math.min(needOf(x, y), needOf(y, x)) }
}

/** The conflict with the fewest operations; undefined when the key is linearizable. */
export function smallestConflict(zones: Zones): Conflict | undefined {
  let best: Conflict | undefined
  let least = NEVER
  sweep(zones, 0, (conflict) => {
    const size = new Set(conflict.ops).size
    if (size < least) {
      best = conflict
      least = size
    }
    return least <= 2
  })
  return best
}

/**
 * The least Δ with which the zones fit. Every step goes on from the need of a pair that does not fit yet, which is
 * a lower bound that is reached; halving the rest keeps the steps few.
 * @returns infinite when no Δ helps
 */
export function leastDelta(zones: Zones): number {
  const greatestNeed = (delta: number) => {
    let need = 0
    sweep(zones, delta, (conflict) => {
      if (conflict.need > need) need = conflict.need
      return need === NEVER
    })
    return need
  }
  let [first, last] = [NEVER, 0]
  for (const { f, r } of zones.sorted) {
    if (f > -NEVER && f < first) first = f
    if (r > last) last = r
  }
  let high = last - first
  for (let low = 0; ; ) {
    const need = greatestNeed(low)
    if (need <= low || need === NEVER) return need === NEVER ? NEVER : low
    low = need
    const middle = low + (high - low) / 2
    if (!(middle < high)) continue
    const further = greatestNeed(middle)
    if (further === NEVER) return NEVER
    if (further > 0) low = Math.max(low, further)
    else high = middle
  }
}
