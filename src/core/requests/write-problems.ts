// Why a write was refused, or nobody knows what became of it, in sentences that say how to go on. A refusal
// comes before anything is written and says `not-applied`; the rest say `unknown`.

import { bytesOf } from '../bytes.ts'
import { advise, type Outcome, type Problem, problem } from '../errors.ts'
import { API, type ReplicaId } from '../nodes.ts'
import { leaderAwaited } from '../order.ts'
import type { Parts } from '../parts.ts'
import { FAILOVER, RESET, restart } from '../remedy.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leadership } from '../replication/leadership.ts'
import { type Microseconds, sayMs } from '../units.ts'
import { formatVersion } from '../version.ts'
import { obstacleTo } from './obstacle.ts'
import type { Write } from './write.ts'

/** Why a leader will not take a write now; undefined when it will. */
export function refusalOf(parts: Parts, leadership: Leadership, write: Write): Problem | undefined {
  const { options, keys, n } = parts
  if (keys.size >= options.keysMax && keys.find(write.key) === undefined) {
    const detail = `There are ${options.keysMax} keys, counting all that were written since the start, and no new ones are taken. Write to one of them, or begin again.`
    const full = problem('too-many-keys', detail, { keysMax: options.keysMax })
    return advise(full, RESET, { setting: 'max-keys', change: 'raise' })
  }
  const heavy = tooMuchData(parts, leadership, write)
  if (heavy) return heavy
  const crowded = parts.tooManyMessages(n) ?? parts.tooManyBytes()
  if (crowded) return crowded
  return tooFewFollowers(parts, leadership) ?? quorumUnavailable(parts, leadership, write)
}

/** What a replica holds is bounded in bytes. Writing less to a key that is there makes room. */
function tooMuchData(
  { shares }: Parts,
  { replica: { store } }: Leadership,
  write: Write,
): Problem | undefined {
  const before = store.get(write.key)
  const more = bytesOf(write) - (before ? bytesOf(before) : 0)
  if (more <= 0 || store.bytes + more <= shares.store) return undefined
  const detail = `The leader holds ${store.bytes} of ${shares.store} bytes of keys and values, two bytes a character. Write a shorter value to a key that is there, or begin again.`
  const full = problem('too-much-data', detail, { bytes: store.bytes, bytesMax: shares.store })
  return advise(full, RESET, { setting: 'max-bytes', change: 'raise' })
}

/** Redis's min-replicas-to-write and min-replicas-max-lag. */
function tooFewFollowers(
  parts: Parts,
  { replica: leader, replicators }: Leadership,
): Problem | undefined {
  const { minFollowersToWrite: min, minFollowersMaxLagUs: lagUs } = parts.options
  if (min === 0) return undefined
  const inReach = replicators.filter((one) => one.heardWithin(lagUs))
  if (inReach.length >= min) return undefined
  const detail = `Only ${inReach.length} followers acknowledged something in the last ${sayMs(lagUs)}; a write needs ${min}.`
  const followers = inReach.map((one) => one.follower)
  const few = problem('too-few-followers', detail, { required: min, followers })
  const others = replicators.map((one) => one.follower).filter((id) => !followers.includes(id))
  return advise(few, ...others.map((id) => obstacleTo(parts, leader.id, id)?.remedy), {
    setting: 'min-followers-to-write',
    change: 'lower',
  })
}

function quorumUnavailable(
  parts: Parts,
  { replica: leader }: Leadership,
  { w }: Write,
): Problem | undefined {
  if (w === null) return undefined
  const { network, replicas } = parts
  const reachable = replicas
    .filter((one) => one === leader || network.isReachable(leader.id, one.id))
    .map((one) => one.id)
  if (reachable.length >= w) return undefined
  const detail = `w=${w}, but only ${reachable.length} replicas can be reached from the leader. Nothing was written. Bring back the others, or ask for a smaller w.`
  const others = replicas.map((one) => one.id).filter((id) => !reachable.includes(id))
  return advise(
    problem('quorum-unavailable', detail, { required: w, reachable }),
    ...others.map((id) => obstacleTo(parts, leader.id, id)?.remedy),
  )
}

export function quorumImpossible(w: number, n: number): Problem {
  const detail = `w=${w} asks for more acknowledgements than there are replicas: there are ${n}, the leader included. Ask for 1 to ${n}.`
  return problem('quorum-impossible', detail, { w, replicas: n })
}

/** The leader crashed or was deposed while a write waited for its quorum. */
export function leaderGone(
  write: Write,
  leader: Replica,
  version: string,
  code: 'replica-down' | 'leader-changed',
): Problem {
  const what = code === 'replica-down' ? 'crashed' : 'was deposed'
  const detail = `Replica ${leader.id} ${what} while the write waited for its quorum. Version ${version} may survive on the followers that have it: read it before you write again.`
  const { w: required } = write
  const acknowledgedBy = [...write.acknowledgedBy]
  return problem(code, detail, { version, required, acknowledgedBy })
}

export function writeTimedOut(
  parts: Parts,
  write: Write,
  leader: Replica,
  timeoutUs: Microseconds,
): Problem {
  const { written, w } = write
  const acknowledgedBy = [...write.acknowledgedBy]
  // Enough did acknowledge, or nobody could: then it is the way to `api` that is slow.
  if (w === null || !written || acknowledgedBy.length >= w)
    return noAnswerToWrite(parts, leader.id, timeoutUs)
  const missing = parts.replicas.map((one) => one.id).filter((id) => !acknowledgedBy.includes(id))
  const version = formatVersion(written.record)
  const detail = `${acknowledgedBy.length} of ${w} acknowledgements came within ${sayMs(timeoutUs)}. Version ${version} is in the leader's log and may still reach the others: read it before you write again.`
  return advise(
    problem('quorum-timeout', detail, { version, required: w, acknowledgedBy, missing }),
    ...missing.map((id) => obstacleTo(parts, leader.id, id)?.remedy),
  )
}

function noAnswerToWrite(parts: Parts, replica: ReplicaId, timeoutUs: Microseconds): Problem {
  const obstacle = obstacleTo(parts, API, replica)
  const detail = `Replica ${replica} did not answer within ${sayMs(timeoutUs)}: ${obstacle?.text ?? 'it is slow'}. The write may be applied later: read before you write again.`
  return advise(problem('replica-timeout', detail, { replica }), obstacle?.remedy)
}

export function noLeaderToWrite(parts: Parts): Problem {
  const was = parts.newestLeader
  if (parts.order) return leaderAwaited(parts.order, was)
  const detail = `Replica ${was} led last and leads no more, so nothing was written. Promote a follower, then write again.`
  return advise(problem('no-leader', detail, { lastLeader: was }), FAILOVER)
}

export function writerDown(replica: ReplicaId, outcome: Outcome): Problem {
  const detail = `Replica ${replica} has crashed. A write that names no replica goes to the leader.`
  return advise(problem('replica-down', detail, { replica }, outcome), restart(replica))
}

export function notLeader(parts: Parts, replica: Replica): Problem {
  const leader = parts.leader()?.id ?? null
  const go = leader === null ? 'Nobody leads now.' : `Write to replica ${leader}, or name none.`
  const detail = `Replica ${replica.id} is a follower and takes no writes. ${go}`
  const refusal = problem('not-leader', detail, { replica: replica.id, leader })
  return leader === null ? advise(refusal, FAILOVER) : refusal
}
