// With versions one can ask more: is a key linearizable in the order that the system claims, and if not, does every
// read return one of the k newest writes? One sweep each over the clusters by version. And how stale the
// reads were, with versions or, where values are unique, as far as real time alone tells.

import type { Operation } from '../history/operation.ts'
import type { Case } from './case.ts'
import type { Clustered, Clusters } from './clusters.ts'
import { sortBy } from './groups.ts'
import { OK, READ } from './what.ts'
import type { Conflict } from './zones.ts'

const NEVER = Number.POSITIVE_INFINITY

/**
 * Of every key that has clusters, its rows in an order: by version, "nothing there" first; without versions by the
 * starts of writes. Each key's places are those of its records.
 */
export class Orders {
  readonly table: Clusters
  /** By row. */
  readonly placeOf: Int32Array
  /** By place: the least end from there on; only with versions, for it tells k. */
  ends: Float64Array = new Float64Array(0)
  /** By place: the least end of a write from there on. */
  readonly acknowledged: Float64Array
  readonly #one: Case
  #rank: Float64Array | undefined
  /** By key. */
  readonly #sorted: Int32Array[] = []

  constructor(one: Case, table: Clusters) {
    const { size } = one.records
    this.#one = one
    this.table = table
    // Beyond all, where a key has no order.
    this.placeOf = new Int32Array(size).fill(size)
    this.acknowledged = new Float64Array(size).fill(NEVER)
  }

  /** @returns the key's rows, put in their order */
  add({ rows, key }: Clustered): Int32Array {
    const { records, end } = this.#one
    const { w, f, write } = this.table
    const first = records.first[key] as number
    const isByVersion = records.byVersion[key] === 1
    const sorted = sortBy(rows, isByVersion ? this.#ranks() : w)
    this.#sorted[key] = sorted
    let least = NEVER
    let leastWrite = NEVER
    for (let i = sorted.length - 1; i >= 0; i--) {
      const row = sorted[i] as number
      const op = write[row] as number
      this.placeOf[row] = first + i
      least = Math.min(least, f[row] as number)
      if (op >= 0) leastWrite = Math.min(leastWrite, end[op] as number)
      if (isByVersion) this.ends[first + i] = least
      this.acknowledged[first + i] = leastWrite
    }
    return sorted
  }

  /** By row: where its version sorts, 0 for "nothing there". */
  #ranks(): Float64Array {
    if (this.#rank) return this.#rank
    const { ranks } = this.#one
    const { write, fOp } = this.table
    this.ends = new Float64Array(this.placeOf.length).fill(NEVER)
    this.#rank = new Float64Array(this.placeOf.length)
    for (let row = 0; row < this.#rank.length; row++) {
      const written = ranks?.[write[row] as number] ?? 0
      this.#rank[row] = Math.max(0, written, ranks?.[fOp[row] as number] ?? 0)
    }
    return this.#rank
  }

  /** The first place of a key whose write starts after an instant. */
  firstAfter(key: number, instant: number): number {
    const sorted = this.#sorted[key] as Int32Array
    const { w } = this.table
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((w[sorted[middle] as number] as number) <= instant) low = middle + 1
      else high = middle
    }
    return (this.#one.records.first[key] as number) + low
  }

  /** By place, from the first of a key on. */
  column(key: number, of: (row: number) => number): Float64Array {
    return Float64Array.from(this.#sorted[key] as Int32Array, of)
  }
}

/** From the newest to the oldest: whoever starts after something newer has ended contradicts the order. */
export function conflictInOrder(table: Clusters, sorted: Int32Array): Conflict | undefined {
  const { f, fOp, w, write, r, rOp } = table
  let least = NEVER
  let leastOp = -1
  for (let i = sorted.length - 1; i >= 0; i--) {
    const row = sorted[i] as number
    const start = w[row] as number
    const read = r[row] as number
    if (least < start || least < read) {
      const pair = [leastOp, (start >= read ? write[row] : rOp[row]) as number] as const
      return { ops: pair, pairs: [pair], need: start > least ? NEVER : read - least }
    }
    if ((f[row] as number) < least) {
      least = f[row] as number
      leastOp = fOp[row] as number
    }
  }
  return undefined
}

/** Whether the writes themselves contradict the order. */
export function isAgainstTime({ w, f }: Clusters, sorted: Int32Array): boolean {
  let least = NEVER
  for (let i = sorted.length - 1; i >= 0; i--) {
    const row = sorted[i] as number
    least = Math.min(least, f[row] as number)
    if ((w[row] as number) > least) return true
  }
  return false
}

const READ_OK = READ | OK

/** The least k for which every read returns one of the k newest writes, in the given order and in real time. */
export function leastK({ what, keys, records, start }: Case, { placeOf, ends }: Orders): number {
  let k = 1
  for (let op = 0; op < what.length; op++) {
    if (((what[op] as number) & READ_OK) !== READ_OK) continue
    const place = placeOf[records.of[op] as number] as number
    const last = records.first[(keys.of[op] as number) + 1] as number
    const began = start[op] as number
    while (place + k < last && (ends[place + k] as number) < began) k++
  }
  return k
}

export interface StaleRead {
  readonly op: number
  /** Since the first write that it missed was acknowledged. */
  readonly ms: number
  /** Newer writes that had been acknowledged when it began; null where no version tells. */
  readonly versions: number | null
}

/** Reads that began after a newer write of their key had been acknowledged. */
export function staleReads(one: Case, orders: Orders): StaleRead[] {
  const { what, keys, records, start, end } = one
  const { placeOf, acknowledged, table } = orders
  const byKey = new Map<number, Stale[]>()
  for (let op = 0; op < what.length; op++) {
    if (((what[op] as number) & READ_OK) !== READ_OK) continue
    const key = keys.of[op] as number
    const row = records.of[op] as number
    const last = records.first[key + 1] as number
    const began = start[op] as number
    let newer = (placeOf[row] as number) + 1
    // Whatever comes later in the order ends later, so that most reads are seen to be fresh at once.
    if (newer >= last || !((acknowledged[newer] as number) < began)) continue
    if (records.byVersion[key] !== 1) {
      // Without versions only what began after the read's own write had ended is newer for sure.
      const write = table.write[row] as number
      newer = orders.firstAfter(key, write < 0 ? -NEVER : (end[write] as number))
      if (newer >= last || !((acknowledged[newer] as number) < began)) continue
    }
    const stale = { op, ms: 0, versions: null, start: began, newer }
    const others = byKey.get(key)
    if (others) others.push(stale)
    else byKey.set(key, [stale])
  }
  for (const [key, stale] of byKey) measure(one, orders, key, stale)
  return [...byKey.values()].flat()
}

interface Stale extends StaleRead {
  ms: number
  versions: number | null
  readonly start: number
  /** The first place in the order whose write it may have missed. */
  readonly newer: number
}

function measure(one: Case, orders: Orders, key: number, stale: readonly Stale[]): void {
  const { records, end, operations } = one
  const { write } = orders.table
  const first = records.first[key] as number
  const firstMissed = orders.column(key, (row) => {
    const operation = operations[write[row] as number]
    return operation?.outcome === 'ok' ? (operation.returnedMs ?? NEVER) : NEVER
  })
  for (let i = firstMissed.length - 2; i >= 0; i--) {
    firstMissed[i] = Math.min(firstMissed[i] as number, firstMissed[i + 1] as number)
  }
  for (const read of stale) {
    const { calledMs } = operations[read.op] as Operation
    read.ms = calledMs - (firstMissed[read.newer - first] as number)
  }
  if (records.byVersion[key] !== 1) return
  const acknowledged = orders.column(key, (row) => end[write[row] as number] ?? NEVER)
  countMissed(stale, acknowledged, first)
}

/** Reads and acknowledgements by their instants: those so far are counted in a Fenwick tree, by their places. */
function countMissed(stale: readonly Stale[], acknowledged: Float64Array, first: number): void {
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
    for (let i = n - (read.newer - first); i > 0; i -= i & -i) versions += tree[i] as number
    read.versions = versions
  }
}
