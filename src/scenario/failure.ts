// In what way a scenario fails: by the first expectation that does not hold, or by a verdict that is violated. Two fail in
// the same way only if what was expected had come about as far as in the other, and the answer was as stale: else
// every expectation would fail in the same way once all that leads to it is taken away.

import { HistoryRecording } from '../analysis/history/recording.ts'
import { judge } from '../analysis/verdicts/judge.ts'
import { VERDICT_NAMES, type VerdictName } from '../analysis/verdicts/verdict.ts'
import { BOUNDS } from '../core/bounds.ts'
import { Cluster } from '../core/cluster.ts'
import type { ClusterEvent } from '../core/events.ts'
import { type Answer, fieldOf } from './answers.ts'
import { type Expectation, mismatch } from './expectations.ts'
import { START_TIME_MS } from './header.ts'
import { type Outcome, type RunBounds, runSlices, type TraceItem } from './run.ts'
import type { CommandLine, Scenario } from './scenario.ts'
import type { Slices } from './slices.ts'

export interface Failure {
  readonly fails: true
  /** The same text, the same way. */
  readonly way: string
  /** Whose expectation does not hold; null where none is to blame. */
  readonly line: number | null
  /** The last line that had begun by then. */
  readonly until: number
  readonly said: string
  /** Events until then. */
  readonly events: number
  /** The run was cut short. */
  readonly isStop: boolean
}

export interface NoFailure {
  readonly fails: false
  /** Why not, in words. */
  readonly said: string
  /** What could be asked of it instead. */
  readonly violated: VerdictName | undefined
}

/** @param verdict the one that is to be violated; null: an expectation is not to hold */
export function* failureOf(
  scenario: Scenario,
  verdict: VerdictName | null,
  bounds: RunBounds,
): Slices<Failure | NoFailure> {
  const watch = new Watch(verdict === null)
  const cluster = new Cluster({ startTimeMs: START_TIME_MS, ...scenario.options })
  const run = runSlices(scenario, cluster, (item) => watch.hear(item), bounds)
  for (;;) {
    const { done, value } = run.next()
    if (watch.failure) return watch.failure
    if (done) return verdict === null ? watch.whyNot(value) : watch.verdict(verdict)
    yield
  }
}

class Watch {
  readonly #isForExpectations: boolean
  readonly #history = new HistoryRecording({
    operationsMax: BOUNDS.historyMax,
    bytesMax: BOUNDS.bytesMax,
  })
  /** How far each value of each key had come, by their JSON. */
  readonly #written = new Map<string, 'written' | 'acknowledged'>()
  failure: Failure | undefined
  #until = 0
  #events = 0

  constructor(isForExpectations: boolean) {
    this.#isForExpectations = isForExpectations
  }

  hear(item: TraceItem): void {
    if (item.kind === 'command') this.#until = item.line.line
    else if (item.kind === 'event') this.#event(item.event)
    if (!this.#isForExpectations || this.failure) return
    if (item.kind === 'stopped') {
      this.failure = this.#fail(['stopped', item.reason.replace(/[\d.,]+/g, '')], null, item.reason)
    } else if ((item.kind === 'answer' || item.kind === 'unanswered') && item.verdict?.why) {
      const { line, verdict } = item
      const said = `${line.sources.join(' ').trim().replace(/ +/g, ' ')}: ${verdict.why}`
      const how = item.kind === 'answer' ? this.#howOf(line, item.answer) : ['no answer']
      this.failure = this.#fail([line.command.verb, verdict.expected, ...how], line.line, said)
    }
  }

  #event(event: ClusterEvent): void {
    this.#events++
    this.#history.hear(event)
    if (event.type !== 'write-applied' && event.type !== 'write-acknowledged') return
    const { key, value } = event.record
    const id = JSON.stringify([key, value])
    const isNews = event.type === 'write-acknowledged' || !this.#written.has(id)
    if (isNews) this.#written.set(id, event.type === 'write-applied' ? 'written' : 'acknowledged')
  }

  #fail(way: readonly unknown[], line: number | null, said: string): Failure {
    const isStop = way[0] === 'stopped'
    const at = { line, until: this.#until, events: this.#events, isStop }
    return { fails: true, way: JSON.stringify(way), said, ...at }
  }

  #howOf({ command, expectation }: CommandLine, answer: Answer): unknown[] {
    const { versions, diverged } = (answer.fields.staleness ?? {}) as Record<string, unknown>
    const expected = expectation?.result?.kind === 'value' ? expectation.result.value : null
    const key = 'how' in command && command.how && 'key' in command.how ? command.how.key : null
    return [
      answer.ok ? expectation && wrongPart(expectation, answer) : answer.problem.code,
      Number(versions) > 0 ? 'stale' : 'fresh',
      diverged === true ? 'diverged' : 'live',
      this.#written.get(JSON.stringify([key, expected])) ?? 'never written',
    ]
  }

  verdict(name: VerdictName): Failure | NoFailure {
    const { verdict, why } = judge(this.#history.history()).verdicts[name]
    const said = `${name} is ${verdict}${why === null ? '' : `: ${why}`}`
    if (verdict === 'violated') return this.#fail([name], null, said)
    return { fails: false, said, violated: undefined }
  }

  whyNot({ expectations }: Outcome): NoFailure {
    const { verdicts } = judge(this.#history.history())
    const violated = VERDICT_NAMES.find((name) => verdicts[name].verdict === 'violated')
    const said = expectations === 0 ? 'nothing is expected in it' : 'what is expected in it holds'
    return { fails: false, said, violated }
  }
}

/** What is wrong with an answer: the value, or the first field; its figures may differ. */
function wrongPart(expectation: Expectation, answer: Answer): unknown {
  if (mismatch({ ...expectation, fields: [] }, answer)) return answer.fields.value ?? 'applied'
  const wrong = expectation.fields.find(
    (field) => mismatch({ ...expectation, result: null, fields: [field] }, answer) !== undefined,
  )
  const is = wrong && fieldOf(answer.fields, wrong.name)?.value
  return [wrong?.name, typeof is === 'string' ? is : typeof is]
}
