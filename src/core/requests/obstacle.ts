// What stands between two ends, when more than slowness is the reason that nothing comes.

import { type NodeId, type ReplicaId, renderNode } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { type Remedy, restart, resume } from '../remedy.ts'

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
