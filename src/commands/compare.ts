// `compare FILE --with KNOB`: the same scenario and seed, one thing changed. What of it got better, what worse, at what price.

import type { CommandLine } from '../options/read.ts'
import { readTextFile } from '../runtime/text-file.ts'
import { type Comparison, compareWith, type Finding, type Latencies } from '../scenario/compare.ts'
import { parseScenario } from '../scenario/parse.ts'
import { printMistakes } from '../scenario/print.ts'
import { type FlagRow, pathOf, readFlags, refuse, sayFlags } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const FLAGS: Readonly<Record<string, FlagRow>> = {
  with: {
    placeholder: 'KNOB',
    help: "What changes: an option line such as 'latency replicate=50ms', or w=2, r=2, repair=async.",
  },
  json: { help: 'As JSON.' },
}

const HELP = `Usage: replication-lab compare FILE --with KNOB [--json]

Runs a scenario twice with the same seed, the second time with one thing changed: which stale reads, time-outs,
refusals and lost writes disappear, which appear, and the price in latency.

${sayFlags(FLAGS)}
`

export async function compare(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const { given, files, problems, wantsHelp } = readFlags(line, FLAGS, 'FILE')
  if (wantsHelp) {
    terminal.out(HELP)
    return 0
  }
  const [file] = files
  const knob = given.get('with')
  const all = [...problems]
  if (file === undefined || files.length > 1) all.push('compare needs one scenario: compare FILE')
  if (knob === undefined) all.push("--with is needed: write --with 'latency replicate=50ms'")
  if (all.length > 0 || file === undefined || knob === undefined) {
    return refuse(terminal, 'compare', all)
  }
  const text = await readTextFile(file === '-' ? null : pathOf(file, line))
  if (!text.ok) return refuse(terminal, 'compare', [`cannot read ${file}: ${text.message}`])
  const parsing = parseScenario(text.value)
  if (!parsing.ok) {
    for (const text of printMistakes(file, parsing)) terminal.err(`${text}\n`)
    return 2
  }
  const compared = compareWith(parsing.scenario, knob)
  if (!compared.ok) return refuse(terminal, 'compare', [`--with: ${compared.message}`])
  terminal.out(
    given.has('json') ? `${JSON.stringify(compared.value)}\n` : say(compared.value, knob),
  )
  return 0
}

function say({ before, after, disappeared, appeared }: Comparison, knob: string): string {
  return [
    `With ${knob}:`,
    ...disappeared.map((one) => `- ${sayFinding(one)}`),
    ...appeared.map((one) => `+ ${sayFinding(one)}`),
    ...(disappeared.length + appeared.length === 0 ? ['  nothing goes better or worse'] : []),
    `writes: ${sayLatencies(before.writes)}, now ${sayLatencies(after.writes)}`,
    `reads: ${sayLatencies(before.reads)}, now ${sayLatencies(after.reads)}`,
    '',
  ].join('\n')
}

function sayFinding({ trouble, line, text }: Finding): string {
  return line === null ? `${trouble}: ${text}` : `${trouble}, line ${line}: ${text}`
}

function sayLatencies({ count, meanMs, maxMs }: Latencies): string {
  return `${count} answered in ${meanMs} ms on average, ${maxMs} ms at most`
}
