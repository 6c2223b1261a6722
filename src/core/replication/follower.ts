// The follower's half of replication: what a replica does with a copy, an announcement or a snapshot, and
// how it acknowledges. It applies in log order, and tells how far it has come; what comes from a leader
// whose time is over it refuses, and its refusal carries the newer epoch.

import { lagVersions } from '../lag.ts'
import type { AcknowledgementBody, CopyBody, Message, SnapshotBody } from '../network/message.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import type { Epoch, EpochTable, Offset } from '../version.ts'
import { Retry } from './retry.ts'

/** An acknowledgement that the network dropped, owed to one leader. */
interface Owed {
  readonly retry: Retry
  /** What the newest of those that were dropped said. */
  epoch: Epoch
  offset: Offset
}

export class Followers {
  readonly #parts: Parts
  /** Called when a replica hears of a newer epoch; the leader's half may have to end a leadership. */
  readonly #learn: (replica: Replica, epoch: Epoch, table: EpochTable) => void
  readonly #owed = new Map<string, Owed>()

  constructor(parts: Parts, learn: (replica: Replica, epoch: Epoch, table: EpochTable) => void) {
    this.#parts = parts
    this.#learn = learn
  }

  onCopy(message: Message, body: CopyBody): void {
    const replica = this.#parts.replica(message.to)
    if (!this.#accepts(replica, message, body)) return
    const { offset } = body.record
    if (offset <= replica.appliedOffset) {
      this.#refuse(replica, message, 'duplicate')
    } else if (offset > replica.appliedOffset + 1) {
      this.#keepEarly(replica, message, body)
      // Until it has acknowledged in this epoch, its leader may believe it further on.
      if (replica.acknowledgedEpoch === replica.epoch) return
    } else {
      this.#apply(replica, message.id, body)
      this.#applyEarly(replica)
    }
    this.#answer(replica, message)
  }

  /** An empty copy: all there is to it is the epoch. */
  onAnnouncement(message: Message, body: { epoch: Epoch; table: EpochTable }): void {
    const replica = this.#parts.replica(message.to)
    if (!this.#accepts(replica, message, body)) return
    this.#parts.network.tellArrived(message)
    this.#answer(replica, message)
  }

  onSnapshot(message: Message, body: SnapshotBody): void {
    const replica = this.#parts.replica(message.to)
    if (!this.#accepts(replica, message, body)) return
    this.#parts.network.tellArrived(message)
    if (body.offset > replica.appliedOffset || replica.needsSnapshot) {
      replica.install(body)
      replica.early.dropUpTo(body.offset)
      this.#tellInstalled(message, body)
      this.#applyEarly(replica)
    }
    this.#answer(replica, message)
  }

  /** Tells `to` how far a replica has come: after each copy, and whenever it returns. */
  acknowledge(replica: Replica, to: ReplicaId, background = false): void {
    const body: AcknowledgementBody = {
      kind: 'acknowledgement',
      epoch: replica.epoch,
      table: replica.table,
      incarnation: replica.incarnation,
      appliedOffset: replica.appliedOffset,
      needsSnapshot: replica.needsSnapshot,
    }
    this.#parts.network.send(replica.id, to, body, { background })
  }

  /** One arrived: an older one that was dropped need not be repeated. */
  acknowledgementArrived(message: Message, body: AcknowledgementBody): void {
    if (this.#owed.size === 0) return
    const owed = this.#owed.get(`${message.from} ${message.to}`)
    if (!owed || body.incarnation !== this.#parts.replica(message.from).incarnation) return
    const saysAsMuch =
      body.epoch > owed.epoch || (body.epoch === owed.epoch && body.appliedOffset >= owed.offset)
    if (saysAsMuch) owed.retry.cancel()
  }

  acknowledgementLost(message: Message, body: AcknowledgementBody): void {
    const { from, to } = message
    const replica = this.#parts.replica(from)
    // A heartbeat's answer is followed by the next one's; an earlier incarnation's is void.
    if (message.background || replica.incarnation !== body.incarnation) return
    const key = `${from} ${to}`
    let owed = this.#owed.get(key)
    if (!owed) {
      owed = { retry: this.#retry(replica, to), epoch: 0, offset: 0 }
      this.#owed.set(key, owed)
    }
    if (body.epoch > owed.epoch) {
      owed.epoch = body.epoch
      owed.offset = body.appliedOffset
    } else if (body.epoch === owed.epoch) {
      owed.offset = Math.max(owed.offset, body.appliedOffset)
    }
    owed.retry.fail()
  }

  /** Reachability changed: take up what is owed to those in reach again. */
  wake(): void {
    for (const owed of this.#owed.values()) owed.retry.wake()
  }

  /** A replica lost its memory, and with it what it owed. */
  forget(replica: ReplicaId): void {
    for (const [key, owed] of this.#owed) {
      if (!key.startsWith(`${replica} `)) continue
      owed.retry.cancel()
      this.#owed.delete(key)
    }
  }

  /** To its leader. The answer to a heartbeat is not repeated when it is lost, so nothing may rest on it. */
  #answer(replica: Replica, { from, background }: Message): void {
    if (!background) replica.acknowledgedEpoch = replica.epoch
    this.acknowledge(replica, from, background)
  }

  #retry(replica: Replica, to: ReplicaId): Retry {
    const { network, timeline } = this.#parts
    return new Retry(
      timeline,
      () => replica.state === 'running' && network.isReachable(replica.id, to),
      () => this.acknowledge(replica, to),
    )
  }

  /** Fencing happens on receipt, at a replica that knows a newer epoch. */
  #accepts(replica: Replica, message: Message, body: { epoch: Epoch; table: EpochTable }): boolean {
    if (body.epoch < replica.epoch) {
      this.#refuse(replica, message, 'old-epoch')
      this.acknowledge(replica, message.from, message.background)
      return false
    }
    if (body.epoch > replica.epoch) this.#learn(replica, body.epoch, body.table)
    return true
  }

  #refuse(replica: Replica, message: Message, reason: 'duplicate' | 'old-epoch'): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners || message.background) return
    const { id, record } = message
    emitter.emit({ type: 'copy-refused', message: id, replica: replica.id, record, reason })
  }

  #keepEarly(replica: Replica, message: Message, body: CopyBody): void {
    if (!replica.early.keep({ body, message: message.id })) {
      return this.#parts.network.drop(message, 'overflow')
    }
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    emitter.emit({
      type: 'copy-early',
      message: message.id,
      replica: replica.id,
      record: body.record,
      missing: replica.appliedOffset + 1,
    })
  }

  #tellInstalled(
    { id: message, to: replica }: Message,
    { leader, offset, records }: SnapshotBody,
  ): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    const told = { message, leader, replica, offset, records: records.length }
    emitter.emit({ type: 'snapshot-installed', ...told })
  }

  #applyEarly(replica: Replica): void {
    while (replica.early.size > 0) {
      const waiting = replica.early.take(replica.appliedOffset + 1)
      if (!waiting) return
      this.#apply(replica, waiting.message, waiting.body)
    }
  }

  #apply(replica: Replica, message: number, body: CopyBody): void {
    const alreadyHad = replica.apply(body.record, body.slot)
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    const { record } = body
    emitter.emit({
      type: 'copy-applied',
      message,
      replica: replica.id,
      record,
      quorum: record.quorum,
      alreadyHad,
      lagVersions: lagVersions(this.#parts, replica),
    })
  }
}
