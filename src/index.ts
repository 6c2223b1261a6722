// The library's face: what an integration test of another program needs. A cluster whose time the test moves,
// and the same HTTP routes over it as `npm start` serves; with supertest, or on a port of its own.
// What each verb does is told in core/verbs.ts; what happened, by the events of core/events.ts.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { BOUNDS } from './core/bounds.ts'
import { Cluster } from './core/cluster.ts'
import { CLUSTER_OPTIONS } from './core/text/legal.ts'
import { type AppOptions, createApp as createLabApp, type LabApp } from './http/app.ts'
import { createHttpServer } from './http/server.ts'
import { type CommandLine, readOptions } from './options/read.ts'
import { forecastApart } from './runtime/forecast-pool.ts'
import { closeServer } from './runtime/listening.ts'
import { paceByWall } from './runtime/pacer.ts'

export type { Outcome, Problem, Reply } from './core/errors.ts'
export type { ClusterEvent } from './core/events.ts'
export { describeEvent } from './core/output/describe.ts'
export { describeProblem } from './core/output/describe-problem.ts'
export type { Remedy } from './core/remedy.ts'
export { msFromUs, usFromMs } from './core/units.ts'
export type * from './core/verbs.ts'
export type { AppOptions, LabApp } from './http/app.ts'
export { Cluster, createHttpServer }

/** The HTTP routes over a cluster; time passes in the labs that are started beside it. */
export function createApp(options: AppOptions): LabApp {
  return createLabApp({
    forecast: forecastApart,
    ...options,
    labs: { startPacing: paceByWall, ...options.labs },
  })
}

/** The options of `npm start` that shape a cluster, by the same names and with the same bounds. */
export interface ClusterSettings {
  /** Followers; N is one more. 2 unless said. */
  readonly followers?: number
  /** As for `--latency`: `replicate=200ms,500ms`, `exponential(50ms);acknowledge=5ms`. */
  readonly latency?: string
  /** Decides every random choice. 1 unless said, so that a test does the same each time. */
  readonly seed?: number
  /** `manual` unless said: time stands still until the test advances it. */
  readonly clock?: 'real' | 'manual' | 'instant'
  readonly rate?: number
  /** Durations are written `200ms` or `1.5s`. */
  readonly quorumTimeout?: string
  /** A duration, or `off`. */
  readonly autoFailover?: string
  readonly minFollowersToWrite?: number
  readonly minFollowersMaxLag?: string
  readonly maxKeys?: number
  readonly maxMessages?: number
  readonly maxWaiting?: number
  readonly maxLog?: number
  /** Bytes of keys and values, two a character. 2 GiB unless said. */
  readonly maxBytes?: number
  /** When simulated time is zero: timestamps count from here. 1970 unless said. */
  readonly startTime?: Date
}

const SETTINGS = [...Object.keys(CLUSTER_OPTIONS), 'clock', 'rate'].map(settingOf)

/**
 * A leader and its followers. Unless the clock is said to be `real` or `instant`, time stands still:
 * `cluster.advance({ us: usFromMs(200) })` or `POST /clock/advance` moves it. It keeps no process alive.
 * @throws TypeError that names every setting that is wrong
 */
export function createCluster(settings: ClusterSettings = {}): Cluster {
  const { startTime = new Date(0), ...shape } = settings
  const { seed, cluster: options } = readSettings({
    seed: 1,
    clock: 'manual',
    // Not what this machine has, or a run would not be the same on others.
    maxBytes: BOUNDS.bytesMax,
    ...shape,
  })
  const startTimeMs = startTime.getTime()
  if (!Number.isFinite(startTimeMs)) throw new TypeError('startTime: must be a valid Date')
  const cluster = new Cluster({ ...options, startTimeMs, ...(seed !== null && { seed }) })
  paceByWall(cluster)
  return cluster
}

/** How long requests under way may take to end when a lab closes. */
const CLOSE_MS_MAX = 4_000

/** A lab that listens. */
export interface RunningLab {
  /** Where it listens, as in `http://127.0.0.1:49152`. */
  readonly url: string
  readonly cluster: Cluster
  readonly app: LabApp
  /** Answers all who wait, and closes. */
  close(): Promise<void>
}

/** For programs that speak HTTP themselves: a lab on a free port of this machine. */
export async function startLab(settings: ClusterSettings = {}): Promise<RunningLab> {
  const cluster = createCluster(settings)
  const app = createApp({ cluster })
  const server = createHttpServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    cluster,
    app,
    close: async () => {
      app.drain()
      await closeServer(server, CLOSE_MS_MAX)
    },
  }
}

/** By the table of options, which alone knows the bounds: as if each setting were a flag. */
function readSettings(settings: Omit<ClusterSettings, 'startTime'>) {
  const args: string[] = []
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) continue
    if (!SETTINGS.includes(name)) throw new TypeError(`there is no setting ${name}`)
    args.push(`--${flagOf(name)}=${value}`)
  }
  const line: CommandLine = { args, env: {}, directory: '' }
  const reading = readOptions(line)
  if (reading.kind === 'serve') return reading.options
  const problems = reading.kind === 'refused' ? reading.problems : []
  throw new TypeError(problems.map(asSetting).join('\n'))
}

/** `quorumTimeout` is `--quorum-timeout` on the command line. */
function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
}

/** A complaint about flags, in the words of settings. */
function asSetting(problem: string): string {
  return problem.replaceAll(/--([a-z-]+)/g, (_, flag: string) => settingOf(flag))
}

function settingOf(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
