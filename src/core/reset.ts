// Back to the start. Everything is forgotten, or the data or the faults are kept; waiting requests are answered. Where
// only the faults are kept, the next protocol takes over the state of every replica and link, and what was to
// expire does so when it would have.

import type { Emitter } from './emitter.ts'
import { problem } from './errors.ts'
import type { Link } from './network/link.ts'
import { Protocol } from './protocol.ts'
import type { Replica } from './replica/replica.ts'
import { Timeline } from './timeline.ts'
import { US_PER_MS } from './units.ts'
import type { LinkVerbs, NetworkVerbs } from './verbs/network.ts'
import type { ReplicaVerbs } from './verbs/replicas.ts'
import type { Workings } from './verbs/row.ts'

type Keep = 'nothing' | 'faults' | 'data'

export function resetCluster(workings: Workings, keep: Keep): void {
  const before = workings.protocol
  if (keep === 'nothing') workings.startTimeMs += Math.floor(before.parts.now / US_PER_MS)
  workings.protocol = nextProtocol(before, workings.emitter, keep)
  if (keep !== 'faults') workings.clock.restart()
  // First, so that a listener which begins anew on it does not forget the faults that are put back below.
  workings.emitter.emit({ type: 'cluster-reset', keep })
  if (keep === 'faults') keepFaults(before, workings.protocol)
  // A client may reset the cluster from inside an advance, which goes on over the old timeline.
  if (workings.protocol !== before) before.parts.timeline.end()
}

/** @returns the protocol that goes on: the same one when the data is kept, else a new one */
function nextProtocol(before: Protocol, emitter: Emitter, keep: Keep): Protocol {
  const detail = 'The cluster was reset while the request waited. Start over.'
  before.open.failAll(problem('cluster-reset', detail))
  if (keep === 'data') {
    before.expiries.cancelAll()
    before.linkFaults.mendAll()
    before.replicaFaults.mendAll()
    return before
  }
  const { options, now } = before.parts
  const after = new Protocol(options, new Timeline(keep === 'faults' ? now : 0), emitter)
  after.parts.reserve = before.parts.reserve
  return after
}

/** Puts what a verb has left on a thing upon the next protocol. `left`: how long a fault of this name still has. */
type Keeper<T> = (old: T, after: Protocol, left: (name: string) => { forUs?: number }) => void

/** A verb that ends a fault leaves nothing, and neither does a record that is gone with the others. */
const NOTHING = () => undefined

/** In the order in which they are put upon a link. */
const ON_LINK: { readonly [V in keyof LinkVerbs]: Keeper<Link> } = {
  'set-link': ({ from, to, settings, lasting }, { linkFaults }, left) => {
    if (lasting) linkFaults.set(from, to, lasting)
    if (settings.latency || settings.lossRatio > 0 || settings.duplicateRatio > 0 || lasting) {
      linkFaults.set(from, to, { ...settings, ...left(`settings of link ${from} ${to}`) })
    }
  },
  hold: ({ from, to, state, holding }, { linkFaults }, left) => {
    if (state === 'held') linkFaults.hold(from, to, { ...holding, ...left(`link ${from} ${to}`) })
  },
  cut: ({ from, to, cutByHand }, { linkFaults }, left) => {
    if (cutByHand) linkFaults.cut(from, to, left(`link ${from} ${to}`))
  },
  heal: NOTHING,
  release: NOTHING,
}

const ON_NETWORK: {
  readonly [V in Exclude<keyof NetworkVerbs, keyof LinkVerbs>]: Keeper<Protocol>
} = {
  partition: ({ linkFaults: { groups } }, { linkFaults }, left) => {
    if (groups) linkFaults.partition(groups, left('partition'))
  },
  'heal-all': NOTHING,
}

const ON_REPLICA: { readonly [V in keyof ReplicaVerbs]: Keeper<Replica> } = {
  crash: ({ id, state }, { replicaFaults }, left) => {
    // There is no data to lose yet, and a leader that comes back is to lead.
    if (state === 'crashed') replicaFaults.crash(id, { keepData: true, ...left(`replica ${id}`) })
  },
  pause: ({ id, state }, { replicaFaults }, left) => {
    if (state === 'paused') replicaFaults.pause(id, left(`replica ${id}`))
  },
  restart: NOTHING,
  resume: NOTHING,
  forget: NOTHING,
}

function keepFaults(before: Protocol, after: Protocol): void {
  const left = (name: string) => {
    const us = before.expiries.remainingUs(name)
    return us === undefined ? {} : { forUs: us }
  }
  for (const link of before.parts.network.links()) {
    if (link.isDefault && !link.lasting) continue
    for (const keep of Object.values(ON_LINK)) keep(link, after, left)
  }
  for (const keep of Object.values(ON_NETWORK)) keep(before, after, left)
  for (const replica of before.parts.replicas) {
    for (const keep of Object.values(ON_REPLICA)) keep(replica, after, left)
  }
}
