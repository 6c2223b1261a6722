// Counts what happens in the cluster, for metrics.ts. Labels come from small closed sets; a key or a client
// is never one, for their number has no bound.

import type { ClusterEvent } from '../core/events.ts'
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
        this.writes.add(event.w === null ? 'plain' : 'quorum', 'acknowledged')
        break
      case 'write-failed':
        this.writes.add('failed', event.code)
        break
      case 'read-completed':
        this.reads.add(event.kind, freshness(event.answer.staleness))
        break
      case 'read-failed':
        this.failedReads.add(event.kind, event.code)
        break
      case 'message-sent':
        if (event.kind === 'copy') this.copies.add('sent')
        break
      case 'message-lost':
        if (event.kind === 'copy') this.copies.add('lost')
        break
      case 'copy-applied':
        this.copies.add(event.alreadyHad ? 'already-had' : 'applied')
        break
      case 'copy-early':
        this.copies.add('early')
        break
      case 'copy-refused':
        this.copies.add(event.reason)
        break
      case 'record-repaired':
        this.repairs.add(event.role)
        break
      default:
        this.#countFaults(event)
    }
  }

  #countFaults(event: ClusterEvent): void {
    switch (event.type) {
      case 'replica-crashed':
        this.faults.add('crash')
        break
      case 'replica-paused':
        this.faults.add('pause')
        break
      case 'record-forgotten':
        this.faults.add('forget')
        break
      case 'link-changed':
        if (event.verb === 'cut' || event.verb === 'hold') this.faults.add(event.verb)
        break
      case 'network-partitioned':
        this.faults.add('partition')
        break
      case 'leader-elected':
        this.failovers.add(event.reason)
        break
      default:
    }
  }
}

function freshness(staleness: Staleness): string {
  if (staleness.diverged) return 'diverged'
  return staleness.versions === 0 ? 'fresh' : 'stale'
}
