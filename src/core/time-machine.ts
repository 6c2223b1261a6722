// Moving time on request: by a duration, until nothing more would happen by itself, or until a replica has a
// version. One call is bounded; it says how far it came and what happened on the way.

import { BOUNDS } from './bounds.ts'
import { failed, ok, type Problem, problem, type Reply } from './errors.ts'
import type { ClusterEvent } from './events.ts'
import { blockedAt } from './on-its-way.ts'
import type { System } from './system.ts'
import { type Microseconds, msFromUs } from './units.ts'
import type { AdvanceReply, AdvanceRequest } from './verbs.ts'
import { formatVersion, isDead, isInTable } from './version.ts'

export function advance(system: System, request: AdvanceRequest): Reply<AdvanceReply> {
  const fromUs = system.now
  const heard = hear(system)
  const finished = move(system, request)
  const { events, eventsLeftOut } = heard()
  if (typeof finished !== 'boolean') return failed(finished)
  return ok({ fromUs, nowUs: system.now, finished, events, eventsLeftOut })
}

/** @returns whether it got there, or why it never will */
function move(system: System, request: AdvanceRequest): boolean | Problem {
  if ('us' in request) return moveBy(system, request.us)
  if ('to' in request) return moveWhile(system, () => system.timeline.foreground > 0)
  const { replica: id, version } = request.until
  if (!system.has(id)) return system.noSuchReplica(id, 'invalid-request')
  const replica = system.replica(id)
  const isThere = () => replica.appliedOffset >= version.offset && isInTable(replica.table, version)
  const isLost = () => isDead(system.observer.table, version)
  const said = formatVersion(version)
  const more = () => system.timeline.foreground > 0
  const finished = moveWhile(system, () => !isThere() && !isLost() && more())
  if (isThere()) return true
  if (isLost()) {
    const detail = `Version ${said} was lost in a failover: no log has it, so replica ${id} will never get it.`
    return problem('version-lost', detail, { replica: id, version: said })
  }
  if (!finished) return false
  const where = blockedAt(system, system.newestLeader, id)
  const why =
    where ?? (replica.state === 'running' ? 'it was not written' : `it is ${replica.state}`)
  const detail = `Nothing more happens by itself, and replica ${id} is still without ${said}: ${why}.`
  return problem('not-reached', detail, { replica: id, version: said, nowMs: msFromUs(system.now) })
}

function moveBy(system: System, us: Microseconds): boolean | Problem {
  const toUs = system.now + us
  if (toUs <= BOUNDS.clockUsMax) {
    return system.timeline.advanceTo(toUs, BOUNDS.advanceEventsMax).finished
  }
  const detail = `The clock stops after a hundred simulated years; ${msFromUs(BOUNDS.clockUsMax - system.now)} ms are left. POST /reset begins again.`
  return problem('invalid-request', detail)
}

/** Steps from event to event. @returns false when the bound of one call stopped it */
function moveWhile(system: System, more: () => boolean): boolean {
  for (let steps = 0; more(); steps++) {
    const dueUs = system.timeline.nextDueUs()
    if (dueUs === undefined || dueUs > BOUNDS.clockUsMax) return true
    if (steps >= BOUNDS.advanceEventsMax) return false
    system.timeline.step()
  }
  return true
}

function hear(system: System): () => { events: ClusterEvent[]; eventsLeftOut: number } {
  const events: ClusterEvent[] = []
  let eventsLeftOut = 0
  const deafen = system.emitter.listen((event) => {
    if (events.length < BOUNDS.advanceEventsShown) events.push(event)
    else eventsLeftOut++
  })
  return () => {
    deafen()
    return { events, eventsLeftOut }
  }
}
