// What is on its way to a replica for one key: the earliest copy that will show there when it lands, while links and
// replicas stay as they are. A copy shows once all entries before it have landed, if it is newer than what the
// replica has by then. Repairs are no copies.

import type { CopyInFlight } from '../nodes.ts'
import type { KeyEntry } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import type { Replicator } from '../replication/replicator.ts'
import { compareVersions, isInTable, type Offset } from '../version.ts'
import { HELD, landing, NONE, SOMETIME } from './landing.ts'
import { outlook } from './outlook.ts'

export function copyInFlight(
  parts: Parts,
  leaders: Leaders,
  replica: Replica,
  key: string,
): CopyInFlight {
  const entry = parts.keys.find(key)
  if (!entry || (replica.role === 'leader' && replica.epoch === parts.ledEpoch)) return NONE
  const sender = soleSender(parts, leaders, replica, entry)
  if (!sender) return outlook(parts, leaders, replica, entry)
  const offset = nextOf(replica, entry)
  return offset === undefined ? NONE : landingOf(parts, replica, sender, entry, offset)
}

/**
 * Whoever sends a replica all that can change it: the leader of the epoch that it knows, where nobody else has anything
 * under way to it that is of that epoch or a newer one.
 */
function soleSender(
  parts: Parts,
  leaders: Leaders,
  replica: Replica,
  { lastForgotten, forgotDead }: KeyEntry,
): Replicator | undefined {
  const { epoch, id, table } = replica
  const leadership = leaders.ofEpoch(epoch)
  if (!leadership || leadership.replica === replica) return undefined
  const sender = leadership.to(id)
  const others = ({ id: from }: Replica) =>
    from !== id && from !== leadership.replica.id && parts.network.travelling(from, id) > 0
  const isOld = epoch < parts.ledEpoch
  if (isOld && parts.replicas.some(others)) return undefined
  // Nobody remembers which of its entries may be on their way.
  if (forgotDead || (lastForgotten && (isOld || !isInTable(table, lastForgotten)))) return undefined
  const { holding } = parts.network.link(leadership.replica.id, id)
  // Which copies it will hold depends on the order in which they come due.
  const isCounting = holding !== null && 'copies' in holding && holding.copies > 0
  return sender.countsAll && !sender.snapshot && !isCounting ? sender : undefined
}

/**
 * The next entry of a key that will show at a replica. Where the observer has forgotten what was in between, one that
 * is no earlier.
 */
function nextOf(replica: Replica, entry: KeyEntry): Offset | undefined {
  const { appliedOffset, store, table } = replica
  const shown = store.at(entry.slot)
  const isToCome = ({ offset }: { offset: Offset }) => offset > appliedOffset
  let next: Offset | undefined
  for (let write = entry.newest; write; write = write.previous) {
    const { record } = write
    if (!isInTable(table, record)) continue
    if (!isToCome(record) || (shown && compareVersions(record, shown) <= 0)) return next
    next = record.offset
  }
  const { lastForgotten } = entry
  if (lastForgotten && isInTable(table, lastForgotten) && isToCome(lastForgotten)) {
    return shown && compareVersions(lastForgotten, shown) <= 0 ? next : lastForgotten.offset
  }
  return next
}

/** When the earliest copy of a key lands, of those up to `last`, which is one. */
function landingOf(
  parts: Parts,
  { appliedOffset, early, store }: Replica,
  sender: Replicator,
  { key, slot }: KeyEntry,
  last: Offset,
): CopyInFlight {
  const shown = store.at(slot)
  const isNews = (record: StoredRecord | null | undefined) =>
    record?.key === key && (!shown || compareVersions(record, shown) > 0)
  let [landsUs, isHeld, isKnown] = [0, false, true]
  for (let offset = appliedOffset + 1; offset <= last; offset++) {
    const waiting = early.at(offset)
    if (waiting) {
      if (isNews(waiting)) break
      continue
    }
    const message = sender.underWay.get(offset)
    if (!message || (message.isLost && !sender.canSend)) {
      return sender.willSend(offset) ? SOMETIME : NONE
    }
    const copy = landing(parts, message)
    if (copy === NONE) return NONE
    if (copy === HELD) isHeld = true
    if (copy.landsUs === null) isKnown = false
    else landsUs = Math.max(landsUs, copy.landsUs)
    if (isNews(message.record)) break
  }
  if (isHeld) return HELD
  return isKnown ? { state: 'in-flight', landsUs } : SOMETIME
}
