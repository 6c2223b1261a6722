// The leader's half of replication: who leads in which epoch, appending writes and fanning copies out. What is
// done for one follower is replicator.ts's part.

import type { AcknowledgementBody, Message } from '../network/message.ts'
import { API, type ReplicaId } from '../nodes.ts'
import type { ObservedWrite } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import { firstVersion, type StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import type { Epoch } from '../version.ts'
import { announcementOf, copyOf } from './leader-messages.ts'
import { Leadership } from './leadership.ts'

export class Leaders {
  readonly #parts: Parts
  readonly #leaderships = new Map<ReplicaId, Leadership>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  leadership(replica: ReplicaId): Leadership | undefined {
    return this.#leaderships.get(replica)
  }

  /** Who leads in an epoch, if that leader is up and has not heard of a newer one. */
  ofEpoch(epoch: Epoch): Leadership | undefined {
    for (const one of this.#leaderships.values()) if (one.replica.epoch === epoch) return one
    return undefined
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
    const leadership = new Leadership(this.#parts, replica, known)
    this.#leaderships.set(replica.id, leadership)
    if (known) return leadership
    for (const replicator of leadership.replicators) replicator.announce()
    // So that `api` hears of it where no heartbeats tell.
    this.#parts.network.send(replica.id, API, announcementOf(replica), { background: true })
    return leadership
  }

  /** It crashed or was deposed. Waiting writes are answered; messages under way travel on. */
  end(replica: ReplicaId, code: 'replica-down' | 'leader-changed'): void {
    const leadership = this.#leaderships.get(replica)
    this.#leaderships.delete(replica)
    leadership?.end(code)
  }

  /** The leader's write: into its log and store at once. */
  append(leadership: Leadership, key: string, value: string, quorum: boolean): ObservedWrite {
    const { epoch, appliedOffset } = leadership.replica
    const offset = appliedOffset + 1
    return this.#take(leadership, { key, value, epoch, offset, writtenUs: this.#parts.now, quorum })
  }

  /** A live record that the log lacks, written again as an entry of the leader's own epoch. */
  appendAgain(leadership: Leadership, old: StoredRecord): ObservedWrite {
    const { epoch, appliedOffset } = leadership.replica
    const { epoch: firstEpoch, offset } = firstVersion(old)
    const origin = { epoch: firstEpoch, offset }
    return this.#take(leadership, { ...old, epoch, offset: appliedOffset + 1, origin }, old)
  }

  #take({ replica }: Leadership, record: StoredRecord, old?: StoredRecord): ObservedWrite {
    const { keys, observer } = this.#parts
    const entry = keys.enter(record.key)
    replica.apply(record, entry.slot)
    return observer.wrote(record, replica.id, entry, old && observer.observedWrite(old))
  }

  /** Sends the newest entry to every follower that is not behind anyway. */
  fanOut({ replica, replicators }: Leadership, { record, history }: ObservedWrite): void {
    const body = copyOf(replica, record, history.slot)
    for (const replicator of replicators) replicator.offer(body)
  }

  /** A follower acknowledges to one that may lead still. */
  onAcknowledgement(message: Message, body: AcknowledgementBody): void {
    const replicator = this.#leaderships.get(message.to)?.to(message.from)
    if (replicator?.counts(body)) this.#tellReceived(message, body)
    else this.#parts.network.tellArrived(message)
    replicator?.onAcknowledgement(body)
  }

  #tellReceived(
    { id: message, from, to: leader, background }: Message,
    { appliedOffset }: AcknowledgementBody,
  ): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners || background) return
    emitter.emit({ type: 'acknowledgement-received', message, leader, from, appliedOffset })
  }

  /** The network dropped something a leader sent: a copy, an announcement or a snapshot. */
  onLost(message: Message): void {
    const leadership = this.#leaderships.get(message.from)
    const { body } = message
    // The next heartbeat makes up for a lost one.
    if (message.background || !leadership || !('leader' in body)) return
    if (body.epoch === leadership.replica.epoch) leadership.to(message.to).onLost(message)
  }

  /** Reachability changed: take up what is owed to those in reach again. */
  wake(): void {
    for (const { replicators } of this.#leaderships.values()) {
      for (const replicator of replicators) replicator.wake()
    }
  }

  followerCrashed(follower: ReplicaId): void {
    for (const leadership of this.#leaderships.values()) {
      if (leadership.replica.id !== follower) leadership.to(follower).onCrash()
    }
  }
}
