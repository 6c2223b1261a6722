// The two writing verbs. A write reaches its leader at once, unless the way to it is held, cut or the leader
// is paused; a plain write is acknowledged when the leader has it, a quorum write when W replicas have.
// Every refusal before the write says `not-applied`; whatever comes after it says `unknown`.

import { type Done, failed, type Outcome, ok, type Problem, problem, type Reply } from './errors.ts'
import { API, type ReplicaId } from './events.ts'
import type { Leadership, Leading, Waiter } from './leading.ts'
import type { Trace } from './observer.ts'
import { type OpenOperations, Operation } from './operation.ts'
import { majority } from './quorum.ts'
import type { Replica } from './replica.ts'
import type { System } from './system.ts'
import { sayMs } from './units.ts'
import type {
  QuorumWriteReply,
  QuorumWriteRequest,
  Ticket,
  WriteReply,
  WriteRequest,
} from './verbs.ts'
import { formatVersion } from './version.ts'

/** A write on its way through this file. */
class Write extends Operation<QuorumWriteReply> {
  readonly key: string
  readonly value: string
  readonly client: string
  /** Acknowledgements it waits for; null for a plain write. */
  readonly w: number | null
  /** Who has acknowledged it, the leader first; empty until it was applied. */
  readonly acknowledgedBy: ReplicaId[] = []
  trace: Trace | undefined
  readonly #writes: Writes

  constructor(
    writes: Writes,
    system: System,
    open: OpenOperations,
    request: WriteRequest,
    w: number | null,
    done: Done<QuorumWriteReply>,
  ) {
    super(system, open, done)
    this.#writes = writes
    this.key = request.key
    this.value = request.value
    this.client = request.client ?? 'default'
    this.w = w
  }

  protected override ended(reply: Reply<QuorumWriteReply> | undefined): void {
    this.#writes.ended(this, reply)
  }
}

export class Writes {
  readonly #system: System
  readonly #leading: Leading
  readonly #open: OpenOperations

  constructor(system: System, leading: Leading, open: OpenOperations) {
    this.#system = system
    this.#leading = leading
    this.#open = open
  }

  write(request: WriteRequest, done: Done<WriteReply>): Ticket {
    return this.#begin(request, null, this.#system.options.quorumTimeoutUs, done)
  }

  writeWithQuorum(request: QuorumWriteRequest, done: Done<QuorumWriteReply>): Ticket {
    const w = request.w ?? majority(this.#system.n)
    const timeoutUs = request.timeoutUs ?? this.#system.options.quorumTimeoutUs
    return this.#begin(request, w, timeoutUs, done)
  }

  #begin(
    request: WriteRequest,
    w: number | null,
    timeoutUs: number,
    done: Done<QuorumWriteReply>,
  ): Ticket {
    const full = this.#open.full()
    const write = new Write(this, this.#system, this.#open, request, w, done)
    const target = full ? failed(full) : this.#target(request, w)
    if (!target.ok) {
      write.fail(target.problem)
      return write
    }
    const replica = target.value
    if (this.#isDirect(replica)) this.#serve(write, replica)
    else this.#serveLater(write, replica)
    // Most plain writes have ended by now; a closure for each of them would be dear.
    if (!write.settled) {
      write.waitFor(timeoutUs, () => write.fail(this.#timedOut(write, replica, timeoutUs)))
    }
    return write
  }

  /** The replica a write goes to, or why there is none. */
  #target(request: WriteRequest, w: number | null): Reply<Replica> {
    const { n } = this.#system
    if (w !== null && w > n) {
      const detail = `w=${w} asks for more acknowledgements than there are replicas: there are ${n}, the leader included. Ask for 1 to ${n}.`
      return failed(problem('quorum-impossible', detail, { w, replicas: n }))
    }
    if (request.replica === undefined) {
      const leader = this.#system.leader()
      return leader ? ok(leader) : failed(this.#noLeader())
    }
    if (!this.#system.has(request.replica)) {
      return failed(this.#system.noSuchReplica(request.replica, 'invalid-request'))
    }
    const replica = this.#system.replica(request.replica)
    if (replica.state === 'crashed') return failed(this.#down(replica.id, 'not-applied'))
    return replica.role === 'leader' ? ok(replica) : failed(this.#notLeader(replica))
  }

  /** Nothing stands between `api` and the leader, so the write is there at once. */
  #isDirect(replica: Replica): boolean {
    const { network } = this.#system
    return replica.state === 'running' && network.link(API, replica.id).state === 'up'
  }

  #serveLater(write: Write, replica: Replica): void {
    // It is applied when it gets there, even if its client has given up by then.
    const serve = () => this.#serve(write, replica)
    const refused = () => write.fail(this.#down(replica.id, 'unknown'))
    const body = { kind: 'request', serve, refused } as const
    this.#system.network.send(API, replica.id, body, { request: write.request })
  }

  /** Runs at the leader. */
  #serve(write: Write, replica: Replica): void {
    const leadership = this.#leading.leadership(replica.id)
    const refusal = leadership ? this.#refusal(write, leadership) : this.#notLeader(replica)
    if (refusal || !leadership) {
      this.#answer(write, replica, failed(refusal ?? this.#noLeader()))
      return
    }
    const trace = this.#leading.append(leadership, write.key, write.value, write.w !== null)
    write.trace = trace
    write.acknowledgedBy.push(replica.id)
    this.#tellApplied(write, replica, trace)
    this.#leading.fanOut(leadership, trace)
    const w = write.w ?? 1
    if (w <= 1) this.#answer(write, replica, this.#reply(write, trace))
    else if (!write.settled) {
      leadership.waiting.set(trace.record.offset, this.#waiter(write, leadership, trace, w))
    }
  }

  /** Why a leader will not take a write now. */
  #refusal(write: Write, leadership: Leadership): Problem | undefined {
    const { network, options, keys } = this.#system
    const { replica } = leadership
    if (keys.size >= options.keysMax && keys.find(write.key) === undefined) {
      const detail = `The store holds ${options.keysMax} keys and takes no new ones. Write to a key it has, POST /reset, or start with a higher --max-keys.`
      return problem('too-many-keys', detail, { keysMax: options.keysMax })
    }
    if (network.messages + this.#system.n > options.messagesMax) {
      const detail = `${network.messages} copies are on their way already. Wait until some have landed, advance the clock or release the link that holds them, or start with a higher --max-messages.`
      return problem('too-many-messages', detail, { messages: network.messages })
    }
    return this.#tooFewFollowers(leadership) ?? this.#unavailable(write, replica)
  }

  /** Redis's min-replicas-to-write and min-replicas-max-lag. */
  #tooFewFollowers({ replica, progress }: Leadership): Problem | undefined {
    const { minFollowersToWrite: min, minFollowersMaxLagUs: lagUs } = this.#system.options
    if (min === 0) return undefined
    const { network, now } = this.#system
    const inReach = progress.filter(
      (one) =>
        network.isReachable(replica.id, one.follower) && now - one.lastAcknowledgedUs <= lagUs,
    )
    if (inReach.length >= min) return undefined
    const detail = `Only ${inReach.length} followers acknowledged something in the last ${sayMs(lagUs)}; --min-followers-to-write asks for ${min}. Heal, resume or restart followers, then write again.`
    const followers = inReach.map((one) => one.follower)
    return problem('too-few-followers', detail, { required: min, followers })
  }

  #unavailable(write: Write, leader: Replica): Problem | undefined {
    if (write.w === null) return undefined
    const { network, replicas } = this.#system
    const reachable = replicas
      .filter((one) => one === leader || network.isReachable(leader.id, one.id))
      .map((one) => one.id)
    if (reachable.length >= write.w) return undefined
    const detail = `w=${write.w}, but only ${reachable.length} replicas can be reached from the leader. Nothing was written. Restart or heal the others, or ask for a smaller w.`
    return problem('quorum-unavailable', detail, { required: write.w, reachable })
  }

  #waiter(write: Write, leadership: Leadership, trace: Trace, w: number): Waiter {
    const leader = leadership.replica
    return {
      acknowledgedBy: (replica) => {
        write.acknowledgedBy.push(replica)
        if (write.acknowledgedBy.length < w) return
        leadership.waiting.delete(trace.record.offset)
        this.#answer(write, leader, this.#reply(write, trace))
      },
      end: (code) => {
        const version = formatVersion(trace.record)
        const facts = { version, required: w, acknowledgedBy: write.acknowledgedBy }
        const end = {
          'replica-down': `Replica ${leader.id} crashed while the write waited for its quorum.`,
          'leader-changed': `Replica ${leader.id} was deposed while the write waited for its quorum.`,
        }[code]
        const detail = `${end} Version ${version} may survive on the followers that have it: read it before you write again.`
        write.fail(problem(code, detail, facts))
      },
    }
  }

  #reply(write: Write, { record }: Trace): Reply<QuorumWriteReply> {
    return ok({ record, acknowledgedBy: write.acknowledgedBy, w: write.w ?? 1 })
  }

  /** The answer goes back over the link to `api`, which may lose or hold it. */
  #answer(write: Write, replica: Replica, reply: Reply<QuorumWriteReply>): void {
    const { network } = this.#system
    if (network.link(replica.id, API).state === 'up') return write.settle(reply)
    const take = () => write.settle(reply)
    const body = { kind: 'response', take } as const
    network.send(replica.id, API, body, { request: write.request })
  }

  /** @param reply undefined when the client left before there was one */
  ended(write: Write, reply: Reply<QuorumWriteReply> | undefined): void {
    const { observer, emitter, now } = this.#system
    const { key, client, w, trace, request } = write
    if (trace && reply?.ok) observer.acknowledged(trace, now)
    if (trace && !reply?.ok) this.#dropWaiter(trace)
    if (!emitter.heard || !reply) return
    if (reply.ok) {
      const { record, acknowledgedBy } = reply.value
      emitter.emit({ type: 'write-acknowledged', request, client, record, w, acknowledgedBy })
      return
    }
    const { code, outcome } = reply.problem
    const record = trace?.record ?? null
    emitter.emit({ type: 'write-failed', request, client, key, record, code, outcome })
  }

  #dropWaiter({ record }: Trace): void {
    for (const leadership of this.#leading.leaderships()) {
      if (leadership.replica.epoch === record.epoch) leadership.waiting.delete(record.offset)
    }
  }

  #tellApplied(write: Write, replica: Replica, { record }: Trace): void {
    const { emitter } = this.#system
    if (!emitter.heard) return
    const { client, w, request } = write
    emitter.emit({
      type: 'write-applied',
      request,
      client,
      replica: replica.id,
      record,
      w,
    })
  }

  #timedOut(write: Write, replica: Replica, timeoutUs: number): Problem {
    const { acknowledgedBy, trace, w } = write
    // Enough did acknowledge, or nobody could: then it is the way to `api` that is slow.
    if (w === null || !trace || acknowledgedBy.length >= w) {
      return this.#noAnswer(replica, timeoutUs)
    }
    const missing = this.#system.replicas
      .map((one) => one.id)
      .filter((id) => !acknowledgedBy.includes(id))
    const version = formatVersion(trace.record)
    const detail = `${acknowledgedBy.length} of ${w} acknowledgements came within ${sayMs(timeoutUs)}. Version ${version} is in the leader's log and may still reach the others: read it before you write again.`
    return problem('quorum-timeout', detail, {
      version,
      required: w,
      acknowledgedBy,
      missing,
    })
  }

  #noAnswer(replica: Replica, timeoutUs: number): Problem {
    const detail = `Replica ${replica.id} did not answer within ${sayMs(timeoutUs)}; the write may be applied later. Resume it, or heal or release the links between api and it, and read before you write again.`
    return problem('replica-timeout', detail, { replica: replica.id })
  }

  #noLeader(): Problem {
    const was = this.#system.newestLeader
    const detail = `Replica ${was} led last and leads no more, so nothing was written. POST /failover to promote a follower, then write again.`
    return problem('no-leader', detail, { lastLeader: was })
  }

  #down(replica: ReplicaId, outcome: Outcome): Problem {
    const detail = `Replica ${replica} has crashed. POST /replicas/${replica}/restart brings it back; a write that names no replica goes to the leader.`
    return problem('replica-down', detail, { replica }, outcome)
  }

  #notLeader(replica: Replica): Problem {
    const leader = this.#system.leader()?.id ?? null
    const go =
      leader === null
        ? 'Nobody leads now: POST /failover.'
        : `Write to replica ${leader}, or name none.`
    const detail = `Replica ${replica.id} is a follower and takes no writes. ${go}`
    return problem('not-leader', detail, { replica: replica.id, leader })
  }
}
