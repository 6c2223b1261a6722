// What a checker answers, and what it needs to know of a history. A verdict is never a guess: where the history
// does not say enough it is `undecided`, and tells why.

import type { History, Operation } from '../history/operation.ts'

export const VERDICT_NAMES = [
  'linearizable',
  'linearizable-in-order',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'pram',
  'causal',
  'consistent-prefix',
  'bounded-staleness',
] as const
export type VerdictName = (typeof VERDICT_NAMES)[number]

export type Judgement = 'consistent' | 'violated' | 'undecided'

export interface Verdict {
  readonly verdict: Judgement
  /** What the witness shows, or why it is undecided; null when consistent. */
  readonly why: string | null
  /** The fewest operations found that break it, in the order of their calls. */
  readonly witness: readonly Operation[]
}

export const CONSISTENT: Verdict = { verdict: 'consistent', why: null, witness: [] }

export function undecided(why: string): Verdict {
  return { verdict: 'undecided', why, witness: [] }
}

export type Model = 'register' | 'cas-register' | 'append'
export const MODELS: readonly Model[] = ['register', 'cas-register', 'append']

/** Violated weighs more than undecided, and undecided more than consistent. */
export function worst(verdicts: readonly Judgement[]): Judgement {
  if (verdicts.includes('violated')) return 'violated'
  return verdicts.includes('undecided') ? 'undecided' : 'consistent'
}

/**
 * A history with its instants in one measure. Operations are meant by their index. `start` and `end` order
 * them: by the lab's events where all have them, else by milliseconds; `end` is infinite while unknown.
 */
export interface Case {
  readonly history: History
  readonly operations: readonly Operation[]
  readonly start: Float64Array
  readonly end: Float64Array
  readonly byKey: ReadonlyMap<string, readonly number[]>
  readonly byClient: ReadonlyMap<string, readonly number[]>
  /** The place of each operation's key among the keys of `byKey`, and of its client in `byClient`. */
  readonly keyOf: Int32Array
  readonly clientOf: Int32Array
  /** Operations are missing: a value that nobody wrote may be older than the history. */
  readonly isPartial: boolean
  readonly failedCas: 'fact' | 'never'
  readonly model: Model
}

export function prepare(
  history: History,
  how: { readonly failedCas: 'fact' | 'never'; readonly model: Model },
): Case {
  const { operations } = history
  const n = operations.length
  const start = new Float64Array(n)
  const end = new Float64Array(n)
  const keys = new Groups(n)
  const clients = new Groups(n)
  const byEvents = operations.every(({ calledEvent }) => calledEvent !== undefined)
  for (let i = 0; i < n; i++) {
    const operation = operations[i] as Operation
    start[i] = (byEvents ? operation.calledEvent : operation.calledMs) as number
    end[i] = endOf(operation, byEvents)
    keys.add(operation.key, i)
    clients.add(operation.client, i)
  }
  return {
    history,
    operations,
    start,
    end,
    byKey: keys.members,
    keyOf: keys.placeOf,
    byClient: clients.members,
    clientOf: clients.placeOf,
    isPartial: history.dropped > 0,
    ...how,
  }
}

function endOf(operation: Operation, byEvents: boolean): number {
  const { outcome, returnedMs, returnedEvent } = operation
  if (outcome === 'unknown') return Number.POSITIVE_INFINITY
  return (byEvents ? returnedEvent : returnedMs) ?? Number.POSITIVE_INFINITY
}

/** Operations by something they share, numbered in the order in which they appear. */
class Groups {
  readonly members = new Map<string, number[]>()
  readonly placeOf: Int32Array

  constructor(n: number) {
    this.placeOf = new Int32Array(n)
  }

  add(name: string, op: number): void {
    const same = this.members.get(name)
    if (same) {
      this.placeOf[op] = this.placeOf[same[0] as number] as number
      same.push(op)
      return
    }
    this.placeOf[op] = this.members.size
    this.members.set(name, [op])
  }
}

/** The operations of some indices, each once, in the order of their calls. */
export function witnessOf(one: Case, indices: readonly number[]): Operation[] {
  return [...new Set(indices)]
    .filter((i) => i >= 0)
    .sort((a, b) => (one.start[a] as number) - (one.start[b] as number) || a - b)
    .map((i) => one.operations[i] as Operation)
}

/** `500 ms`, and `line 7` where only lines are known. */
export function sayInstant(history: History, ms: number): string {
  return history.timed ? `${Math.round(ms * 1000) / 1000} ms` : `line ${Math.floor(ms)}`
}
