// What goes wrong at the door: the one map from codes to HTTP statuses, the codes that only HTTP knows, and
// their bodies after RFC 9457. The core's codes and sentences are core/errors.ts's; sending is respond.ts's.

import { ERRORS, type ErrorCode, type Outcome, type ProblemFacts } from '../core/errors.ts'
import type { Setting } from '../core/remedy.ts'
import type { Call } from './call.ts'

/** Codes of HTTP's own. `outcome` is what became of the operation such an answer speaks of. */
export const HTTP_ERRORS = {
  'route-not-found': { title: 'No such route', outcome: 'not-applied', status: 404 },
  'method-not-allowed': { title: 'Not this method', outcome: 'not-applied', status: 405 },
  'payload-too-large': { title: 'The body is too large', outcome: 'not-applied', status: 413 },
  'unsupported-media-type': { title: 'The body is not JSON', outcome: 'not-applied', status: 415 },
  unauthorized: { title: 'The token is missing', outcome: 'not-applied', status: 401 },
  'foreign-host': { title: 'Not a name of this server', outcome: 'not-applied', status: 403 },
  'foreign-origin': { title: 'Not from this page', outcome: 'not-applied', status: 403 },
  'read-only': { title: 'Not by the link of a class', outcome: 'not-applied', status: 403 },
  'request-timeout': { title: 'The request took too long', outcome: 'not-applied', status: 408 },
  'headers-too-large': { title: 'The headers are too large', outcome: 'not-applied', status: 431 },
  'too-many-streams': { title: 'Too many event streams', outcome: 'not-applied', status: 429 },
  'lab-not-found': { title: 'No such lab', outcome: 'not-applied', status: 404 },
  'class-not-found': { title: 'No such class', outcome: 'not-applied', status: 404 },
  'class-full': { title: 'The class is full', outcome: 'not-applied', status: 429 },
  'lab-ended': { title: 'The lab has ended', outcome: 'unknown', status: 503 },
  'too-many-labs': { title: 'Too many labs', outcome: 'not-applied', status: 429 },
  'too-few-waiting': { title: 'Too few requests wait', outcome: 'not-applied', status: 409 },
  'too-many-predictions': { title: 'Too many forecasts', outcome: 'not-applied', status: 429 },
  'write-ahead-failed': { title: 'The write-ahead file failed', outcome: 'unknown', status: 500 },
  'shutting-down': { title: 'The server is shutting down', outcome: 'not-applied', status: 503 },
  'internal-error': { title: 'A bug in the server', outcome: 'unknown', status: 500 },
} as const satisfies Record<string, { title: string; outcome: Outcome; status: number }>

export type HttpErrorCode = keyof typeof HTTP_ERRORS
export type ProblemCode = ErrorCode | HttpErrorCode

const CORE_STATUS: Readonly<Record<ErrorCode, number>> = {
  'invalid-request': 400,
  'key-not-found': 404,
  'replica-not-found': 404,
  'no-leader': 503,
  'not-leader': 409,
  'replica-down': 503,
  'replica-timeout': 504,
  'leader-changed': 503,
  'cluster-reset': 503,
  'quorum-impossible': 400,
  'quorum-unavailable': 503,
  'quorum-timeout': 504,
  'too-few-followers': 503,
  'too-many-keys': 507,
  'too-much-data': 507,
  'too-many-messages': 429,
  'too-many-waiting': 429,
  'wrong-state': 409,
  'no-candidate': 409,
  'candidate-behind': 409,
  'candidate-unreachable': 409,
  'version-lost': 409,
  'not-reached': 409,
  'scenario-truncated': 409,
}

/** Codes that pass by themselves, so that trying again soon is worth it. */
const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode, number>> = {
  'no-leader': 1,
  'too-many-messages': 1,
  'too-many-waiting': 1,
  'too-many-streams': 1,
  'too-many-predictions': 1,
  'shutting-down': 1,
}

/** Every code with all that is fixed about it: the table that the API description prints. */
export const PROBLEMS = Object.fromEntries([
  ...Object.entries(ERRORS).map(([code, row]) => [
    code,
    { ...row, status: CORE_STATUS[code as ErrorCode] },
  ]),
  ...Object.entries(HTTP_ERRORS),
]) as Readonly<Record<ProblemCode, { title: string; outcome: Outcome; status: number }>>

/** Where a wrong field was found, which one it is, and what is wrong with it. */
export interface FieldError {
  readonly in: 'query' | 'body' | 'path' | 'header'
  readonly field: string
  readonly message: string
}

/** A problem on its way out: one of the core's, or one that HTTP found itself. */
export interface HttpProblem {
  readonly code: ProblemCode
  readonly detail: string
  readonly outcome: Outcome
  readonly facts: ProblemFacts
  /** In the order in which to try them. */
  readonly remedies: readonly (Call | Setting)[]
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

export function httpProblem(
  code: ProblemCode,
  detail: string,
  extra: Partial<Omit<HttpProblem, 'code' | 'detail'>> = {},
): HttpProblem {
  return { code, detail, outcome: PROBLEMS[code].outcome, facts: {}, remedies: [], ...extra }
}

/** Wrong fields named in one answer; what is wrong with a thousandth helps nobody. */
const FIELD_ERRORS_SHOWN = 10

/** One or more fields are wrong; the detail says all of it in sentences. */
export function invalidRequest(all: readonly FieldError[]): HttpProblem {
  const errors = all.slice(0, FIELD_ERRORS_SHOWN)
  const sentences = errors.map((error) => error.message)
  if (all.length > errors.length) sentences.push(`(And ${all.length - errors.length} more.)`)
  return httpProblem('invalid-request', sentences.join(' '), { errors })
}

/** A request that cannot be parsed any further, thrown from wherever that was found. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest'
  readonly problem: HttpProblem

  constructor(problem: HttpProblem) {
    super(problem.detail)
    this.problem = problem
  }
}

/**
 * The body of a problem. Facts come first, so that none can stand in for a member that RFC 9457 or
 * the contract defines. `outcome` is left out where the request could not have changed anything.
 */
export function problemBody(problem: HttpProblem, withOutcome: boolean): Record<string, unknown> {
  const { title, status } = PROBLEMS[problem.code]
  return {
    type: `/docs#${problem.code}`,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    ...(withOutcome && { outcome: problem.outcome }),
    remedies: problem.remedies,
    ...(problem.errors && { errors: problem.errors }),
    ...withoutReserved(problem.facts),
  }
}

const RESERVED = new Set([
  'type',
  'title',
  'status',
  'detail',
  'code',
  'outcome',
  'remedies',
  'errors',
])

function withoutReserved(facts: ProblemFacts): ProblemFacts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !RESERVED.has(name)))
}

export function problemHeaders(problem: HttpProblem): Record<string, string> {
  const seconds = RETRY_AFTER_SECONDS[problem.code]
  return {
    ...(seconds !== undefined && { 'Retry-After': String(seconds) }),
    // A server that goes cannot close while connections stay open for a next request.
    ...(problem.code === 'shutting-down' && { Connection: 'close' }),
    ...problem.headers,
  }
}
