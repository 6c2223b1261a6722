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

/** `500 ms`, and `line 7` where only lines are known. */
export function sayInstant(history: History, ms: number): string {
  return history.timed ? `${Math.round(ms * 1000) / 1000} ms` : `line ${Math.floor(ms)}`
}
