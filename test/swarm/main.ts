// `npm run swarm -- --seeds 10000`: as many random runs as wanted, with their figures at the end.
// `npm run swarm -- --seeds 5001..10000 --json`: a part of them, for `--merge FILE...` to put together.
// `npm run swarm -- --seed 7`: one run again, told command by command and event by event.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ClusterEvent } from '../../src/core/events.ts'
import { describeEvent } from '../../src/core/output/describe.ts'
import { Batch, runBatch } from './batch.ts'
import { drawPlan } from './draw.ts'
import { runPlan, stamp } from './session.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    commands: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
    merge: { type: 'boolean', default: false },
  },
})

/** What is sent is told again when it arrives, or when it does not. */
function tell(event: ClusterEvent): void {
  if (event.type === 'message-sent') return
  console.log(`${stamp(event.atUs)}   ${describeEvent(event).text}`)
}

function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Error(`--${name}: ${JSON.stringify(text)} is no whole number from 1 to 999999999`)
}

function runSeeds(commands: number): Batch {
  const [first = '', last] = values.seeds.split('..')
  const from = last === undefined ? 1 : whole('seeds', first)
  const to = whole('seeds', last ?? first)
  if (from > to) throw new Error(`--seeds: ${values.seeds} is empty: write the lower seed first`)
  const started = process.hrtime.bigint()
  const batch = runBatch(from, to, commands)
  batch.took(Number(process.hrtime.bigint() - started) / 1e9)
  return batch
}

function merged(files: readonly string[]): Batch {
  const [first, ...others] = files.map((file) => {
    try {
      return Batch.fromJSON(JSON.parse(readFileSync(file, 'utf8')))
    } catch (error) {
      throw new Error(`${file} is not what --json prints: ${(error as Error).message}`)
    }
  })
  if (!first) throw new Error('--merge: name the files that --json printed')
  for (const other of others) first.merge(other.toJSON())
  return first
}

try {
  const commands = whole('commands', values.commands)
  if (values.seed !== undefined) {
    const plan = drawPlan(whole('seed', values.seed), commands)
    console.log(JSON.stringify(plan))
    console.log(runPlan(plan, { command: (line) => console.log(line), event: tell }))
  } else {
    const batch = values.merge ? merged(positionals) : runSeeds(commands)
    console.log(values.json ? JSON.stringify(batch) : batch.text())
    batch.demandNotEmpty()
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
