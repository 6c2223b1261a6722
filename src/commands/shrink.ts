// `shrink FILE`: a failing scenario to a smaller one that fails in the same way, on the standard output. How far it is
// goes to the other; Ctrl-C gives the smallest so far.

import { setImmediate as breathe } from 'node:timers/promises'
import { VERDICT_NAMES, type VerdictName } from '../analysis/verdicts/verdict.ts'
import { quote } from '../core/text/duration.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { count } from '../core/text/say.ts'
import type { CommandLine } from '../options/read.ts'
import { readTextFile } from '../runtime/text-file.ts'
import { parseScenario } from '../scenario/parse.ts'
import { printMistakes } from '../scenario/print.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { countLines, type Shrunk, shrink as shrinking, writeShrunk } from '../scenario/shrink.ts'
import { type FlagRow, pathOf, readFlags, refuse, sayFlags } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const FLAGS: Readonly<Record<string, FlagRow>> = {
  verdict: { placeholder: 'NAME', help: 'What is to stay violated, one of those below.' },
}

const HELP = `Usage: replication-lab shrink FILE [--verdict NAME]   FILE may be -

Finds a smaller scenario that fails in the same way, and prints it. Fails: its first expectation that does not
hold, or with --verdict what clients see of it. Exit code: 0 it is printed, 1 the scenario does not fail, 2 it
cannot be read, 130 Ctrl-C; then what is printed is the smallest so far.

${sayFlags(FLAGS)}

Verdicts
${VERDICT_NAMES.map((name) => `  ${name}`).join('\n')}
`

/** Between two looks at whether somebody wants it to stop. */
const BREATH_MS = 50

export async function shrink(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const { given, files, problems, wantsHelp } = readFlags(line, FLAGS, 'FILE')
  if (wantsHelp) {
    terminal.out(HELP)
    return 0
  }
  const [file] = files
  const named = given.get('verdict')
  const verdict = VERDICT_NAMES.find((name) => name === named) ?? null
  const all = [...problems]
  if (file === undefined || files.length > 1) all.push('shrink needs one scenario: shrink FILE')
  if (named !== undefined && verdict === null) {
    const hint = didYouMean(named, VERDICT_NAMES) || `: it is one of ${VERDICT_NAMES.join(', ')}`
    all.push(`--verdict is ${quote(named)}${hint}`)
  }
  if (all.length > 0 || file === undefined) return refuse(terminal, 'shrink', all)
  const text = await readTextFile(file === '-' ? null : pathOf(file, line))
  if (!text.ok) return refuse(terminal, 'shrink', [`cannot read ${file}: ${text.message}`])
  const parsing = parseScenario(text.value)
  if (!parsing.ok) {
    for (const text of printMistakes(file, parsing)) terminal.err(`${text}\n`)
    return 2
  }
  return run(file, parsing.scenario, verdict, terminal)
}

async function run(
  file: string,
  scenario: Scenario,
  verdict: VerdictName | null,
  { out, err, isWatched, signal }: Terminal,
): Promise<ExitCode> {
  const tell = (text: string) => err(`${isWatched ? '\r\u001b[K' : ''}${text}\n`)
  const print = (shrunk: Shrunk, how: string) => {
    out(writeShrunk(shrunk, verdict))
    tell(`${how} ${sayProgress(shrunk)}`)
  }
  const steps = shrinking(scenario, verdict)
  let step = steps.next()
  for (let breathedMs = performance.now(); !step.done && !signal.aborted; step = steps.next()) {
    if (performance.now() - breathedMs < BREATH_MS) continue
    if (isWatched && step.value) {
      err(`\r\u001b[K${sayProgress(step.value)}; Ctrl-C gives what is there`)
    }
    await breathe()
    breathedMs = performance.now()
  }
  if (!step.done) {
    if (step.value) print(step.value, 'Stopped at')
    else tell('Stopped before it had failed once')
    return 130
  }
  if ('units' in step.value) {
    print(step.value, `From ${count(scenario.lines.length, 'line')} to`)
    return 0
  }
  const { said, violated } = step.value
  const hint = violated === undefined ? '' : `; but --verdict ${violated} is violated`
  tell(`${file} does not fail: ${said}${hint}`)
  return 1
}

function sayProgress(shrunk: Shrunk): string {
  return `${count(countLines(shrunk), 'line')}, after ${count(shrunk.runs, 'run')}`
}
