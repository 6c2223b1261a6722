// One thread of forecast-pool.ts: takes chunks of trials until there are none, and hands back what they came to.

import { parentPort, workerData } from 'node:worker_threads'
import { sizeOf } from '../analysis/forecast/forecast.ts'
import { Tally } from '../analysis/forecast/tally.ts'
import { chunksIn, type ForecastJob, takeChunk } from './forecast-pool.ts'

const job = workerData as ForecastJob
const tally = new Tally(sizeOf(job.settings))
const chunks = await chunksIn(job.module)
while (takeChunk(chunks, job, tally));
parentPort?.postMessage(tally.toJSON())
