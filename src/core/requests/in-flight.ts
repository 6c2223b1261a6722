// What is on its way to a replica for one key, and when it can be read there. A copy lands only after its
// predecessors, so what counts is the last of them to arrive.

import { Message } from '../network/message.ts'
import { type CopyInFlight, type NodeId, type ReplicaId, renderNode } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { type Remedy, restart, resume } from '../remedy.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import type { Offset } from '../version.ts'

const NONE: CopyInFlight = Object.freeze({ state: 'none', landsUs: null })
const HELD: CopyInFlight = Object.freeze({ state: 'held', landsUs: null })
const SOMETIME: CopyInFlight = Object.freeze({ state: 'in-flight', landsUs: null })

export function copyInFlight(
  parts: Parts,
  leaders: Leaders,
  replica: Replica,
  key: string,
): CopyInFlight {
  const { id } = parts.replica(parts.newestLeader)
  if (id === replica.id || replica.state === 'crashed') return NONE
  const record = parts.observer.newest(key)
  if (!record || record.offset <= replica.appliedOffset) return NONE
  const replicator = leaders.leadership(id)?.to(replica.id)
  if (replicator?.snapshot) return landing(parts, id, replica, replicator.snapshot)
  const carrierOf: CarrierOf = replicator
    ? (offset) => replicator.carrierOf(offset)
    : orphans(parts, id, replica)
  return landingOfEntry(parts, id, replica, record.offset, carrierOf)
}

/** The carrier of an offset; `later` where it is still to be sent, undefined where nobody is going to. */
type CarrierOf = (offset: Offset) => Message | 'later' | undefined

/** What a leader that crashed had sent still travels, but nobody keeps count of it any more. */
function orphans(parts: Parts, leader: ReplicaId, replica: Replica): CarrierOf {
  const found = new Map<Offset, Message>()
  const note = (message: unknown) => {
    if (!(message instanceof Message) || message.body.kind !== 'copy') return
    if (message.from !== leader || message.to !== replica.id) return
    found.set(message.body.record.offset, message)
  }
  for (const due of parts.timeline.scheduled()) note(due)
  for (const message of parts.network.link(leader, replica.id).held) note(message)
  return (offset) => found.get(offset)
}

function landingOfEntry(
  parts: Parts,
  leader: ReplicaId,
  replica: Replica,
  offset: Offset,
  carrierOf: CarrierOf,
): CopyInFlight {
  let landsUs = 0
  for (let o = replica.appliedOffset + 1; o <= offset; o++) {
    if (replica.early.has(o)) continue
    const message = carrierOf(o)
    if (!message) return NONE
    if (message === 'later') return SOMETIME
    const copy = landing(parts, leader, replica, message)
    if (copy.landsUs === null) return copy
    landsUs = Math.max(landsUs, copy.landsUs)
  }
  return { state: 'in-flight', landsUs }
}

function landing(
  parts: Parts,
  leader: ReplicaId,
  replica: Replica,
  message: Message,
): CopyInFlight {
  const link = parts.network.link(leader, replica.id)
  if (message.isHeld || link.wouldHold(message)) return HELD
  if (link.state === 'cut') return NONE
  if (replica.state === 'paused') return SOMETIME
  if (!message.isLost) return { state: 'in-flight', landsUs: message.dueUs }
  // It waits to be sent again; only a constant latency says when that copy will land.
  const latency = parts.network.latencyOf(link, message.kind)
  if (latency.kind !== 'constant') return SOMETIME
  return { state: 'in-flight', landsUs: message.dueUs + latency.us }
}

/** What stands in the way, as the end of a sentence, and what clears it. */
export interface Obstacle {
  readonly text: string
  readonly remedy: Remedy
}

/** Why what is sent from one end does not reach the other, if the link is the reason. */
export function blockedAt(parts: Parts, from: NodeId, to: NodeId): Obstacle | undefined {
  const { state } = parts.network.link(from, to)
  if (state === 'up') return undefined
  return {
    text: `link ${renderNode(from)} to ${renderNode(to)} is ${state}`,
    remedy: { verb: state === 'cut' ? 'heal' : 'release', from, to },
  }
}

/** Why a replica does nothing, unless it runs. */
export function stoppedAt(parts: Parts, id: ReplicaId): Obstacle | undefined {
  const { state } = parts.replica(id)
  if (state === 'running') return undefined
  return { text: `it is ${state}`, remedy: state === 'crashed' ? restart(id) : resume(id) }
}

/** Why a replica does not answer somebody, if more than slowness is the reason. */
export function obstacleTo(parts: Parts, from: NodeId, to: ReplicaId): Obstacle | undefined {
  return stoppedAt(parts, to) ?? blockedAt(parts, from, to) ?? blockedAt(parts, to, from)
}
