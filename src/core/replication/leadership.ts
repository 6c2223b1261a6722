// One replica's time as leader, in one epoch: how far each follower has come, and which writes wait for them.
// What it does with that is in leading.ts and catch-up.ts.

import { invariant } from '../errors.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Replica } from '../replica/replica.ts'
import type { EpochTable, Offset } from '../version.ts'
import type { Progress } from './progress.ts'

/** A write that waits for acknowledgements; the verb behind it lives in writes.ts. */
export interface Waiter {
  acknowledgedBy(replica: ReplicaId): void
  end(code: 'replica-down' | 'leader-changed'): void
}

/** One replica's time as leader. */
export class Leadership {
  readonly replica: Replica
  readonly table: EpochTable
  readonly progress: readonly Progress[]
  readonly waiting = new Map<Offset, Waiter>()
  over = false

  constructor(replica: Replica, progress: (leadership: Leadership) => readonly Progress[]) {
    this.replica = replica
    this.table = replica.table
    this.progress = progress(this)
  }

  of(follower: ReplicaId): Progress {
    const { id } = this.replica
    invariant(follower !== id, 'a leader keeps no progress of its own')
    return this.progress[follower < id ? follower : follower - 1] as Progress
  }
}
