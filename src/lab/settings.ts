// What a cluster of the library is made of: the options of `npm start` that shape one, under the names of fields.

import { BOUNDS } from '../core/bounds.ts'
import { Cluster } from '../core/cluster.ts'
import { CLUSTER_OPTIONS } from '../core/text/legal.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { camelCase } from '../core/text/say.ts'
import { readTexts } from '../options/read.ts'
import { paceByWall } from '../runtime/pacer.ts'
import { recordingsOf } from './recordings.ts'

/** By the same names and with the same bounds. A duration is written `200ms`, or ends in `Ms` and is a number. */
export interface ClusterSettings {
  /** Followers; N is one more. 2 unless said. */
  readonly followers?: number
  /** As for `--latency`: `replicate=200ms,500ms`, `exponential(50ms);acknowledge=5ms`. */
  readonly latency?: string
  /** Decides every random choice. 1 unless said, so that a test does the same each time. */
  readonly seed?: number
  /** `manual` unless said: time stands still until the test advances it. */
  readonly clock?: 'real' | 'manual' | 'instant'
  /** Simulated seconds a second, of a real clock. */
  readonly rate?: number
  readonly quorumTimeout?: string
  readonly quorumTimeoutMs?: number
  /** `off` unless said. */
  readonly autoFailover?: string
  readonly autoFailoverMs?: number | null
  readonly minFollowersToWrite?: number
  readonly minFollowersMaxLag?: string
  readonly minFollowersMaxLagMs?: number
  readonly maxKeys?: number
  readonly maxMessages?: number
  readonly maxWaiting?: number
  readonly maxLog?: number
  /** Bytes of keys and values, two a character. 2 GiB unless said. */
  readonly maxBytes?: number
  /** When simulated time is zero: timestamps count from here. 1970 unless said. */
  readonly startTime?: Date
}

const NAMES = [...Object.keys(CLUSTER_OPTIONS), 'clock', 'rate'].map(camelCase)
const IN_MS = Object.entries(CLUSTER_OPTIONS)
  .filter(([, { kind }]) => kind.kind.startsWith('duration'))
  .map(([flag]) => `${camelCase(flag)}Ms`)
const ALL_NAMES = [...NAMES, ...IN_MS, 'startTime']

/**
 * A leader and its followers. Unless the clock is said to be `real` or `instant`, time stands still:
 * `cluster.advance({ us: usFromMs(200) })` or `POST /clock/advance` moves it. It keeps no process alive.
 * @throws TypeError that names every setting that is wrong
 */
export function createCluster(settings: ClusterSettings = {}): Cluster {
  const cluster = clusterOf(settings)
  recordingsOf(cluster)
  paceByWall(cluster)
  return cluster
}

/** The same, but nobody moves its time, and nothing of it is written down. */
export function clusterOf(settings: ClusterSettings): Cluster {
  const { startTime = new Date(0), ...shape } = settings
  const { seed, cluster: options } = readSettings({
    seed: 1,
    clock: 'manual',
    // Not what this machine has, or a run would not be the same on others.
    maxBytes: BOUNDS.bytesMax,
    ...shape,
  })
  const startTimeMs = startTime instanceof Date ? startTime.getTime() : Number.NaN
  if (!Number.isFinite(startTimeMs)) throw new TypeError('startTime: must be a valid Date')
  return new Cluster({ ...options, startTimeMs, ...(seed !== null && { seed }) })
}

/** By the table of options, which alone knows the bounds: as if each setting were a flag. */
function readSettings(settings: object) {
  const texts = new Map<string, string>()
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) continue
    if (NAMES.includes(name)) {
      texts.set(flagOf(name), String(value))
    } else if (IN_MS.includes(name)) {
      const plain = name.slice(0, -'Ms'.length)
      if (Reflect.get(settings, plain) !== undefined) {
        throw new TypeError(`${plain} and ${name} exclude each other`)
      }
      texts.set(flagOf(plain), value === null ? 'off' : `${value}ms`)
    } else {
      throw new TypeError(`there is no setting ${name}${didYouMean(name, ALL_NAMES)}`)
    }
  }
  const reading = readTexts(texts)
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
  return problem.replaceAll(/--([a-z-]+)/g, (_, flag: string) => camelCase(flag))
}
