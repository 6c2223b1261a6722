// Faults for as long as some code runs. The events tell what befell whom; what has undone itself in the meantime, or was
// undone by hand, is left alone.

import type { Cluster } from '../core/cluster.ts'
import type { ClusterEvent } from '../core/events.ts'
import type { NodeId, ReplicaId } from '../core/nodes.ts'
import type { LinkView } from '../core/verbs.ts'
import { Faults } from './faults.ts'
import { WrongCall } from './given.ts'
import type { Port } from './port.ts'

/** Brings about faults, runs the code, and undoes them, the last one first, also when something throws. */
export async function withFault<T>(
  port: Port,
  befall: (faults: Faults) => unknown,
  code: () => T | PromiseLike<T>,
): Promise<T> {
  const { cluster } = port
  const undos: (() => void)[] = []
  const calls: Promise<unknown>[] = []
  const before = cluster.view().links
  const unlisten = cluster.listen((event) => {
    const undo = undoOf(cluster, event, before)
    if (undo) undos.push(undo)
  })
  try {
    await befall(new Faults(port, calls))
    // One that was refused, though nobody awaited it, is no fault that the code could survive.
    await Promise.all(calls)
    if (calls.length === 0) {
      const wrong = new WrongCall(['no fault was brought about: call one, as in (f) => f.crash(1)'])
      throw port.wrong('withFault', wrong)
    }
    unlisten()
    return await code()
  } finally {
    unlisten()
    if (!port.isClosed) for (const undo of undos.toReversed()) undo()
  }
}

function undoOf(
  cluster: Cluster,
  event: ClusterEvent,
  before: readonly LinkView[],
): (() => void) | undefined {
  switch (event.type) {
    case 'replica-crashed':
      return () =>
        void (stateOf(cluster, event.replica) === 'crashed' && cluster.restart(event.replica))
    case 'replica-paused':
      return () =>
        void (stateOf(cluster, event.replica) === 'paused' && cluster.resume(event.replica))
    case 'network-partitioned':
      return () => healPartition(cluster, before)
    case 'link-changed': {
      const { from, to, verb } = event
      if (verb === 'set') return () => setBack(cluster, from, to, find(before, from, to))
      const undo = UNDO[verb]
      return (
        undo &&
        (() => void (linkState(cluster, from, to) === undo.state && cluster[undo.by](from, to)))
      )
    }
  }
  return undefined
}

const UNDO = {
  cut: { state: 'cut', by: 'heal' },
  hold: { state: 'held', by: 'release' },
  heal: undefined,
  release: undefined,
} as const

function stateOf(cluster: Cluster, replica: ReplicaId): string | undefined {
  return cluster.view().replicas[replica]?.state
}

function linkState(cluster: Cluster, from: NodeId, to: NodeId): string | undefined {
  return find(cluster.view().links, from, to)?.state
}

/** Without ending the cuts that were there before. */
function healPartition(cluster: Cluster, before: readonly LinkView[]): void {
  for (const { from, to, state } of cluster.view().links) {
    if (state === 'cut' && find(before, from, to)?.state !== 'cut') cluster.heal(from, to)
  }
}

function setBack(cluster: Cluster, from: NodeId, to: NodeId, was: LinkView | undefined): void {
  const { lossRatio = 0, duplicateRatio = 0 } = was ?? {}
  const set = cluster.setLink(from, to, { latency: null, lossRatio, duplicateRatio })
  // Whether the latency was the default, a view does not tell: it has the words for it either way.
  if (was && set.ok && set.value.latency !== was.latency) {
    cluster.setLink(from, to, { latency: was.latency })
  }
}

function find(links: readonly LinkView[], from: NodeId, to: NodeId): LinkView | undefined {
  return links.find((link) => link.from === from && link.to === to)
}
