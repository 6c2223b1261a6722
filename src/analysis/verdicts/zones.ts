// Linearizable or not, in O(n log n), for a key whose reads each belong to one write; and if not, by how much: the
// least Δ for which it becomes so when every read may have begun Δ earlier. A chain of compare-and-sets
// is one zone outwards. After Gibbons and Korach (1997), and Golab, Li and Shah (PODC 2011) for Δ.

import type { Clustered, Clusters } from './clusters.ts'
import { sortedBy } from './groups.ts'

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
  readonly table: Clusters
  /** Rows by their `f`; a chain is one. */
  readonly sorted: Int32Array
  /** Chains of more than one cluster, in their order. */
  readonly chains: readonly (readonly number[])[]
}

/** @returns the operations of a chain that cannot be: two successors of one value, or a ring */
export function zonesOf({ table, rows }: Clustered, isPartial: boolean): Zones | Conflict {
  if (table.from.size === 0) return { table, sorted: sortedBy(rows, table.f), chains: [] }
  const byValue = new Map<string | null, number>()
  for (const row of rows) byValue.set(table.valueOf(row), row)
  const next = new Map<number, number>()
  const heads: number[] = []
  for (const row of rows) {
    const from = table.from.get(row)
    const before = from === undefined ? undefined : byValue.get(from)
    if (from !== undefined && before === undefined && !isPartial) return never(table, [row])
    const rival = before === undefined ? undefined : next.get(before)
    if (rival !== undefined) return never(table, [rival, row])
    if (before === undefined) heads.push(row)
    else next.set(before, row)
  }
  const chains = heads.map((head) => {
    const chain = [head]
    for (let last = next.get(head); last !== undefined; last = next.get(last)) chain.push(last)
    return chain
  })
  const reached = new Set(chains.flat())
  // What no head leads to is a ring.
  const ring = [...rows].filter((row) => !reached.has(row))
  if (ring.length > 0) return never(table, ring)
  const zones = Int32Array.from(chains.map((chain) => glue(table, chain)))
  return {
    table,
    sorted: sortedBy(zones, table.f),
    chains: chains.filter((chain) => chain.length > 1),
  }
}

function never(table: Clusters, rows: readonly number[]): Conflict {
  const ops = rows.map((row) => table.write[row] as number)
  return { ops: ops.filter((op) => op >= 0), pairs: [], need: NEVER }
}

/** @returns the row of a chain's zone */
function glue(table: Clusters, chain: readonly number[]): number {
  const [head] = chain as [number]
  if (chain.length === 1) return head
  const glued = table.size++
  for (const row of chain) {
    if ((table.f[row] as number) < (table.f[glued] as number)) {
      table.f[glued] = table.f[row] as number
      table.fOp[glued] = table.fOp[row] as number
    }
    if ((table.w[row] as number) > (table.w[glued] as number)) {
      table.w[glued] = table.w[row] as number
      table.write[glued] = table.write[row] as number
    }
    if ((table.r[row] as number) > (table.r[glued] as number)) {
      table.r[glued] = table.r[row] as number
      table.rOp[glued] = table.rOp[row] as number
    }
  }
  return glued
}

/** When the last of a zone begins, if reads may have begun `delta` earlier. */
function lastStart({ w, r }: Clusters, row: number, delta: number): number {
  const write = w[row] as number
  const read = (r[row] as number) - delta
  return Math.max(write, read)
}

function lastOp({ w, write, r, rOp }: Clusters, row: number): number {
  return ((w[row] as number) >= (r[row] as number) ? write[row] : rOp[row]) as number
}

/** The Δ with which `x` may stand before `y`. */
function needOf({ f, w, r }: Clusters, x: number, y: number): number {
  const end = f[y] as number
  return (w[x] as number) <= end ? Math.max(0, (r[x] as number) - end) : NEVER
}

/** Tells of every conflict it meets; where there is any, it meets one. `told` says whether it was enough. */
function sweep(
  { table, sorted, chains }: Zones,
  delta: number,
  told: (conflict: Conflict) => boolean,
): void {
  for (const chain of chains) if (sweepChain(table, chain, delta, told)) return
  const { f } = table
  const forward: number[] = []
  for (let i = 0; i < sorted.length; i++) {
    const zone = sorted[i] as number
    const end = f[zone] as number
    if (end >= lastStart(table, zone, delta)) continue
    const before = forward[forward.length - 1]
    if (before !== undefined && end < lastStart(table, before, delta)) {
      if (told(conflictOf(table, before, zone))) return
    }
    forward.push(zone)
  }
  if (forward.length === 0) return
  for (let i = 0; i < sorted.length; i++) {
    const zone = sorted[i] as number
    const start = lastStart(table, zone, delta)
    const end = f[zone] as number
    if (end < start) continue
    const around = lastBefore(table, forward, start)
    if (around === undefined || end >= lastStart(table, around, delta)) continue
    if (told(conflictOf(table, around, zone))) return
  }
}

/** The last zone whose `f` is less than an instant. */
function lastBefore(
  { f }: Clusters,
  forward: readonly number[],
  instant: number,
): number | undefined {
  let low = 0
  let high = forward.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((f[forward[middle] as number] as number) < instant) low = middle + 1
    else high = middle
  }
  return forward[low - 1]
}

/** Inside a chain the order is given: a later cluster must not end before an earlier one starts. */
function sweepChain(
  table: Clusters,
  chain: readonly number[],
  delta: number,
  told: (conflict: Conflict) => boolean,
): boolean {
  let latest = chain[0] as number
  for (const row of chain.slice(1)) {
    if ((table.f[row] as number) < lastStart(table, latest, delta)) {
      const pair = [table.fOp[row] as number, lastOp(table, latest)] as const
      const ops = [...pair, table.write[row] as number]
      if (told({ ops, pairs: [pair], need: needOf(table, latest, row) })) return true
    }
    if (lastStart(table, row, delta) > lastStart(table, latest, delta)) latest = row
  }
  return false
}

function conflictOf(table: Clusters, x: number, y: number): Conflict {
  const pairs = [
    [table.fOp[y] as number, lastOp(table, x)],
    [table.fOp[x] as number, lastOp(table, y)],
  ] as const
  const need = Math.min(needOf(table, x, y), needOf(table, y, x))
  return { ops: pairs.flat(), pairs, need }
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
  for (const row of zones.sorted) {
    const [f, r] = [zones.table.f[row] as number, zones.table.r[row] as number]
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
