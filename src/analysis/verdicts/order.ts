// Which write comes after which: by the versions that the system claims, or, where it claims none, by the order in
// which writes were made, if no two of them overlap. Epoch tables say besides which version's log holds
// which: after a failover a greater version need not contain a smaller one.

import { isInTable, type Version } from '../../core/version.ts'
import { type Operation, parseAnyVersion } from '../history/operation.ts'
import { EPOCH_RANKS, rankOfText } from '../history/ranks.ts'
import type { Case } from './verdict.ts'

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
  const { operations } = one
  const hasVersions = operations.some(
    (o) => o.version !== undefined && o.outcome === 'ok' && o.kind !== 'read',
  )
  return hasVersions ? claimedOrder(one) : orderInTime(one)
}

function claimedOrder(one: Case): Order | string {
  const { operations, history } = one
  const ranks = new Float64Array(operations.length)
  const deleted = new Set(operations.filter((o) => o.kind === 'delete').map(({ key }) => key))
  for (let i = 0; i < operations.length; i++) {
    const { key, version, origin, value, kind, outcome } = operations[i] as Operation
    const rank = rankOfText(origin ?? version ?? '')
    if (rank !== undefined) ranks[i] = rank
    else if (kind === 'read' && value === null) ranks[i] = deleted.has(key) ? -1 : 0
    else if (outcome !== 'ok') ranks[i] = -1
    else return `client ${(operations[i] as Operation).client} has an operation without a version`
  }
  if (history.epochs.length === 0)
    return { ranks, by: 'versions', holds: (rank, needed) => rank >= needed }
  return { ranks, by: 'versions', holds: holdsByTables(one) }
}

/** Whether versions count each key's writes on their own, so that they say nothing across keys. */
export function isPerKey({ operations }: Case): boolean {
  const keyOf = new Map<string, string>()
  for (const { kind, key, version, outcome } of operations) {
    if (kind === 'read' || version === undefined || outcome === 'failed') continue
    const other = keyOf.get(version)
    if (other !== undefined && other !== key) return true
    keyOf.set(version, key)
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
  const { operations, start, end } = one
  const read = new Set<string>()
  const identity = ({ key, value }: Operation) => `${key}\n${value}`
  for (const o of operations) if (o.kind === 'read' && o.outcome === 'ok') read.add(identity(o))
  const writes = new Map<string, number>()
  for (let i = 0; i < operations.length; i++) {
    const o = operations[i] as Operation
    if (o.kind === 'read' || o.outcome === 'failed') continue
    if (o.outcome === 'unknown' && !read.has(identity(o))) continue
    if (o.kind !== 'write' || writes.has(identity(o))) {
      return 'operations carry no versions, and values repeat or build on each other'
    }
    writes.set(identity(o), i)
  }
  const sorted = [...writes.values()].sort((a, b) => (start[a] as number) - (start[b] as number))
  const last = new Map<string, number>()
  let isGlobal = true
  for (let i = 0; i < sorted.length; i++) {
    const [op, before] = [sorted[i] as number, sorted[i - 1]]
    const { key } = operations[op] as Operation
    const sameKey = last.get(key)
    const overlaps = (other: number | undefined) =>
      other !== undefined && !((end[other] as number) <= (start[op] as number))
    if (overlaps(sameKey)) return 'operations carry no versions, and writes of one key overlap'
    isGlobal &&= !overlaps(before)
    last.set(key, op)
  }
  const rankByOp = new Map(sorted.map((op, i) => [op, i + 1]))
  const ranks = Float64Array.from(operations, (o, i) => {
    const write = rankByOp.get(i) ?? rankByOp.get(writes.get(identity(o)) ?? -1)
    return write ?? (o.kind === 'read' && o.value === null ? 0 : -1)
  })
  return { ranks, by: isGlobal ? 'time' : 'key', holds: (rank, needed) => rank >= needed }
}
