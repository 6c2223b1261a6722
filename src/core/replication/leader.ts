// The leader's half of replication: appending writes, fanning copies out, and hearing how far each follower
// has come. A leadership belongs to one replica in one epoch; it ends when that replica crashes or
// learns of a newer epoch. Catching a follower up is catch-up.ts's part.

import { invariant } from '../errors.ts'
import type { AcknowledgementBody, CopyBody, Message } from '../network/message.ts'
import type { ReplicaId } from '../nodes.ts'
import type { ObservedWrite } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import type { Offset } from '../version.ts'
import { CatchUp } from './catch-up.ts'
import { Leadership } from './leadership.ts'
import { Progress } from './progress.ts'
import { Retry, retryDelayUs } from './retry.ts'

export class Leaders {
  readonly #parts: Parts
  readonly #catchUp: CatchUp
  readonly #leaderships = new Map<ReplicaId, Leadership>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#catchUp = new CatchUp(parts, (leadership, progress, offset, attempt) =>
      this.#send(leadership, progress, offset, attempt),
    )
  }

  leadership(replica: ReplicaId): Leadership | undefined {
    return this.#leaderships.get(replica)
  }

  leaderships(): Iterable<Leadership> {
    return this.#leaderships.values()
  }

  /**
   * A replica begins to lead, in the epoch and with the table it holds.
   * @param known the followers know it already (the very start); otherwise it announces itself
   */
  begin(replica: Replica, known: boolean): Leadership {
    replica.role = 'leader'
    const leadership = new Leadership(replica, (it) => this.#newProgress(it, known))
    this.#leaderships.set(replica.id, leadership)
    if (!known)
      for (const progress of leadership.progress) this.#catchUp.announce(leadership, progress)
    return leadership
  }

  /** It crashed or was deposed. Whoever waits is told; what is under way travels on. */
  end(replica: ReplicaId, code: 'replica-down' | 'leader-changed'): void {
    const leadership = this.#leaderships.get(replica)
    if (!leadership) return
    this.#leaderships.delete(replica)
    leadership.over = true
    for (const progress of leadership.progress) progress.retry.cancel()
    for (const waiter of [...leadership.waiting.values()]) waiter.end(code)
    leadership.waiting.clear()
  }

  /** The leader's write: into its log and store at once, one copy to each follower. */
  append(leadership: Leadership, key: string, value: string, quorum: boolean): ObservedWrite {
    const { replica } = leadership
    const { keys, observer, now } = this.#parts
    const record: StoredRecord = {
      key,
      value,
      epoch: replica.epoch,
      offset: replica.appliedOffset + 1,
      writtenUs: now,
      quorum,
    }
    const entry = keys.enter(key)
    replica.apply(record, entry.slot)
    return observer.wrote(record, replica.id, entry)
  }

  /** Sends the newest entry to every follower that is not behind anyway. */
  fanOut(leadership: Leadership, { record, history }: ObservedWrite): void {
    const { replica, table } = leadership
    const { network } = this.#parts
    const { slot } = history
    const { epoch, id: leader } = replica
    const body: CopyBody = { kind: 'copy', epoch, leader, table, record, slot }
    for (const progress of leadership.progress) {
      if (progress.next !== record.offset) continue
      progress.next++
      const message = network.sendCopy(leader, progress.follower, body)
      if (!message.isLost) progress.underWay.set(record.offset, message)
    }
  }

  /** A follower states its position to one that still leads. */
  onAcknowledgement(message: Message, body: AcknowledgementBody): void {
    const leadership = this.#leaderships.get(message.to)
    if (!leadership) return
    const progress = leadership.of(message.from)
    // Of an earlier incarnation, after this leader has heard of the newer one: what it speaks of may be gone.
    if (body.incarnation < progress.incarnation) return
    progress.lastAcknowledgedUs = this.#parts.now
    progress.retry.succeed()
    if (body.epoch < leadership.replica.epoch) {
      return this.#catchUp.welcomeFromOldEpoch(leadership, progress, body)
    }
    if (this.#parts.emitter.hasListeners && !message.background) this.#tell(message, body)
    this.#count(leadership, progress, body.appliedOffset)
    if (body.incarnation > progress.incarnation || !progress.synced || progress.provisional) {
      this.#catchUp.welcome(leadership, progress, body)
    } else if (body.appliedOffset > progress.match) {
      progress.match = body.appliedOffset
      progress.next = Math.max(progress.next, progress.match + 1)
      progress.underWay.deleteUpTo(body.appliedOffset)
    }
    this.#catchUp.proceed(leadership, progress, body.needsSnapshot)
  }

  /** The network dropped something a leader sent: a copy, an announcement or a snapshot. */
  onLost(message: Message): void {
    const leadership = this.#leaderships.get(message.from)
    const { body } = message
    // The next heartbeat makes up for a lost one.
    if (message.background || !leadership || !('leader' in body)) return
    if (body.epoch !== leadership.replica.epoch) return
    const progress = leadership.of(message.to)
    if (body.kind === 'copy')
      return this.#copyLost(leadership, progress, message, body.record.offset)
    if (body.kind === 'snapshot') {
      if (progress.snapshot !== undefined && progress.snapshot !== message) return
      progress.snapshot = undefined
      progress.next = progress.match + 1
    }
    progress.retry.fail()
  }

  /** Reachability changed: take up what is owed to those in reach again. */
  wake(): void {
    for (const leadership of this.#leaderships.values()) {
      for (const progress of leadership.progress) progress.retry.wake()
    }
  }

  /** A follower crashed. The leader will have to hear from it before it knows its position again. */
  followerCrashed(follower: ReplicaId): void {
    for (const leadership of this.#leaderships.values()) {
      if (leadership.replica.id === follower) continue
      const progress = leadership.of(follower)
      progress.synced = false
      progress.retry.fail()
    }
  }

  #newProgress(leadership: Leadership, known: boolean): Progress[] {
    const { replica } = leadership
    const others = this.#parts.replicas.filter((other) => other !== replica)
    return others.map((other) => {
      const progress: Progress = new Progress(
        other.id,
        other.incarnation,
        replica.appliedOffset + 1,
        known ? this.#parts.now : null,
        this.#retry(leadership, other.id, () => this.#catchUp.resume(leadership, progress)),
      )
      progress.synced = known
      return progress
    })
  }

  #retry(leadership: Leadership, follower: ReplicaId, again: () => void): Retry {
    return new Retry(this.#parts.timeline, () => this.#canSend(leadership, follower), again)
  }

  #canSend(leadership: Leadership, follower: ReplicaId): boolean {
    const { replica, over } = leadership
    const running = !over && replica.state === 'running'
    return running && this.#parts.network.isReachable(replica.id, follower)
  }

  #send(leadership: Leadership, progress: Progress, offset: Offset, attempt: number): void {
    const { replica, table } = leadership
    const record = replica.log.at(offset)
    invariant(record !== undefined, 'what is sent is in the log')
    const { epoch, id: leader } = replica
    const { slot } = this.#parts.keys.enter(record.key)
    const body: CopyBody = { kind: 'copy', epoch, leader, table, record, slot }
    const message = this.#parts.network.send(leader, progress.follower, body, { attempt })
    if (!message.isLost) progress.underWay.set(offset, message)
  }

  #copyLost(leadership: Leadership, progress: Progress, message: Message, offset: Offset): void {
    const carrier = progress.underWay.get(offset)
    // Acknowledged since, or a duplicate was lost and the original is still under way.
    if (offset <= progress.match || (carrier !== undefined && carrier !== message)) return
    // Of an earlier incarnation of the follower: its turn comes again.
    if (carrier === undefined && offset >= progress.next) return
    if (!this.#canSend(leadership, progress.follower)) {
      progress.underWay.delete(offset)
      progress.retry.fail()
      return
    }
    const delayUs = retryDelayUs(message.attempt)
    message.dueUs = this.#parts.now + delayUs
    progress.underWay.set(offset, message)
    this.#parts.timeline.schedule(delayUs, () =>
      this.#sendAgain(leadership, progress, message, offset),
    )
  }

  #sendAgain(leadership: Leadership, progress: Progress, message: Message, offset: Offset): void {
    if (leadership.over || progress.underWay.get(offset) !== message) return
    progress.underWay.delete(offset)
    if (!this.#canSend(leadership, progress.follower)) progress.retry.fail()
    else if (leadership.replica.log.at(offset)) {
      this.#send(leadership, progress, offset, message.attempt + 1)
    } else {
      // The log has moved on meanwhile: only a snapshot helps.
      progress.next = progress.match + 1
      this.#catchUp.proceed(leadership, progress, false)
    }
  }

  /** Counts an acknowledgement for the writes that wait for it, each follower once. */
  #count(leadership: Leadership, progress: Progress, offset: Offset): void {
    const { epoch } = leadership.replica
    this.#parts.observer.positionAcknowledged(epoch, progress.follower, offset)
    if (leadership.waiting.size === 0) {
      progress.counted = Math.max(progress.counted, offset)
      return
    }
    while (progress.counted < offset) {
      progress.counted++
      leadership.waiting.get(progress.counted)?.acknowledgedBy(progress.follower)
    }
  }

  #tell(message: Message, body: AcknowledgementBody): void {
    this.#parts.emitter.emit({
      type: 'acknowledgement-received',
      message: message.id,
      leader: message.to,
      from: message.from,
      appliedOffset: body.appliedOffset,
    })
  }
}
