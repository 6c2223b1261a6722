// Counts what happens in the cluster, for metrics.ts. Labels come from small closed sets; a key or a client
// is never one, for their number has no bound.

import type { ClusterEvent, FaultEvent } from '../core/events.ts'
import type { Staleness } from '../core/nodes.ts'
import { Tally } from './tally.ts'

export class EventTallies {
  readonly writes = new Tally()
  readonly reads = new Tally()
  readonly failedReads = new Tally()
  readonly copies = new Tally()
  readonly repairs = new Tally()
  readonly faults = new Tally()
  readonly failovers = new Tally()

  count(event: ClusterEvent): void {
    switch (event.type) {
      case 'write-acknowledged':
        return this.writes.add(event.w === null ? 'plain' : 'quorum', 'acknowledged')
      case 'write-failed':
        return this.writes.add('failed', event.code)
      case 'read-completed':
        return this.reads.add(event.kind, freshness(event.answer.staleness))
      case 'read-failed':
        return this.failedReads.add(event.kind, event.code)
      case 'message-sent':
        return event.kind === 'copy' ? this.copies.add('sent') : undefined
      case 'message-lost':
        return event.kind === 'copy' ? this.copies.add('lost') : undefined
      case 'copy-applied':
        return this.copies.add(event.alreadyHad ? 'already-had' : 'applied')
      case 'copy-early':
        return this.copies.add('early')
      case 'copy-refused':
        return this.copies.add(event.reason)
      case 'record-repaired':
        return this.repairs.add(event.role)
      case 'leader-elected':
        return this.failovers.add(event.reason)
      case 'write-applied':
      case 'read-started':
      case 'message-held':
      case 'message-released':
      case 'acknowledgement-received':
      case 'catch-up-started':
      case 'catch-up-finished':
      case 'leader-suspected':
      case 'epoch-learned':
      case 'clock-changed':
      case 'cluster-reset':
      case 'record-restored':
      case 'restore-finished':
        return
      default:
        // Faults alone are left: whether a new kind of event counts, the compiler wants to know.
        return this.#countFault(event)
    }
  }

  /** Their counterparts are not counted. */
  #countFault(event: FaultEvent): void {
    switch (event.type) {
      case 'replica-crashed':
        return this.faults.add('crash')
      case 'replica-paused':
        return this.faults.add('pause')
      case 'record-forgotten':
        return this.faults.add('forget')
      case 'link-changed':
        return event.verb === 'cut' || event.verb === 'hold'
          ? this.faults.add(event.verb)
          : undefined
      case 'network-partitioned':
        return this.faults.add('partition')
    }
  }
}

function freshness(staleness: Staleness): string {
  if (staleness.diverged) return 'diverged'
  return staleness.versions === 0 ? 'fresh' : 'stale'
}
