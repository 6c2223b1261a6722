// Bringing a follower up to its leader's log: from the last entry they have in common, or by a snapshot
// where the log no longer reaches back so far. A bounded number of copies is under way at a time.

import type { AcknowledgementBody, AnnouncementBody, SnapshotBody } from '../network/message.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { US_PER_SECOND } from '../units.ts'
import { lastCommonOffset, type Offset } from '../version.ts'
import type { Leadership } from './leadership.ts'
import type { Progress } from './progress.ts'

/** Copies under way to one follower while it catches up. */
const COPIES_UNDER_WAY_MAX = 10_000

/** How fast a snapshot is sent, on top of its latency. */
const SNAPSHOT_RECORDS_PER_SECOND = 100_000

type SendCopy = (
  leadership: Leadership,
  progress: Progress,
  offset: Offset,
  attempt: number,
) => void

export class CatchUp {
  readonly #parts: Parts
  readonly #sendCopy: SendCopy

  constructor(parts: Parts, sendCopy: SendCopy) {
    this.#parts = parts
    this.#sendCopy = sendCopy
  }

  /** Tells a follower who leads. It answers with its position. */
  announce(leadership: Leadership, progress: { follower: ReplicaId }, background = false): void {
    const { replica, table } = leadership
    const body: AnnouncementBody = {
      kind: 'announcement',
      epoch: replica.epoch,
      leader: replica.id,
      table,
    }
    this.#parts.network.send(replica.id, progress.follower, body, { background })
  }

  /** The time to try again has come, and the follower is in reach. */
  resume(leadership: Leadership, progress: Progress): void {
    if (!progress.synced) return this.announce(leadership, progress)
    progress.next = progress.match + 1
    this.#start(leadership, progress)
    this.proceed(leadership, progress, false)
  }

  /** A follower of this epoch states its position for the first time, or in a new incarnation. */
  welcome(leadership: Leadership, progress: Progress, body: AcknowledgementBody): void {
    progress.retry.cancel()
    progress.restartAt(body.incarnation, body.appliedOffset)
    progress.provisional = false
    this.#start(leadership, progress)
  }

  /** One that does not know this epoch yet: the copies will teach it, or an announcement. */
  welcomeFromOldEpoch(leadership: Leadership, progress: Progress, body: AcknowledgementBody): void {
    // Sent before it learned: a statement of this epoch follows by itself.
    if (progress.synced && body.incarnation <= progress.incarnation) return
    const { log, table } = leadership.replica
    const common = lastCommonOffset(body.table, body.appliedOffset, table, log.lastOffset)
    progress.retry.cancel()
    progress.restartAt(body.incarnation, common)
    progress.provisional = true
    this.#start(leadership, progress)
    if (progress.next > log.lastOffset) {
      progress.synced = false
      return this.announce(leadership, progress)
    }
    this.proceed(leadership, progress, body.needsSnapshot)
  }

  /** Sends what is missing, as far as the bounds allow. Called again with every acknowledgement. */
  proceed(leadership: Leadership, progress: Progress, needsSnapshot: boolean): void {
    const { log } = leadership.replica
    this.#finish(leadership, progress)
    if (needsSnapshot || (progress.next <= log.lastOffset && progress.next < log.firstOffset)) {
      return this.#sendSnapshot(leadership, progress)
    }
    const { network, options } = this.#parts
    while (progress.next <= log.lastOffset) {
      if (progress.underWay.size >= COPIES_UNDER_WAY_MAX) return
      if (network.messages >= options.messagesMax) {
        // What is under way may arrive early and bring no acknowledgement back: try again by ourselves.
        progress.retry.fail()
        return
      }
      const offset = progress.next++
      if (progress.underWay.get(offset) === undefined) {
        this.#sendCopy(leadership, progress, offset, 0)
      }
    }
  }

  #sendSnapshot(leadership: Leadership, progress: Progress): void {
    if (progress.snapshot) {
      // Started over meanwhile; what it will bring need not be sent once more.
      const { body } = progress.snapshot
      if (body.kind === 'snapshot') progress.next = Math.max(progress.next, body.offset + 1)
      return
    }
    const { replica, table } = leadership
    const records = [...replica.store.values()]
    const offset = replica.appliedOffset
    const { epoch, id: leader } = replica
    const body: SnapshotBody = { kind: 'snapshot', epoch, leader, table, offset, records }
    this.#tell(leadership, progress, 'catch-up-started', 'snapshot', records.length)
    progress.catchUpTo = offset
    progress.catchUpCount = records.length
    progress.next = offset + 1
    const extraUs = Math.ceil((records.length * US_PER_SECOND) / SNAPSHOT_RECORDS_PER_SECOND)
    const message = this.#parts.network.send(leader, progress.follower, body, { extraUs })
    if (!message.isLost) progress.snapshot = message
  }

  #start(leadership: Leadership, progress: Progress): void {
    // Its end is the snapshot's, by which the snapshot is known to have landed.
    if (progress.snapshot) return
    const { log } = leadership.replica
    const missing = log.lastOffset - progress.match
    // What is on its way anyway is no catch-up, and a snapshot tells of itself.
    if (missing <= progress.underWay.size || progress.next < log.firstOffset) return
    progress.catchUpTo = log.lastOffset
    progress.catchUpCount = missing
    this.#tell(leadership, progress, 'catch-up-started', 'entries', missing)
  }

  #finish(leadership: Leadership, progress: Progress): void {
    if (progress.catchUpTo === undefined || progress.match < progress.catchUpTo) return
    const kind = progress.snapshot ? 'snapshot' : 'entries'
    progress.snapshot = undefined
    progress.catchUpTo = undefined
    this.#tell(leadership, progress, 'catch-up-finished', kind, progress.catchUpCount)
  }

  #tell(
    leadership: Leadership,
    progress: Progress,
    type: 'catch-up-started' | 'catch-up-finished',
    kind: 'entries' | 'snapshot',
    count: number,
  ): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    const leader = leadership.replica.id
    emitter.emit({ type, leader, replica: progress.follower, kind, count })
  }
}
