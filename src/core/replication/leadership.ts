// One replica's time as leader, in one epoch: a replicator for each follower, and the writes that wait for them.
// It ends when that replica crashes or learns of a newer epoch. Who leads is leader.ts's part.

import { invariant } from '../errors.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import { Replicator } from './replicator.ts'
import { WaitingWrites } from './waiting-writes.ts'

export class Leadership {
  readonly replica: Replica
  readonly waiting: WaitingWrites
  readonly replicators: readonly Replicator[]

  /** @param known the followers know it already (the very start) */
  constructor(parts: Parts, replica: Replica, known: boolean) {
    this.replica = replica
    this.waiting = new WaitingWrites(replica.appliedOffset)
    this.replicators = parts.replicas
      .filter((other) => other !== replica)
      .map((other) => new Replicator(parts, replica, this.waiting, other, known))
  }

  to(follower: ReplicaId): Replicator {
    const { id } = this.replica
    invariant(follower !== id, 'a leader sends itself nothing')
    return this.replicators[follower < id ? follower : follower - 1] as Replicator
  }

  /** Waiting writes are answered; messages under way travel on. */
  end(code: 'replica-down' | 'leader-changed'): void {
    for (const replicator of this.replicators) replicator.close()
    this.waiting.endAll(code)
  }
}
