// Runs a scenario on a cluster of its own, in virtual time, from its first line to its last, and tells of
// everything that happens: commands, events, answers, and whether they are what was expected. Nothing
// waits here: where a line is not answered at once, time moves to the next event, and the next.

import { HistoryRecording } from '../analysis/history/recording.ts'
import { BOUNDS } from '../core/bounds.ts'
import { sharesOf } from '../core/bytes.ts'
import { Cluster } from '../core/cluster.ts'
import { problem } from '../core/errors.ts'
import type { ClusterEvent } from '../core/events.ts'
import { type Microseconds, sayMs } from '../core/units.ts'
import { isRequest } from '../core/verbs/table.ts'
import type { AdvanceRequest, Ticket } from '../core/verbs.ts'
import { type Answer, AnswerRenderer, answerOf } from './answers.ts'
import { mismatch } from './expectations.ts'
import { START_TIME_MS } from './header.ts'
import type { CommandLine, Scenario, TextLine } from './scenario.ts'
import { finish, type Slices } from './slices.ts'
import { look } from './verbs/show.ts'
import { act, ask } from './verbs/table.ts'

/** Whether a line was answered as it says. */
export interface Verdict {
  readonly holds: boolean
  readonly expected: string
  /** Why it does not hold. */
  readonly why: string | null
}

export type TraceItem =
  | { readonly kind: 'text'; readonly line: TextLine }
  | { readonly kind: 'command'; readonly line: CommandLine; readonly atUs: Microseconds }
  | { readonly kind: 'event'; readonly event: ClusterEvent }
  | {
      readonly kind: 'answer'
      readonly line: CommandLine
      readonly atUs: Microseconds
      readonly answer: Answer
      /** Another command came in between. */
      readonly late: boolean
      readonly verdict: Verdict | null
    }
  /** A request that has no answer when the scenario ends. */
  | { readonly kind: 'unanswered'; readonly line: CommandLine; readonly verdict: Verdict | null }
  /** The run was cut short at a line. */
  | {
      readonly kind: 'stopped'
      readonly line: CommandLine
      readonly atUs: Microseconds
      readonly reason: string
    }

export interface Outcome {
  readonly nowUs: Microseconds
  readonly expectations: number
  /** The lines whose expectation does not hold. */
  readonly failedLines: readonly number[]
  readonly stopped: boolean
}

/** Only a mistake goes on for longer: a link that loses everything, advanced by a year. */
export interface RunBounds {
  readonly eventsMax: number
  /** So often may one line take the bound of one `advance`. */
  readonly advancesMax: number
  /** Where others want a turn: due events between two of them. What an `advance` answers names none then. */
  readonly sliceEventsMax?: number
}

export const RUN_BOUNDS: RunBounds = { eventsMax: 20_000_000, advancesMax: 50 }

export function runScenario(
  scenario: Scenario,
  tell: (item: TraceItem) => void,
  bounds: RunBounds = RUN_BOUNDS,
): Outcome {
  const cluster = new Cluster({ startTimeMs: START_TIME_MS, ...scenario.options })
  return finish(runSlices(scenario, cluster, tell, bounds))
}

/**
 * The same in slices, between which others have their turn, on a cluster that nothing has happened in.
 * @param tell nobody may issue commands from within
 */
export function runSlices(
  scenario: Scenario,
  cluster: Cluster,
  tell: (item: TraceItem) => void,
  bounds: RunBounds,
): Slices<Outcome> {
  return new Run(scenario, cluster, tell, bounds).run()
}

class Run {
  readonly #scenario: Scenario
  readonly #tell: (item: TraceItem) => void
  readonly #bounds: RunBounds
  readonly #cluster: Cluster
  readonly #render: AnswerRenderer
  /** What clients saw, for the lines that judge it. */
  readonly #history: HistoryRecording
  /** Requests without an answer so far, by their numbers. */
  readonly #waiting = new Map<number, { readonly ticket: Ticket; readonly line: CommandLine }>()
  readonly #failedLines: number[] = []
  readonly #unlisten: () => void
  #expectations = 0
  #events = 0
  #current: CommandLine | undefined
  /** Why it cannot go on. */
  #stop: string | undefined

  constructor(
    scenario: Scenario,
    cluster: Cluster,
    tell: (item: TraceItem) => void,
    bounds: RunBounds,
  ) {
    this.#scenario = scenario
    this.#tell = tell
    this.#bounds = bounds
    this.#cluster = cluster
    this.#render = new AnswerRenderer(this.#cluster)
    const { bytesMax, followers } = this.#cluster.options
    const historyBytes = sharesOf(bytesMax, followers + 1).history
    this.#history = new HistoryRecording({
      operationsMax: BOUNDS.historyMax,
      bytesMax: historyBytes,
    })
    this.#unlisten = cluster.listen((event) => {
      this.#events++
      this.#history.hear(event)
      tell({ kind: 'event', event })
    })
  }

  *run(): Slices<Outcome> {
    for (const line of this.#scenario.lines) {
      if (line.kind === 'command') yield* this.#runLine(line)
      else this.#tell({ kind: 'text', line })
      if (this.#stop !== undefined) break
    }
    this.#unlisten()
    for (const { line } of this.#waiting.values()) this.#endWithoutAnswer(line)
    return {
      nowUs: this.#cluster.nowUs,
      expectations: this.#expectations,
      failedLines: this.#failedLines.toSorted((a, b) => a - b),
      stopped: this.#stop !== undefined,
    }
  }

  *#runLine(line: CommandLine): Slices<void> {
    this.#current = line
    this.#tell({ kind: 'command', line, atUs: this.#cluster.nowUs })
    yield* this.#perform(line)
    yield
    if (this.#events > this.#bounds.eventsMax) {
      this.#stop ??= `more than ${this.#bounds.eventsMax} events have happened`
    }
    if (this.#stop === undefined) return
    const reason = this.#stop
    this.#tell({ kind: 'stopped', line, atUs: this.#cluster.nowUs, reason })
  }

  *#perform(line: CommandLine): Slices<void> {
    const { command } = line
    const cluster = this.#cluster
    if (isRequest(command)) yield* this.#ask(line)
    else if (command.verb === 'advance') this.#answered(line, yield* this.#advance(command.how))
    else if (command.verb === 'abandon') this.#answered(line, this.#abandon(command.request))
    else if (command.verb === 'show')
      this.#answered(line, look(cluster, this.#history, command, this.#render))
    else this.#answered(line, act(cluster, command, this.#render))
  }

  *#ask(line: CommandLine): Slices<void> {
    const { command } = line
    if (!isRequest(command)) return
    let number: number | undefined
    let isOver = false
    const ticket = ask(this.#cluster, command, this.#render, (answer) => {
      isOver = true
      if (number !== undefined) this.#waiting.delete(number)
      this.#answered(line, answer)
    })
    if (isOver) return
    number = ticket.request
    this.#waiting.set(number, { ticket, line })
    if (!line.goesOn) yield* this.#waitFor(ticket)
  }

  /** Moves from event to event until a request is answered; each has its time-out, so that comes. */
  *#waitFor(ticket: Ticket): Slices<void> {
    while (!ticket.settled && this.#events <= this.#bounds.eventsMax) {
      const dueUs = this.#cluster.nextDueUs()
      if (dueUs === undefined) {
        this.#stop = 'nothing happens any more that could answer this line'
        return
      }
      this.#cluster.runTo(dueUs, BOUNDS.advanceEventsMax)
      yield
    }
  }

  *#advance(how: AdvanceRequest): Slices<Answer> {
    const fromUs = this.#cluster.nowUs
    yield* this.#moveInSlices(how)
    const isTooMuch = this.#events > this.#bounds.eventsMax
    const rest = () => {
      if (isTooMuch) return { us: 0 }
      return 'us' in how ? { us: fromUs + how.us - this.#cluster.nowUs } : how
    }
    let reply = this.#cluster.advance(rest())
    for (let i = 1; reply.ok && !reply.value.finished; i++) {
      if (!('us' in how) || i >= this.#bounds.advancesMax) {
        this.#stop = `too much happens: the clock only came to ${sayMs(this.#cluster.nowUs)}`
        break
      }
      reply = this.#cluster.advance(rest())
    }
    return answerOf(reply, (value) => this.#render.views.advance({ ...value, fromUs }))
  }

  *#moveInSlices(how: AdvanceRequest): Slices<void> {
    const { eventsMax, sliceEventsMax } = this.#bounds
    const toUs = 'us' in how ? this.#cluster.nowUs + how.us : BOUNDS.clockUsMax
    if (sliceEventsMax === undefined || toUs > BOUNDS.clockUsMax) return
    while (this.#events <= eventsMax && this.#moveOn(how, toUs, sliceEventsMax)) {
      // Due events cost their time even where nobody is told of them.
      this.#events += sliceEventsMax
      yield
    }
  }

  /** @returns whether it goes on */
  #moveOn(how: AdvanceRequest, toUs: Microseconds, eventsMax: number): boolean {
    for (let i = 0; i < eventsMax; i++) {
      const dueUs = this.#cluster.nextDueUs()
      if (dueUs === undefined || dueUs > toUs || this.#cluster.isThere(how)) return false
      this.#cluster.runTo(dueUs, 1)
    }
    return true
  }

  #abandon(request: number): Answer {
    const waiting = this.#waiting.get(request)
    if (!waiting) {
      const detail = `Request ${request} does not wait for an answer.`
      return answerOf({ ok: false, problem: problem('invalid-request', detail) }, () => ({}))
    }
    waiting.ticket.abandon()
    this.#waiting.delete(request)
    if (waiting.line.expectation) this.#endWithoutAnswer(waiting.line)
    return answerOf({ ok: true, value: request }, () => ({ request }))
  }

  #answered(line: CommandLine, answer: Answer): void {
    const verdict = this.#judge(line, (expectation) => mismatch(expectation, answer))
    const late = line !== this.#current
    this.#tell({ kind: 'answer', line, atUs: this.#cluster.nowUs, answer, late, verdict })
  }

  #endWithoutAnswer(line: CommandLine): void {
    const why = 'it was not answered'
    this.#tell({ kind: 'unanswered', line, verdict: this.#judge(line, () => why) })
  }

  #judge(
    { expectation, line }: CommandLine,
    whyNot: (expectation: NonNullable<CommandLine['expectation']>) => string | undefined,
  ): Verdict | null {
    if (!expectation) return null
    const why = whyNot(expectation) ?? null
    this.#expectations++
    if (why !== null) this.#failedLines.push(line)
    return { holds: why === null, expected: expectation.source, why }
  }
}
