// How the system looks from outside at one instant: replicas with their lag, links with what is on their way.
// Nothing here changes anything.

import { API, type NodeId } from './events.ts'
import { formatLatency } from './latency-text.ts'
import type { Link } from './link.ts'
import { Message } from './message.ts'
import { lastVersionOf, type Replica } from './replica.ts'
import type { System } from './system.ts'
import type { ClockView, ClusterView, LinkView, MessageView, ReplicaView } from './verbs.ts'
import { compareVersions, lastCommonOffset } from './version.ts'

/** Whose log the lag is counted against: the newest leader's, or what is left of it. */
function reference(system: System): Replica {
  const newest = system.replica(system.newestLeader)
  if (newest.role === 'leader' && newest.epoch === system.epoch) return newest
  return system.replicas.reduce((best, one) =>
    compareVersions(lastVersionOf(one), lastVersionOf(best)) > 0 ? one : best,
  )
}

export function replicaView(system: System, replica: Replica): ReplicaView {
  const { log, table } = reference(system)
  const common = lastCommonOffset(replica.table, replica.appliedOffset, table, log.lastOffset)
  const lagVersions = log.lastOffset - common
  // Where the entry itself is no longer kept, the oldest one kept gives a lower bound.
  const oldest = log.at(common + 1) ?? log.at(log.firstOffset)
  return {
    id: replica.id,
    role: replica.role,
    state: replica.state,
    epoch: replica.epoch,
    appliedOffset: replica.appliedOffset,
    lagVersions,
    lagUs: lagVersions > 0 && oldest ? Math.max(0, system.now - oldest.writtenUs) : 0,
    keys: replica.store.size,
  }
}

export function clusterView(system: System, clock: ClockView): ClusterView {
  return {
    seed: system.options.seed,
    epoch: system.epoch,
    leader: system.leader()?.id ?? null,
    clock,
    replicas: system.replicas.map((replica) => replicaView(system, replica)),
    links: notableLinks(system).map((link) => linkView(system, link)),
  }
}

export function linkView(system: System, link: Link): LinkView {
  const { from, to, state, holding, lossRatio, duplicateRatio, messages } = link
  // What a link from the leader carries is copies; towards the leader it is acknowledgements.
  const kind = kindOn(system, from, to)
  return {
    from,
    to,
    state,
    holding: holding && { ...holding },
    lossRatio,
    duplicateRatio,
    latency: formatLatency(system.network.latencyOf(link, kind)),
    messages,
  }
}

function kindOn(system: System, from: NodeId, to: NodeId) {
  if (from === API) return 'request'
  if (to === API) return 'response'
  return to === system.newestLeader ? 'acknowledgement' : 'copy'
}

/** The leader's links, and any that is not in its default state. */
function notableLinks(system: System): Link[] {
  const leader = system.leader()?.id
  if (leader !== undefined) {
    for (const { id } of system.replicas) if (id !== leader) system.network.link(leader, id)
  }
  const isLeaders = (link: Link) => link.from === leader && link.to !== API
  return system.network.links().filter((link) => isLeaders(link) || !link.isDefault)
}

/** What is on its way on a link, the next due first; held messages, overdue, come before all others. */
export function messagesOn(system: System, link: Link, limit: number): MessageView[] {
  const found: Message[] = [...link.held]
  for (const due of system.timeline.scheduled()) {
    if (due instanceof Message && due.from === link.from && due.to === link.to && !due.background) {
      found.push(due)
    }
  }
  const queued = link.to === API ? [] : system.replica(link.to).inbox
  for (const message of queued) if (message.from === link.from) found.push(message)
  return found
    .sort((a, b) => a.dueUs - b.dueUs || a.id - b.id)
    .slice(0, limit)
    .map((message) => ({
      message: message.id,
      kind: message.kind,
      record: message.record,
      state: message.isHeld ? 'held' : 'in-flight',
      dueUs: message.dueUs,
    }))
}
