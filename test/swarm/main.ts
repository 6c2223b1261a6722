// `npm run swarm -- --seeds 10000`: as many random runs as wanted, with their figures at the end.
// `npm run swarm -- --seed 7`: one run again, told command by command and event by event.

import { parseArgs } from 'node:util'
import type { ClusterEvent } from '../../src/core/events.ts'
import { describeEvent } from '../../src/core/output/describe.ts'
import { runBatch } from './batch.ts'
import { drawPlan } from './draw.ts'
import { runPlan, stamp } from './session.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    commands: { type: 'string', default: '300' },
  },
})
const commands = Number(values.commands)

/** What is sent is told again when it arrives, or when it does not. */
function tell(event: ClusterEvent): void {
  if (event.type === 'message-sent') return
  console.log(`${stamp(event.atUs)}   ${describeEvent(event).text}`)
}

try {
  if (values.seed !== undefined) {
    const plan = drawPlan(Number(values.seed), commands)
    console.log(JSON.stringify(plan))
    console.log(runPlan(plan, { command: (line) => console.log(line), event: tell }))
  } else {
    const started = process.hrtime.bigint()
    const batch = runBatch(Number(values.from), Number(values.seeds), commands)
    const seconds = Number(process.hrtime.bigint() - started) / 1e9
    console.log(batch.text(seconds))
    batch.demandNotEmpty()
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
