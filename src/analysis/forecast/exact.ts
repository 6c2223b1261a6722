// What needs no trials. The closed forms are those of the literature on partial quorums, the one for log order is derived
// for followers that apply in log order; where figures can be had only by a sum or an integral over them, it is
// taken until further terms do not count. Everything else is sampled.

import { inOrder, type WriteProcess } from './backlog.ts'
import { constantOf, type Delay } from './delay.ts'
import { allAlike, type ForecastSettings, type Row, rowsOf, writeGapUs } from './settings.ts'

/** The chance that R replicas and W replicas, drawn from N, share none. */
function missChance(n: number, r: number, w: number): number {
  let chance = 1
  // Factor by factor: C(100, 30) alone would cost digits.
  for (let i = 0; i < r; i++) chance *= Math.max(0, n - w - i) / (n - i)
  return chance
}

/** The chance of a fresh read as a function of t, in µs; undefined for a row that has to be sampled. */
export function freshOf(
  settings: ForecastSettings,
  row: Row,
): ((us: number) => number) | undefined {
  if (settings.by !== 'forecast') return undefined
  return settings.topology === 'leader'
    ? leaderFresh(settings, row)
    : leaderlessFresh(settings, row)
}

/** A row that trials are run for, and its place in the table. */
export interface SampledRow extends Row {
  readonly index: number
}

/** The rows whose freshness, and those whose versions behind, are known only by sampling. */
export function sampledRows(settings: ForecastSettings): {
  readonly fresh: readonly SampledRow[]
  readonly behind: readonly SampledRow[]
} {
  const rows = rowsOf(settings)
    .map((row, index) => ({ ...row, index }))
    .filter((row) => !isNeverStale(settings, row))
  return {
    fresh: rows.filter((row) => !freshOf(settings, row)),
    behind: rows.filter((row) => !hasExactBehind(settings, row)),
  }
}

function leaderlessFresh(
  settings: ForecastSettings,
  { w, route, strict }: Row,
): ((us: number) => number) | undefined {
  if (strict) return () => 1
  const { legs, replicas: n, readsTo } = settings
  const [copy] = legs.replicate
  const acknowledge = constantOf(legs.acknowledge)
  if (settings.betweenCentresUs !== null || route.kind !== 'quorum') return undefined
  if (copy?.kind !== 'exponential' || !allAlike(legs.replicate) || acknowledge === null) {
    return undefined
  }
  const { r } = route
  const request = constantOf(legs.request)
  if (request !== null) {
    const miss = missChance(n, r, w)
    return (us) => 1 - miss * Math.exp((-r * (us + acknowledge + request)) / copy.meanUs)
  }
  if (legs.request.kind !== 'exponential' || constantOf(legs.respond) === null) return undefined
  if (r !== 1 || w !== 1) return undefined
  // The first answer is that of the first request to arrive: n of them race, unless one is drawn alone.
  const race = (readsTo === 'all' ? n : 1) / legs.request.meanUs
  const rate = 1 / copy.meanUs
  const miss = (((n - 1) / n) * race) / (race + rate)
  return (us) => 1 - miss * Math.exp(-rate * (us + acknowledge))
}

/** Strict; or a leader whose answer always comes first, since those that take equally long come in order. */
export function isNeverStale(
  { by, topology, legs }: ForecastSettings,
  { route, strict }: Row,
): boolean {
  if (by !== 'forecast') return false
  const leaderFirst = constantOf(legs.request) !== null && constantOf(legs.respond) !== null
  return strict || (topology === 'leader' && route.kind === 'quorum' && leaderFirst)
}

function leaderFresh(settings: ForecastSettings, row: Row): ((us: number) => number) | undefined {
  if (isNeverStale(settings, row)) return () => 1
  const { w, route } = row
  const { legs } = settings
  const request = constantOf(legs.request)
  if (request === null || w !== 1) return undefined
  const arrivals = { writes: settings.writes, gapUs: writeGapUs(settings) }
  const landed = (delay: Delay, us: number) => inOrder(delay, arrivals, us + request)
  const delays = legs.replicate
  switch (route.kind) {
    case 'follower':
      return (us) => landed(delays[route.replica - 1] as Delay, us)
    case 'any-follower':
      if (allAlike(delays)) return (us) => landed(delays[0] as Delay, us)
      return (us) => delays.reduce((sum, delay) => sum + landed(delay, us), 0) / delays.length
    case 'every-follower': {
      const all = everyInOrder(delays, arrivals)
      return all && ((us) => all(us + request))
    }
    default:
      return undefined
  }
}

/** Beyond so many the sum over all subsets is long, and cancels. */
const SUBSETS_OF_MAX = 10

/**
 * That all followers have a copy and all earlier ones: they share the instants of the writes, so under Poisson writes
 * it is Π F · exp(−λ ∫ (1 − Π F)). For exponential delays the integral is a sum over subsets.
 */
function everyInOrder(
  delays: readonly Delay[],
  { writes, gapUs }: WriteProcess,
): ((us: number) => number) | undefined {
  const means = delays.map((delay) => (delay.kind === 'exponential' ? delay.meanUs : Number.NaN))
  if (writes !== 'poisson' || means.some(Number.isNaN) || means.length > SUBSETS_OF_MAX) {
    return undefined
  }
  return (us) => {
    if (us <= 0) return 0
    let landed = 1
    for (const mean of means) landed *= -Math.expm1(-us / mean)
    let late = 0
    for (let subset = 1; subset < 1 << means.length; subset++) {
      let rate = 0
      let sign = -1
      means.forEach((mean, i) => {
        if ((subset >> i) % 2 === 0) return
        rate += 1 / mean
        sign = -sign
      })
      late += (sign * Math.exp(-rate * us)) / rate
    }
    return landed * Math.exp(-late / gapUs)
  }
}

const STEPS = 4_000

/**
 * At least k versions of a key behind, when its writes are Poisson: the k-th newest is Erlang(k) old, and stale still.
 * @param fresh the chance that a write of some age is seen, which no jump spoils
 * @param keyGapUs between writes of the key
 */
export function behindChance(fresh: (us: number) => number, k: number, keyGapUs: number): number {
  const end = k + 12 * Math.sqrt(k) + 30
  const step = end / STEPS
  let logFactorial = 0
  for (let i = 2; i < k; i++) logFactorial += Math.log(i)
  let seen = 0
  // Simpson's rule; at age 0 the density is 0, or for k = 1 it is 1.
  for (let i = 0; i <= STEPS; i++) {
    const age = i * step
    const density =
      i === 0 ? (k === 1 ? 1 : 0) : Math.exp((k - 1) * Math.log(age) - age - logFactorial)
    const weight = i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2
    seen += weight * density * fresh(age * keyGapUs)
  }
  return Math.min(1, Math.max(0, 1 - (seen * step) / 3))
}

/** The rows of a leader's table whose versions behind follow from `fresh` by `behindChance`. */
export function hasExactBehind(settings: ForecastSettings, { w, route }: Row): boolean {
  const { by, legs, topology, writes } = settings
  if (by !== 'forecast') return false
  if (topology !== 'leader' || w !== 1 || writes !== 'poisson' || constantOf(legs.request) === null)
    return false
  if (route.kind !== 'follower' && route.kind !== 'any-follower') return false
  return legs.replicate.every(isSmooth)
}

/** Without jumps, which an integral by fixed steps would blur. */
function isSmooth(delay: Delay): boolean {
  if (delay.kind === 'mixture') return delay.parts.every((part) => isSmooth(part.latency))
  if (delay.kind === 'lognormal') return delay.sigma > 0
  return delay.kind !== 'samples' && delay.kind !== 'constant'
}
