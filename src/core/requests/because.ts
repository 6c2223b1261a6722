// Why an answer was stale: what had become, when the replica answered, of the newest record that a client had been told
// of, be it that it is written, be it as the answer to an earlier read. Said once, here; log, stream, page and routes
// repeat it.

import type { Message } from '../network/message.ts'
import type { Because, Cause, ReplicaId, Staleness } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import { sayLoss } from '../text/say.ts'
import { sayMs } from '../units.ts'
import { formatVersion, isInTable } from '../version.ts'
import { HELD, landing, NONE } from './landing.ts'

/** An answer of one replica, as far as its staleness goes. */
interface Judged {
  readonly key: string
  readonly record: StoredRecord | null
  readonly staleness: Staleness
  /** Acknowledgements that clients had seen when it was asked. */
  readonly acknowledgements: number
}

/** @returns null for an answer that is not stale */
export function becauseOf(
  parts: Parts,
  leaders: Leaders,
  replica: Replica,
  { key, record, staleness, acknowledgements }: Judged,
): Because | null {
  const { id } = replica
  if (record && staleness.diverged) {
    const version = formatVersion(record)
    return because(
      'diverged',
      `a failover left version ${version} behind, and replica ${id} has not heard of it`,
    )
  }
  if (staleness.versions === 0) {
    const returned = parts.observer.returnedBefore(key, record, acknowledgements)
    if (!returned) return null
    const why = missing(parts, leaders, replica, returned)
    const text = `an earlier read had returned version ${formatVersion(returned)}: ${why.text}`
    return { ...why, text }
  }
  const missed = parts.observer.newestTold(key, acknowledgements)
  if (!missed) return because('unsent', `the newest record has not reached replica ${id}`)
  return missing(parts, leaders, replica, missed)
}

/** What had become of a record that a replica should have shown. */
function missing(parts: Parts, leaders: Leaders, replica: Replica, record: StoredRecord): Because {
  const { id, table, appliedOffset, early } = replica
  const version = formatVersion(record)
  if (isInTable(table, record) && record.offset <= appliedOffset) {
    return because('forgotten', `replica ${id} has lost version ${version}, though its log has it`)
  }
  if (early.at(record.offset) === record) {
    const text = `the copy of ${version} waits at replica ${id} for that of offset ${appliedOffset + 1}`
    return because('early', text, early.messageAt(record.offset))
  }
  const copy = copyOf(parts, leaders, id, record)
  return copy ? fateOf(parts, copy, version) : notSent(parts, leaders, replica, version)
}

function because(cause: Cause, text: string, message: number | null = null): Because {
  return { cause, text, message }
}

/** The copy of a record to a replica, be it on its way or to be sent again. */
function copyOf(
  parts: Parts,
  leaders: Leaders,
  to: ReplicaId,
  record: StoredRecord,
): Message | undefined {
  for (const leadership of leaders.leaderships()) {
    if (leadership.replica.id === to) continue
    const message = leadership.to(to).underWay.get(record.offset)
    if (message?.record === record) return message
  }
  // Of a leadership that is over nobody keeps count, and its copies travel on.
  if (parts.replicas.every(({ id }) => parts.network.travelling(id, to) === 0)) return undefined
  for (const message of parts.network.onTheirWay(to)) if (message.record === record) return message
  return undefined
}

function fateOf(parts: Parts, message: Message, version: string): Because {
  const { id, from, to, lostBy } = message
  const what = `the copy of ${version}`
  if (lostBy)
    return because('lost', `${what} was lost on its way to replica ${to}: ${sayLoss(lostBy)}`, id)
  const link = `the link from replica ${from} to replica ${to}`
  const copy = landing(parts, message)
  if (copy === HELD) return because('held', `${what} is held on ${link}`, id)
  if (copy === NONE) return because('cut', `${link} is cut`, id)
  const inUs = Math.max(0, (copy.landsUs ?? 0) - parts.now)
  const text = `${what} is on its way to replica ${to} and lands in ${sayMs(inUs)}`
  return because('in-flight', text, id)
}

/** Why there is no copy of it, as far as one can tell. */
function notSent(parts: Parts, leaders: Leaders, { id }: Replica, version: string): Because {
  const leader = leaders.ofEpoch(parts.ledEpoch)
  const text = `no copy of ${version} is on its way to replica ${id}`
  if (!leader) return because('unsent', `${text}, for nobody leads`)
  const from = leader.replica.id
  const { snapshot } = leader.to(id)
  if (snapshot && !snapshot.isLost) {
    const what = `a snapshot with ${version} is on its way to replica ${id}`
    return because('in-flight', what, snapshot.id)
  }
  const ways = [parts.network.link(from, id), parts.network.link(id, from)]
  const cut = ways.find(({ state }) => state === 'cut')
  if (!cut) return because('unsent', `${text} yet`)
  return because('cut', `the link from replica ${cut.from} to replica ${cut.to} is cut`)
}
