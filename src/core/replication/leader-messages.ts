// What a leader sends, made from what it is: an announcement, a copy of one entry, a snapshot of its store. Each
// carries the epoch and its table, by which the receiver judges it.

import type { AnnouncementBody, CopyBody, SnapshotBody } from '../network/message.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import { type Microseconds, US_PER_SECOND } from '../units.ts'

const SNAPSHOT_RECORDS_PER_SECOND = 100_000

/** An empty copy; heartbeats are the same. */
export function announcementOf({ epoch, id: leader, table }: Replica): AnnouncementBody {
  return { kind: 'announcement', epoch, leader, table }
}

/** @param slot the key's place in every store */
export function copyOf(leader: Replica, record: StoredRecord, slot: number): CopyBody {
  const { epoch, id, table } = leader
  return { kind: 'copy', epoch, leader: id, table, record, slot }
}

export function snapshotOf({ epoch, id, table, store, appliedOffset }: Replica): SnapshotBody {
  const records = [...store.values()]
  return { kind: 'snapshot', epoch, leader: id, table, offset: appliedOffset, records }
}

/** How long it takes to send one, on top of its latency. */
export function snapshotUs(records: number): Microseconds {
  return Math.ceil((records * US_PER_SECOND) / SNAPSHOT_RECORDS_PER_SECOND)
}
