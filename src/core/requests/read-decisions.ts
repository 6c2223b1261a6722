// What decides a read, at `api`: enough answers are in, the newest live record wins, and with blocking repair
// R replicas must be known to hold it before it is returned. Answers and repairs that come late can still turn it.
// Whom a read asks, and what happens at the replicas, is in reads.ts and repair.ts.

import { ok, type Problem } from '../errors.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import { quorumState } from './quorum.ts'
import { type Decision, type FullAnswer, holds, newestOf, type Read } from './read.ts'
import {
  allDown,
  keyNotFound,
  noAnswer,
  replicaDown,
  tooFewAnswers,
  tooFewHold,
} from './read-problems.ts'
import { Repair, type RepairHost, type RepairListener } from './repair.ts'

export class ReadDecisions implements RepairListener {
  readonly #parts: Parts
  readonly #repair: Repair

  constructor(parts: Parts, host: RepairHost) {
    this.#parts = parts
    this.#repair = new Repair(parts, host)
  }

  /** A doubled answer counts once; a late one counts for as long as the read waits for repairs. */
  take(read: Read, answer: FullAnswer): void {
    if (read.settled || !read.awaited.delete(answer.replica)) return
    read.answers.push(answer)
    this.decide(read)
  }

  /** A replica crashed with the question under way. */
  targetCrashed(read: Read, replica: ReplicaId): void {
    if (read.awaited.delete(replica)) this.decide(read)
  }

  decide(read: Read): void {
    if (read.settled) return
    const { answers, awaited, plan } = read
    const state = quorumState(plan.r, answers.length, awaited.size)
    if (read.decision || state === 'reached') return this.#conclude(read)
    if (state === 'pending' || (plan.takesFewer && awaited.size > 0)) return
    if (plan.takesFewer && answers.length > 0) return this.#conclude(read)
    read.fail(this.#impossible(read))
  }

  timedOut(read: Read): void {
    const { quorumTimeoutUs } = this.#parts.options
    const { plan, answers, awaited, decision } = read
    if (plan.takesFewer && decision) return this.#settle(read, decision)
    if (plan.takesFewer && answers.length > 0) {
      // Those who answered decide; their repairs get a time-out of their own.
      awaited.clear()
      this.#conclude(read)
      return read.waitFor(quorumTimeoutUs, () => this.timedOut(read))
    }
    if (decision) return read.fail(tooFewHold('quorum-timeout', this.#parts, read, decision))
    read.fail(
      plan.kind === 'read-with-quorum'
        ? tooFewAnswers('quorum-timeout', this.#parts, read)
        : noAnswer(this.#parts, read, quorumTimeoutUs),
    )
  }

  confirmed(
    read: Read,
    replica: ReplicaId,
    given: StoredRecord,
    held: StoredRecord,
    news: boolean,
  ): void {
    const { mending } = read
    if (read.settled || !mending) return
    if (mending.awaited.get(replica) === given) mending.awaited.delete(replica)
    mending.confirmed.set(replica, held)
    if (news) mending.given.add(replica)
    this.decide(read)
  }

  refused(read: Read, given: StoredRecord, answer: FullAnswer): void {
    const { mending, answers } = read
    if (read.settled || !mending) return
    const { replica } = answer
    if (mending.awaited.get(replica) === given) mending.awaited.delete(replica)
    mending.confirmed.delete(replica)
    answers[answers.findIndex((earlier) => earlier.replica === replica)] = answer
    this.decide(read)
  }

  repairFailed(read: Read, replica: ReplicaId, given: StoredRecord): void {
    const { mending } = read
    if (read.settled || mending?.awaited.get(replica) !== given) return
    mending.awaited.delete(replica)
    mending.down.add(replica)
    this.decide(read)
  }

  /** The answers that count are in: the newest live record wins, and repairs what lacked it. */
  #conclude(read: Read): void {
    const decision = newestOf(read.answers)
    read.decision = decision
    const { winner } = decision
    const { repair } = read.plan
    if (winner.record === null) return read.fail(keyNotFound(this.#parts, read, winner))
    if (repair === 'false') return this.#settle(read, decision)
    const lacking = read.answers.filter((answer) => !holds(read, decision, answer))
    for (const answer of lacking) this.#mend(read, answer.replica, decision)
    if (repair === 'async') return this.#settle(read, decision)
    this.#weigh(read, decision, lacking)
  }

  #mend(read: Read, replica: ReplicaId, decision: Decision): void {
    read.mending ??= {
      awaited: new Map(),
      confirmed: new Map(),
      given: new Set(),
      down: new Set(),
    }
    const { awaited, down } = read.mending
    const record = decision.winner.record as StoredRecord
    if (down.has(replica) || awaited.get(replica) === record) return
    awaited.set(replica, record)
    this.#repair.send(read, replica, decision, this)
  }

  /** A read returns only what it can vouch for, unless it asks whoever is there. */
  #weigh(read: Read, decision: Decision, lacking: readonly FullAnswer[]): void {
    const { plan, answers, mending, awaited } = read
    const underWay = lacking.filter(({ replica }) => mending?.awaited.has(replica)).length
    if (plan.takesFewer) {
      if (underWay === 0) this.#settle(read, decision)
      return
    }
    const state = quorumState(plan.r, answers.length - lacking.length, underWay + awaited.size)
    if (state === 'reached') return this.#settle(read, decision)
    if (state === 'pending') return
    read.fail(tooFewHold('quorum-unavailable', this.#parts, read, decision))
  }

  #impossible(read: Read): Problem {
    const first = read.plan.targets[0] as Replica
    if (read.plan.kind === 'read-with-quorum' && read.plan.targets.length > 1) {
      return tooFewAnswers('quorum-unavailable', this.#parts, read)
    }
    return read.plan.targets.length > 1 ? allDown(read.plan.targets.length) : replicaDown(first.id)
  }

  #settle(read: Read, decision: Decision): void {
    const { answers, plan } = read
    const { record, replica, role, staleness, copy, because } = decision.winner
    if (!record) return
    // Copies: repairs and answers that come later must not change what was told. Checkers ask each answer of a
    // reply for what its replica knew of the leadership; events carry it without.
    const repaired = repairedBy(read, decision)
    this.#parts.observer.returned(record)
    const { r } = plan
    const all = [...answers]
    // Two literals: to spread into one takes as long as all the rest of a read.
    const reply = because
      ? { replica, role, record, staleness, copy, because, r, answers: all, repaired }
      : { replica, role, record, staleness, copy, r, answers: all, repaired }
    read.settle(ok(reply))
  }
}

/** Who lacked the record and has it now; under `async` repair, who is being given it. */
function repairedBy(read: Read, decision: Decision): ReplicaId[] {
  const { mending, plan, answers } = read
  if (!mending) return []
  if (plan.repair === 'async') return [...mending.awaited.keys()]
  return answers
    .filter((answer) => mending.given.has(answer.replica) && holds(read, decision, answer))
    .map((answer) => answer.replica)
}
