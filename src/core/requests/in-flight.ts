// What is on its way to a replica for one key: the earliest copy that will show there when it lands, while links and
// replicas stay as they are. A copy shows once all entries before it have landed, if it is newer than what the
// replica has by then. Repairs are no copies.

import type { Link } from '../network/link.ts'
import type { CopyInFlight, ReplicaId } from '../nodes.ts'
import type { KeyEntry } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import type { Replicator } from '../replication/replicator.ts'
import type { Offset } from '../version.ts'
import { HELD, landing, landingAgain, NONE, SOMETIME } from './landing.ts'
import { isNews, nextEntry } from './next-entry.ts'
import { outlook } from './outlook.ts'

export function copyInFlight(
  parts: Parts,
  leaders: Leaders,
  replica: Replica,
  key: string,
): CopyInFlight {
  const entry = parts.keys.find(key)
  if (!entry || (replica.role === 'leader' && replica.epoch === parts.ledEpoch)) return NONE
  const next = nextEntry(parts, replica, entry)
  const sender = soleSender(parts, leaders, replica)
  if (!sender || (!next.isSure && next.offset === undefined)) {
    return outlook(parts, leaders, replica, entry, next)
  }
  if (next.offset === undefined) return NONE
  const offset = next.isSure ? next.offset : firstOf(replica, sender, entry, next.offset)
  return landingOf(parts, replica, sender, offset)
}

/**
 * Whoever sends a replica all that can change it: the leader of the epoch that it knows, where nobody else has anything
 * under way to it that is of that epoch or a newer one.
 */
function soleSender(parts: Parts, leaders: Leaders, replica: Replica): Replicator | undefined {
  const { epoch, id } = replica
  const leadership = leaders.ofEpoch(epoch)
  if (!leadership || leadership.replica === replica) return undefined
  const sender = leadership.to(id)
  if (epoch < parts.ledEpoch && othersSend(parts, leadership.replica.id, id)) return undefined
  const { holding } = sender.link
  // Which copies it will hold depends on the order in which they come due.
  const isCounting = holding !== null && 'copies' in holding && holding.copies > 0
  const isPlain = sender.knowsLife && !sender.snapshot && !isCounting
  return isPlain && !mayHaveStrays(parts, sender, replica) ? sender : undefined
}

/** Whether something of the sender's is on its way, or waits at the replica, that it keeps no count of. */
function mayHaveStrays({ now }: Parts, { link }: Replicator, { early }: Replica): boolean {
  const isPast = now > link.straysUntilUs && link.held.length === 0
  if (isPast && early.size === 0) link.straysUntilUs = -1
  return link.straysUntilUs >= 0
}

function othersSend(parts: Parts, leader: ReplicaId, to: ReplicaId): boolean {
  return parts.replicas.some(
    ({ id }) => id !== to && id !== leader && parts.network.travelling(id, to) > 0,
  )
}

/** The first copy of a key on its way, of those up to `last`, which is one. */
function firstOf(replica: Replica, sender: Replicator, entry: KeyEntry, last: Offset): Offset {
  for (let offset = replica.appliedOffset + 1; offset < last; offset++) {
    const record = sender.underWay.get(offset)?.record ?? replica.early.at(offset)
    if (record?.key === entry.key && isNews(replica, entry, record)) return offset
  }
  return last
}

/** When the entry at `last` lands, and all before it that the replica lacks. */
function landingOf(parts: Parts, replica: Replica, sender: Replicator, last: Offset): CopyInFlight {
  const next = replica.appliedOffset + 1
  const { link } = sender
  const { missing, dueUs, againUs } = sender.underWay.stretch(next, last)
  const isHeld = link.state === 'held' && (link.holding === null || holdsAny(link, next, last))
  // Some came early, and are not counted any more; or some may have to be held when they come.
  if (missing > 0 || (link.holding && !isHeld)) return oneByOne(parts, replica, sender, last)
  if (link.state === 'cut' || (againUs >= 0 && !sender.canSend)) return NONE
  if (isHeld) return HELD
  const again = againUs < 0 ? undefined : landingAgain(parts, link, againUs)
  if (again === SOMETIME) return SOMETIME
  return { state: 'in-flight', landsUs: Math.max(dueUs, again?.landsUs ?? 0) }
}

function holdsAny({ held }: Link, from: Offset, to: Offset): boolean {
  return held.some(({ record }) => record && record.offset >= from && record.offset <= to)
}

/** The same, by looking at each. */
function oneByOne(
  parts: Parts,
  { appliedOffset, early }: Replica,
  sender: Replicator,
  last: Offset,
): CopyInFlight {
  let [landsUs, isHeld, isKnown] = [0, false, true]
  for (let offset = appliedOffset + 1; offset <= last; offset++) {
    if (early.at(offset)) continue
    const message = sender.underWay.get(offset)
    if (!message || (message.isLost && !sender.canSend)) {
      return sender.willSend(offset) ? SOMETIME : NONE
    }
    const copy = landing(parts, message)
    if (copy === NONE) return NONE
    if (copy === HELD) isHeld = true
    else if (copy.landsUs === null) isKnown = false
    else landsUs = Math.max(landsUs, copy.landsUs)
  }
  if (isHeld) return HELD
  return isKnown ? { state: 'in-flight', landsUs } : SOMETIME
}
