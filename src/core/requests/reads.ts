// The reading verbs. All of them are one thing: ask some replicas, wait for R answers, let the newest live
// record win, and perhaps write it back to those that lacked it. `read` and `follower-read` ask one replica;
// `read-with-repair` asks all and waits for all that answer; `read-with-quorum` is the general case.

import { type Done, ok, type Problem, problem, type Reply } from '../errors.ts'
import { API, type ReadAnswer, type ReadKind, type ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import type {
  FollowerReadRequest,
  QuorumReadReply,
  QuorumReadRequest,
  ReadReply,
  ReadRequest,
  RepairMode,
  RepairReadReply,
  Ticket,
} from '../verbs.ts'
import { compareVersions } from '../version.ts'
import { copyInFlight } from './in-flight.ts'
import type { OpenOperations } from './operation.ts'
import { majority, quorumState } from './quorum.ts'
import { type FullAnswer, newestAnswer, type Plan, Question, Read, ReadResponse } from './read.ts'
import {
  allDown,
  keyNotFound,
  noAnswer,
  noLeaderToRead,
  replicaDown,
  tooFewAnswers,
} from './read-problems.ts'
import { Repair } from './repair.ts'

export class Reads {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly #open: OpenOperations
  readonly #repair: Repair

  constructor(parts: Parts, leaders: Leaders, open: OpenOperations) {
    this.#parts = parts
    this.#leaders = leaders
    this.#open = open
    this.#repair = new Repair(parts)
  }

  read(request: ReadRequest, done: Done<ReadReply>): Ticket {
    const leader = this.#parts.leader()
    const plan = this.#plan('read', request, leader ? [leader] : [], 1, 'false')
    return this.#begin(plan, leader ? undefined : noLeaderToRead(this.#parts, request.key), done)
  }

  followerRead(request: FollowerReadRequest, done: Done<ReadReply>): Ticket {
    const known = this.#parts.has(request.replica)
    const targets = known ? [this.#parts.replica(request.replica)] : []
    const plan = this.#plan('follower-read', request, targets, 1, 'false')
    const refusal = known
      ? undefined
      : this.#parts.noSuchReplica(request.replica, 'invalid-request')
    return this.#begin(plan, refusal, done)
  }

  readWithRepair(request: ReadRequest, done: Done<RepairReadReply>): Ticket {
    const { replicas } = this.#parts
    const plan = this.#plan('read-with-repair', request, replicas, replicas.length, 'blocking')
    return this.#begin({ ...plan, takesFewer: true }, undefined, done)
  }

  readWithQuorum(request: QuorumReadRequest, done: Done<QuorumReadReply>): Ticket {
    const ids = request.replicas ?? this.#parts.replicas.map((replica) => replica.id)
    const unknown = ids.find((id) => !this.#parts.has(id))
    const targets = unknown === undefined ? ids.map((id) => this.#parts.replica(id)) : []
    const r = request.r ?? majority(ids.length)
    const plan = this.#plan('read-with-quorum', request, targets, r, request.repair ?? 'blocking')
    return this.#begin(plan, this.#quorumRefusal(unknown, r, ids), done)
  }

  #quorumRefusal(
    unknown: number | undefined,
    r: number,
    ids: readonly number[],
  ): Problem | undefined {
    if (unknown !== undefined) return this.#parts.noSuchReplica(unknown, 'invalid-request')
    if (new Set(ids).size < ids.length || ids.length === 0) {
      return problem('invalid-request', 'Name each replica once, and at least one.')
    }
    if (r <= ids.length) return undefined
    const asked =
      ids.length === 1 ? 'one replica that is asked' : `${ids.length} replicas that are asked`
    const detail = `r=${r} asks for more answers than the ${asked} can give. Ask for fewer, or name more replicas.`
    return problem('quorum-impossible', detail, { r, replicas: ids.length })
  }

  #plan(
    kind: ReadKind,
    { key, client = 'default' }: ReadRequest,
    targets: readonly Replica[],
    r: number,
    repair: RepairMode,
  ): Plan {
    return { kind, key, client, targets, r, repair, takesFewer: false }
  }

  #begin(plan: Plan, refusal: Problem | undefined, done: Done<QuorumReadReply>): Ticket {
    const full = this.#open.full() ?? this.#parts.tooManyMessages(plan.targets.length)
    const read = new Read(this, this.#parts, this.#open, plan, done)
    this.#tellStarted(read)
    const reason = refusal ?? full
    if (reason) read.fail(reason)
    else this.#ask(read)
    return read
  }

  #ask(read: Read): void {
    const { network, options } = this.#parts
    for (const target of read.plan.targets) {
      if (target.state !== 'crashed') read.awaited.add(target.id)
    }
    for (const target of read.plan.targets) {
      if (!read.awaited.has(target.id)) continue
      network.send(API, target.id, new Question(this, read, target), { request: read.request })
    }
    this.#decide(read)
    read.waitFor(options.quorumTimeoutUs, () => this.#timedOut(read))
  }

  /** Runs at the replica. */
  serve(read: Read, replica: Replica): void {
    if (read.settled) return
    const { observer, network } = this.#parts
    const record = replica.store.get(read.plan.key) ?? null
    const answer: FullAnswer = {
      replica: replica.id,
      role: replica.role,
      record,
      staleness: observer.staleness(read.plan.key, record, read.acknowledgements, read.issuedUs),
      epoch: replica.epoch,
      table: replica.table,
      copy: copyInFlight(this.#parts, this.#leaders, replica, read.plan.key),
    }
    network.send(replica.id, API, new ReadResponse(this, read, answer), { request: read.request })
  }

  /** Runs at `api`. */
  take(read: Read, answer: FullAnswer): void {
    // A doubled answer counts once, and one after the decision not at all.
    if (read.winner || !read.awaited.delete(answer.replica)) return
    read.answers.push(answer)
    this.#decide(read)
  }

  /** A replica crashed with the question under way. */
  targetCrashed(read: Read, replica: ReplicaId): void {
    if (read.winner || !read.awaited.delete(replica)) return
    this.#decide(read)
  }

  #decide(read: Read): void {
    if (read.settled || read.winner) return
    const { answers, awaited } = read
    const { r } = read.plan
    const state = quorumState(r, answers.length, awaited.size)
    if (state === 'reached') return this.#conclude(read)
    if (state === 'pending' || (read.plan.takesFewer && awaited.size > 0)) return
    if (read.plan.takesFewer && answers.length > 0) return this.#conclude(read)
    read.fail(this.#impossible(read))
  }

  #impossible(read: Read): Problem {
    const first = read.plan.targets[0] as Replica
    if (read.plan.kind === 'read-with-quorum' && read.plan.targets.length > 1) {
      return tooFewAnswers('quorum-unavailable', this.#parts, read)
    }
    return read.plan.targets.length > 1 ? allDown(read.plan.targets.length) : replicaDown(first.id)
  }

  #timedOut(read: Read): void {
    const { quorumTimeoutUs } = this.#parts.options
    if (read.winner) return this.#settle(read, read.winner)
    if (read.plan.takesFewer && read.answers.length > 0) {
      // Those who answered decide; their repairs get a time-out of their own.
      this.#conclude(read)
      return read.waitFor(quorumTimeoutUs, () => this.#timedOut(read))
    }
    read.fail(
      read.plan.kind === 'read-with-quorum'
        ? tooFewAnswers('quorum-timeout', this.#parts, read)
        : noAnswer(this.#parts, read, quorumTimeoutUs),
    )
  }

  /** The answers that count are in: the newest live record wins, and repairs what lacked it. */
  #conclude(read: Read): void {
    const winner = newestAnswer(read.answers)
    read.winner = winner
    const { record } = winner
    if (record === null) return read.fail(keyNotFound(this.#parts, read, winner))
    const lacking = read.answers
      .filter((answer) => !answer.record || compareVersions(answer.record, record) !== 0)
      .map((answer) => this.#parts.replica(answer.replica))
    if (read.plan.repair === 'false' || lacking.length === 0) return this.#settle(read, winner)
    const blocking = read.plan.repair === 'blocking'
    this.#repair.run(read.request, lacking, record, {
      repaired: (replica) => blocking && read.repaired.push(replica),
      finished: () => blocking && this.#settle(read, winner),
    })
    if (blocking) return
    read.repaired.push(...lacking.map((replica) => replica.id))
    this.#settle(read, winner)
  }

  #settle(read: Read, winner: FullAnswer): void {
    const { answers, repaired } = read
    const { r } = read.plan
    const { record, replica, role, staleness, copy } = winner
    if (!record) return
    // Copies: repairs and answers that come later must not change what was told. Checkers ask each answer of a
    // reply for what its replica knew of the leadership; events carry it without.
    const told = { answers: [...answers], repaired: [...repaired] }
    read.settle(ok({ replica, role, record, staleness, copy, r, ...told }))
  }

  #tellStarted(read: Read): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    const { kind, key, client, targets } = read.plan
    emitter.emit({
      type: 'read-started',
      request: read.request,
      client,
      kind,
      key,
      replicas: targets.map((target) => target.id),
    })
  }

  ended(read: Read, reply: Reply<QuorumReadReply> | undefined): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners || !reply) return
    const { kind, key, client } = read.plan
    const { request } = read
    if (reply.ok) {
      const { replica, role, record, staleness, answers, repaired } = reply.value
      const answer = { replica, role, record, staleness }
      emitter.emit({
        type: 'read-completed',
        request,
        client,
        kind,
        key,
        answer,
        answers: answers.map(plain),
        repaired,
      })
    } else {
      const { code } = reply.problem
      emitter.emit({
        type: 'read-failed',
        request,
        client,
        kind,
        key,
        code,
        answer: read.winner ? plain(read.winner) : null,
      })
    }
  }
}

/** An answer as it leaves the core: without what only the decision needs. */
function plain(answer: ReadAnswer): ReadAnswer {
  const { replica, role, record, staleness } = answer
  return { replica, role, record, staleness }
}
