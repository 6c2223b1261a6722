// What drawn sessions amount to, as one number: a hash over every event they emit. Two runs of the same seeds,
// in one process or on two versions of Node, must come to the same.

import { createHash } from 'node:crypto'
import { drawPlan } from './draw.ts'
import { runPlan } from './session.ts'

export interface TraceSummary {
  readonly seeds: number
  readonly events: number
  readonly sha256: string
}

export function summarize(from: number, seeds: number, commands: number): TraceSummary {
  const hash = createHash('sha256')
  let events = 0
  for (let seed = from; seed < from + seeds; seed++) {
    runPlan(drawPlan(seed, commands), {
      event: (event) => {
        hash.update(JSON.stringify(event))
        events++
      },
    })
  }
  return { seeds, events, sha256: hash.digest('hex') }
}
