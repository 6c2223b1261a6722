// The reading verbs. All of them are one thing: ask some replicas, wait for R answers, let the newest live
// record win, and perhaps write it back to those that lacked it. `read` and `follower-read` ask one replica;
// `read-with-repair` asks all and waits for all that answer; `read-with-quorum` is the general case. What
// decides them is in read-decisions.ts.

import { bytesOf } from '../bytes.ts'
import { type Done, type Problem, problem, type Reply } from '../errors.ts'
import { API, type CopyInFlight, type ReadAnswer, type ReadKind, type ReplicaId } from '../nodes.ts'
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
import { becauseOf } from './because.ts'
import { copyInFlight } from './in-flight.ts'
import type { OpenOperations } from './operation.ts'
import { majority } from './quorum.ts'
import { type FullAnswer, type Plan, Question, Read, ReadResponse } from './read.ts'
import { ReadDecisions } from './read-decisions.ts'
import { noLeaderToRead } from './read-problems.ts'
import type { RepairHost } from './repair.ts'

export class Reads {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly #open: OpenOperations
  readonly #decisions: ReadDecisions

  /** @param learn called when a repair tells a replica of a newer epoch */
  constructor(parts: Parts, leaders: Leaders, open: OpenOperations, learn: RepairHost['learn']) {
    this.#parts = parts
    this.#leaders = leaders
    this.#open = open
    const answerOf = (read: Read, replica: Replica) => this.#answerOf(read, replica)
    this.#decisions = new ReadDecisions(parts, { learn, answerOf })
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
    this.#decisions.decide(read)
    read.waitFor(options.quorumTimeoutUs, () => this.#decisions.timedOut(read))
  }

  /** Runs at the replica. */
  serve(read: Read, replica: Replica): void {
    if (read.settled) return
    const answer = this.#answerOf(read, replica)
    const bytes = answer.record ? bytesOf(answer.record) : 0
    const response = new ReadResponse(this, read, answer)
    this.#parts.network.send(replica.id, API, response, { request: read.request, bytes })
  }

  #answerOf(read: Read, replica: Replica): FullAnswer {
    const { acknowledgements, issuedUs } = read
    const { key } = read.plan
    const record = replica.store.get(key) ?? null
    const staleness = this.#parts.observer.staleness(key, record, acknowledgements, issuedUs)
    const judged = { key, record, staleness, acknowledgements }
    return {
      replica: replica.id,
      role: replica.role,
      record,
      staleness,
      epoch: replica.epoch,
      table: replica.table,
      copy: this.copyTo(replica, key),
      because: becauseOf(this.#parts, this.#leaders, replica, judged),
    }
  }

  /** What is on its way to a replica for a key, and will show there. */
  copyTo(replica: Replica, key: string): CopyInFlight {
    return copyInFlight(this.#parts, this.#leaders, replica, key)
  }

  take(read: Read, answer: FullAnswer): void {
    this.#decisions.take(read, answer)
  }

  targetCrashed(read: Read, replica: ReplicaId): void {
    this.#decisions.targetCrashed(read, replica)
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
      const { replica, role, record, staleness, answers, repaired, because = null } = reply.value
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
        because,
      })
    } else {
      const { code } = reply.problem
      const winner = code === 'key-not-found' ? read.decision?.winner : undefined
      emitter.emit({
        type: 'read-failed',
        request,
        client,
        kind,
        key,
        code,
        answer: winner ? plain(winner) : null,
        because: winner?.because ?? null,
      })
    }
  }
}

/** An answer as it leaves the core: without what only the decision needs. */
function plain(answer: ReadAnswer): ReadAnswer {
  const { replica, role, record, staleness } = answer
  return { replica, role, record, staleness }
}
