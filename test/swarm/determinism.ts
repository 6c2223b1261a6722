// `npm run determinism -- node20 /path/to/node24`: runs the same drawn sessions on each Node it is given (on this
// one, twice, when given none) and compares their traces. Exits with 1 when any two differ.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { summarize, type TraceSummary } from './trace.ts'

interface Outcome extends TraceSummary {
  readonly version: string
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '300' },
    commands: { type: 'string', default: '200' },
    /** Prints this Node's own summary; used by the run that compares. */
    alone: { type: 'boolean', default: false },
  },
})

function runOn(node: string): Outcome {
  const script = fileURLToPath(import.meta.url)
  const { seeds, commands } = values
  const options = ['--alone', '--seeds', seeds, '--commands', commands]
  const printed = execFileSync(node, ['--import', 'tsx', script, ...options], { encoding: 'utf8' })
  return JSON.parse(printed) as Outcome
}

function compare(nodes: readonly string[]): void {
  const outcomes = nodes.map((node) => {
    const outcome = runOn(node)
    const { version, seeds, events, sha256 } = outcome
    console.log(`${version}: ${seeds} sessions, ${events} events, ${sha256}  (${node})`)
    return outcome
  })
  const same = outcomes.every(({ sha256 }) => sha256 === outcomes[0]?.sha256)
  console.log(same ? 'The traces are byte for byte the same.' : 'The traces differ.')
  if (!same) process.exitCode = 1
}

if (values.alone) {
  const summary = summarize(1, Number(values.seeds), Number(values.commands))
  console.log(JSON.stringify({ version: process.version, ...summary }))
} else {
  compare(positionals.length > 0 ? positionals : [process.execPath, process.execPath])
}
