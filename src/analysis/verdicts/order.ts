// Which write comes after which: by the versions that the system claims, or, where it claims none, by the order in
// which writes were made, if no two of them overlap. Epoch tables say besides which version's log holds
// which: after a failover a greater version need not contain a smaller one.

import { isInTable, type Version } from '../../core/version.ts'
import { type Operation, parseAnyVersion } from '../history/operation.ts'
import { EPOCH_RANKS, rankOfText } from '../history/ranks.ts'
import type { Case } from './case.ts'
import { sortedBy } from './groups.ts'
import { recordsOf } from './records.ts'
import { APPEND, CAS, DELETE, FAILED, NOTHING, OK, READ } from './what.ts'

export interface Order {
  /** Of each operation that wrote or read a record; 0 for "nothing there", -1 where it is not known. */
  readonly ranks: Float64Array
  /**
   * `versions`: claimed by the system. `time`: nobody claims one, and writes do not overlap. `key`: they do not
   * overlap on one key, but across keys the order is not known.
   */
  readonly by: 'versions' | 'time' | 'key'
  /** Whether a log that has come as far as `rank` holds what `needed` names. */
  holds(rank: number, needed: number): boolean
}

/** @returns why no order is known, as a text */
export function orderOf(one: Case): Order | string {
  const { what, ranks } = one
  const hasVersions =
    ranks && what.some((is, op) => (is & (OK | READ)) === OK && (ranks[op] as number) >= 0)
  return hasVersions ? claimedOrder(one, ranks.slice()) : orderInTime(one)
}

function claimedOrder(one: Case, ranks: Float64Array): Order | string {
  const { operations, what, keys, history } = one
  const deleted = new Uint8Array(keys.size)
  for (let i = 0; i < what.length; i++) {
    if (((what[i] as number) & DELETE) !== 0) deleted[keys.of[i] as number] = 1
  }
  for (let i = 0; i < ranks.length; i++) {
    if ((ranks[i] as number) >= 0) continue
    const is = what[i] as number
    if ((is & READ) !== 0 && (is & NOTHING) !== 0) ranks[i] = deleted[keys.of[i] as number] ? -1 : 0
    else if ((is & OK) === 0) ranks[i] = -1
    else return `client ${(operations[i] as Operation).client} has an operation without a version`
  }
  if (history.epochs.length === 0) return { ranks, by: 'versions', holds: isAtLeast }
  return { ranks, by: 'versions', holds: holdsByTables(one) }
}

function isAtLeast(rank: number, needed: number): boolean {
  return rank >= needed
}

/** Whether versions count each key's writes on their own, so that they say nothing across keys. */
export function isPerKey({ what, keys }: Case, { ranks }: Order): boolean {
  const keyOf = new Map<number, number>()
  for (let op = 0; op < what.length; op++) {
    const rank = ranks[op] as number
    if (rank <= 0 || ((what[op] as number) & (READ | FAILED)) !== 0) continue
    const key = keys.of[op] as number
    const other = keyOf.get(rank)
    if (other !== undefined && other !== key) return true
    keyOf.set(rank, key)
  }
  return false
}

/** A record that a new leader wrote again is in that leader's log under another version. */
function holdsByTables({ history, operations }: Case): Order['holds'] {
  const again = new Map<number, Version[]>()
  for (const { version, origin } of operations) {
    if (version === undefined || origin === undefined) continue
    const [rank, present] = [rankOfText(origin), parseAnyVersion(version)]
    if (rank === undefined || !present) continue
    again.set(rank, [...(again.get(rank) ?? []), present])
  }
  const tables = new Map(
    history.epochs.map(({ epoch, table }) => [
      epoch,
      table.map(([of, firstOffset]) => ({ epoch: of, firstOffset })),
    ]),
  )
  return (rank, needed) => {
    if (rank < needed) return false
    if (rank === needed || needed <= 0) return true
    const epoch = Math.floor(rank / EPOCH_RANKS)
    const table = tables.get(epoch)
    const of = Math.floor(needed / EPOCH_RANKS)
    if (!table || of === epoch) return true
    return [{ epoch: of, offset: needed - of * EPOCH_RANKS }, ...(again.get(needed) ?? [])].some(
      (version) => isInTable(table, version),
    )
  }
}

/** Writes that nobody read and whose outcome is unknown may not have happened, and have no place in it. */
function orderInTime(one: Case): Order | string {
  const { what, start, end, keys } = one
  // By value, for no write has a version.
  const isByValue = !one.records.byVersion.includes(1)
  const records = isByValue ? one.records : recordsOf(one, new Uint8Array(keys.size))
  const isRead = new Uint8Array(records.size)
  for (let op = 0; op < what.length; op++) {
    if (((what[op] as number) & READ) !== 0 && (records.of[op] as number) >= 0) {
      isRead[records.of[op] as number] = 1
    }
  }
  const rankOf = new Float64Array(records.size)
  const writes: number[] = []
  for (let op = 0; op < what.length; op++) {
    const is = what[op] as number
    if ((is & (READ | FAILED)) !== 0) continue
    const record = records.of[op] as number
    if ((is & OK) === 0 && isRead[record] !== 1) continue
    // "Nothing there" was there at the beginning.
    const isAgain = rankOf[record] !== 0 || record === records.first[keys.of[op] as number]
    if ((is & (CAS | APPEND | DELETE)) !== 0 || isAgain) {
      return 'operations carry no versions, and values repeat or build on each other'
    }
    rankOf[record] = 1
    writes.push(op)
  }
  const sorted = sortedBy(Int32Array.from(writes), start)
  const endOnKey = new Float64Array(keys.size).fill(Number.NEGATIVE_INFINITY)
  let lastEnd = Number.NEGATIVE_INFINITY
  let isGlobal = true
  for (let i = 0; i < sorted.length; i++) {
    const op = sorted[i] as number
    const key = keys.of[op] as number
    const began = start[op] as number
    if ((endOnKey[key] as number) > began)
      return 'operations carry no versions, and writes of one key overlap'
    isGlobal &&= lastEnd <= began
    lastEnd = endOnKey[key] = end[op] as number
    rankOf[records.of[op] as number] = i + 1
  }
  const ranks = new Float64Array(what.length)
  for (let op = 0; op < ranks.length; op++) {
    const rank = rankOf[records.of[op] as number] ?? 0
    const isNothing = ((what[op] as number) & (READ | NOTHING)) === (READ | NOTHING)
    ranks[op] = rank > 0 || isNothing ? rank : -1
  }
  return { ranks, by: isGlobal ? 'time' : 'key', holds: isAtLeast }
}
