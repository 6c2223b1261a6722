// Heartbeats and automatic failover, both off unless an option asks for them. A leader sends an empty copy to
// every follower and to `api` at a steady beat; `api`, the only arbiter, deposes one it has not heard of for too
// long. After the failure detectors of Raft (§5.2, election time-out) and Redis Sentinel, with one judge
// instead of a vote.

import type { AnnouncementBody } from '../network/message.ts'
import { API, type ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { type Microseconds, US_PER_SECOND } from '../units.ts'
import type { Epoch } from '../version.ts'
import type { Failover } from './failover.ts'
import type { Leaders } from './leader.ts'
import { announcementOf } from './leader-messages.ts'

/** Beats within one suspicion time-out: one or two may be lost without a failover. */
const BEATS_PER_TIMEOUT = 4

/** The slowest beat; followers then acknowledge often enough for the write guard to tell who is in reach. */
const BEAT_US_MAX = US_PER_SECOND

export class Heartbeats {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly #failover: Failover
  readonly #beatUs: Microseconds
  /** When `api` last heard of whoever is to lead, and the epoch that one was to lead. */
  #heardUs: Microseconds = 0
  #heardOf: Epoch = 1

  constructor(parts: Parts, leaders: Leaders, failover: Failover) {
    this.#parts = parts
    this.#leaders = leaders
    this.#failover = failover
    this.#beatUs = beatOf(parts)
    if (this.#beatUs > 0) this.#schedule()
  }

  /** An empty copy reached `api`. One whom a newer order has passed by is not who is waited for. */
  heard(body: AnnouncementBody): void {
    if (body.epoch === this.#awaited()) this.#heardUs = this.#parts.now
  }

  /** The epoch whose leader `api` expects to hear of. */
  #awaited(): Epoch {
    return this.#parts.order?.epoch ?? this.#parts.ledEpoch
  }

  #schedule(): void {
    // It goes on by itself, so it never keeps the cluster from being idle.
    this.#parts.timeline.schedule(this.#beatUs, () => this.#beat(), true)
  }

  #beat(): void {
    for (const leadership of this.#leaders.leaderships()) {
      const { replica, replicators } = leadership
      if (replica.state !== 'running') continue
      const body = announcementOf(replica)
      for (const { follower } of replicators) this.#send(replica.id, follower, body)
      this.#send(replica.id, API, body)
    }
    this.#suspect()
    this.#schedule()
  }

  #send(from: ReplicaId, to: number, body: AnnouncementBody): void {
    this.#parts.network.send(from, to, body, { background: true })
  }

  #suspect(): void {
    const { options, order, newestLeader, now, emitter } = this.#parts
    if (options.autoFailoverUs === null) return
    if (this.#awaited() !== this.#heardOf) this.#expect()
    const silentUs = now - this.#heardUs
    if (silentUs < options.autoFailoverUs) return
    emitter.emit({ type: 'leader-suspected', replica: order?.to ?? newestLeader, silentUs })
    this.#failover.failoverBySuspicion()
    // Found nobody, or somebody: either way the next suspicion needs a new silence.
    this.#expect()
  }

  /** Whoever has just been ordered gets a whole time-out to be heard. */
  #expect(): void {
    this.#heardOf = this.#awaited()
    this.#heardUs = this.#parts.now
  }
}

/** Often enough for every time-out that counts on it; 0 where none does. */
function beatOf({ options }: Parts): Microseconds {
  const timeoutsUs: Microseconds[] = []
  if (options.autoFailoverUs !== null) timeoutsUs.push(options.autoFailoverUs)
  if (options.minFollowersToWrite > 0) timeoutsUs.push(options.minFollowersMaxLagUs)
  if (timeoutsUs.length === 0) return 0
  const beatUs = Math.floor(Math.min(...timeoutsUs) / BEATS_PER_TIMEOUT)
  return Math.max(1, Math.min(beatUs, BEAT_US_MAX))
}
