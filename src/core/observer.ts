// What an all-seeing observer knows: every write in the order it was made, whether and when it was
// acknowledged to a client, and by which replicas. Staleness and the costs of failovers are told from
// here; no replica ever asks it. It remembers as many writes as a log holds, and says when it forgot.

import { BOUNDS } from './bounds.ts'
import { bytesOf } from './bytes.ts'
import { Forgotten } from './forgotten.ts'
import { isSeen, missedWrites } from './missed-writes.ts'
import type { ReplicaId, Staleness } from './nodes.ts'
import type { KeyEntry, ObservedWrite } from './observed-write.ts'
import { firstVersion, type StoredRecord } from './record.ts'
import type { Keys } from './replica/keys.ts'
import type { Microseconds } from './units.ts'
import { compareVersions, type Epoch, type EpochTable, isDead, type Offset } from './version.ts'
import { WriteOrder } from './write-order.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Whoever asks for the newest keys looks at a few, and must not wait for a log that holds one key alone. */
const LOOKED_AT_MAX = 2_000

const NONE: readonly ObservedWrite[] = []
const FRESH: Staleness = Object.freeze({ versions: 0, us: 0, diverged: false, atLeast: false })

export class Observer {
  readonly #writesMax: number
  readonly #bytesMax: number
  #bytes = 0
  readonly #keys: Keys
  #writes: (ObservedWrite | undefined)[] = []
  readonly #order = new WriteOrder()
  /** How many there were, and how many of them were forgotten. */
  #count = 0
  #forgotten = 0
  #acknowledgements = 0
  /** Writes that no client was told of. */
  #untold = 0
  /** Per epoch and replica: how far the replica acknowledged that epoch's leader. */
  readonly #positions = new Map<Epoch, Float64Array>()
  readonly #replicas: number
  /** When records of a file dated in the future were restored: for every age that is when they were written. */
  readonly #restoredUs = new Map<StoredRecord, Microseconds>()
  /** The newest epoch's table: it decides which versions are live. */
  table: EpochTable = []

  constructor(keys: Keys, replicas: number, writesMax: number, bytesMax: number) {
    this.#keys = keys
    this.#replicas = replicas
    this.#writesMax = writesMax
    this.#bytesMax = bytesMax
  }

  /** How many acknowledgements clients have seen: reads note it when they are issued. */
  get acknowledgements(): number {
    return this.#acknowledgements
  }

  /** Whether writes were forgotten, so that lists made from them may be short. */
  get forgot(): boolean {
    return this.#forgotten > 0
  }

  /**
   * A leader wrote a record.
   * @param old the record that it wrote again, where it is one
   */
  wrote(
    record: StoredRecord,
    writer: ReplicaId,
    history: KeyEntry,
    old?: ObservedWrite,
  ): ObservedWrite {
    const write: Writable<ObservedWrite> = {
      record,
      writer,
      history,
      number: 1,
      acknowledgedOrder: 0,
      acknowledgedUs: 0,
      first: undefined as never,
      again: NONE,
      isForgotten: false,
      previous: undefined,
      next: undefined,
    }
    write.first = old?.first ?? write
    if (!old) this.#untold++
    if (old) write.first.again = [...write.first.again, write].slice(-BOUNDS.failoversMax)
    if (this.#count - this.#forgotten === this.#writesMax) this.#forgetOldest()
    this.#order.add(record, this.#count, this.#forgotten)
    this.#writes[this.#count++ % this.#writesMax] = write
    this.#bytes += bytesOf(record)
    while (this.#bytes > this.#bytesMax && this.#forgotten < this.#count - 1) this.#forgetOldest()
    // Asked only now: to make room the one before may have been forgotten.
    const { newest } = history
    if (newest) {
      write.number = newest.number + 1
      write.previous = newest
      newest.next = write
      const isOrdinary = newest.acknowledgedOrder > 0 && newest.record.epoch === record.epoch
      if (!isOrdinary || old || newest.first !== newest) history.brokenAt = write.number
    } else history.oldest = write
    history.newest = write
    return write
  }

  /** An earlier run wrote a record, and acknowledged it. */
  restored(record: StoredRecord, writer: ReplicaId, history: KeyEntry, nowUs: Microseconds): void {
    if (record.writtenUs > nowUs) this.#restoredUs.set(record, nowUs)
    const write = this.wrote(record, writer, history)
    const atUs = this.writtenUs(record)
    this.acknowledged(write, atUs)
    if (write.previous && write.previous.acknowledgedUs > atUs) history.brokenAt = write.number
  }

  /** When a record was written, by the one clock that lag, staleness and lost work go by: never in the future. */
  writtenUs(record: StoredRecord): Microseconds {
    const { size } = this.#restoredUs
    return (size > 0 ? this.#restoredUs.get(record) : undefined) ?? record.writtenUs
  }

  /** The client of a write was told that it is done. */
  acknowledged({ first }: ObservedWrite, atUs: Microseconds): void {
    if (first.acknowledgedOrder > 0) return
    this.#untold--
    first.acknowledgedOrder = ++this.#acknowledgements
    first.acknowledgedUs = atUs
    for (const one of recordsOf(first)) if (one.isForgotten) this.#countForgotten(one)
  }

  /** A read was answered with a record: to answer a later one with an older record is a step back. */
  returned(record: StoredRecord): void {
    if (this.#untold === 0 || !this.isUnacknowledged(record)) return
    const history = this.#keys.find(record.key)
    const before = history?.returned?.record
    if (!history || (before && compareVersions(before, record) >= 0)) return
    history.returned = { record, order: ++this.#acknowledgements }
  }

  /**
   * What a read had returned, though no client was told that it is written, when one was issued that found less.
   * @param acknowledgements what `acknowledgements` was when that was issued
   */
  returnedBefore(
    key: string,
    found: StoredRecord | null,
    acknowledgements: number,
  ): StoredRecord | undefined {
    const returned = this.#untold > 0 ? this.#keys.find(key)?.returned : undefined
    if (!returned || returned.order > acknowledgements) return undefined
    const { record } = returned
    if (isDead(this.table, record)) return undefined
    return found && compareVersions(found, record) >= 0 ? undefined : record
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
    for (let write = history?.newest; write; write = write.previous) {
      if (!isDead(this.table, write.record)) return write.record
    }
    const last = history?.forgotten?.last
    return last && !isDead(this.table, last) ? last : undefined
  }

  /** The newest live write of a key that clients had been told of by then, if it is remembered. */
  newestTold(key: string, acknowledgements: number): StoredRecord | undefined {
    for (let write = this.#keys.find(key)?.newest; write; write = write.previous) {
      if (isSeen(write.first, acknowledgements) && !isDead(this.table, write.record))
        return write.record
    }
    return undefined
  }

  /**
   * Keys, the last written first; of those written long ago not all.
   * @param isLeft whether a key of which no write is live any more is wanted all the same
   */
  newestKeys(limit: number, isLeft: (key: string) => boolean): string[] {
    const keys = new Set<string>()
    const oldest = Math.max(this.#forgotten, this.#count - LOOKED_AT_MAX)
    for (let i = this.#count - 1; i >= oldest && keys.size < limit; i--) {
      const { key } = (this.#writes[i % this.#writesMax] as ObservedWrite).record
      if (!keys.has(key) && (this.newest(key) || isLeft(key))) keys.add(key)
    }
    return [...keys]
  }

  /** Whether no client was told of the write yet, as far as is remembered. */
  isUnacknowledged(record: StoredRecord): boolean {
    return this.observedWrite(record)?.first.acknowledgedOrder === 0
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
    // A dead record of a live write is no older than that write.
    const live = record && diverged ? this.#liveRecordOf(record) : undefined
    const known = live === 'unknown' ? record : (live ?? record)
    const remembered = known ? this.observedWrite(known) : undefined
    const { versions, sinceUs, isAll } = missedWrites(history, this.table, {
      record: known,
      next: remembered ? remembered.next : history.oldest,
      isRemembered: remembered !== undefined,
      acknowledgements,
    })
    const us = issuedUs - (sinceUs ?? issuedUs)
    const { forgotten } = history
    const isUnknown = live === 'unknown'
    if (isAll || !forgotten) return told(versions, us, diverged, isUnknown)
    const { count, last, acknowledgedOrder } = forgotten
    const isSure = forgotten.isSure(this.table) && acknowledgedOrder <= acknowledgements
    if (known === null && isSure && count > 0) {
      const firstUs = Math.min(forgotten.sinceUs, issuedUs - us)
      return told(versions + count, issuedUs - firstUs, false, false)
    }
    const isNoneNewer = count === 0 || (known && last && compareVersions(last, known) <= 0)
    return told(versions, us, diverged, isUnknown || !isSure || !isNoneNewer)
  }

  /** The record of the same write in the newest log. */
  #liveRecordOf(record: StoredRecord): StoredRecord | 'unknown' | undefined {
    const name = firstVersion(record)
    const isSame = (one: StoredRecord) => compareVersions(firstVersion(one), name) === 0
    const isLive = (one: StoredRecord) => !isDead(this.table, one)
    let first: ObservedWrite | undefined
    for (let write = this.#keys.find(record.key)?.newest; write; write = write.previous) {
      if (!isSame(write.record)) continue
      if (isLive(write.record)) return write.record
      first = write.first
    }
    // Of one that was written again only when it was forgotten nobody knows what became of its first record.
    if (!first || compareVersions(first.record, name) !== 0) return 'unknown'
    return recordsOf(first).find((one) => isLive(one.record))?.record
  }

  /** What is remembered of one write. */
  observedWrite(record: StoredRecord): ObservedWrite | undefined {
    const place = this.#order.placeOf(record)
    const write = place === undefined ? undefined : this.#writes[place % this.#writesMax]
    return write?.record === record ? write : undefined
  }

  /** Every remembered write, oldest first. */
  *writes(): Iterable<ObservedWrite> {
    for (let i = this.#forgotten; i < this.#count; i++)
      yield this.#writes[i % this.#writesMax] as ObservedWrite
  }

  #forgetOldest(): void {
    const slot = this.#forgotten++ % this.#writesMax
    const write = this.#writes[slot] as ObservedWrite
    this.#writes[slot] = undefined
    this.#bytes -= bytesOf(write.record)
    const { history } = write
    history.oldest = write.next
    if (write.next) write.next.previous = undefined
    else history.newest = undefined
    write.next = undefined
    write.isForgotten = true
    history.forgotten ??= new Forgotten(this.table)
    history.forgotten.add(write.record, this.table)
    if (write.first.acknowledgedOrder > 0) this.#countForgotten(write)
  }

  #countForgotten({ record, history, first }: ObservedWrite): void {
    const { acknowledgedOrder, acknowledgedUs } = first
    history.forgotten?.acknowledged(record, acknowledgedOrder, acknowledgedUs, this.table)
  }
}

function told(versions: number, us: Microseconds, diverged: boolean, atLeast: boolean): Staleness {
  if (versions === 0 && !diverged && !atLeast) return FRESH
  return { versions, us: versions === 0 ? 0 : us, diverged, atLeast }
}

/** All records of a write, by its first. */
export function recordsOf(first: ObservedWrite): readonly ObservedWrite[] {
  return [first, ...first.again]
}
