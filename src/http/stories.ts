// The bundled scenarios as lessons: read once, from src/scenario/stories. A file added there is a
// lesson more. Their format is the scenario's; here they become JSON.

import { readdirSync, readFileSync } from 'node:fs'
import { DEFAULT_OPTIONS } from '../core/options.ts'
import { type Lesson, lessonOf, type StepPart } from '../scenario/lesson.ts'
import { parseScenario } from '../scenario/parse.ts'
import { runScenario } from '../scenario/run.ts'
import type { CommandLine, Scenario } from '../scenario/scenario.ts'
import type { Call } from './call.ts'
import { storyCall } from './story-call.ts'

const STORIES = new URL('../scenario/stories/', import.meta.url)
const SUFFIX = '.scenario'

/** The order in which one thing builds on another; all others follow by name. */
const FIRST: readonly string[] = [
  'too-early-read',
  'repair',
  'quorum',
  'timeout-that-survives',
  'r-plus-w-counter-example',
  'lost-write',
  'split-brain',
]

export interface StorySummary {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly followers: number
  /** Options beyond seed and followers, as the file writes them; a server has to be started with them. */
  readonly options: readonly string[]
  /** All of them: the head of a scenario that begins a lab of its own for the story. */
  readonly head: string
}

type PartJson =
  | Exclude<StepPart, { kind: 'command' }>
  | {
      readonly kind: 'command'
      readonly source: string
      readonly call: Call | null
      readonly goesOn: boolean
      readonly expected: string | null
      /** What the answer holds where nothing else moves the cluster. */
      readonly told: Readonly<Record<string, unknown>>
    }

export interface Story extends StorySummary {
  readonly steps: readonly (readonly PartJson[])[]
}

let read: ReadonlyMap<string, Story> | undefined

/** By name, in teaching order. Read when first asked for: a start should not wait for them. */
export function bundledStories(): ReadonlyMap<string, Story> {
  read ??= new Map(
    readdirSync(STORIES)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map((name) => [name, readStory(name)]),
  )
  return read
}

export function summaryOf({ name, title, summary, followers, options, head }: Story): StorySummary {
  return { name, title, summary, followers, options, head }
}

function rank(name: string): number {
  const place = FIRST.indexOf(name)
  return place === -1 ? FIRST.length : place
}

function readStory(name: string): Story {
  const parsing = parseScenario(readFileSync(new URL(`${name}${SUFFIX}`, STORIES), 'utf8'))
  if (!parsing.ok) {
    const [first] = parsing.mistakes
    throw new Error(
      `The bundled story ${name} has a mistake in line ${first?.line}: ${first?.message}`,
    )
  }
  const { scenario } = parsing
  const lesson = lessonOf(scenario)
  return {
    name,
    title: lesson.title,
    summary: lesson.summary,
    followers: scenario.options.followers ?? DEFAULT_OPTIONS.followers,
    options: optionsOf(scenario),
    head: headOf(scenario),
    steps: stepsOf(lesson, answersOf(scenario)),
  }
}

function optionsOf({ lines }: Scenario): string[] {
  return lines
    .flatMap((line) => (line.kind === 'option' ? [line.source.trim()] : []))
    .filter((source) => !/^(seed|followers)\s/.test(source))
}

function headOf({ lines }: Scenario): string {
  return lines.flatMap((line) => (line.kind === 'option' ? [`${line.source}\n`] : [])).join('')
}

/** Of an answer, what tells whether the story goes as it should; instants and ids are another run's affair. */
const TOLD = ['code', 'value', 'version', 'acknowledgedBy', 'replica', 'repaired', 'epoch', 'role']

type Answers = ReadonlyMap<CommandLine, Readonly<Record<string, unknown>>>

/** The story is played once, on a cluster of its own. */
function answersOf(scenario: Scenario): Answers {
  const answers = new Map<CommandLine, Readonly<Record<string, unknown>>>()
  runScenario(scenario, (item) => {
    if (item.kind !== 'answer') return
    const { fields } = item.answer
    const told = TOLD.filter((name) => Object.hasOwn(fields, name))
    answers.set(item.line, Object.fromEntries(told.map((name) => [name, fields[name]])))
  })
  return answers
}

function stepsOf(lesson: Lesson, answers: Answers): PartJson[][] {
  return lesson.steps.map((parts) => parts.map((part) => renderPart(part, answers)))
}

function renderPart(part: StepPart, answers: Answers): PartJson {
  if (part.kind !== 'command') return part
  const { sources, command, goesOn, expectation } = part.line
  return {
    kind: 'command',
    source: sources.map((source) => withoutExpectation(source, expectation?.source)).join('\n'),
    call: storyCall(command) ?? null,
    goesOn,
    expected: expectation?.source ?? null,
    told: answers.get(part.line) ?? {},
  }
}

/** A value may hold an arrow itself, so what is cut off is what was parsed. */
function withoutExpectation(source: string, expected: string | undefined): string {
  const end = expected === undefined ? -1 : source.lastIndexOf(`-> ${expected}`)
  return (end === -1 ? source : source.slice(0, end)).trim()
}
