// Matchers for vitest and jest: `expect.extend(matchers)`. A failure shows the operations that prove it, the seed, and the
// session to replay.

import type { History } from '../analysis/history/operation.ts'
import { judge } from '../analysis/verdicts/judge.ts'
import { drawWitness } from '../analysis/verdicts/picture.ts'
import { type VerdictName, worst } from '../analysis/verdicts/verdict.ts'
import { LabHistory } from './history.ts'

/** Of a session that is longer, the end is shown. */
const LINES_SHOWN = 60

/** For the types of your runner: `declare module 'vitest' { interface Matchers<T> extends LabMatchers<T> {} }`. */
export interface LabMatchers<R = unknown> {
  /** Every client sees what it wrote before, or newer. */
  toReadItsWrites(): R
  /** No client's reads go back, and all see each client's writes in their order. */
  toBeMonotonic(): R
  /** Every operation takes effect at one instant between its call and its return. */
  toBeLinearizable(): R
}

interface Result {
  readonly pass: boolean
  message(): string
}

type Matcher = (this: { readonly isNot?: boolean } | undefined, history: unknown) => Result

export const matchers: {
  readonly toReadItsWrites: Matcher
  readonly toBeMonotonic: Matcher
  readonly toBeLinearizable: Matcher
} = {
  toReadItsWrites: matcher(['read-your-writes']),
  toBeMonotonic: matcher(['monotonic-reads', 'monotonic-writes']),
  toBeLinearizable: matcher(['linearizable']),
}

function matcher(names: readonly VerdictName[]): Matcher {
  return function (history) {
    if (!isHistory(history)) {
      const message = () => 'expected a history, such as lab.history() has'
      return { pass: this?.isNot === true, message }
    }
    if (history.operations.length === 0) {
      const message = () => 'there is no operation to be judged: nobody has written or read'
      return { pass: this?.isNot === true, message }
    }
    const { verdicts } = history instanceof LabHistory ? history.judge() : judge(history)
    const verdict = worst(names.map((name) => verdicts[name].verdict))
    // What nobody can tell is no proof of either.
    const pass = verdict === 'undecided' ? this?.isNot === true : verdict === 'consistent'
    const told = names.filter((name) => verdicts[name].verdict === verdict)
    const message = () =>
      [
        ...told.flatMap((name) => {
          const { why, witness } = verdicts[name]
          return [
            `${name}: ${verdict}${why === null ? '' : `: ${why}`}`,
            ...drawWitness(history, witness).map((line) => `  ${line}`),
          ]
        }),
        ...sessionOf(history),
      ].join('\n')
    return { pass, message }
  }
}

function isHistory(given: unknown): given is History {
  const { operations } = (given ?? {}) as { readonly operations?: unknown }
  return Array.isArray(operations)
}

function sessionOf(history: History): string[] {
  if (!(history instanceof LabHistory)) return []
  const lines = history.scenario().trimEnd().split('\n')
  const left = lines.length - LINES_SHOWN
  return [
    '',
    `Seed ${history.seed}. The session:`,
    ...(left > 0 ? [`# ${left} lines before these: lab.scenario() has them all`] : []),
    ...lines.slice(Math.max(0, left)),
  ]
}
