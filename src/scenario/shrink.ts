// A smaller scenario that fails in the same way: lines are taken away in halves, quarters and so on down to single ones,
// after A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE Trans. Softw.
// Eng. 28(2), 2002. What is left needs each of its lines. The same scenario shrinks to the same one.

import type { VerdictName } from '../analysis/verdicts/verdict.ts'
import { BOUNDS } from '../core/bounds.ts'
import { escapeActing } from '../core/text/say.ts'
import type { Microseconds } from '../core/units.ts'
import { type Failure, failureOf, type NoFailure } from './failure.ts'
import { tokensOf } from './lexer.ts'
import { parseScenario } from './parse.ts'
import { writeDuration } from './readers.ts'
import { RUN_BOUNDS, type RunBounds } from './run.ts'
import type { Scenario, ScenarioLine } from './scenario.ts'

/** What is taken away as a whole: a line, or a command of several. */
interface Unit {
  readonly sources: readonly string[]
  readonly isOption: boolean
  /** Time that passes, where it does nothing else; else null. */
  readonly us: Microseconds | null
}

export interface Shrunk {
  readonly units: readonly Unit[]
  readonly failure: Failure
  /** How many scenarios have been run. */
  readonly runs: number
}

/** The best so far, whenever others may have a turn, and in the end the smallest; null until it is known to fail. */
export type Shrinking = Generator<Shrunk | null, Shrunk | NoFailure>

const SAID_MAX = 300
/** Of more lines, trying every two would take too long. */
const PAIRED_MAX = 40

/** @param verdict the one that is to stay violated; null: the first expectation that does not hold */
export function* shrink(scenario: Scenario, verdict: VerdictName | null): Shrinking {
  const run = failureOf(scenario, verdict, RUN_BOUNDS)
  for (;;) {
    const { done, value } = run.next()
    if (!done) yield null
    else return value.fails ? yield* new Shrinker(scenario, verdict, value).shrink() : value
  }
}

export function countLines({ units }: Shrunk): number {
  return units.reduce((sum, { sources }) => sum + sources.length, 0)
}

/** As a file to run. Where a verdict is violated its last line says so, which then holds. */
export function writeShrunk({ units, failure }: Shrunk, verdict: VerdictName | null): string {
  const { said } = failure
  const sourcesOf = (some: readonly Unit[]) => some.flatMap(({ sources }) => sources)
  const options = sourcesOf(units.filter(({ isOption }) => isOption))
  const lines = [
    `# Shrunk: ${escapeActing(said.length > SAID_MAX ? `${said.slice(0, SAID_MAX)}…` : said)}`,
    ...options,
    ...(options.length > 0 ? [''] : []),
    ...sourcesOf(units.filter(({ isOption }) => !isOption)),
    ...(verdict === null ? [] : [`show verdicts -> ${verdict}=violated`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

class Shrinker {
  readonly #verdict: VerdictName | null
  readonly #bounds: RunBounds
  /** Up to the failure, without what else is expected: it fails in the same way. */
  readonly #start: readonly Unit[]
  #best: Shrunk
  #runs = 1

  constructor({ lines }: Scenario, verdict: VerdictName | null, failure: Failure) {
    this.#verdict = verdict
    // What goes on for much longer than the whole did has gone astray.
    const eventsMax = failure.isStop ? RUN_BOUNDS.eventsMax : 2 * failure.events + 10_000
    this.#bounds = { ...RUN_BOUNDS, eventsMax }
    this.#best = { units: lines.flatMap((line) => unitOf(line, true)), failure, runs: 1 }
    this.#start = lines
      .filter(({ line }) => line <= failure.until)
      .flatMap((line) => unitOf(line, line.line === failure.line))
  }

  *shrink(): Generator<Shrunk, Shrunk> {
    yield* this.#try(this.#start)
    let before: readonly Unit[]
    do {
      before = this.#best.units
      yield* this.#takeAway()
      yield* this.#joinAdvances()
      if (this.#best.units === before) yield* this.#takePairs()
    } while (this.#best.units !== before)
    return this.#best
  }

  /** From the end, for there stands what undoes and what only looks. */
  *#takeAway(): Generator<Shrunk, void> {
    for (
      let size = this.#best.units.length;
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let to = this.#best.units.length; to > 0; to -= size) {
        const { units } = this.#best
        yield* this.#try(units.toSpliced(Math.max(0, to - size), Math.min(size, to)))
      }
    }
  }

  /** What was done and undone, or a fault and the time it takes: neither goes without the other. */
  *#takePairs(): Generator<Shrunk, void> {
    const { units } = this.#best
    if (units.length > PAIRED_MAX) return
    for (let i = units.length - 1; i > 0; i--) {
      for (let j = i - 1; j >= 0 && this.#best.units === units; j--) {
        yield* this.#try(units.filter((_, k) => k !== i && k !== j))
      }
    }
  }

  /** Time that passed in many steps, where nothing happens between them any more. */
  *#joinAdvances(): Generator<Shrunk, void> {
    for (let i = this.#best.units.length - 1; i > 0; i--) {
      const { units } = this.#best
      const [a, b] = [units[i - 1]?.us ?? null, units[i]?.us ?? null]
      if (a === null || b === null || a + b > BOUNDS.advanceUsMax) continue
      const us = a + b
      const joined = { sources: [`advance ${writeDuration(us)}`], isOption: false, us }
      yield* this.#try(units.toSpliced(i - 1, 2, joined))
    }
  }

  /** Keeps it as the best where it fails in the same way. */
  *#try(units: readonly Unit[]): Generator<Shrunk, void> {
    const parsing = parseScenario(units.flatMap(({ sources }) => sources).join('\n'))
    this.#best = { ...this.#best, runs: ++this.#runs }
    if (!parsing.ok) return
    const run = failureOf(parsing.scenario, this.#verdict, this.#bounds)
    for (;;) {
      const { done, value } = run.next()
      yield this.#best
      if (!done) continue
      const isSame = value.fails && value.way === this.#best.failure.way
      if (isSame) this.#best = { units, failure: value, runs: this.#runs }
      return
    }
  }
}

/** @returns none for what a run does not need: comments, blanks */
function unitOf(line: ScenarioLine, keepsExpectation: boolean): Unit[] {
  if (line.kind !== 'command') {
    return line.kind === 'option' ? [{ sources: [line.source], isOption: true, us: null }] : []
  }
  const { command, sources, expectation } = line
  const isBare = expectation === null || !keepsExpectation
  const isAdvance = command.verb === 'advance' && 'us' in command.how
  return [
    {
      sources: isBare ? sources.map(withoutExpectation) : sources,
      isOption: false,
      us: isAdvance && isBare ? command.how.us : null,
    },
  ]
}

function withoutExpectation(source: string): string {
  const arrow = tokensOf(source).find(({ kind }) => kind === 'arrow')
  return arrow ? source.slice(0, arrow.column - 1).trimEnd() : source
}
