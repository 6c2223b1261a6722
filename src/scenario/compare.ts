// What one knob changes: the same scenario with the same seed, once as it stands and once with another latency, quorum or
// policy. Which stale reads, time-outs, refusals, missing answers and lost writes disappear, which appear, and what it costs in
// latency. Everything is taken from what the cluster answered; nothing is worked out here.

import { nearestWord } from '../core/text/nearest.ts'
import { msFromUs } from '../core/units.ts'
import { OPTIONS } from './header.ts'
import { parseScenario } from './parse.ts'
import { runScenario } from './run.ts'
import type { CommandLine, Scenario, ScenarioLine } from './scenario.ts'
import type { ScenarioCommand } from './verbs/table.ts'

export type Trouble = 'stale read' | 'time-out' | 'refusal' | 'no answer' | 'lost write'

/** One thing that went wrong: a line of the scenario that was answered so, or a write that a failover lost. */
export interface Finding {
  readonly trouble: Trouble
  /** Null for what no line answers for. */
  readonly line: number | null
  readonly text: string
}

export interface Latencies {
  readonly count: number
  readonly meanMs: number
  readonly maxMs: number
}

export interface Run {
  readonly findings: readonly Finding[]
  readonly writes: Latencies
  readonly reads: Latencies
}

export interface Comparison {
  readonly before: Run
  readonly after: Run
  readonly disappeared: readonly Finding[]
  readonly appeared: readonly Finding[]
}

export type Compared =
  | { readonly ok: true; readonly value: Comparison }
  | { readonly ok: false; readonly message: string }

/** @param knob an option line such as `latency replicate=50ms`, or `w=2`, `r=2`, `repair=async` */
export function compareWith(scenario: Scenario, knob: string): Compared {
  const turned = turn(scenario, knob.trim())
  if (typeof turned === 'string') return { ok: false, message: turned }
  const before = runOf(scenario)
  const after = runOf(turned)
  const without = (some: Run, others: Run) => {
    const texts = new Set(others.findings.map(identity))
    return some.findings.filter((one) => !texts.has(identity(one)))
  }
  const value = {
    ...{ before, after },
    ...{ disappeared: without(before, after), appeared: without(after, before) },
  }
  return { ok: true, value }
}

/** The same trouble of the same line, or the same write lost, whatever else was said of it. */
function identity({ trouble, line, text }: Finding): string {
  return `${trouble} ${line ?? text}`
}

/** The scenario with one thing changed, or why that cannot be. */
function turn(scenario: Scenario, knob: string): Scenario | string {
  const field = /^(w|r|repair)=(\S+)$/.exec(knob)
  if (field) return turnField(scenario, field[1] as string, field[2] as string)
  const name = knob.split(/\s/, 1)[0] ?? ''
  if (!Object.hasOwn(OPTIONS, name)) {
    const nearest = nearestWord(name.split('=', 1)[0] ?? '', [
      'w',
      'r',
      'repair',
      ...Object.keys(OPTIONS),
    ])
    const meant = nearest === undefined ? '' : ` (did you mean ${nearest}?)`
    const known = ['w=2', 'r=2', 'repair=async', ...Object.keys(OPTIONS)].join(', ')
    return `${JSON.stringify(knob)} changes nothing in a scenario${meant}: write one of ${known}, an option with its value`
  }
  // Legs of latency add up; every other option stands once.
  const kept = scenario.lines.flatMap((line) =>
    line.kind === 'option' && (name === 'latency' || !line.source.trim().startsWith(`${name} `))
      ? [line.source]
      : [],
  )
  const parsing = parseScenario([...kept, knob].join('\n'))
  if (!parsing.ok) return parsing.mistakes[0]?.message ?? `${knob} cannot be read`
  return { ...scenario, options: parsing.scenario.options }
}

function turnField(scenario: Scenario, name: string, value: string): Scenario | string {
  const isNumber = /^[1-9]\d{0,2}$/.test(value)
  if (name === 'repair' ? !/^(blocking|async|false)$/.test(value) : !isNumber) {
    const words = name === 'repair' ? 'blocking, async or false' : 'a number of replicas from 1'
    return `${name} is ${words}, not ${JSON.stringify(value)}`
  }
  const of = isNumber ? Number(value) : value
  let turned = 0
  const lines = scenario.lines.map((line): ScenarioLine => {
    if (line.kind !== 'command') return line
    const command = withField(line.command, name, of)
    if (command !== line.command) turned++
    return { ...line, command }
  })
  if (turned > 0) return { ...scenario, lines }
  return `${name} has nothing to change: the scenario has no ${name === 'w' ? 'write' : 'quorum read'}`
}

/** A plain write or read becomes one of a quorum: that is the question. */
function withField(command: ScenarioCommand, name: string, of: number | string): ScenarioCommand {
  const { verb } = command
  if (name === 'w' && (verb === 'write' || verb === 'write-with-quorum')) {
    return { verb: 'write-with-quorum', how: { ...command.how, w: of as number } }
  }
  const isRead = verb === 'read-with-quorum' || (name === 'r' && verb === 'read')
  if (name === 'w' || !isRead) return command
  return {
    verb: 'read-with-quorum',
    how: { ...command.how, [name]: of },
  } as ScenarioCommand
}

const SHOW_FAILOVERS: CommandLine = {
  kind: 'command',
  line: 0,
  sources: ['show failovers'],
  command: { verb: 'show', what: 'failovers' },
  goesOn: false,
  expectation: null,
}

function runOf(scenario: Scenario): Run {
  const findings: Finding[] = []
  const startedUs = new Map<CommandLine, number>()
  const tookUs: Record<'write' | 'read', number[]> = { write: [], read: [] }
  // A reset forgets what was lost before it, so it is asked just before.
  const lines = scenario.lines.flatMap((line) =>
    line.kind === 'command' && line.command.verb === 'reset' ? [SHOW_FAILOVERS, line] : [line],
  )
  runScenario({ ...scenario, lines: [...lines, SHOW_FAILOVERS] }, (item) => {
    if (item.kind === 'command') startedUs.set(item.line, item.atUs)
    if (item.kind === 'unanswered') {
      const { line, sources } = item.line
      const text = `${sources.join(' ').trim()}: it still waited at the end`
      findings.push({ trouble: 'no answer', line, text })
    }
    if (item.kind !== 'answer') return
    const { line, answer } = item
    if (line === SHOW_FAILOVERS) findings.push(...lostIn(answer.fields.failovers))
    const kind = /write/.test(line.command.verb)
      ? 'write'
      : /read/.test(line.command.verb)
        ? 'read'
        : null
    if (kind === null) return
    if (answer.ok) tookUs[kind].push(item.atUs - (startedUs.get(line) ?? item.atUs))
    const text = line.sources.join(' ').trim()
    const find = (trouble: Trouble, why: string) =>
      findings.push({ trouble, line: line.line, text: `${text}: ${why}` })
    const { versions = 0, ms = 0 } = (answer.fields.staleness ?? {}) as Partial<Stale>
    if (versions > 0) find('stale read', `${versions} versions behind, ${ms} ms`)
    if (answer.ok || answer.problem.code === 'key-not-found') return
    find(answer.problem.code.endsWith('timeout') ? 'time-out' : 'refusal', answer.problem.code)
  })
  return { findings, writes: latenciesOf(tookUs.write), reads: latenciesOf(tookUs.read) }
}

interface Stale {
  readonly versions: number
  readonly ms: number
}

function lostIn(failovers: unknown): Finding[] {
  const all = failovers as readonly {
    readonly lost: readonly { readonly record: { readonly key: string; readonly value: string } }[]
  }[]
  return all.flatMap(({ lost }) =>
    lost.map(({ record }): Finding => {
      const { key, value } = record
      return { trouble: 'lost write', line: null, text: `${key} ${JSON.stringify(value)}` }
    }),
  )
}

function latenciesOf(us: readonly number[]): Latencies {
  const sum = us.reduce((a, b) => a + b, 0)
  return {
    count: us.length,
    meanMs: us.length === 0 ? 0 : msFromUs(Math.round(sum / us.length)),
    maxMs: msFromUs(us.reduce((a, b) => Math.max(a, b), 0)),
  }
}
