// What verbs answer when they have acted: the cluster, one replica or one link as it looks now, or why there is none.

import { failed, ok, type Problem, problem, type Reply } from '../errors.ts'
import { API, type NodeId, type ReplicaId } from '../nodes.ts'
import { clusterView, linkView, replicaView } from '../output/views.ts'
import type { Parts } from '../parts.ts'
import type { ClockView, ClusterView, LinkView, ReplicaView } from '../verbs.ts'
import type { Workings } from './row.ts'

export function seeClock({ clock, protocol }: Workings): ClockView {
  return { mode: clock.mode, rate: clock.rate, nowUs: protocol.parts.now }
}

export function seeCluster(workings: Workings): ClusterView {
  const { parts, open } = workings.protocol
  return clusterView(parts, seeClock(workings), open.count)
}

export function seeReplica(parts: Parts, id: ReplicaId): Reply<ReplicaView> {
  if (!parts.has(id)) return failed(noReplica(parts, id))
  return ok(replicaView(parts, parts.replica(id)))
}

export function seeLink(parts: Parts, from: NodeId, to: NodeId): Reply<LinkView> {
  const refusal = noLink(parts, from, to)
  return refusal ? failed(refusal) : ok(linkView(parts, parts.network.link(from, to)))
}

export function noReplica(parts: Parts, id: ReplicaId): Problem {
  return parts.noSuchReplica(id, 'replica-not-found')
}

export function noLink(parts: Parts, from: NodeId, to: NodeId): Problem | undefined {
  for (const node of [from, to]) {
    if (node !== API && !parts.has(node)) return noReplica(parts, node)
  }
  if (from !== to) return undefined
  const detail = 'A link joins two different ends; name two replicas, or one and api.'
  return problem('replica-not-found', detail)
}
