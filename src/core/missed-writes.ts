// How many writes of a key an answer has missed, and since when. Where a key has taken its ordinary course, one leader
// and each write acknowledged before the next, that is a matter of two numbers; otherwise each write is looked at.

import type { KeyEntry, ObservedWrite } from './observed-write.ts'
import type { Microseconds } from './units.ts'
import type { Version } from './version.ts'
import { compareVersions, type EpochTable, isDead } from './version.ts'

export interface MissedWrites {
  readonly versions: number
  /** When the first of them was acknowledged. */
  readonly sinceUs: Microseconds | undefined
  /** The answer's own record is among those remembered, or an older one: none can be missing in the count. */
  readonly isAll: boolean
}

/** What a reader knew when it asked, and what it was answered. */
export interface Judged {
  readonly record: Version | null
  /** The write after it, if it is remembered; else the oldest of the key that is. */
  readonly next: ObservedWrite | undefined
  readonly isRemembered: boolean
  /** Acknowledgements that clients had seen by then. */
  readonly acknowledgements: number
}

export function missedWrites(history: KeyEntry, table: EpochTable, judged: Judged): MissedWrites {
  return isOrdinary(history, table, judged)
    ? byNumbers(history, judged)
    : byLooking(history, table, judged)
}

/** All that came after the answer's record, in the order of their acknowledgements. */
function isOrdinary(
  { newest, brokenAt }: KeyEntry,
  table: EpochTable,
  { record, next }: Judged,
): boolean {
  if (!newest || !next || brokenAt > next.number || next.first !== next) return false
  if (record && (isDead(table, record) || compareVersions(next.record, record) <= 0)) return false
  return !isDead(table, next.record) && !isDead(table, newest.record)
}

function byNumbers(
  { newest }: KeyEntry,
  { next, isRemembered, acknowledgements }: Judged,
): MissedWrites {
  const first = next as ObservedWrite
  let last = newest
  while (last && last.number >= first.number && !isSeen(last, acknowledgements))
    last = last.previous
  const versions = last ? Math.max(0, last.number - first.number + 1) : 0
  return { versions, sinceUs: versions > 0 ? first.acknowledgedUs : undefined, isAll: isRemembered }
}

function byLooking(
  { newest }: KeyEntry,
  table: EpochTable,
  { record, acknowledgements }: Judged,
): MissedWrites {
  let versions = 0
  let sinceUs: Microseconds | undefined
  for (let write = newest; write; write = write.previous) {
    if (isDead(table, write.record)) continue
    if (record && compareVersions(write.record, record) <= 0)
      return { versions, sinceUs, isAll: true }
    const { acknowledgedUs } = write.first
    if (!isSeen(write.first, acknowledgements)) continue
    versions++
    sinceUs = Math.min(sinceUs ?? acknowledgedUs, acknowledgedUs)
  }
  return { versions, sinceUs, isAll: false }
}

/** Whether clients had been told of a write by then. */
export function isSeen({ acknowledgedOrder }: ObservedWrite, acknowledgements: number): boolean {
  return acknowledgedOrder > 0 && acknowledgedOrder <= acknowledgements
}
