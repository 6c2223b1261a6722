// How the system looks from outside at one instant: replicas with their lag, links with what is on their way.
// Nothing here changes anything.

import { commonOffset, reference } from '../lag.ts'
import type { Link } from '../network/link.ts'
import type { Message } from '../network/message.ts'
import { API, type NodeId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import { formatLatency } from '../text/latency-text.ts'
import type { ClockView, ClusterView, LinkView, MessageView, ReplicaView } from '../verbs.ts'

export function replicaView(parts: Parts, replica: Replica): ReplicaView {
  const of = reference(parts)
  const { log } = of
  const common = commonOffset(replica, of)
  const lagVersions = log.lastOffset - common
  // Where the entry itself is no longer kept, the oldest one kept gives a lower bound.
  const missed = log.at(common + 1)
  const oldest = missed ?? log.at(log.firstOffset)
  // And one that waits for a snapshot lacks older records too, nobody knows how many.
  const isBound = (lagVersions > 0 && !missed) || replica.needsSnapshot
  return {
    id: replica.id,
    role: replica.role,
    state: replica.state,
    epoch: replica.epoch,
    appliedOffset: replica.appliedOffset,
    lagVersions,
    lagUs: lagVersions > 0 && oldest ? parts.now - parts.observer.writtenUs(oldest) : 0,
    ...(isBound && { lagAtLeast: true as const }),
    keys: replica.store.size,
  }
}

export function clusterView(parts: Parts, clock: ClockView, waiting: number): ClusterView {
  return {
    seed: parts.options.seed,
    epoch: parts.epoch,
    leader: parts.leader()?.id ?? null,
    clock,
    replicas: parts.replicas.map((replica) => replicaView(parts, replica)),
    links: notableLinks(parts).map((link) => linkView(parts, link)),
    bytes: {
      max: parts.options.bytesMax,
      dataMax: parts.shares.store,
      travellingMax: parts.shares.travelling,
      data: Math.max(...parts.replicas.map(({ store }) => store.bytes)),
      travelling: parts.travellingBytes,
    },
    waiting,
  }
}

export function linkView(parts: Parts, link: Link): LinkView {
  const { from, to, state, holding, lossRatio, duplicateRatio, messages } = link
  // What a link from the leader carries is copies; towards the leader it is acknowledgements.
  const kind = kindOn(parts, from, to)
  return {
    from,
    to,
    state,
    holding: holding && { ...holding },
    lossRatio,
    duplicateRatio,
    latency: formatLatency(parts.network.latencyOf(link, kind)),
    messages,
  }
}

function kindOn(parts: Parts, from: NodeId, to: NodeId) {
  if (from === API) return 'request'
  if (to === API) return 'response'
  return to === parts.newestLeader ? 'acknowledgement' : 'copy'
}

/** The leader's links, and any that is not in its default state. */
function notableLinks(parts: Parts): Link[] {
  const leader = parts.leader()?.id
  if (leader !== undefined) {
    for (const { id } of parts.replicas) if (id !== leader) parts.network.link(leader, id)
  }
  // Whoever asks what keeps the leader from its own version looks at a link from it to itself.
  const isLeaders = ({ from, to }: Link) => from === leader && to !== API && to !== from
  return parts.network.links().filter((link) => isLeaders(link) || !link.isDefault)
}

/** What is on its way on a link, the next due first; held messages, overdue, come before all others. */
export function messagesOn(parts: Parts, link: Link, limit: number): MessageView[] {
  const found: Message[] = []
  for (const message of parts.network.onTheirWay(link.to)) {
    if (message.from === link.from && !message.background) found.push(message)
  }
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
