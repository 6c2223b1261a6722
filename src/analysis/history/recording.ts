// What clients see of a lab, written down as it happens: it listens to the cluster's events, and turns the first and
// the last of each request into an operation. Bounded by operations and by bytes; the oldest go, and are
// counted. Operations are never changed, only replaced, so a history that was handed out stays as it was.

import { bytesOf } from '../../core/bytes.ts'
import type { ClusterEvent } from '../../core/events.ts'
import { describeEvent } from '../../core/output/describe.ts'
import { groupOfEvent } from '../../core/output/event-kinds.ts'
import type { StoredRecord } from '../../core/record.ts'
import { msFromUs } from '../../core/units.ts'
import { type EpochTable, formatVersion } from '../../core/version.ts'
import type { EpochNote, FaultNote, History, Operation } from './operation.ts'

export interface HistoryBounds {
  readonly operationsMax: number
  /** Of keys and values, two bytes a character. */
  readonly bytesMax: number
}

/** Notes of either kind; beyond them the oldest go, for they only explain. */
const NOTES_MAX = 1_000

/** Numbers between two events. */
const OUTSIDE_MAX = 1_000_000

/** Who wrote what a write-ahead file brought back: a client like any other, at the instant of the restart. */
const RESTORER = 'write-ahead-file'

const FIRST_TABLE: EpochTable = [{ epoch: 1, firstOffset: 1 }]

interface Epoch extends Omit<EpochNote, 'table'> {
  readonly table: EpochTable
}

export class HistoryRecording {
  readonly #bounds: HistoryBounds
  /** From `#head` on; what lies before it is gone. */
  #operations: Operation[] = []
  #head = 0
  #bytes = 0
  #dropped = 0
  /** Since when nothing is missing; null when from the start. */
  #sinceMs: number | null = null
  /** How many operations lie before `#operations[0]`. */
  #base = 0
  /** Requests that may still change, by number: which operation each is, counted from the first ever. */
  readonly #open = new Map<number, number>()
  #lastRequest = 0
  #lastEvent = 0
  /** What happened outside the cluster since its last event. */
  #outside = 0
  /** Operations outside have numbers below zero. */
  #outsiders = 0
  #faults: FaultNote[] = []
  #epochs: Epoch[] = [firstEpoch(0)]

  constructor(bounds: HistoryBounds) {
    this.#bounds = bounds
  }

  /** Operations that are kept, and the bytes of their keys and values. */
  get size(): { readonly operations: number; readonly bytes: number } {
    return { operations: this.#operations.length - this.#head, bytes: this.#bytes }
  }

  history(): History {
    return {
      operations: this.#operations.slice(this.#head),
      faults: [...this.#faults],
      epochs: this.#epochs.map(({ table, ...epoch }) => ({
        ...epoch,
        table: table.map(({ epoch: of, firstOffset }) => [of, firstOffset] as const),
      })),
      dropped: this.#dropped,
      sinceMs: this.#sinceMs,
      timed: true,
    }
  }

  /**
   * An operation that somebody else carries out, such as a database: it stands among the others where it is called
   * and where it ends. After a million of these without an event of the cluster, the next ones overlap.
   * @returns tells how it ended, and what a read found
   */
  begin(
    what: Pick<Operation, 'client' | 'kind' | 'key' | 'value'>,
    atMs: number,
  ): (end: Partial<Pick<Operation, 'outcome' | 'value'>>, atMs: number) => void {
    const request = --this.#outsiders
    this.#open.set(request, this.#base + this.#operations.length)
    const calledEvent = this.#betweenEvents()
    this.#push({ ...what, calledMs: atMs, returnedMs: null, outcome: 'unknown', calledEvent })
    return (end, returnedMs) => {
      const returnedEvent = this.#betweenEvents()
      const isOver = end.outcome !== 'unknown'
      this.#change(request, isOver ? { ...end, returnedMs, returnedEvent } : end)
      this.#open.delete(request)
    }
  }

  #betweenEvents(): number {
    this.#outside = Math.min(this.#outside + 1, OUTSIDE_MAX - 1)
    return this.#lastEvent + this.#outside / OUTSIDE_MAX
  }

  hear(event: ClusterEvent): void {
    this.#lastEvent = event.id
    this.#outside = 0
    switch (event.type) {
      case 'write-started':
      case 'write-applied':
      case 'write-acknowledged':
      case 'write-failed':
        return this.#write(event)
      case 'read-started':
        return this.#call(event, { kind: 'read', key: event.key, value: null })
      case 'read-completed': {
        const { record, replica } = event.answer
        const seen = { value: record?.value ?? null, replica, ...versionsOf(record) }
        return this.#return(event, { outcome: 'ok', ...seen })
      }
      case 'read-failed': {
        const { answer } = event
        if (!answer) return this.#return(event, { outcome: 'failed' })
        return this.#return(event, { outcome: 'ok', replica: answer.replica })
      }
      case 'record-restored':
        return this.#restored(event)
      case 'cluster-reset':
        return this.#begin(event.keep, msFromUs(event.atUs))
      default:
        return this.#note(event)
    }
  }

  #write(event: Extract<ClusterEvent, { type: `write-${string}` }>): void {
    const { key, value } = 'record' in event && event.record ? event.record : keyed(event)
    // One that nobody waits for any more may still be applied.
    if (event.request > this.#lastRequest) this.#call(event, { kind: 'write', key, value })
    switch (event.type) {
      case 'write-applied':
        return this.#change(event.request, {
          replica: event.replica,
          ...versionsOf(event.record),
        })
      case 'write-acknowledged':
        return this.#return(event, { outcome: 'ok', ...versionsOf(event.record) })
      case 'write-failed': {
        const outcome = event.outcome === 'not-applied' ? 'failed' : 'unknown'
        return this.#return(event, { outcome, ...versionsOf(event.record) })
      }
    }
  }

  #call(
    event: ClusterEvent & { readonly request: number; readonly client: string },
    what: Pick<Operation, 'kind' | 'key' | 'value'>,
  ): void {
    const { client, request } = event
    const calledMs = msFromUs(event.atUs)
    this.#lastRequest = request
    this.#open.set(request, this.#base + this.#operations.length)
    this.#push({
      client,
      ...what,
      calledMs,
      returnedMs: null,
      outcome: 'unknown',
      calledEvent: event.id,
    })
  }

  #return(event: ClusterEvent & { readonly request: number }, end: Partial<Operation>): void {
    const isOver = end.outcome !== 'unknown'
    const returned = { returnedMs: msFromUs(event.atUs), returnedEvent: event.id }
    this.#change(event.request, isOver ? { ...end, ...returned } : end)
    if (isOver) this.#open.delete(event.request)
  }

  #change(request: number, what: Partial<Operation>): void {
    const place = (this.#open.get(request) ?? -1) - this.#base
    const before = this.#operations[place]
    if (!before || place < this.#head) return
    const after = { ...before, ...what }
    this.#operations[place] = after
    this.#bytes += bytesOfOperation(after) - bytesOfOperation(before)
    this.#trim()
  }

  #restored(event: Extract<ClusterEvent, { type: 'record-restored' }>): void {
    const { id, atUs, record, replica } = event
    const [ms, { key, value }] = [msFromUs(atUs), record]
    this.#push({
      client: RESTORER,
      kind: 'write',
      key,
      value,
      calledMs: ms,
      returnedMs: ms,
      outcome: 'ok',
      ...versionsOf(record),
      replica,
      calledEvent: id,
      returnedEvent: id,
    })
  }

  #push(operation: Operation): void {
    this.#operations.push(operation)
    this.#bytes += bytesOfOperation(operation)
    this.#trim()
  }

  /** The oldest go, whether answered or not: a late answer finds its operation gone. */
  #trim(): void {
    const { operationsMax, bytesMax } = this.#bounds
    while (
      this.#operations.length - this.#head > operationsMax ||
      (this.#bytes > bytesMax && this.#operations.length - this.#head > 1)
    ) {
      this.#bytes -= bytesOfOperation(this.#operations[this.#head++] as Operation)
      this.#dropped++
      this.#sinceMs = this.#operations[this.#head]?.calledMs ?? this.#sinceMs
    }
    if (this.#head < 1_000 || this.#head < this.#operations.length / 2) return
    // One move of what remains, once in thousands of operations.
    this.#operations = this.#operations.slice(this.#head)
    this.#base += this.#head
    this.#head = 0
    for (const [request, place] of this.#open) if (place < this.#base) this.#open.delete(request)
  }

  #note(event: ClusterEvent): void {
    const atMs = msFromUs(event.atUs)
    if (event.type === 'leader-elected') {
      const { epoch, to, table } = event
      this.#epochs = [
        ...this.#epochs.slice(-NOTES_MAX),
        { kind: 'epoch', epoch, leader: to, table, atMs },
      ]
    }
    const group = groupOfEvent(event)
    if (group !== 'fault' && group !== 'leadership') return
    const { level, text } = describeEvent(event)
    if (level === 'debug') return
    this.#faults.push({ kind: 'fault', atMs, text, event: event.id })
    if (this.#faults.length >= 2 * NOTES_MAX) this.#faults = this.#faults.slice(-NOTES_MAX)
  }

  /** A reset. Where the data stays, what it was written by is gone, and time begins anew. */
  #begin(keep: 'nothing' | 'faults' | 'data', atMs: number): void {
    const before = this.#operations.length - this.#head
    this.#base += this.#operations.length
    this.#operations = []
    this.#head = 0
    this.#bytes = 0
    this.#open.clear()
    this.#faults = []
    const keepsData = keep === 'data'
    if (!keepsData) this.#lastRequest = 0
    this.#dropped = keepsData ? this.#dropped + before : 0
    this.#sinceMs = keepsData && this.#dropped > 0 ? atMs : null
    this.#epochs = keepsData
      ? this.#epochs.map((epoch) => ({ ...epoch, atMs }))
      : [firstEpoch(atMs)]
  }
}

function firstEpoch(atMs: number): Epoch {
  return { kind: 'epoch', epoch: 1, leader: 0, table: FIRST_TABLE, atMs }
}

function keyed(event: ClusterEvent): { readonly key: string; readonly value: string } {
  const { key = '', value = '' } = event as { readonly key?: string; readonly value?: string }
  return { key, value }
}

function versionsOf(record: StoredRecord | null): Pick<Operation, 'version' | 'origin'> {
  if (!record) return {}
  const { origin } = record
  return { version: formatVersion(record), ...(origin && { origin: formatVersion(origin) }) }
}

function bytesOfOperation({ key, value }: Operation): number {
  return bytesOf({ key, value: value ?? '' })
}
