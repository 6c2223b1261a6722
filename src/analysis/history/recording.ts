// What clients see of a lab, written down as it happens: it listens to the cluster's events, and turns the first and
// the last of each request into an operation. Bounded by operations and by bytes; the oldest go, and are
// counted. Operations that may still change are handed out as copies, so a history stays as it was.

import { bytesOf } from '../../core/bytes.ts'
import type { ClusterEvent } from '../../core/events.ts'
import type { StoredRecord } from '../../core/record.ts'
import { msFromUs } from '../../core/units.ts'
import { formatVersion } from '../../core/version.ts'
import { Notes } from './notes.ts'
import type { History, Operation } from './operation.ts'

export interface HistoryBounds {
  readonly operationsMax: number
  /** Of keys and values, two bytes a character. */
  readonly bytesMax: number
}

/** Numbers between two events. */
const OUTSIDE_MAX = 1_000_000

/** Who wrote what a write-ahead file brought back: a client like any other, at the instant of the restart. */
const RESTORER = 'write-ahead-file'

/** An operation until its request is over. */
type Draft = { -readonly [P in keyof Operation]: Operation[P] }

export class HistoryRecording {
  readonly #bounds: HistoryBounds
  /** From `#head` on; what lies before it is gone. */
  #operations: Draft[] = []
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
  readonly #notes = new Notes()

  constructor(bounds: HistoryBounds) {
    this.#bounds = bounds
  }

  /** Operations that are kept, and the bytes of their keys and values. */
  get size(): { readonly operations: number; readonly bytes: number } {
    return { operations: this.#operations.length - this.#head, bytes: this.#bytes }
  }

  history(): History {
    const operations = this.#operations.slice(this.#head)
    for (const count of this.#open.values()) {
      const place = count - this.#base - this.#head
      const draft = operations[place]
      if (draft) operations[place] = { ...draft }
    }
    return {
      operations,
      faults: this.#notes.faults,
      epochs: this.#notes.epochs,
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
    this.#call(request, what, atMs, this.#betweenEvents())
    return ({ outcome = 'ok', value = null }, returnedMs) => {
      const draft = this.#draftOf(request)
      const event = this.#betweenEvents()
      if (!draft) return
      if (draft.kind === 'read') this.#found(draft, value)
      this.#return(request, draft, outcome, returnedMs, event)
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
        this.#start(event, 'read', event.key, null)
        return
      case 'read-completed':
      case 'read-failed':
        return this.#read(event)
      case 'record-restored':
        return this.#restored(event)
      case 'cluster-reset':
        return this.#begin(event.keep, msFromUs(event.atUs))
      default:
        return this.#notes.hear(event)
    }
  }

  #write(event: Extract<ClusterEvent, { type: `write-${string}` }>): void {
    const { key, value } = 'record' in event && event.record ? event.record : keyed(event)
    // One that nobody waits for any more may still be applied.
    const { request, type } = event
    const isNew = request > this.#lastRequest
    const draft = isNew ? this.#start(event, 'write', key, value) : this.#draftOf(request)
    if (!draft) return
    if (type === 'write-applied') draft.replica = event.replica
    if ('record' in event && event.record) setVersion(draft, event.record)
    if (type === 'write-acknowledged') this.#answered(event, draft, 'ok')
    if (type === 'write-failed') {
      this.#answered(event, draft, event.outcome === 'not-applied' ? 'failed' : 'unknown')
    }
  }

  #read(event: Extract<ClusterEvent, { type: 'read-completed' | 'read-failed' }>): void {
    const draft = this.#draftOf(event.request)
    if (!draft) return
    const { answer } = event
    if (answer) draft.replica = answer.replica
    // Where no such key is there, that is the answer, and it has no version.
    const record = event.type === 'read-completed' ? answer?.record : null
    if (record) {
      setVersion(draft, record)
      this.#found(draft, record.value)
    }
    this.#answered(event, draft, answer ? 'ok' : 'failed')
  }

  #start(
    { request, client, atUs, id }: ClusterEvent & { request: number; client: string },
    kind: Operation['kind'],
    key: string,
    value: string | null,
  ): Draft {
    this.#lastRequest = request
    return this.#call(request, { client, kind, key, value }, msFromUs(atUs), id)
  }

  #call(
    request: number,
    { client, kind, key, value }: Pick<Operation, 'client' | 'kind' | 'key' | 'value'>,
    calledMs: number,
    calledEvent: number,
  ): Draft {
    this.#open.set(request, this.#base + this.#operations.length)
    const draft: Draft = {
      client,
      kind,
      key,
      value,
      calledMs,
      returnedMs: null,
      outcome: 'unknown',
      calledEvent,
    }
    this.#push(draft)
    return draft
  }

  #answered(
    { request, atUs, id }: ClusterEvent & { readonly request: number },
    draft: Draft,
    outcome: Operation['outcome'],
  ): void {
    // What may have happened may still happen.
    if (outcome !== 'unknown') this.#return(request, draft, outcome, msFromUs(atUs), id)
  }

  #return(
    request: number,
    draft: Draft,
    outcome: Operation['outcome'],
    returnedMs: number,
    returnedEvent: number,
  ): void {
    this.#open.delete(request)
    if (outcome === 'unknown') return
    draft.outcome = outcome
    draft.returnedMs = returnedMs
    draft.returnedEvent = returnedEvent
  }

  #found(draft: Draft, value: string | null): void {
    this.#bytes -= bytesOfOperation(draft)
    draft.value = value
    this.#bytes += bytesOfOperation(draft)
    this.#trim()
  }

  /** Undefined where it is over, or gone. */
  #draftOf(request: number): Draft | undefined {
    const place = (this.#open.get(request) ?? -1) - this.#base
    return place < this.#head ? undefined : this.#operations[place]
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
      version: formatVersion(record),
      ...(record.origin && { origin: formatVersion(record.origin) }),
      replica,
      calledEvent: id,
      returnedEvent: id,
    })
  }

  #push(operation: Draft): void {
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

  /** A reset. Where the data stays, what it was written by is gone, and time begins anew. */
  #begin(keep: 'nothing' | 'faults' | 'data', atMs: number): void {
    const before = this.#operations.length - this.#head
    this.#base += this.#operations.length
    this.#operations = []
    this.#head = 0
    this.#bytes = 0
    this.#open.clear()
    const keepsData = keep === 'data'
    if (!keepsData) this.#lastRequest = 0
    this.#dropped = keepsData ? this.#dropped + before : 0
    this.#sinceMs = keepsData && this.#dropped > 0 ? atMs : null
    this.#notes.begin(keepsData, atMs)
  }
}

function keyed(event: ClusterEvent): { readonly key: string; readonly value: string } {
  const { key = '', value = '' } = event as { readonly key?: string; readonly value?: string }
  return { key, value }
}

function setVersion(draft: Draft, record: StoredRecord): void {
  const { origin } = record
  draft.version ??= formatVersion(record)
  if (origin) draft.origin ??= formatVersion(origin)
}

function bytesOfOperation({ key, value }: Operation): number {
  return bytesOf({ key, value: value ?? '' })
}
