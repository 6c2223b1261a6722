// What may go wrong when the simulated system is used rightly or wrongly: one table of codes, each with
// its sentence and what became of the operation. Bugs are not in it: they throw from `invariant()`.
// The HTTP status of each code is http's affair.

import type { Remedy } from './remedy.ts'

/** What became of an operation. `unknown`: it may or may not survive, and nobody can tell yet. */
export type Outcome = 'applied' | 'not-applied' | 'unknown'

export const ERRORS = {
  'invalid-request': { title: 'The request is not valid', outcome: 'not-applied' },
  'key-not-found': { title: 'No such key here', outcome: 'not-applied' },
  'replica-not-found': { title: 'No such replica', outcome: 'not-applied' },
  'no-leader': { title: 'There is no leader', outcome: 'not-applied' },
  'not-leader': { title: 'This replica does not lead', outcome: 'not-applied' },
  'replica-down': { title: 'The replica is down', outcome: 'unknown' },
  'replica-timeout': { title: 'The replica did not answer in time', outcome: 'unknown' },
  'leader-changed': { title: 'The leader was deposed while the write waited', outcome: 'unknown' },
  'cluster-reset': { title: 'The cluster was reset while the request waited', outcome: 'unknown' },
  'quorum-impossible': { title: 'More than all replicas were asked for', outcome: 'not-applied' },
  'quorum-unavailable': { title: 'Too few replicas can be reached', outcome: 'not-applied' },
  'quorum-timeout': { title: 'Too few replicas answered in time', outcome: 'unknown' },
  'too-few-followers': { title: 'Too few followers are in reach to write', outcome: 'not-applied' },
  'too-many-keys': { title: 'The store is full', outcome: 'not-applied' },
  'too-much-data': { title: 'Too much data', outcome: 'not-applied' },
  'too-many-messages': { title: 'Too many copies are on their way', outcome: 'not-applied' },
  'too-many-waiting': { title: 'Too many requests are waiting', outcome: 'not-applied' },
  'wrong-state': { title: 'Not possible in this state', outcome: 'not-applied' },
  'no-candidate': { title: 'No follower can take over', outcome: 'not-applied' },
  'candidate-behind': { title: 'That follower lags another one', outcome: 'not-applied' },
  'candidate-unreachable': { title: 'That replica cannot be reached', outcome: 'not-applied' },
  'version-lost': { title: 'That version was lost', outcome: 'not-applied' },
  'not-reached': { title: 'Time passed, but it did not happen', outcome: 'not-applied' },
  'scenario-truncated': { title: 'The session is too long to export', outcome: 'not-applied' },
} as const satisfies Record<string, { title: string; outcome: Outcome }>

export type ErrorCode = keyof typeof ERRORS

/** Facts a problem carries beside its sentence; they go out as they are, so times in them are ms. */
export type ProblemFacts = Readonly<Record<string, unknown>>

/** One thing that went wrong: the code, what happened in a sentence, how to go on, and facts for machines. */
export interface Problem {
  readonly code: ErrorCode
  readonly detail: string
  /** Differs from the table only where this very case is known better. */
  readonly outcome: Outcome
  readonly facts: ProblemFacts
  /** In the order in which to try them. Each side says them in its own words. */
  readonly remedies: readonly Remedy[]
}

export function problem(
  code: ErrorCode,
  detail: string,
  facts: ProblemFacts = {},
  outcome: Outcome = ERRORS[code].outcome,
): Problem {
  return { code, detail, outcome, facts, remedies: [] }
}

/** More ways out of a problem help nobody. */
const REMEDIES_MAX = 3

/** The same problem with the first few ways out of it, settings after commands; undefined ones are left out. */
export function advise(problem: Problem, ...found: readonly (Remedy | undefined)[]): Problem {
  const remedies = found.filter((remedy) => remedy !== undefined).slice(0, REMEDIES_MAX)
  return { ...problem, remedies }
}

/** How a verb ends. It is handed to the completion callback at the simulated instant it happened. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

export type Done<T> = (reply: Reply<T>) => void

export function ok<T>(value: T): Reply<T> {
  return { ok: true, value }
}

export function failed(reason: Problem): Reply<never> {
  return { ok: false, problem: reason }
}

/** A bug in this program, never the user's doing. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Says what must hold; throws `InvariantError` where it does not. */
export function invariant(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new InvariantError(`This should never happen, and is a bug: ${claim}`)
}
