// npm run verdicts:truth [-- RUNS SEED]: every checker against its twin on 100,000 random histories each, or as many as
// are said. Some minutes.

import { TWINS, tryTwin } from './twins.ts'

const [runs = 100_000, seed = 1] = process.argv.slice(2).map(Number)
for (const twin of TWINS) {
  const began = performance.now()
  tryTwin(twin, runs, seed)
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  console.log(
    `${twin.claim}: ${runs.toLocaleString('en-US')} histories, no difference, ${seconds} s`,
  )
}
