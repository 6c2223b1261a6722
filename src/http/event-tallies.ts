// Counts what happens in the cluster, for metrics.ts. Labels come from small closed sets; a key or a client
// is never one, for their number has no bound.

import { BOUNDS } from '../core/bounds.ts'
import type { ClusterEvent, FaultEvent } from '../core/events.ts'
import type { Staleness } from '../core/nodes.ts'
import { type Microseconds, msFromUs } from '../core/units.ts'
import { Tally } from './tally.ts'
import { BOUNDS_SIMULATED, Timings } from './timings.ts'

type LinkEvent = Extract<FaultEvent, { readonly type: 'link-changed' }>

/** Requests whose beginning is remembered: more than may wait unless told otherwise. */
const TAKEN_MAX = BOUNDS.waitingMax * 2

type Counted = {
  readonly type:
    | 'write-started'
    | 'write-applied'
    | 'write-acknowledged'
    | 'write-failed'
    | 'read-started'
    | 'read-completed'
    | 'read-failed'
    | 'cluster-reset'
}

export class EventTallies {
  readonly writes = new Tally()
  readonly reads = new Tally()
  readonly failedReads = new Tally()
  readonly copies = new Tally()
  readonly repairs = new Tally()
  readonly faults = new Tally()
  readonly failovers = new Tally()
  /** In simulated time, from when the cluster took them to their answers. */
  readonly writeTimes = new Timings(BOUNDS_SIMULATED)
  readonly readTimes = new Timings(BOUNDS_SIMULATED)
  /** When the requests without an answer were taken. */
  readonly #takenUs = new Map<number, Microseconds>()

  count(event: ClusterEvent): void {
    switch (event.type) {
      case 'write-started':
      case 'write-applied':
      case 'read-started':
        return this.#begin(event)
      case 'cluster-reset':
        // Requests are numbered anew.
        if (event.keep !== 'data') this.#takenUs.clear()
        return
      case 'write-acknowledged': {
        const kind = event.w === null ? 'plain' : 'quorum'
        this.writes.add(kind, 'acknowledged')
        this.writeTimes.ofKind(kind).add(this.#secondsOf(event))
        break
      }
      case 'write-failed':
        this.writes.add('failed', event.code)
        this.#secondsOf(event)
        break
      case 'read-completed':
        this.reads.add(event.kind, freshness(event.answer.staleness))
        this.readTimes.ofKind(event.kind).add(this.#secondsOf(event))
        break
      case 'read-failed':
        this.failedReads.add(event.kind, event.code)
        this.#secondsOf(event)
        break
      default:
        this.#countCopies(event)
    }
  }

  /** One whose client leaves never ends, so the oldest give way. */
  #begin({ request, atUs }: { readonly request: number; readonly atUs: Microseconds }): void {
    if (this.#takenUs.has(request)) return
    this.#takenUs.set(request, atUs)
    if (this.#takenUs.size <= TAKEN_MAX) return
    const [oldest] = this.#takenUs.keys()
    if (oldest !== undefined) this.#takenUs.delete(oldest)
  }

  /** How long a request took that ends now. */
  #secondsOf({ request, atUs }: { readonly request: number; readonly atUs: Microseconds }): number {
    const takenUs = this.#takenUs.get(request) ?? atUs
    this.#takenUs.delete(request)
    return msFromUs(atUs - takenUs) / 1_000
  }

  #countCopies(event: Exclude<ClusterEvent, Counted>): void {
    switch (event.type) {
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
      case 'message-held':
      case 'message-released':
      case 'message-arrived':
      case 'acknowledgement-received':
      case 'catch-up-started':
      case 'catch-up-finished':
      case 'snapshot-installed':
      case 'leader-suspected':
      case 'failover-ordered':
      case 'failover-void':
      case 'epoch-learned':
      case 'clock-changed':
      case 'record-restored':
      case 'restore-finished':
        return
      default:
        // Faults alone are left: whether a new kind of event counts, the compiler wants to know.
        return this.#countFault(event)
    }
  }

  #countFault(event: FaultEvent): void {
    const fault = countedAs(event)
    if (fault !== null) this.faults.add(fault)
  }
}

/** What a fault counts as. Counterparts count as nothing, but each is said: a new verb's must be. */
function countedAs(event: FaultEvent): string | null {
  switch (event.type) {
    case 'replica-crashed':
      return 'crash'
    case 'replica-paused':
      return 'pause'
    case 'record-forgotten':
      return 'forget'
    case 'link-changed':
      return linkCountedAs(event)
    case 'network-partitioned':
      return 'partition'
    case 'replica-restarted':
    case 'replica-resumed':
    case 'network-healed':
      return null
  }
}

function linkCountedAs({ verb, undone, settings }: LinkEvent): string | null {
  switch (verb) {
    case 'cut':
    case 'hold':
      return verb
    case 'heal':
    case 'release':
      return null
    case 'set':
      // Back to the default is no fault, nor is a setting whose time was up.
      return !undone && isFault(settings) ? verb : null
  }
}

function isFault(settings: LinkEvent['settings']): boolean {
  if (!settings) return false
  return settings.latency !== null || settings.lossRatio > 0 || settings.duplicateRatio > 0
}

function freshness(staleness: Staleness): string {
  if (staleness.diverged) return 'diverged'
  return staleness.versions === 0 ? 'fresh' : 'stale'
}
