// Why a read did not bring back a record, in sentences that say how to go on. Facts in them are rendered:
// they leave the program as they are.

import { advise, type Problem, problem } from '../errors.ts'
import { API, type ReplicaId, renderCopy, renderStaleness } from '../nodes.ts'
import { leaderAwaited } from '../order.ts'
import type { Parts } from '../parts.ts'
import { FAILOVER, type Remedy, restart } from '../remedy.ts'
import { sayKey, sayReplicas } from '../text/say.ts'
import { type Microseconds, sayMs, US_PER_MS } from '../units.ts'
import { formatVersion } from '../version.ts'
import { blockedAt, obstacleTo } from './obstacle.ts'
import { type Decision, type FullAnswer, holds, type Read } from './read.ts'

const LOST = ': it was written, but lost in a failover; the list of failovers has it.'

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
  const many = read.answers.length > 1
  const who = many
    ? `None of the ${read.answers.length} replicas that answered has`
    : `${sayReplica(answer)} has no`
  const { text, remedy } = many ? whyNone(parts, key) : whyNot(parts, key, answer)
  return advise(problem('key-not-found', `${who} ${sayKey(key)}${text}`, facts), remedy)
}

/** The end of the sentence, and what to do about it. */
interface Why {
  readonly text: string
  readonly remedy?: Remedy | undefined
}

/** Why no replica had it, of those that answered. */
function whyNone(parts: Parts, key: string): Why {
  if (!parts.keys.find(key)) return { text: ': nobody has written it.' }
  if (!parts.observer.newest(key)) return { text: LOST }
  return { text: ', though it was written: copies may be on their way, or only others have it.' }
}

function whyNot(parts: Parts, key: string, { replica, copy }: FullAnswer): Why {
  const leader = parts.leader()
  if (copy.state === 'in-flight') {
    if (copy.landsUs === null) {
      return { text: ' yet; a copy is on its way, but nobody can say when it lands.' }
    }
    const inUs = Math.max(0, copy.landsUs - parts.now)
    // Rounded up, so that it is there after that long. The exact time is among the facts.
    const sentence = inUs > US_PER_MS ? sayMs(Math.ceil(inUs / US_PER_MS) * US_PER_MS) : sayMs(inUs)
    return { text: ` yet; a copy is on its way and lands in ${sentence}.` }
  }
  const blocked = leader && leader.id !== replica ? blockedAt(parts, leader.id, replica) : undefined
  const remedy = blocked?.remedy
  if (copy.state === 'held') {
    return { text: ` yet; a copy is on its way, but ${blocked?.text ?? 'it is held'}.`, remedy }
  }
  if (!parts.keys.find(key)) return { text: ': nobody has written it.' }
  if (!parts.observer.newest(key)) return { text: LOST }
  if (blocked) return { text: ` yet, and no copy is on its way: ${blocked.text}.`, remedy }
  return {
    text: ', though it was written. A repair brings it back if any replica has it.',
    remedy: { verb: 'read-with-repair', how: { key } },
  }
}

export function noLeaderToRead(parts: Parts, key: string): Problem {
  const was = parts.newestLeader
  if (parts.order) return leaderAwaited(parts.order, was)
  const detail = `Replica ${was} led last and leads no more. Promote a follower, or read from any replica.`
  const other = parts.replicas.find((replica) => replica.state !== 'crashed')
  return advise(
    problem('no-leader', detail, { lastLeader: was }),
    FAILOVER,
    other && { verb: 'follower-read', how: { key, replica: other.id } },
  )
}

export function replicaDown(replica: ReplicaId): Problem {
  const detail = `Replica ${replica} has crashed; other replicas may still answer.`
  return advise(problem('replica-down', detail, { replica }), restart(replica))
}

/** Nobody is left to answer a read of all replicas. */
export function allDown(replicas: number): Problem {
  const detail = `All ${replicas} replicas have crashed; any of them may be restarted.`
  return advise(problem('replica-down', detail), restart(0))
}

export function noAnswer(parts: Parts, read: Read, timeoutUs: Microseconds): Problem {
  const silent = [...read.awaited]
  const first = silent[0] ?? 0
  const obstacle = obstacleTo(parts, API, first)
  const who = silent.length > 1 ? `Replicas ${silent.join(', ')}` : `Replica ${first}`
  const detail = `${who} did not answer within ${sayMs(timeoutUs)}: ${obstacle?.text ?? 'it is slow'}. Other replicas may answer.`
  return advise(problem('replica-timeout', detail, { replica: first, silent }), obstacle?.remedy)
}

export function tooFewAnswers(
  code: 'quorum-unavailable' | 'quorum-timeout',
  parts: Parts,
  read: Read,
): Problem {
  const answeredBy = read.answers.map((answer) => answer.replica)
  const asked = read.plan.targets.map((target) => target.id)
  const missing = asked.filter((id) => !answeredBy.includes(id))
  const { r: required, targets } = read.plan
  const down = targets.filter((target) => target.state === 'crashed').map((target) => target.id)
  const what =
    code === 'quorum-unavailable'
      ? `r=${required}, but ${sayReplicas(down)} crashed.`
      : `${answeredBy.length} of the ${required} answers needed came in time; ${sayReplicas(missing)} gave none.`
  const detail = `${what} Bring back what is missing, or ask for a smaller r.`
  return advise(
    problem(code, detail, { required, answeredBy, missing, down }),
    ...missing.map((id) => obstacleTo(parts, API, id)?.remedy),
  )
}

/** Enough answered, but too few could be given what the others had. */
export function tooFewHold(
  code: 'quorum-unavailable' | 'quorum-timeout',
  parts: Parts,
  read: Read,
  decision: Decision,
): Problem {
  const { answers, awaited, plan, mending } = read
  const { r: required, targets } = plan
  const heldBy = answers.filter((one) => holds(read, decision, one)).map((one) => one.replica)
  const missing = targets.map((one) => one.id).filter((id) => !heldBy.includes(id))
  const mayStill = (id: ReplicaId) => awaited.has(id) || mending?.awaited.has(id)
  const down = missing.filter((id) => !mayStill(id))
  const version = decision.winner.record ? formatVersion(decision.winner.record) : null
  const why =
    code === 'quorum-unavailable'
      ? `${sayReplicas(down)} crashed before the repair came`
      : `${sayReplicas(missing.filter(mayStill))} did not confirm in time to have it`
  const detail = `Version ${version} was found, but r=${required} replicas must hold it before it is returned: ${why}. Bring back what is missing, or read with repair=false to see what is found.`
  const facts = { required, version, heldBy, missing, down }
  return advise(
    problem(code, detail, { ...facts, answeredBy: answers.map((one) => one.replica) }),
    ...missing.map((id) => obstacleTo(parts, API, id)?.remedy),
  )
}
