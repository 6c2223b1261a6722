// Moving time on request: by a duration, until nothing more would happen by itself, or until a replica has a
// version. One call is bounded; it says how far it came and what happened on the way.

import { BOUNDS } from './bounds.ts'
import { advise, failed, ok, type Problem, problem, type Reply } from './errors.ts'
import type { ClusterEvent } from './events.ts'
import type { ReplicaId } from './nodes.ts'
import type { Parts } from './parts.ts'
import { RESET } from './remedy.ts'
import { blockedAt, stoppedAt } from './requests/obstacle.ts'
import { type Microseconds, msFromUs } from './units.ts'
import type { AdvanceReply, AdvanceRequest } from './verbs.ts'
import { formatVersion, isDead, isInTable, type Version } from './version.ts'

interface Position {
  readonly replica: ReplicaId
  readonly version: Version
}

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
  if ('to' in request) return moveWhile(parts, () => !isThere(parts, request))
  const { replica: id, version } = request.until
  if (!parts.has(id)) return parts.noSuchReplica(id, 'invalid-request')
  const said = formatVersion(version)
  const finished = moveWhile(parts, () => !isThere(parts, request))
  if (hasVersion(parts, request.until)) return true
  if (isDead(parts.observer.table, version)) {
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

/** There is nothing to move for, but a time that was named: that is for who named it to see. */
export function isThere(parts: Parts, request: AdvanceRequest): boolean {
  if ('us' in request) return false
  const isIdle = parts.timeline.foreground === 0
  if ('to' in request) return isIdle
  const { until } = request
  return (
    isIdle ||
    !parts.has(until.replica) ||
    hasVersion(parts, until) ||
    isDead(parts.observer.table, until.version)
  )
}

function hasVersion(parts: Parts, { replica: id, version }: Position): boolean {
  const { appliedOffset, table } = parts.replica(id)
  return appliedOffset >= version.offset && isInTable(table, version)
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
