// What an all-seeing observer knows: every write in the order it was made, whether and when it was
// acknowledged to a client, and by which replicas. Staleness and the ledger of failovers are told from
// here; no replica ever asks it. It remembers as many writes as a log holds, and says when it forgot.

import { BOUNDS } from './bounds.ts'
import type { ReplicaId, Staleness } from './events.ts'
import type { Keys } from './keys.ts'
import type { StoredRecord } from './record.ts'
import type { KeyEntry, Trace } from './trace.ts'
import type { Microseconds } from './units.ts'
import {
  compareVersions,
  type Epoch,
  type EpochTable,
  isDead,
  newestEpoch,
  type Offset,
} from './version.ts'

const FRESH: Staleness = Object.freeze({ versions: 0, us: 0, diverged: false, atLeast: false })

export class Observer {
  readonly #tracesMax: number
  readonly #keys: Keys
  #traces: (Trace | undefined)[] = []
  #count = 0
  #acknowledgements = 0
  /** Per epoch and replica: how far the replica acknowledged that epoch's leader. */
  readonly #positions = new Map<Epoch, Float64Array>()
  readonly #replicas: number
  /** The newest epoch's table: it decides which versions are live. */
  table: EpochTable = []

  constructor(keys: Keys, replicas: number, tracesMax: number) {
    this.#keys = keys
    this.#replicas = replicas
    this.#tracesMax = tracesMax
  }

  /** How many acknowledgements clients have seen: reads note it when they are issued. */
  get acknowledgements(): number {
    return this.#acknowledgements
  }

  /** Whether writes were forgotten, so that lists made from them may be short. */
  get forgot(): boolean {
    return this.#count > this.#tracesMax
  }

  /** A leader wrote a record. */
  wrote(record: StoredRecord, writer: ReplicaId, history: KeyEntry): Trace {
    const trace: Trace = {
      record,
      writer,
      history,
      acknowledgedOrder: 0,
      acknowledgedUs: 0,
      carriedOver: false,
      isCarrier: false,
      previous: undefined,
      next: undefined,
    }
    const slot = this.#count++ % this.#tracesMax
    const oldest = this.#traces[slot]
    if (oldest) this.#forget(oldest)
    this.#traces[slot] = trace
    trace.previous = history.newest
    if (history.newest) history.newest.next = trace
    history.newest = trace
    return trace
  }

  /** The client of a write was told that it is done. */
  acknowledged(trace: Trace, atUs: Microseconds): void {
    if (trace.acknowledgedOrder > 0) return
    trace.acknowledgedOrder = ++this.#acknowledgements
    trace.acknowledgedUs = atUs
    const { history } = trace
    if (history.firstAcknowledgedUs < 0) history.firstAcknowledgedUs = atUs
  }

  /** A replica acknowledged everything up to an offset to the leader of an epoch. */
  positionAcknowledged(epoch: Epoch, replica: ReplicaId, offset: Offset): void {
    let positions = this.#positions.get(epoch)
    if (!positions) {
      positions = new Float64Array(this.#replicas)
      this.#positions.set(epoch, positions)
      // Epochs come in ascending order, so the first key is the oldest.
      const [oldest] = this.#positions.keys()
      if (this.#positions.size > BOUNDS.failoversMax) this.#positions.delete(oldest as Epoch)
    }
    if (offset > (positions[replica] as number)) positions[replica] = offset
  }

  /** Who acknowledged a write, its own leader first. */
  acknowledgedBy(record: StoredRecord, leader: ReplicaId): ReplicaId[] {
    const by = [leader]
    const positions = this.#positions.get(record.epoch)
    positions?.forEach((offset, replica) => {
      if (replica !== leader && offset >= record.offset) by.push(replica)
    })
    return by
  }

  /** The newest live write of a key, acknowledged or not. */
  newest(key: string): StoredRecord | undefined {
    const history = this.#keys.find(key)
    for (let trace = history?.newest; trace; trace = trace.previous) {
      if (!isDead(this.table, trace.record)) return trace.record
    }
    const last = history?.lastForgotten
    return last && !isDead(this.table, last) ? last : undefined
  }

  /**
   * How stale an answer is, against what had been acknowledged when its read was issued.
   * @param acknowledgements what `acknowledgements` was then
   */
  staleness(
    key: string,
    record: StoredRecord | null,
    acknowledgements: number,
    issuedUs: Microseconds,
  ): Staleness {
    const history = this.#keys.find(key)
    const diverged = record !== null && isDead(this.table, record)
    if (!history || (history.newest?.record === record && !diverged)) return FRESH
    let versions = 0
    let sinceUs = issuedUs
    let complete = history.forgotten === 0 || history.lastForgotten === record
    for (let trace = history.newest; trace; trace = trace.previous) {
      if (isDead(this.table, trace.record)) continue
      if (record !== null && compareVersions(trace.record, record) <= 0) {
        complete = true
        break
      }
      if (trace.acknowledgedOrder === 0 || trace.acknowledgedOrder > acknowledgements) continue
      versions++
      if (trace.acknowledgedUs < sinceUs) sinceUs = trace.acknowledgedUs
    }
    const { lastForgotten } = history
    if (record === null && lastForgotten?.epoch === newestEpoch(this.table)) {
      // The count and the first acknowledgement were kept, so nothing is missing after all; after a
      // failover, though, some of what was counted may be dead.
      return this.#told(
        versions + history.forgotten,
        issuedUs - history.firstAcknowledgedUs,
        false,
        true,
      )
    }
    return this.#told(versions, issuedUs - sinceUs, diverged, complete)
  }

  /** What is remembered of one write. */
  traceOf(record: StoredRecord): Trace | undefined {
    let trace = this.#keys.find(record.key)?.newest
    while (trace && trace.record !== record) trace = trace.previous
    return trace
  }

  /** Every remembered write, oldest first. */
  *traces(): Iterable<Trace> {
    const from = Math.max(0, this.#count - this.#tracesMax)
    for (let i = from; i < this.#count; i++) yield this.#traces[i % this.#tracesMax] as Trace
  }

  #told(versions: number, us: Microseconds, diverged: boolean, complete: boolean): Staleness {
    if (versions === 0 && !diverged && complete) return FRESH
    return { versions, us: versions === 0 ? 0 : us, diverged, atLeast: !complete }
  }

  #forget(trace: Trace): void {
    const { history } = trace
    if (trace.next) trace.next.previous = undefined
    else history.newest = undefined
    trace.next = undefined
    if (isDead(this.table, trace.record)) return
    if (trace.acknowledgedOrder > 0) history.forgotten++
    history.lastForgotten = trace.record
  }
}
