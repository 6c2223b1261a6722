// Why a read did not bring back a record, in sentences that say how to go on. Facts in them are rendered:
// they leave the program as they are.

import { type Problem, problem } from '../errors.ts'
import { API, type ReplicaId, renderCopy, renderStaleness } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { sayKey, sayReplicas } from '../text/say.ts'
import { type Microseconds, sayMs, US_PER_MS } from '../units.ts'
import { blockedAt } from './in-flight.ts'
import type { FullAnswer, Read } from './read.ts'

const LOST = ': it was written, but lost in a failover (GET /failovers lists it).'

/** A replica's name in a sentence, by its role. */
function sayReplica(answer: { replica: ReplicaId; role: string }): string {
  return answer.role === 'leader' ? 'The leader' : `Follower ${answer.replica}`
}

export function keyNotFound(parts: Parts, read: Read, answer: FullAnswer): Problem {
  const { key } = read.plan
  const { replica, role, staleness, copy } = answer
  const facts = {
    key,
    replica,
    role,
    staleness: renderStaleness(staleness),
    copy: renderCopy(copy, parts.now),
  }
  const detail =
    read.answers.length > 1
      ? `None of the ${read.answers.length} replicas that answered has ${sayKey(key)}${whyNone(parts, key)}`
      : `${sayReplica(answer)} has no ${sayKey(key)}${whyNot(parts, key, answer)}`
  return problem('key-not-found', detail, facts)
}

/** Why no replica had it, of those that answered. */
function whyNone(parts: Parts, key: string): string {
  if (!parts.keys.find(key)) return ': nobody has written it.'
  if (!parts.observer.newest(key)) return LOST
  return ', though it was written: copies may be on their way, or only others have it.'
}

function whyNot(parts: Parts, key: string, { replica, copy }: FullAnswer): string {
  const leader = parts.leader()
  if (copy.state === 'in-flight') {
    if (copy.landsUs === null) return ' yet; a copy is on its way, nobody can say for when.'
    const inUs = Math.max(0, copy.landsUs - parts.now)
    // Rounded up: whoever waits so long will find it. The exact time is among the facts.
    const sentence = inUs > US_PER_MS ? sayMs(Math.ceil(inUs / US_PER_MS) * US_PER_MS) : sayMs(inUs)
    return ` yet; a copy is on its way and lands in ${sentence}.`
  }
  if (copy.state === 'held') {
    const where = leader && blockedAt(parts, leader.id, replica)
    return ` yet; a copy is on its way, but ${where ?? 'it is held'}.`
  }
  if (!parts.keys.find(key)) return ': nobody has written it.'
  if (!parts.observer.newest(key)) return LOST
  const where = leader && leader.id !== replica && blockedAt(parts, leader.id, replica)
  if (where) return ` yet, and no copy is on its way: ${where}.`
  return ', though it was written. GET /read-with-repair brings it back if any replica has it.'
}

export function noLeaderToRead(parts: Parts): Problem {
  const was = parts.newestLeader
  const detail = `Replica ${was} led last and leads no more. POST /failover to promote a follower, or read any replica with GET /follower-read.`
  return problem('no-leader', detail, { lastLeader: was })
}

export function replicaDown(replica: ReplicaId): Problem {
  const detail = `Replica ${replica} has crashed. POST /replicas/${replica}/restart brings it back; other replicas still answer.`
  return problem('replica-down', detail, { replica })
}

/** Nobody is left to answer a read of all replicas. */
export function allDown(replicas: number): Problem {
  const detail = `All ${replicas} replicas have crashed. POST /replicas/0/restart (or any other's) brings one back.`
  return problem('replica-down', detail)
}

export function noAnswer(parts: Parts, read: Read, timeoutUs: Microseconds): Problem {
  const silent = [...read.awaited]
  const first = silent[0] ?? 0
  const paused = parts.replica(first).state === 'paused'
  const where = paused
    ? `it is paused (POST /replicas/${first}/resume)`
    : (blockedAt(parts, API, first) ?? blockedAt(parts, first, API) ?? 'it is slow')
  const who = silent.length > 1 ? `Replicas ${silent.join(', ')}` : `Replica ${first}`
  const detail = `${who} did not answer within ${sayMs(timeoutUs)}: ${where}. Other replicas may answer.`
  return problem('replica-timeout', detail, { replica: first, silent })
}

export function tooFewAnswers(code: 'quorum-unavailable' | 'quorum-timeout', read: Read): Problem {
  const answeredBy = read.answers.map((answer) => answer.replica)
  const asked = read.plan.targets.map((target) => target.id)
  const missing = asked.filter((id) => !answeredBy.includes(id))
  const { r: required, targets } = read.plan
  const down = targets.filter((target) => target.state === 'crashed').map((target) => target.id)
  const what =
    code === 'quorum-unavailable'
      ? `r=${required}, but ${sayReplicas(down)} crashed.`
      : `${answeredBy.length} of the ${required} answers needed came in time; ${sayReplicas(missing)} gave none.`
  const detail = `${what} Restart, resume or heal what is missing, or ask for a smaller r.`
  return problem(code, detail, { required, answeredBy, missing, down })
}
