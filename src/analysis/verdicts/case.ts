// A history as columns of numbers, made in one pass that every checker shares: a million operations are a million
// objects far apart in memory, and looking into each again for every question would take longer than answering it.

import type { History, Operation } from '../history/operation.ts'
import { rankOfText } from '../history/ranks.ts'
import { Groups } from './groups.ts'
import { type Records, recordsOf } from './records.ts'
import type { Model } from './verdict.ts'
import { whatIs } from './what.ts'

export interface How {
  readonly failedCas: 'fact' | 'never'
  readonly model: Model
}

/** Instants in one measure: by the lab's events where all have them, else in ms; an end is infinite while unknown. */
export interface Instants {
  readonly start: Float64Array
  readonly end: Float64Array
}

/** Operations are meant by their index, keys and clients by their place among those of the history. */
export class Case implements Instants {
  readonly history: History
  readonly operations: readonly Operation[]
  readonly failedCas: How['failedCas']
  readonly model: Model
  /** Operations are missing: a value that nobody wrote may be older than the history. */
  readonly isPartial: boolean
  readonly what: Uint8Array
  readonly start: Float64Array
  readonly end: Float64Array
  /** The same in ms, in which Δ is measured. */
  readonly inMs: Instants
  /** Where the version of what it wrote or read sorts, or of what that came from; -1, or no column, without. */
  ranks: Float64Array | undefined
  readonly keys: Groups
  #clients: Groups | undefined
  #records: Records | undefined

  constructor(history: History, { failedCas, model }: How) {
    const { operations } = history
    const n = operations.length
    this.history = history
    this.operations = operations
    this.failedCas = failedCas
    this.model = model
    this.isPartial = history.dropped > 0
    this.what = new Uint8Array(n)
    this.keys = new Groups(n)
    this.inMs = { start: new Float64Array(n), end: new Float64Array(n) }
    const isByEvents = this.#fill()
    const { start, end } = isByEvents ? inEvents(operations) : this.inMs
    this.start = start
    this.end = end
  }

  #fill(): boolean {
    const { operations, what, keys } = this
    const { start, end } = this.inMs
    let isByEvents = true
    for (let i = 0; i < operations.length; i++) {
      const operation = operations[i] as Operation
      what[i] = whatIs(operation)
      start[i] = operation.calledMs
      end[i] = endOf(operation, operation.returnedMs)
      isByEvents &&= operation.calledEvent !== undefined
      const version = operation.origin ?? operation.version
      if (version !== undefined) {
        this.ranks ??= new Float64Array(operations.length).fill(-1)
        this.ranks[i] = rankOfText(version) ?? -1
      }
      keys.place(i, operation.key)
    }
    return isByEvents
  }

  get clients(): Groups {
    if (this.#clients) return this.#clients
    this.#clients = new Groups(this.operations.length)
    for (let i = 0; i < this.operations.length; i++) {
      this.#clients.place(i, (this.operations[i] as Operation).client)
    }
    return this.#clients
  }

  get records(): Records {
    this.#records ??= recordsOf(this)
    return this.#records
  }
}

function inEvents(operations: readonly Operation[]): Instants {
  const start = Float64Array.from(operations, ({ calledEvent = 0 }) => calledEvent)
  const end = Float64Array.from(operations, (one) => endOf(one, one.returnedEvent))
  return { start, end }
}

function endOf({ outcome }: Operation, returned: number | null | undefined): number {
  return outcome === 'unknown' ? Number.POSITIVE_INFINITY : (returned ?? Number.POSITIVE_INFINITY)
}

/** The operations of some indices, each once, in the order of their calls. */
export function witnessOf(one: Case, indices: readonly number[]): Operation[] {
  return [...new Set(indices)]
    .filter((i) => i >= 0)
    .sort((a, b) => (one.start[a] as number) - (one.start[b] as number) || a - b)
    .map((i) => one.operations[i] as Operation)
}
