// What a write-ahead file may forget. While every replica knows the newest epoch, dead records cannot come alive
// again; and where no log reaches back to, nobody can go back either: whoever starts there is sent a snapshot.

import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Epoch, EpochTable, Offset } from '../version.ts'

/** The newest epoch's log, as all replicas know it. */
export interface SettledLog {
  readonly leader: ReplicaId
  readonly epoch: Epoch
  readonly offset: Offset
  readonly table: EpochTable
  /** Some log still holds all entries from here on; of older ones only the newest of each key can be asked for. */
  readonly wholeFrom: Offset
}

/** @returns undefined while some replica, crashed ones included, knows another epoch */
export function settledLog(parts: Parts): SettledLog | undefined {
  const leader = parts.leader()
  if (!leader || parts.replicas.some(({ epoch }) => epoch !== leader.epoch)) return undefined
  const { id, epoch, appliedOffset: offset, table } = leader
  const wholeFrom = Math.min(...parts.replicas.map(({ log }) => log.firstOffset))
  return { leader: id, epoch, offset, table, wholeFrom }
}
