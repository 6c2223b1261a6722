// The two writing verbs. A write reaches its leader at once, unless the way to it is held, cut or the leader
// is paused; a plain write is acknowledged when the leader has it, a quorum write when W replicas have.
// Every refusal before the write says `not-applied`; every failure after it says `unknown`.

import { bytesOf } from '../bytes.ts'
import { type Done, failed, ok, type Reply } from '../errors.ts'
import { lagsOf } from '../lag.ts'
import { API } from '../nodes.ts'
import type { ObservedWrite } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import type { Leadership } from '../replication/leadership.ts'
import type { WaitingWrite } from '../replication/waiting-writes.ts'
import type {
  QuorumWriteReply,
  QuorumWriteRequest,
  Ticket,
  WriteReply,
  WriteRequest,
} from '../verbs.ts'
import { formatVersion } from '../version.ts'
import type { OpenOperations } from './operation.ts'
import { majority } from './quorum.ts'
import { Write } from './write.ts'
import {
  leaderGone,
  noLeaderToWrite,
  notLeader,
  quorumImpossible,
  refusalOf,
  writerDown,
  writeTimedOut,
} from './write-problems.ts'

export class Writes {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly #open: OpenOperations

  constructor(parts: Parts, leaders: Leaders, open: OpenOperations) {
    this.#parts = parts
    this.#leaders = leaders
    this.#open = open
  }

  write(request: WriteRequest, done: Done<WriteReply>): Ticket {
    return this.#begin(request, null, this.#parts.options.quorumTimeoutUs, done)
  }

  writeWithQuorum(request: QuorumWriteRequest, done: Done<QuorumWriteReply>): Ticket {
    const w = request.w ?? majority(this.#parts.n)
    const timeoutUs = request.timeoutUs ?? this.#parts.options.quorumTimeoutUs
    return this.#begin(request, w, timeoutUs, done)
  }

  #begin(
    request: WriteRequest,
    w: number | null,
    timeoutUs: number,
    done: Done<QuorumWriteReply>,
  ): Ticket {
    const full = this.#open.full()
    const write = new Write(this, this.#parts, this.#open, request, w, done)
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
      write.waitFor(timeoutUs, () =>
        write.fail(writeTimedOut(this.#parts, write, replica, timeoutUs)),
      )
    }
    return write
  }

  /** The replica a write goes to, or why there is none. */
  #target(request: WriteRequest, w: number | null): Reply<Replica> {
    const { n } = this.#parts
    if (w !== null && w > n) return failed(quorumImpossible(w, n))
    if (request.replica === undefined) {
      const leader = this.#parts.leader()
      return leader ? ok(leader) : failed(noLeaderToWrite(this.#parts))
    }
    if (!this.#parts.has(request.replica)) {
      return failed(this.#parts.noSuchReplica(request.replica, 'invalid-request'))
    }
    const replica = this.#parts.replica(request.replica)
    if (replica.state === 'crashed') return failed(writerDown(replica.id, 'not-applied'))
    return replica.role === 'leader' ? ok(replica) : failed(notLeader(this.#parts, replica))
  }

  /**
   * Nothing stands between `api` and the leader, so the write is there at once: the request and respond
   * legs, and what a link's settings make of them, are those of reads and repairs.
   */
  #isDirect(replica: Replica): boolean {
    const { network } = this.#parts
    return replica.state === 'running' && network.link(API, replica.id).state === 'up'
  }

  #serveLater(write: Write, replica: Replica): void {
    const { request, client, key, value, w } = write
    const { emitter } = this.#parts
    if (emitter.hasListeners) {
      const to = replica.id
      emitter.emit({ type: 'write-started', request, client, replica: to, key, value, w })
    }
    // It is applied when it gets there, even if its client has given up by then.
    const serve = () => this.#serve(write, replica)
    const refused = () => write.fail(writerDown(replica.id, 'unknown'))
    const body = { kind: 'request', serve, refused } as const
    const how = { request: write.request, bytes: bytesOf(write) }
    this.#parts.network.send(API, replica.id, body, how)
  }

  /** Runs at the leader. */
  #serve(write: Write, replica: Replica): void {
    // A doubled request is handed on once, as a connection would.
    if (write.served) return
    write.served = true
    const leadership = this.#leaders.leadership(replica.id)
    const refusal = leadership
      ? refusalOf(this.#parts, leadership, write)
      : notLeader(this.#parts, replica)
    if (refusal || !leadership) {
      this.#answer(write, replica, failed(refusal ?? noLeaderToWrite(this.#parts)))
      return
    }
    const written = this.#leaders.append(leadership, write.key, write.value, write.w !== null)
    write.written = written
    write.acknowledgedBy.push(replica.id)
    this.#tellApplied(write, replica, written)
    this.#leaders.fanOut(leadership, written)
    const w = write.w ?? 1
    if (w <= 1) this.#answer(write, replica, this.#reply(write, written))
    else if (!write.settled) {
      leadership.waiting.add(
        written.record.offset,
        this.#waitingWrite(write, leadership, written, w),
      )
    }
  }

  #waitingWrite(
    write: Write,
    leadership: Leadership,
    written: ObservedWrite,
    w: number,
  ): WaitingWrite {
    const leader = leadership.replica
    return {
      acknowledgedBy: (replica) => {
        write.acknowledgedBy.push(replica)
        if (write.acknowledgedBy.length < w) return
        leadership.waiting.delete(written.record.offset)
        this.#answer(write, leader, this.#reply(write, written))
      },
      end: (code) => write.fail(leaderGone(write, leader, formatVersion(written.record), code)),
    }
  }

  #reply(write: Write, { record }: ObservedWrite): Reply<QuorumWriteReply> {
    return ok({ record, acknowledgedBy: [...write.acknowledgedBy], w: write.w ?? 1 })
  }

  /** The answer goes back over the link to `api`, which may lose or hold it. */
  #answer(write: Write, replica: Replica, reply: Reply<QuorumWriteReply>): void {
    const { network, unheard } = this.#parts
    if (network.link(replica.id, API).state === 'up') {
      unheard.delete(replica.id)
      return write.settle(reply)
    }
    const take = () => write.settle(reply)
    const body = { kind: 'response', take } as const
    network.send(replica.id, API, body, { request: write.request, bytes: bytesOf(write) })
  }

  /** @param reply undefined when the client left before there was one */
  ended(write: Write, reply: Reply<QuorumWriteReply> | undefined): void {
    const { observer, emitter, now } = this.#parts
    const { key, value, client, w, written, request } = write
    if (written && reply?.ok) observer.acknowledged(written, now)
    if (written && !reply?.ok) this.#stopWaiting(written)
    if (!emitter.hasListeners || !reply) return
    if (reply.ok) {
      const { record, acknowledgedBy } = reply.value
      emitter.emit({ type: 'write-acknowledged', request, client, record, w, acknowledgedBy })
      return
    }
    const { code, outcome } = reply.problem
    const record = written?.record ?? null
    emitter.emit({ type: 'write-failed', request, client, key, value, record, code, outcome })
  }

  #stopWaiting({ record }: ObservedWrite): void {
    for (const leadership of this.#leaders.leaderships()) {
      if (leadership.replica.epoch === record.epoch) leadership.waiting.delete(record.offset)
    }
  }

  #tellApplied(write: Write, replica: Replica, { record }: ObservedWrite): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    const { client, w, request } = write
    emitter.emit({
      type: 'write-applied',
      request,
      client,
      replica: replica.id,
      record,
      w,
      lags: lagsOf(this.#parts),
    })
  }
}
