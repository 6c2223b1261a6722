// The one place that gives events their words. Log lines, the page and stories all print these, so a
// test that knows a sentence here knows it everywhere. Keys and values come from users and are
// escaped here, for every format; how loudly each is told is event-kinds.ts's affair.

import type {
  ClusterEvent,
  CopyEvent,
  FaultEvent,
  HouseEvent,
  LeadershipEvent,
  MessageEvent,
  ReadEvent,
  WriteEvent,
} from '../events.ts'
import type { ReadAnswer, Staleness } from '../nodes.ts'
import type { StoredRecord } from '../record.ts'
import {
  count,
  sayCargo,
  sayFor,
  sayKey,
  sayLoss,
  sayNode,
  sayOnly,
  sayRecord,
  sayReplicas,
  saySettings,
  sayShortNode,
  sayText,
  sayUndone,
} from '../text/say.ts'
import { sayMs } from '../units.ts'
import { formatVersion } from '../version.ts'
import { type EventGroup, type EventLevel, groupOfEvent, levelOfEvent } from './event-kinds.ts'

export interface Description {
  readonly level: EventLevel
  readonly group: EventGroup
  readonly text: string
}

export function describeEvent(event: ClusterEvent): Description {
  return { level: levelOfEvent(event), group: groupOfEvent(event), text: sayEvent(event) }
}

/** The sentence alone. */
export function sayEvent(event: ClusterEvent): string {
  switch (event.type) {
    case 'write-started':
    case 'write-applied':
    case 'write-acknowledged':
    case 'write-failed':
      return sayWrite(event)
    case 'read-started':
    case 'read-completed':
    case 'read-failed':
      return sayRead(event)
    case 'message-sent':
    case 'message-held':
    case 'message-released':
    case 'message-lost':
    case 'message-arrived':
      return sayMessage(event)
    case 'copy-applied':
    case 'copy-early':
    case 'copy-refused':
    case 'acknowledgement-received':
    case 'record-repaired':
    case 'catch-up-started':
    case 'catch-up-finished':
    case 'snapshot-installed':
      return sayCopy(event)
    case 'replica-crashed':
    case 'replica-restarted':
    case 'replica-paused':
    case 'replica-resumed':
    case 'record-forgotten':
    case 'link-changed':
    case 'network-partitioned':
    case 'network-healed':
      return `[FAULT] ${sayFault(event)}`
    case 'leader-suspected':
    case 'failover-ordered':
    case 'failover-void':
    case 'leader-elected':
    case 'epoch-learned':
      return `[FAILOVER] ${sayLeadership(event)}`
    case 'clock-changed':
    case 'cluster-reset':
    case 'record-restored':
    case 'restore-finished':
      return sayHouse(event)
    default:
      return never(event)
  }
}

function sayWrite(event: WriteEvent): string {
  switch (event.type) {
    case 'write-started':
      return `A write of ${sayKey(event.key)} is on its way to replica ${event.replica}`
    case 'write-applied':
      return `Leader wrote ${sayRecord(event.record)}`
    case 'write-acknowledged': {
      const { record, acknowledgedBy } = event
      return `Acknowledged ${sayKey(record.key)} version=${formatVersion(record)} by ${sayReplicas(acknowledgedBy)}`
    }
    case 'write-failed':
      return `Failed to write ${sayKey(event.key)}: ${event.code}, outcome ${event.outcome}`
    default:
      return never(event)
  }
}

function sayRead(event: ReadEvent): string {
  switch (event.type) {
    case 'read-started':
      return `Started ${event.kind} of ${sayKey(event.key)} at ${sayReplicas(event.replicas)}`
    case 'read-completed': {
      const { record } = event.answer
      return sayAnswer(event, event.answer, record ? sayVersion(record) : 'nothing')
    }
    case 'read-failed': {
      const { kind, key, code, answer } = event
      return answer ? sayAnswer(event, answer, code) : `Failed ${kind} of ${sayKey(key)}: ${code}`
    }
    default:
      return never(event)
  }
}

type Answered = Exclude<ReadEvent, { readonly type: 'read-started' }>

function sayAnswer({ kind, key, client, because }: Answered, answer: ReadAnswer, what: string) {
  const { replica, role, staleness } = answer
  const who = role === 'leader' ? 'Leader' : `Follower ${replica}`
  const whose = client === 'default' ? '' : `${sayText(client)}'s `
  // What an earlier read had returned may be nothing that counts yet.
  const isBack = because !== null && staleness.versions === 0 && !staleness.diverged
  const why = because ? `${isBack ? ', a step back' : ''}, because ${because.text}` : ''
  return `${who} answered ${whose}${kind} of ${sayKey(key)} with ${what}${sayStaleness(staleness)}${why}`
}

function sayVersion(record: StoredRecord): string {
  return `value=${sayText(record.value)} version=${formatVersion(record)}`
}

function sayStaleness({ versions, us, diverged, atLeast }: Staleness): string {
  const least = atLeast ? 'at least ' : ''
  const late =
    versions > 0 ? `, stale by ${least}${count(versions, 'version')} and ${sayMs(us)}` : ''
  return `${late}${diverged ? ', diverged' : ''}`
}

function sayMessage(event: MessageEvent): string {
  const way = `from ${sayNode(event.from)} to ${sayNode(event.to)}`
  switch (event.type) {
    case 'message-sent':
      return `Sent ${event.kind} ${event.message}${sayCargo(event.record)} ${way}, due at ${sayMs(event.dueUs)}`
    case 'message-held':
      return `Held message ${event.message} ${way}`
    case 'message-released':
      return `Released message ${event.message} ${way}`
    case 'message-lost':
      return `Lost ${event.kind} ${event.message}${sayCargo(event.record)} ${way}: ${sayLoss(event.reason)}`
    case 'message-arrived':
      return `Delivered ${event.kind} ${event.message} ${way}`
    default:
      return never(event)
  }
}

function sayCopy(event: CopyEvent): string {
  switch (event.type) {
    case 'copy-applied': {
      const tag = event.quorum ? '[QUORUM]' : '[ASYNC]'
      const key = sayKey(event.record.key)
      return event.alreadyHad
        ? `${tag} Follower ${event.replica} already had ${key}`
        : `${tag} Replicated ${key} to follower ${event.replica}`
    }
    case 'copy-early':
      return `Follower ${event.replica} received ${sayKey(event.record.key)} early: offset ${event.missing} is missing`
    case 'copy-refused': {
      const what = event.record ? `a copy of ${sayKey(event.record.key)}` : 'an announcement'
      const why = event.reason === 'duplicate' ? 'it had it before' : 'its epoch is over'
      return `Replica ${event.replica} refused ${what}: ${why}`
    }
    case 'acknowledgement-received':
      return `Follower ${event.from} acknowledged up to offset ${event.appliedOffset} to replica ${event.leader}`
    case 'record-repaired': {
      const who = event.role === 'leader' ? 'leader' : `follower ${event.replica}`
      return `[REPAIR] Repaired ${who} with ${sayKey(event.record.key)}`
    }
    case 'catch-up-started':
      return `[CATCH-UP] Follower ${event.replica} is being sent ${sayCatchUp(event)}`
    case 'catch-up-finished':
      return `[CATCH-UP] Follower ${event.replica} has caught up by ${sayCatchUp(event)}`
    case 'snapshot-installed':
      return `[CATCH-UP] Follower ${event.replica} installed a snapshot of ${count(event.records, 'record')}, up to offset ${event.offset}`
    default:
      return never(event)
  }
}

function sayCatchUp(event: { kind: 'entries' | 'snapshot'; count: number }): string {
  return event.kind === 'entries'
    ? count(event.count, 'log entry', 'log entries')
    : `a snapshot of ${count(event.count, 'record')}`
}

function sayFault(event: FaultEvent): string {
  switch (event.type) {
    case 'replica-crashed': {
      const data = event.keepData ? 'keeping its data' : 'losing its data'
      return `Crashed replica ${event.replica}, ${data}${sayFor(event.forUs)}`
    }
    case 'replica-restarted':
      return `Restarted replica ${event.replica}${sayUndone(event.undone)}`
    case 'replica-paused':
      return `Paused replica ${event.replica}${sayFor(event.forUs)}`
    case 'replica-resumed':
      return `Resumed replica ${event.replica}${sayUndone(event.undone)}`
    case 'record-forgotten':
      return `Replica ${event.replica} forgot ${sayKey(event.key)}`
    case 'link-changed':
      return sayLink(event)
    case 'network-partitioned': {
      const groups = event.groups.map((group) => group.map(sayShortNode).join(','))
      return `Partitioned the network into ${groups.join(' | ')}${sayFor(event.forUs)}`
    }
    case 'network-healed':
      return `Healed the network${sayUndone(event.undone)}`
    default:
      return never(event)
  }
}

const LINK_VERBS = {
  cut: 'Cut',
  heal: 'Healed',
  hold: 'Held',
  release: 'Released',
  set: 'Set',
} as const

function sayLink(event: Extract<FaultEvent, { type: 'link-changed' }>): string {
  const { from, to, verb, only, settings } = event
  const link = `${LINK_VERBS[verb]} the link from ${sayShortNode(from)} to ${sayShortNode(to)}`
  const what = settings ? `: ${saySettings(settings)}` : only ? ` for ${sayOnly(only)}` : ''
  return `${link}${what}${sayFor(event.forUs)}${sayUndone(event.undone)}`
}

function sayLeadership(event: LeadershipEvent): string {
  switch (event.type) {
    case 'leader-suspected':
      return `Suspected leader ${event.replica}, silent for ${sayMs(event.silentUs)}`
    case 'failover-ordered':
      return `Replica ${event.to} is to lead epoch ${event.epoch} once it resumes, after replica ${event.from} in epoch ${event.fromEpoch} (${event.reason})`
    case 'failover-void': {
      const why =
        event.reason === 'crashed' ? 'is lost with the crash' : 'is void: a newer one came'
      return `The order to replica ${event.to} to lead epoch ${event.epoch} ${why}`
    }
    case 'leader-elected':
      return event.reason === 'restored'
        ? `Replica ${event.to} leads epoch ${event.epoch}, restored`
        : `Replica ${event.to} leads epoch ${event.epoch}, after replica ${event.from} in epoch ${event.fromEpoch} (${event.reason})`
    case 'epoch-learned': {
      const down = event.steppedDown ? ', stepped down' : ''
      const lost = event.dropped > 0 ? `, dropped ${count(event.dropped, 'dead version')}` : ''
      return `Replica ${event.replica} learned of epoch ${event.epoch}${down}${lost}`
    }
    default:
      return never(event)
  }
}

function sayHouse(event: HouseEvent): string {
  switch (event.type) {
    case 'clock-changed':
      return event.mode === 'real'
        ? `Clock runs at rate ${event.rate}`
        : `Clock is in ${event.mode} mode`
    case 'cluster-reset':
      return event.keep === 'nothing'
        ? 'Reset the cluster'
        : `Reset the cluster, kept ${event.keep}`
    case 'record-restored':
      return `[WAL REPLAY] Restored ${sayRecord(event.record)}`
    case 'restore-finished':
      return `[WAL REPLAY] Restored ${count(event.records, 'record')} to replica ${event.replica}, which leads epoch ${event.epoch}`
    default:
      return never(event)
  }
}

function never(event: never): never {
  throw new TypeError(`An event without words: ${JSON.stringify(event)}`)
}
