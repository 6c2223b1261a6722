// What is on its way to a replica for one key, and when it can be read there. A copy lands only after its
// predecessors, so what counts is the last of them to arrive.

import { API, type CopyOnItsWay, type ReplicaId } from './events.ts'
import type { Leading } from './leading.ts'
import { Message } from './message.ts'
import type { Replica } from './replica.ts'
import type { System } from './system.ts'
import { type Microseconds, msFromUs } from './units.ts'
import type { Offset } from './version.ts'

const NONE: CopyOnItsWay = Object.freeze({ state: 'none', landsUs: null })
const HELD: CopyOnItsWay = Object.freeze({ state: 'held', landsUs: null })
const SOMETIME: CopyOnItsWay = Object.freeze({ state: 'in-flight', landsUs: null })

export function copyOnItsWay(
  system: System,
  leading: Leading,
  replica: Replica,
  key: string,
): CopyOnItsWay {
  const { id } = system.replica(system.newestLeader)
  if (id === replica.id || replica.state === 'crashed') return NONE
  const record = system.observer.newest(key)
  if (!record || record.offset <= replica.appliedOffset) return NONE
  const progress = leading.leadership(id)?.of(replica.id)
  if (!progress)
    return landingOfEntry(system, id, replica, record.offset, orphans(system, id, replica))
  if (progress.snapshot) return landing(system, id, replica, progress.snapshot)
  return landingOfEntry(system, id, replica, record.offset, (offset) => {
    const message = progress.underWay.get(offset)
    if (message) return message
    return progress.next <= offset && !progress.retry.pending ? 'later' : undefined
  })
}

/** The carrier of an offset; `later` where it is still to be sent, undefined where nobody is going to. */
type CarrierOf = (offset: Offset) => Message | 'later' | undefined

/** What a leader that crashed had sent still travels, but nobody keeps count of it any more. */
function orphans(system: System, leader: ReplicaId, replica: Replica): CarrierOf {
  const found = new Map<Offset, Message>()
  const note = (message: unknown) => {
    if (!(message instanceof Message) || message.body.kind !== 'copy') return
    if (message.from !== leader || message.to !== replica.id) return
    found.set(message.body.record.offset, message)
  }
  for (const due of system.timeline.scheduled()) note(due)
  for (const message of system.network.link(leader, replica.id).held) note(message)
  return (offset) => found.get(offset)
}

function landingOfEntry(
  system: System,
  leader: ReplicaId,
  replica: Replica,
  offset: Offset,
  carrierOf: CarrierOf,
): CopyOnItsWay {
  let landsUs = 0
  for (let o = replica.appliedOffset + 1; o <= offset; o++) {
    if (replica.early.has(o)) continue
    const message = carrierOf(o)
    if (!message) return NONE
    if (message === 'later') return SOMETIME
    const copy = landing(system, leader, replica, message)
    if (copy.landsUs === null) return copy
    landsUs = Math.max(landsUs, copy.landsUs)
  }
  return { state: 'in-flight', landsUs }
}

function landing(
  system: System,
  leader: ReplicaId,
  replica: Replica,
  message: Message,
): CopyOnItsWay {
  const link = system.network.link(leader, replica.id)
  if (message.isHeld || link.wouldHold(message)) return HELD
  if (link.state === 'cut') return NONE
  if (replica.state === 'paused') return SOMETIME
  if (!message.isLost) return { state: 'in-flight', landsUs: message.dueUs }
  // It waits to be sent again; only a constant latency says when that copy will land.
  const latency = system.network.latencyOf(link, message.kind)
  if (latency.kind !== 'constant') return SOMETIME
  return { state: 'in-flight', landsUs: message.dueUs + latency.us }
}

/** Where the way to a replica is blocked, in words: for errors that teach. */
export function blockedAt(system: System, from: ReplicaId, to: ReplicaId): string | undefined {
  const link = system.network.link(from, to)
  const [here, there] = [from, to].map((node) => (node === API ? 'api' : node))
  const name = `link ${here} to ${there}`
  const path = `/links/${here}/${there}`
  if (link.state === 'cut') return `${name} is cut (POST ${path}/heal heals it)`
  if (link.state === 'held') return `${name} is held (POST ${path}/release lets it land)`
  return undefined
}

/** As it goes out: with the time left, in ms. */
export interface CopyJson {
  readonly state: 'in-flight' | 'held' | 'none'
  readonly dueInMs: number | null
}

export function renderCopy(copy: CopyOnItsWay, nowUs: Microseconds): CopyJson {
  const { state, landsUs } = copy
  return { state, dueInMs: landsUs === null ? null : msFromUs(Math.max(0, landsUs - nowUs)) }
}
