// Moving time on request: by a duration, until nothing more would happen by itself, or until a replica has a
// version. One call is bounded; it says how far it came and what happened on the way.

import { BOUNDS } from './bounds.ts'
import { advise, failed, ok, type Problem, problem, type Reply } from './errors.ts'
import type { ClusterEvent } from './events.ts'
import type { Parts } from './parts.ts'
import { RESET } from './remedy.ts'
import { blockedAt, stoppedAt } from './requests/in-flight.ts'
import { type Microseconds, msFromUs } from './units.ts'
import type { AdvanceReply, AdvanceRequest } from './verbs.ts'
import { formatVersion, isDead, isInTable } from './version.ts'

export function advance(parts: Parts, request: AdvanceRequest): Reply<AdvanceReply> {
  const fromUs = parts.now
  const heard = hear(parts)
  const finished = move(parts, request)
  const { events, eventsLeftOut } = heard()
  if (typeof finished !== 'boolean') return failed(finished)
  return ok({ fromUs, nowUs: parts.now, finished, events, eventsLeftOut })
}

/** @returns whether it got there, or why it never will */
function move(parts: Parts, request: AdvanceRequest): boolean | Problem {
  if ('us' in request) return moveBy(parts, request.us)
  if ('to' in request) return moveWhile(parts, () => parts.timeline.foreground > 0)
  const { replica: id, version } = request.until
  if (!parts.has(id)) return parts.noSuchReplica(id, 'invalid-request')
  const replica = parts.replica(id)
  const isThere = () => replica.appliedOffset >= version.offset && isInTable(replica.table, version)
  const isLost = () => isDead(parts.observer.table, version)
  const said = formatVersion(version)
  const more = () => parts.timeline.foreground > 0
  const finished = moveWhile(parts, () => !isThere() && !isLost() && more())
  if (isThere()) return true
  if (isLost()) {
    const detail = `Version ${said} was lost in a failover: no log has it, so replica ${id} will never get it.`
    return problem('version-lost', detail, { replica: id, version: said })
  }
  if (!finished) return false
  const obstacle = blockedAt(parts, parts.newestLeader, id) ?? stoppedAt(parts, id)
  const why = obstacle?.text ?? 'it was not written'
  const detail = `Nothing more happens by itself, and replica ${id} is still without ${said}: ${why}.`
  const facts = { replica: id, version: said, nowMs: msFromUs(parts.now) }
  return advise(problem('not-reached', detail, facts), obstacle?.remedy)
}

function moveBy(parts: Parts, us: Microseconds): boolean | Problem {
  const toUs = parts.now + us
  if (toUs <= BOUNDS.clockUsMax) {
    return parts.timeline.advanceTo(toUs, BOUNDS.advanceEventsMax).finished
  }
  const detail = `The clock stops after a hundred simulated years; ${msFromUs(BOUNDS.clockUsMax - parts.now)} ms are left.`
  return advise(problem('invalid-request', detail), RESET)
}

/** Steps from event to event. @returns false when the bound of one call stopped it */
function moveWhile(parts: Parts, more: () => boolean): boolean {
  for (let steps = 0; more(); steps++) {
    const dueUs = parts.timeline.nextDueUs()
    if (dueUs === undefined || dueUs > BOUNDS.clockUsMax) return true
    if (steps >= BOUNDS.advanceEventsMax) return false
    parts.timeline.step()
  }
  return true
}

function hear(parts: Parts): () => { events: ClusterEvent[]; eventsLeftOut: number } {
  const events: ClusterEvent[] = []
  let eventsLeftOut = 0
  const deafen = parts.emitter.listen((event) => {
    if (events.length < BOUNDS.advanceEventsShown) events.push(event)
    else eventsLeftOut++
  })
  return () => {
    deafen()
    return { events, eventsLeftOut }
  }
}
