// Runs the trials of a forecast on worker threads, and on this one too where it may be kept busy. Chunks are handed out by
// a shared counter; since each has its own seed, who ran which of them changes nothing. Stopped early, it
// gives what is there: whole chunks. What a chunk is, a module says: trials, or measuring on a real cluster.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import * as forecast from '../analysis/forecast/forecast.ts'
import type { ForecastSettings } from '../analysis/forecast/settings.ts'
import { Tally, type TallyJson } from '../analysis/forecast/tally.ts'

/** What threads share: the next chunk to take, how many are done, and whether to stop. */
const SHARED = { next: 0, done: 1, stop: 2, length: 3 } as const
/** Fewer chunks than so many are over before a thread has started. */
const CHUNKS_PER_THREAD = 10
const THREADS_MAX = 16

/** What a module must have that says what a chunk is, and how it is run. */
export interface Chunks {
  chunkOf(settings: ForecastSettings, i: number): forecast.Chunk | undefined
  runChunk(settings: ForecastSettings, chunk: forecast.Chunk, tally: Tally): void
}

export interface ForecastJob {
  readonly module: string | undefined
  readonly settings: ForecastSettings
  readonly shared: Int32Array
}

export interface PoolOptions {
  /** Threads, this one included where it takes part; as many as the machine has unless said. */
  readonly threads?: number
  /** This thread must stay free: it serves others. */
  readonly apart?: boolean
  /** Where the module lies that has the chunks, as a URL; the forecast's own unless said. */
  readonly module?: string
  readonly signal?: AbortSignal
  /** Trials done so far; called now and then. */
  readonly progress?: (trials: number) => void
}

/** @returns fewer trials than were asked for, perhaps none, if the signal came first */
export async function runForecast(
  settings: ForecastSettings,
  { threads = availableParallelism(), apart = false, module, signal, progress }: PoolOptions = {},
): Promise<Tally> {
  const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.length))
  const stop = () => Atomics.store(shared, SHARED.stop, 1)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  const chunks = await chunksIn(module)
  let wanted = 1
  while (wanted < Math.min(threads, THREADS_MAX)) {
    if (!chunks.chunkOf(settings, wanted * CHUNKS_PER_THREAD)) break
    wanted++
  }
  const job = { settings, shared, module }
  const workers = Array.from({ length: apart ? wanted : wanted - 1 }, () => inWorker(job))
  try {
    const tally = new Tally(forecast.sizeOf(settings))
    if (!apart) await takePart(chunks, job, tally, progress)
    for (const json of await Promise.all(workers.map(({ result }) => result))) {
      const part = Tally.fromJSON(json, forecast.sizeOf(settings))
      if (!part) throw new TypeError('A thread came back with no tally')
      tally.merge(part)
    }
    return tally
  } finally {
    signal?.removeEventListener('abort', stop)
    stop()
    for (const { worker } of workers) void worker.terminate()
  }
}

/** For a thread that must stay free, since it serves others. */
export function forecastApart(settings: ForecastSettings, how: PoolOptions): Promise<Tally> {
  return runForecast(settings, { ...how, apart: true })
}

/** Takes chunks until there are none. Between two of them others get their turn. */
async function takePart(
  chunks: Chunks,
  job: ForecastJob,
  tally: Tally,
  progress: PoolOptions['progress'],
): Promise<void> {
  while (takeChunk(chunks, job, tally)) {
    progress?.(Atomics.load(job.shared, SHARED.done))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function chunksIn(module: string | undefined): Promise<Chunks> {
  const { chunkOf, runChunk } = forecast
  return module === undefined ? { chunkOf, runChunk } : import(module)
}

/** @returns whether there was one */
export function takeChunk(
  { chunkOf, runChunk }: Chunks,
  { settings, shared }: ForecastJob,
  tally: Tally,
): boolean {
  if (Atomics.load(shared, SHARED.stop) === 1) return false
  const chunk = chunkOf(settings, Atomics.add(shared, SHARED.next, 1))
  if (!chunk) return false
  runChunk(settings, chunk, tally)
  Atomics.add(shared, SHARED.done, chunk.count)
  return true
}

/** A thread does not learn TypeScript from its parent; run from its source, it is taught first, as in bin.js. */
function inTypeScript(file: URL, job: ForecastJob): Worker {
  // Where tsx lies, seen from here and not from where the user stands.
  const [tsx, source] = [import.meta.resolve('tsx/esm/api'), file.href].map((url) =>
    JSON.stringify(url),
  )
  const script = `import(${tsx}).then(({ register }) => { register(); return import(${source}) })`
  return new Worker(script, { eval: true, workerData: job, execArgv: [] })
}

function inWorker(job: ForecastJob): { worker: Worker; result: Promise<TallyJson> } {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(`./forecast-worker.${isSource ? 'ts' : 'js'}`, import.meta.url)
  const worker = isSource ? inTypeScript(file, job) : new Worker(file, { workerData: job })
  const result = new Promise<TallyJson>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('A thread ended before its work was done')))
  })
  // Awaited later; until then a failure is nobody's yet.
  result.catch(() => undefined)
  return { worker, result }
}
