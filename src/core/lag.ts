// How far a replica is behind: counted against the newest leader's log, or what is left of it.

import type { Parts } from './parts.ts'
import { lastVersionOf, type Replica } from './replica/replica.ts'
import { compareVersions, lastCommonOffset, type Offset } from './version.ts'

/** Whose log it is counted against. */
export function reference(parts: Parts): Replica {
  const newest = parts.replica(parts.newestLeader)
  if (newest.role === 'leader' && newest.epoch === parts.ledEpoch) return newest
  return parts.replicas.reduce((best, one) =>
    compareVersions(lastVersionOf(one), lastVersionOf(best)) > 0 ? one : best,
  )
}

/** Up to where a replica has that log. */
export function commonOffset(replica: Replica, of: Replica): Offset {
  return lastCommonOffset(replica.table, replica.appliedOffset, of.table, of.log.lastOffset)
}

/** Entries of that log which a replica lacks. */
export function lagVersions(parts: Parts, replica: Replica, of = reference(parts)): number {
  return of === replica ? 0 : of.log.lastOffset - commonOffset(replica, of)
}

/** What each replica lacks, by number. */
export function lagsOf(parts: Parts): number[] {
  const of = reference(parts)
  return parts.replicas.map((replica) => lagVersions(parts, replica, of))
}
