// The modules wired together, and the table of who handles which message. A protocol lasts from a start or a full
// reset to the next. cluster.ts is the door to it.

import type { Emitter } from './emitter.ts'
import { Expiries } from './faults/expiry.ts'
import { LinkFaults } from './faults/link-faults.ts'
import { ReplicaFaults } from './faults/replica-faults.ts'
import type { Message } from './network/message.ts'
import { API, type LossReason } from './nodes.ts'
import type { ClusterOptions } from './options.ts'
import { Parts, type Router } from './parts.ts'
import type { Replica } from './replica/replica.ts'
import { Failover } from './replication/failover.ts'
import { Followers } from './replication/follower.ts'
import { Heartbeats } from './replication/heartbeats.ts'
import { Leaders } from './replication/leader.ts'
import { OpenOperations } from './requests/operation.ts'
import { Reads } from './requests/reads.ts'
import { Writes } from './requests/writes.ts'
import type { Timeline } from './timeline.ts'
import type { Epoch, EpochTable } from './version.ts'

export class Protocol implements Router {
  readonly parts: Parts
  readonly open: OpenOperations
  readonly writes: Writes
  readonly reads: Reads
  readonly failover: Failover
  readonly replicaFaults: ReplicaFaults
  readonly linkFaults: LinkFaults
  readonly expiries: Expiries
  readonly #leaders: Leaders
  readonly #followers: Followers
  readonly #heartbeats: Heartbeats

  constructor(options: ClusterOptions, timeline: Timeline, emitter: Emitter) {
    this.parts = new Parts(options, timeline, emitter, this)
    this.open = new OpenOperations(options.waitingMax)
    this.expiries = new Expiries(timeline)
    this.#leaders = new Leaders(this.parts)
    this.failover = new Failover(this.parts, this.#leaders)
    const learn = (replica: Replica, epoch: Epoch, table: EpochTable) =>
      this.failover.learn(replica, epoch, table)
    this.#followers = new Followers(this.parts, learn)
    const wake = () => this.wake()
    this.linkFaults = new LinkFaults(this.parts, this.expiries, wake)
    this.replicaFaults = new ReplicaFaults(
      this.parts,
      this.#leaders,
      this.#followers,
      this.failover,
      this.expiries,
      wake,
    )
    this.writes = new Writes(this.parts, this.#leaders, this.open)
    this.reads = new Reads(this.parts, this.#leaders, this.open, learn)
    this.#heartbeats = new Heartbeats(this.parts, this.#leaders, this.failover)
    this.failover.start()
  }

  deliver(message: Message): void {
    const { body } = message
    if (message.to === API) this.parts.unheard.delete(message.from)
    switch (body.kind) {
      case 'copy':
        return this.#followers.onCopy(message, body)
      case 'acknowledgement':
        return this.#onAcknowledgement(message)
      case 'announcement':
        if (message.to === API) return this.#heartbeats.heard(body)
        return this.#followers.onAnnouncement(message, body)
      case 'snapshot':
        return this.#followers.onSnapshot(message, body)
      case 'request':
        this.parts.network.tellArrived(message)
        return body.serve()
      case 'response':
        this.parts.network.tellArrived(message)
        return body.take()
    }
  }

  lost(message: Message, reason: LossReason): void {
    const { body } = message
    switch (body.kind) {
      case 'copy':
      case 'announcement':
      case 'snapshot':
        return this.#leaders.onLost(message)
      case 'acknowledgement':
        return this.#followers.acknowledgementLost(message, body)
      case 'request':
        // A cut is silence; a replica that is down refuses the connection.
        if (reason === 'crashed' || reason === 'restarted') body.refused()
        return
      case 'response':
        return
    }
  }

  /** Somebody may be in reach again: whatever waits to be sent again may go. */
  wake(): void {
    this.#leaders.wake()
    this.#followers.wake()
  }

  #onAcknowledgement(message: Message): void {
    const { body } = message
    if (body.kind !== 'acknowledgement') return
    this.#followers.acknowledgementArrived(message, body)
    const replica = this.parts.replica(message.to)
    if (body.epoch > replica.epoch) this.parts.network.tellArrived(message)
    if (body.epoch > replica.epoch) this.failover.learn(replica, body.epoch, body.table)
    else this.#leaders.onAcknowledgement(message, body)
  }
}
