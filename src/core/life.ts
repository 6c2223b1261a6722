// One life of the cluster, from its start or a reset to the next: the modules wired together, and the table of
// who handles which message. cluster.ts is the door to it.

import type { Emitter } from './emitter.ts'
import { API, type LossReason } from './events.ts'
import { Failover } from './failover.ts'
import { Following } from './following.ts'
import { Heartbeats } from './heartbeats.ts'
import { Leading } from './leading.ts'
import { LinkFaults } from './link-faults.ts'
import type { Message } from './message.ts'
import { OpenOperations } from './operation.ts'
import type { ClusterOptions } from './options.ts'
import { Reads } from './reads.ts'
import { ReplicaFaults } from './replica-faults.ts'
import { type Dispatcher, System } from './system.ts'
import type { Timeline } from './timeline.ts'
import { Undo } from './undo.ts'
import { Writes } from './writes.ts'

export class Life implements Dispatcher {
  readonly system: System
  readonly open: OpenOperations
  readonly writes: Writes
  readonly reads: Reads
  readonly failover: Failover
  readonly replicaFaults: ReplicaFaults
  readonly linkFaults: LinkFaults
  readonly undo: Undo
  readonly #leading: Leading
  readonly #following: Following
  readonly #heartbeats: Heartbeats

  constructor(options: ClusterOptions, timeline: Timeline, emitter: Emitter) {
    this.system = new System(options, timeline, emitter)
    this.system.dispatcher = this
    this.open = new OpenOperations(options.waitingMax)
    this.undo = new Undo(timeline)
    this.#leading = new Leading(this.system)
    this.failover = new Failover(this.system, this.#leading)
    this.#following = new Following(this.system, (replica, epoch, table) =>
      this.failover.learn(replica, epoch, table),
    )
    const wake = () => this.wake()
    this.linkFaults = new LinkFaults(this.system, this.undo, wake)
    this.replicaFaults = new ReplicaFaults(
      this.system,
      this.#leading,
      this.#following,
      this.failover,
      this.undo,
      wake,
    )
    this.writes = new Writes(this.system, this.#leading, this.open)
    this.reads = new Reads(this.system, this.#leading, this.open)
    this.#heartbeats = new Heartbeats(this.system, this.#leading, this.failover)
    this.failover.start()
  }

  deliver(message: Message): void {
    const { body } = message
    switch (body.kind) {
      case 'copy':
        return this.#following.onCopy(message, body)
      case 'acknowledgement':
        return this.#onState(message)
      case 'announcement':
        if (message.to === API) return this.#heartbeats.heard(body)
        return this.#following.onAnnouncement(message, body)
      case 'snapshot':
        return this.#following.onSnapshot(message, body)
      case 'request':
        return body.serve()
      case 'response':
        return body.take()
    }
  }

  lost(message: Message, reason: LossReason): void {
    const { body } = message
    switch (body.kind) {
      case 'copy':
      case 'announcement':
      case 'snapshot':
        return this.#leading.onLost(message)
      case 'acknowledgement':
        return this.#following.stateLost(message, body)
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
    this.#leading.wake()
    this.#following.wake()
  }

  #onState(message: Message): void {
    const { body } = message
    if (body.kind !== 'acknowledgement') return
    this.#following.stateArrived(message, body)
    const replica = this.system.replica(message.to)
    if (body.epoch > replica.epoch) this.failover.learn(replica, body.epoch, body.table)
    else this.#leading.onState(message, body)
  }
}
