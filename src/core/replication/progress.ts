// What a leader knows of one follower: how far it has come, what is under way to it, and whether anything
// must be sent again. Raft calls the two positions matchIndex and nextIndex.

import type { Message } from '../network/message.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Microseconds } from '../units.ts'
import type { Offset } from '../version.ts'
import { OffsetWindow } from './offset-window.ts'
import type { Retry } from './retry.ts'

export class Progress {
  readonly follower: ReplicaId
  /** The incarnation of the follower that `match` speaks of. */
  incarnation: number
  /** Everything up to here is acknowledged by that incarnation. */
  match: Offset = 0
  /** The next offset to send; behind the log's end while a catch-up is under way. */
  next: Offset
  /** The copies under way, waiting to be sent again included, by offset. Invariant: all above `match`. */
  readonly underWay = new OffsetWindow<Message>()
  /** The snapshot under way, if any. */
  snapshot: Message | undefined
  /** It has stated its position to this leader, in this epoch and incarnation. */
  synced = false
  /** That was before it knew this epoch: it may give entries up when it learns of those in between. */
  provisional = false
  /** Acknowledgements up to here were counted for waiting writes, whichever incarnation they came from. */
  counted: Offset
  /** When it last acknowledged to this leader; null while it never has. At the very start it counts as having. */
  lastAcknowledgedUs: Microseconds | null
  /** The end of the catch-up under way, if any. A snapshot of an empty log ends at 0. */
  catchUpTo: Offset | undefined
  /** Log entries, or records of a snapshot, that it brings. */
  catchUpCount = 0
  /** For what was dropped while the follower was out of reach. */
  readonly retry: Retry

  constructor(
    follower: ReplicaId,
    incarnation: number,
    next: Offset,
    lastAcknowledgedUs: Microseconds | null,
    retry: Retry,
  ) {
    this.follower = follower
    this.incarnation = incarnation
    this.next = next
    this.counted = next - 1
    this.lastAcknowledgedUs = lastAcknowledgedUs
    this.retry = retry
  }

  /** Starts over from a position the follower has stated. What is under way to an earlier incarnation is void. */
  restartAt(incarnation: number, position: Offset): void {
    if (incarnation !== this.incarnation) {
      this.underWay.clear()
      this.snapshot = undefined
      this.incarnation = incarnation
      this.catchUpTo = undefined
    }
    this.match = position
    this.next = position + 1
    this.synced = true
    this.underWay.deleteUpTo(position)
  }
}
