// What a refused call rejects with: all that an answer over HTTP would say, in the words of the library.

import type { ErrorCode, Outcome, Problem, ProblemFacts } from '../core/errors.ts'
import { describeProblem, describeRemedies } from '../core/output/describe-problem.ts'

/** Beside the codes of the cluster, what can befall a lab itself. */
export type LabErrorCode =
  | ErrorCode
  | 'lab-closed'
  | 'too-few-waiting'
  | 'port-unavailable'
  | 'scenario-failed'

interface Parts {
  readonly code: LabErrorCode
  readonly outcome: Outcome
  /** What happened and how to go on, in sentences. */
  readonly detail: string
  readonly remedies?: readonly string[]
  readonly facts?: ProblemFacts
  /** Null where no lab was started. */
  readonly seed: number | null
}

/** A call that was refused, or that failed when simulated time had passed. */
export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code: LabErrorCode
  /** What became of the operation. `unknown`: it may or may not survive. */
  readonly outcome: Outcome
  readonly detail: string
  /** Calls and settings that may help, the likeliest first, as one would write them. */
  readonly remedies: readonly string[]
  /** What a problem over HTTP carries besides, such as `staleness` and `copy` of a read; times in ms. */
  readonly facts: ProblemFacts
  /** Of the lab, whose `scenario()` shows anybody the same; null where none was started. */
  readonly seed: number | null

  constructor({ code, outcome, detail, remedies = [], facts = {}, seed }: Parts) {
    super(
      `${code}: ${detail}${seed === null ? '' : ` (seed ${seed}; lab.scenario() has the session)`}`,
    )
    this.code = code
    this.outcome = outcome
    this.detail = detail
    this.remedies = remedies
    this.facts = facts
    this.seed = seed
  }
}

export function labError(problem: Problem, seed: number | null): LabError {
  const { code, outcome, facts } = problem
  const [detail, remedies] = [describeProblem(problem), describeRemedies(problem)]
  return new LabError({ code, outcome, detail, remedies, facts, seed })
}

/** Where a call was made. What it fails with is made elsewhere, perhaps much later, and should point there. */
export class CallSite {
  readonly #made = new Error()

  /** The same error, whose stack begins with whoever called the library. */
  shownIn(error: unknown): unknown {
    if (!(error instanceof LabError)) return error
    const frames = (this.#made.stack ?? '').split('\n').slice(1)
    const outside = frames.findIndex((frame) => !frame.includes(HERE))
    if (outside >= 0)
      error.stack = [`${error.name}: ${error.message}`, ...frames.slice(outside)].join('\n')
    return error
  }
}

/** The folder of this file, as stacks name it. */
const HERE = new URL('.', import.meta.url).pathname
