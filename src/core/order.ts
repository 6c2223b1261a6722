// An order to lead, from when it is given until it is carried out. A paused replica does nothing, so its order waits
// in its queue; the newest epoch has no leader until then. Who is ordered, and when, is replication/failover.ts's part.

import { advise, type Problem, problem } from './errors.ts'
import type { ReplicaId } from './nodes.ts'
import { FAILOVER, resume } from './remedy.ts'
import type { Microseconds } from './units.ts'
import type { Epoch } from './version.ts'

export type FailoverReason = 'asked' | 'forced' | 'suspected' | 'restored'

export interface Order {
  readonly to: ReplicaId
  readonly epoch: Epoch
  readonly reason: FailoverReason
  /** Since when an order has been waiting: this one, or one before it that nobody carried out either. */
  readonly sinceUs: Microseconds
}

/** What needs the leader, while an order to lead waits. */
export function leaderAwaited({ to, epoch }: Order, lastLeader: ReplicaId): Problem {
  const detail = `Replica ${to} was ordered to lead epoch ${epoch} and is paused, so nobody leads yet. It takes over once it resumes; replica ${lastLeader}, which led last, may lead again.`
  return advise(
    problem('no-leader', detail, { lastLeader, ordered: to, epoch }),
    resume(to),
    FAILOVER,
  )
}
