// A scenario as a lesson that a page can tell: its sentences and questions, and for every line its call, what the
// answer holds, and how far time goes meanwhile. To know that, it is played once, on a cluster of its own.

import { Cluster } from '../../core/cluster.ts'
import { DEFAULT_OPTIONS } from '../../core/options.ts'
import { type Microseconds, msFromUs } from '../../core/units.ts'
import { isRequest } from '../../core/verbs/table.ts'
import { START_TIME_MS } from '../../scenario/header.ts'
import { lessonFaults, lessonOf, type StepPart } from '../../scenario/lesson.ts'
import { type RunBounds, runSlices, type TraceItem } from '../../scenario/run.ts'
import { type LineFault, readScenario } from '../../scenario/run-to-end.ts'
import type { CommandLine, Scenario } from '../../scenario/scenario.ts'
import type { Slices } from '../../scenario/slices.ts'
import type { Call } from '../call.ts'
import type { PartJson, Telling } from './shapes.ts'
import { storyCall } from './story-call.ts'

/** In slices: the text may be anybody's, and long. */
export function* tellStory(name: string, text: string, bounds: RunBounds): Slices<Telling> {
  const scenario = yield* readScenario(text)
  if (!('lines' in scenario)) return scenario
  const lesson = lessonOf(scenario)
  const faults = [...lessonFaults(scenario), ...withoutCall(scenario)]
  if (lesson.steps.length === 0) faults.push({ line: 1, what: 'there is nothing to tell' })
  if (faults.length > 0) return faults
  const { lines, wrong } = yield* play(scenario, bounds)
  if (wrong.length > 0) return wrong
  return {
    name,
    title: lesson.title,
    summary: lesson.summary,
    followers: scenario.options.followers ?? DEFAULT_OPTIONS.followers,
    options: optionsOf(scenario),
    head: headOf(scenario),
    scenario: text,
    steps: lesson.steps
      .map((parts) => parts.filter((part) => !isRestore(part)))
      .filter((parts) => parts.length > 0)
      .map((parts) => parts.map((part) => renderPart(part, lines))),
  }
}

/** A page calls and waits for its answers; it cannot leave one. */
function withoutCall({ lines }: Scenario): LineFault[] {
  return lines.flatMap((line) =>
    line.kind === 'command' && line.command.verb === 'abandon'
      ? [{ line: line.line, what: 'a lesson has no abandon: leave the line out' }]
      : [],
  )
}

function optionsOf({ lines }: Scenario): string[] {
  return lines
    .flatMap((line) => (line.kind === 'option' ? [line.source.trim()] : []))
    .filter((source) => !/^(seed|followers)\s/.test(source))
}

/** It has no call, but the lab begins with it. */
function isRestore(part: StepPart): boolean {
  return part.kind === 'command' && part.line.command.verb === 'restore'
}

function headOf({ lines }: Scenario): string {
  return lines
    .flatMap((line) => {
      if (line.kind === 'option') return [`${line.source}\n`]
      if (line.kind !== 'command' || line.command.verb !== 'restore') return []
      return line.sources.map((source) => `${source}\n`)
    })
    .join('')
}

/** Of an answer, what tells whether the story goes as it should; dates and ids are another run's affair. */
const TOLD = [
  ...['code', 'value', 'version', 'acknowledgedBy', 'replica', 'repaired', 'epoch', 'role'],
  'nowMs',
]

/** What became of a line when the story was played. */
interface Played {
  readonly atUs: Microseconds
  /** How many requests waited, once it did. */
  readonly whenWaiting: number
  told: Readonly<Record<string, unknown>>
  /** Undefined where it has no answer. */
  tookUs?: Microseconds
}

type Playing = ReadonlyMap<CommandLine, Played>

function* play(
  scenario: Scenario,
  bounds: RunBounds,
): Slices<{ readonly lines: Playing; readonly wrong: readonly LineFault[] }> {
  const lines = new Map<CommandLine, Played>()
  const waiting = new Set<CommandLine>()
  const wrong: LineFault[] = []
  const tell = (item: TraceItem) => {
    if (item.kind === 'stopped') wrong.push({ line: item.line.line, what: item.reason })
    if (item.kind === 'command') {
      const { line, atUs } = item
      if (isRequest(line.command)) waiting.add(line)
      lines.set(line, { atUs, whenWaiting: waiting.size, told: {} })
    }
    if (item.kind !== 'answer' && item.kind !== 'unanswered') return
    const { line, verdict } = item
    if (verdict?.why) wrong.push({ line: line.line, what: verdict.why })
    const played = lines.get(line)
    if (item.kind === 'unanswered' || !played) return
    waiting.delete(line)
    const { fields } = item.answer
    const told = TOLD.filter((name) => Object.hasOwn(fields, name))
    played.told = Object.fromEntries(told.map((name) => [name, fields[name]]))
    played.tookUs = item.atUs - played.atUs
  }
  const cluster = new Cluster({ startTimeMs: START_TIME_MS, ...scenario.options })
  yield* runSlices(scenario, cluster, tell, bounds)
  return { lines, wrong }
}

/** What a request waits for is time, and that stands still; what goes on without its answer has only to be there. */
function meanwhileOf({ command, goesOn }: CommandLine, played: Played): Call | null {
  const { tookUs, whenWaiting } = played
  if (!isRequest(command) || tookUs === 0) return null
  const ms = goesOn ? 0 : msFromUs(tookUs ?? 0)
  return { method: 'POST', path: '/clock/advance', body: { ms, whenWaiting } }
}

function renderPart(part: StepPart, playing: Playing): PartJson {
  if (part.kind !== 'command') return part
  const { sources, command, goesOn, expectation } = part.line
  const played = playing.get(part.line) as Played
  return {
    kind: 'command',
    source: sources.map((source) => withoutExpectation(source, expectation?.source)).join('\n'),
    // Time is the lesson's own: it moves by what the story says, and by nothing else.
    call: command.verb === 'clock' ? null : (storyCall(command) ?? null),
    goesOn,
    expected: expectation?.source ?? null,
    told: played.told,
    meanwhile: meanwhileOf(part.line, played),
  }
}

/** A value may hold an arrow itself, so what is cut off is what was parsed. */
function withoutExpectation(source: string, expected: string | undefined): string {
  const end = expected === undefined ? -1 : source.lastIndexOf(`-> ${expected}`)
  return (end === -1 ? source : source.slice(0, end)).trim()
}
