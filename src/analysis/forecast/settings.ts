// What a forecast is asked about: topology, delays, writes, quorums and how many trials. And which rows its table has:
// one for each W and each way a read may go. How people write it all is ask.ts's affair.

import type { Delay } from './delay.ts'

export interface Legs {
  /** One for each follower; in a leaderless cluster one for each replica. */
  readonly replicate: readonly Delay[]
  readonly acknowledge: Delay
  readonly request: Delay
  readonly respond: Delay
}

/** What a forecast takes for granted and measuring may break: copies lost, a partition, writes in bursts, reads that repair. */
export const TROUBLES = ['loss', 'partition', 'bursts', 'repair'] as const
export type Trouble = (typeof TROUBLES)[number]

export interface ForecastSettings {
  /** `forecast`: exactly where that can be, else by trials. `trials`: all by trials. `measuring`: on a real cluster. */
  readonly by: 'forecast' | 'trials' | 'measuring'
  /** Only where it is measured. */
  readonly under?: Trouble
  readonly topology: 'leader' | 'leaderless'
  /** N: all replicas, a leader included. */
  readonly replicas: number
  readonly legs: Legs
  /** One replica in each data centre, and so much more one way between two of them; null: no centres. */
  readonly betweenCentresUs: number | null
  /** Of the whole log, all keys. */
  readonly ratePerSecond: number
  readonly writes: 'poisson' | 'even'
  /** Each write goes to one of them, all equally likely. */
  readonly keys: number
  /** After the acknowledgement; ascending. */
  readonly atUs: readonly number[]
  readonly w: readonly number[]
  readonly r: readonly number[]
  /** `r`: a leaderless read goes to R replicas drawn at random, not to all. */
  readonly readsTo: 'all' | 'r'
  readonly trials: number
  /** Where among all trials of this seed these begin, so that parts can be merged. */
  readonly trialsFrom: number
  readonly seed: number
}

/** Where a read goes. A quorum read asks all replicas, and the first R answers decide. */
export type Route =
  | { readonly kind: 'leader' | 'any-follower' | 'every-follower' }
  | { readonly kind: 'follower'; readonly replica: number }
  | { readonly kind: 'quorum'; readonly r: number }

export interface Row {
  readonly w: number
  readonly route: Route
  /** R + W > N, or what comes to the same: never stale, whatever the delays. */
  readonly strict: boolean
}

/** Versions behind that the table speaks of. */
export const VERSIONS_BEHIND = [1, 2, 3, 5, 8] as const
/** How likely a read is to be fresh at the times that the table gives. */
export const FRESH_GOALS = [0.99, 0.999, 0.9999] as const
/** One look at how far behind a read is for so many trials. */
export const TRIALS_PER_LOOK = 4
export const ROWS_MAX = 1_000

export function writeGapUs({ ratePerSecond }: ForecastSettings): number {
  return 1_000_000 / ratePerSecond
}

export function rowsOf(settings: ForecastSettings): Row[] {
  const routes = routesOf(settings)
  return settings.w.flatMap((w) =>
    routes.map((route) => ({ w, route, strict: isStrict(settings.replicas, w, route) })),
  )
}

export function routesOf({ topology, replicas, r, legs }: ForecastSettings): Route[] {
  const quorums = r.map((one): Route => ({ kind: 'quorum', r: one }))
  if (topology === 'leaderless') return quorums
  const followers = replicas - 1
  const named = allAlike(legs.replicate) ? 1 : followers
  return [
    { kind: 'leader' },
    ...Array.from({ length: named }, (_, i): Route => ({ kind: 'follower', replica: i + 1 })),
    { kind: 'any-follower' },
    ...(followers > 1 ? [{ kind: 'every-follower' } as const] : []),
    ...quorums,
  ]
}

/** Whether all are one distribution. */
export function allAlike(delays: readonly Delay[]): boolean {
  const [first] = delays
  return delays.every((delay) => delay === first || sameText(delay, first))
}

function sameText(a: Delay, b: Delay | undefined): boolean {
  return a.kind !== 'samples' && JSON.stringify(a) === JSON.stringify(b)
}

function isStrict(replicas: number, w: number, route: Route): boolean {
  if (route.kind === 'leader') return true
  return (route.kind === 'quorum' ? route.r : 1) + w > replicas
}

export function sayRoute(route: Route, replicas: number): string {
  switch (route.kind) {
    case 'quorum':
      return `${route.r} of ${replicas}`
    case 'follower':
      return `follower ${route.replica}`
    default:
      return route.kind.replace('-', ' ')
  }
}
