// Which entry of a key comes next at a replica, in the log of the epoch that it knows.

import type { KeyEntry } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import { compareVersions, isInTable, type Offset } from '../version.ts'

/** The first that the replica has yet to apply and that will show there. */
export interface NextEntry {
  readonly offset: Offset | undefined
  /** Otherwise the observer has forgotten what came before: an earlier one may have been written, or any at all. */
  readonly isSure: boolean
}

export function nextEntry(parts: Parts, replica: Replica, entry: KeyEntry): NextEntry {
  const { epoch, store, table } = replica
  const { forgotten, oldest } = entry
  if (forgotten) {
    const isSure = epoch === parts.ledEpoch && forgotten.isSure(parts.observer.table)
    if (!isSure) return { offset: undefined, isSure }
    const { last } = forgotten
    if (last && isNews(replica, entry, last)) return { offset: last.offset, isSure: false }
  }
  const shown = store.at(entry.slot)
  let write = shown && parts.observer.observedWrite(shown)
  for (write = write ? write.next : oldest; write; write = write.next) {
    const { record } = write
    if (isInTable(table, record) && isNews(replica, entry, record)) {
      return { offset: record.offset, isSure: true }
    }
  }
  return { offset: undefined, isSure: true }
}

/** Whether a record of the key has yet to come in its turn, and will show then. */
export function isNews(replica: Replica, entry: KeyEntry, record: StoredRecord): boolean {
  if (record.offset <= replica.appliedOffset) return false
  const shown = replica.store.at(entry.slot)
  return !shown || compareVersions(record, shown) > 0
}
