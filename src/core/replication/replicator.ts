// What a leader does for one follower: it sends the copies of new writes, brings the follower up from the last
// entry they share or by a snapshot, and sends again what was dropped. Raft calls its two positions
// matchIndex and nextIndex. A bounded number of copies is under way at a time.

import { bytesOf } from '../bytes.ts'
import { invariant } from '../errors.ts'
import type { EventBody } from '../events.ts'
import type { Link } from '../network/link.ts'
import type { AcknowledgementBody, CopyBody, Message } from '../network/message.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import type { Microseconds } from '../units.ts'
import { lastCommonOffset, type Offset } from '../version.ts'
import { announcementOf, copyOf, snapshotOf, snapshotUs } from './leader-messages.ts'
import { Retry, retryDelayUs } from './retry.ts'
import { UnderWay } from './under-way.ts'
import type { WaitingWrites } from './waiting-writes.ts'

/** Copies under way to one follower while it catches up. */
const COPIES_UNDER_WAY_MAX = 10_000

/**
 * `unheard`: the follower has not acknowledged anything to this leader since it began or the follower crashed.
 * `provisional`: it has, but before it knew this epoch: it may give entries up when it learns of it.
 * `settled`: its position is known.
 */
type Phase = 'unheard' | 'provisional' | 'settled'

type CatchUpEvent = Extract<EventBody, { readonly type: 'catch-up-started' | 'catch-up-finished' }>

/** A catch-up under way. The end of a snapshot of an empty log is 0. */
interface CatchUp {
  readonly to: Offset
  /** Log entries, or records of a snapshot, that it brings. */
  readonly count: number
  snapshot: Message | undefined
}

export class Replicator {
  readonly #parts: Parts
  readonly leader: Replica
  readonly follower: ReplicaId
  /** The writes of this leader that wait for acknowledgements. */
  readonly #waiting: WaitingWrites
  #phase: Phase
  /** The incarnation of the follower that `match` speaks of. */
  #incarnation: number
  /** Everything up to here is acknowledged by that incarnation. */
  #match: Offset = 0
  /** The next offset to send; behind the log's end while the follower catches up. */
  #next: Offset
  /** The copies under way, waiting to be sent again included, by offset. Invariant: all above `match`. */
  readonly underWay = new UnderWay<Message>()
  #catchUp: CatchUp | undefined
  /** When it last acknowledged to this leader; null while it never has. At the very start it counts as having. */
  #lastAcknowledgedUs: Microseconds | null
  readonly #retry: Retry
  #closed = false

  /** @param known the follower knows the leader already, and the log is empty (the very start) */
  constructor(
    parts: Parts,
    leader: Replica,
    waiting: WaitingWrites,
    follower: Replica,
    known: boolean,
  ) {
    this.#parts = parts
    this.leader = leader
    this.#waiting = waiting
    this.follower = follower.id
    this.#phase = known ? 'settled' : 'unheard'
    this.#incarnation = follower.incarnation
    this.#next = leader.appliedOffset + 1
    this.#lastAcknowledgedUs = known ? parts.now : null
    parts.network.noteStrays(leader.id, follower.id)
    this.#retry = new Retry(
      parts.timeline,
      () => this.canSend,
      () => this.#resume(),
    )
  }

  /** The snapshot under way, if any. */
  get snapshot(): Message | undefined {
    return this.#catchUp?.snapshot
  }

  /** Whether it has heard of the follower's present life. */
  get knowsLife(): boolean {
    return this.#parts.replica(this.follower).incarnation === this.#incarnation
  }

  get link(): Link {
    return this.#parts.network.link(this.leader.id, this.follower)
  }

  /** Whether it is going to send an entry that is not under way, and nothing will hold it up. */
  willSend(offset: Offset): boolean {
    const isToCome = this.#next <= offset || this.#phase !== 'settled'
    return isToCome && this.canSend && !this.#retry.pending && this.link.state === 'up'
  }

  /** Whether the follower is in reach and has acknowledged to this leader in the last `us`. */
  heardWithin(us: Microseconds): boolean {
    const { network, now } = this.#parts
    const heardUs = this.#lastAcknowledgedUs
    if (heardUs === null || now - heardUs > us) return false
    return network.isReachable(this.leader.id, this.follower)
  }

  /** Tells the follower who leads, which it acknowledges. */
  announce(): void {
    this.#parts.network.send(this.leader.id, this.follower, announcementOf(this.leader))
  }

  /** The newest entry: sent at once, unless the follower is behind anyway. */
  offer(body: CopyBody): void {
    if (this.#next !== body.record.offset) return
    const offset = this.#next++
    this.#track(offset, this.#parts.network.sendCopy(this.leader.id, this.follower, body))
  }

  /** Whether an acknowledgement tells how far the follower has come in this leader's log. */
  counts({ incarnation, epoch }: AcknowledgementBody): boolean {
    return incarnation >= this.#incarnation && epoch >= this.leader.epoch
  }

  onAcknowledgement(body: AcknowledgementBody): void {
    const { incarnation, appliedOffset } = body
    // Of an earlier incarnation, after this leader has heard of the newer one: what it speaks of may be gone.
    if (incarnation < this.#incarnation) return
    this.#lastAcknowledgedUs = this.#parts.now
    this.#retry.succeed()
    if (body.epoch < this.leader.epoch) return this.#heardFromOldEpoch(body)
    this.#parts.observer.positionAcknowledged(body.epoch, this.follower, appliedOffset)
    this.#waiting.acknowledged(this.follower, appliedOffset)
    if (incarnation > this.#incarnation || this.#phase !== 'settled') {
      this.#startFrom(incarnation, appliedOffset, 'settled')
    } else if (appliedOffset > this.#match) {
      this.#match = appliedOffset
      this.#next = Math.max(this.#next, this.#match + 1)
      this.underWay.deleteUpTo(this.#match)
    }
    this.#proceed(body.needsSnapshot)
  }

  /** The network dropped something sent in this epoch: a copy, an announcement or a snapshot. */
  onLost(message: Message): void {
    const { body } = message
    if (body.kind === 'copy') return this.#copyLost(message, body.record.offset)
    if (body.kind === 'snapshot') {
      if (this.snapshot !== undefined && this.snapshot !== message) return
      if (this.#catchUp) this.#catchUp.snapshot = undefined
      this.#next = this.#match + 1
    }
    this.#retry.fail()
  }

  /** The follower crashed: the leader must hear from it before it knows its position again. */
  onCrash(): void {
    this.#phase = 'unheard'
    this.#retry.fail()
  }

  /** The follower may be in reach again. */
  wake(): void {
    this.#retry.wake()
  }

  /** The leadership is over; what is under way travels on. */
  close(): void {
    this.#closed = true
    this.#retry.cancel()
  }

  get canSend(): boolean {
    const leads = !this.#closed && this.leader.state === 'running'
    return leads && this.#parts.network.isReachable(this.leader.id, this.follower)
  }

  /** The time to try again has come, and the follower is in reach. */
  #resume(): void {
    if (this.#phase === 'unheard') return this.announce()
    this.#next = this.#match + 1
    this.#beginCatchUp()
    this.#proceed(false)
  }

  /** It does not know this epoch yet: the copies will teach it, or an announcement. */
  #heardFromOldEpoch(body: AcknowledgementBody): void {
    // Sent before it learned: an acknowledgement in this epoch follows by itself.
    if (this.#phase !== 'unheard' && body.incarnation <= this.#incarnation) return
    const { log, table } = this.leader
    const common = lastCommonOffset(body.table, body.appliedOffset, table, log.lastOffset)
    this.#startFrom(body.incarnation, common, 'provisional')
    if (this.#next <= log.lastOffset) return this.#proceed(body.needsSnapshot)
    this.#phase = 'unheard'
    this.announce()
  }

  /** Starts over from where the follower is. What is under way to an earlier incarnation is void. */
  #startFrom(incarnation: number, position: Offset, phase: Phase): void {
    this.#retry.cancel()
    if (incarnation !== this.#incarnation) {
      // Some may have been sent to the new one already.
      this.#parts.network.noteStrays(this.leader.id, this.follower)
      this.underWay.clear()
      this.#catchUp = undefined
      this.#incarnation = incarnation
    }
    this.#phase = phase
    this.#match = position
    this.#next = position + 1
    this.underWay.deleteUpTo(position)
    this.#beginCatchUp()
  }

  #beginCatchUp(): void {
    // Its end is the catch-up's, by which it is known to have landed.
    if (this.snapshot) return
    const { log } = this.leader
    const count = log.lastOffset - this.#match
    // What is on its way anyway is no catch-up, and a snapshot tells of itself.
    if (count <= this.underWay.size || this.#next < log.firstOffset) return
    this.#catchUp = { to: log.lastOffset, count, snapshot: undefined }
    this.#tellCatchUp('catch-up-started', 'entries', count)
  }

  #endCatchUp(): void {
    if (!this.#catchUp || this.#match < this.#catchUp.to) return
    const { snapshot, count } = this.#catchUp
    this.#catchUp = undefined
    this.#tellCatchUp('catch-up-finished', snapshot ? 'snapshot' : 'entries', count)
  }

  /** Sends what is missing, as far as the bounds allow. Called again with every acknowledgement. */
  #proceed(needsSnapshot: boolean): void {
    const { log } = this.leader
    this.#endCatchUp()
    if (needsSnapshot || (this.#next <= log.lastOffset && this.#next < log.firstOffset)) {
      return this.#sendSnapshot()
    }
    const { network, options } = this.#parts
    while (this.#next <= log.lastOffset) {
      if (this.underWay.size >= COPIES_UNDER_WAY_MAX) return
      // What is under way may arrive early and bring no acknowledgement back: try again by ourselves.
      if (network.messages >= options.messagesMax) return this.#retry.fail()
      // One at a time, then: its acknowledgement calls the next.
      if (this.underWay.size > 0 && this.#parts.tooManyBytes()) return
      const offset = this.#next++
      if (this.underWay.get(offset) === undefined) this.#send(offset, 0)
    }
  }

  #sendSnapshot(): void {
    if (this.snapshot?.body.kind === 'snapshot') {
      // Started over meanwhile; what it will bring need not be sent once more.
      this.#next = Math.max(this.#next, this.snapshot.body.offset + 1)
      return
    }
    const body = snapshotOf(this.leader)
    const count = body.records.length
    this.#tellCatchUp('catch-up-started', 'snapshot', count)
    this.#catchUp = { to: body.offset, count, snapshot: undefined }
    this.#next = body.offset + 1
    const how = { extraUs: snapshotUs(count) }
    const message = this.#parts.network.send(body.leader, this.follower, body, how)
    if (!message.isLost) this.#catchUp.snapshot = message
  }

  #send(offset: Offset, attempt: number): void {
    const { network, keys } = this.#parts
    const record = this.leader.log.at(offset)
    invariant(record !== undefined, 'what is sent is in the log')
    const body = copyOf(this.leader, record, keys.enter(record.key).slot)
    const how = { attempt, bytes: bytesOf(record) }
    this.#track(offset, network.send(body.leader, this.follower, body, how))
  }

  #track(offset: Offset, message: Message): void {
    if (!message.isLost) this.underWay.set(offset, message)
  }

  #copyLost(message: Message, offset: Offset): void {
    const carrier = this.underWay.get(offset)
    // Acknowledged since, or a duplicate was lost and the original is still under way.
    if (offset <= this.#match || (carrier !== undefined && carrier !== message)) return
    // Sent to an earlier incarnation of the follower: its turn comes again.
    if (carrier === undefined && offset >= this.#next) return
    if (!this.canSend) {
      this.underWay.delete(offset)
      return this.#retry.fail()
    }
    const delayUs = retryDelayUs(message.attempt)
    message.dueUs = this.#parts.now + delayUs
    this.underWay.set(offset, message)
    this.#parts.timeline.schedule(delayUs, () => this.#sendAgain(message, offset))
  }

  #sendAgain(message: Message, offset: Offset): void {
    if (this.#closed || this.underWay.get(offset) !== message) return
    this.underWay.delete(offset)
    if (!this.canSend) return this.#retry.fail()
    if (this.leader.log.at(offset)) return this.#send(offset, message.attempt + 1)
    // The log has moved on meanwhile: only a snapshot helps.
    this.#next = this.#match + 1
    this.#proceed(false)
  }

  #tellCatchUp(type: CatchUpEvent['type'], kind: CatchUpEvent['kind'], count: number): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    emitter.emit({ type, leader: this.leader.id, replica: this.follower, kind, count })
  }
}
