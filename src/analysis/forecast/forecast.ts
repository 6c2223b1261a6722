// A forecast: trials in chunks, each with a seed of its own, so that any number of threads or machines comes to the same;
// and the table made of what they counted and of what is known exactly. Who runs the chunks is others' affair.

import { BOUNDS } from '../../core/bounds.ts'
import { Random } from '../../core/random.ts'
import { bisect } from './backlog.ts'
import { BehindSampler } from './behind.ts'
import { constantOf } from './delay.ts'
import { behindChance, freshOf, hasExactBehind, isNeverStale, sampledRows } from './exact.ts'
import { LeaderlessSampler } from './leaderless.ts'
import { LeaderDraws, LogOrderSampler } from './log-order.ts'
import {
  type ForecastSettings,
  FRESH_GOALS,
  type Row,
  rowsOf,
  TRIALS_PER_LOOK,
  VERSIONS_BEHIND,
  writeGapUs,
} from './settings.ts'
import { QUANTILE_ERROR, Tally, type TallySize } from './tally.ts'

/** Round, so that parts of a thousand and of a million trials are whole chunks. */
const CHUNK_TRIALS = 10_000

export interface Chance {
  readonly chance: number
  /** Null: it is exact. */
  readonly standardError: number | null
}

export interface Quantiles {
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly exact: boolean
}

export interface FreshWithin {
  readonly goal: number
  /** Infinity: never, or further out than trials can tell. */
  readonly us: number
  readonly standardErrorUs: number | null
}

export interface ForecastRow extends Row {
  readonly fresh: readonly (Chance & { readonly atUs: number })[]
  readonly freshWithin: readonly FreshWithin[]
  readonly behind: readonly (Chance & { readonly k: number })[]
  readonly write: Quantiles
  readonly read: Quantiles
}

export function sizeOf(settings: ForecastSettings): TallySize {
  const { topology, w, r } = settings
  return {
    rows: rowsOf(settings).length,
    atUs: settings.atUs,
    behind: VERSIONS_BEHIND.length,
    writes: w.length,
    // In the leader's topology also those of one replica alone, and of all followers.
    reads: topology === 'leaderless' ? r.length : r.length + 2,
  }
}

export interface Chunk {
  /** The first of its trials, counted over all runs that are to be merged. */
  readonly from: number
  readonly count: number
}

/** The chunks that trials are run in, each by its number from 0; undefined beyond the last. */
export function chunksOf(size: number) {
  return ({ trials, trialsFrom }: ForecastSettings, i: number): Chunk | undefined => {
    const before = i * size
    if (before >= trials) return undefined
    return { from: trialsFrom + before, count: Math.min(size, trials - before) }
  }
}

export const chunkOf = chunksOf(CHUNK_TRIALS)

/** Runs one chunk. What it counts depends on the settings and on where it begins, on nothing else. */
export function runChunk(settings: ForecastSettings, { from, count }: Chunk, tally: Tally): void {
  const random = Random.fromSeed(settings.seed).fork(`trials from ${from}`)
  const looks = Math.ceil(count / TRIALS_PER_LOOK)
  const { behind } = sampledRows(settings)
  if (settings.topology === 'leaderless') {
    const sampler = new LeaderlessSampler(settings, random, tally)
    for (let i = 0; i < count; i++) sampler.trial()
    for (let i = 0; i < looks && behind.length > 0; i++) sampler.look()
  } else {
    const draws = new LeaderDraws(settings, random)
    const sampler = new LogOrderSampler(settings, draws, tally)
    for (let i = 0; i < count; i++) sampler.trial()
    const looker = new BehindSampler(settings, draws, tally)
    for (let i = 0; i < looks && behind.length > 0; i++) looker.look()
  }
  tally.trials += count
  tally.looks += looks
}

/** All trials at once, in this thread. */
export function runTrials(settings: ForecastSettings): Tally {
  const tally = new Tally(sizeOf(settings))
  for (let i = 0; ; i++) {
    const chunk = chunkOf(settings, i)
    if (!chunk) return tally
    runChunk(settings, chunk, tally)
  }
}

/** The table. @param tally of at least one trial */
export function tableOf(settings: ForecastSettings, tally: Tally): ForecastRow[] {
  const keyGapUs = writeGapUs(settings) * settings.keys
  return rowsOf(settings).map((row, i) => {
    const exact = freshOf(settings, row)
    return {
      ...row,
      fresh: settings.atUs.map((atUs, j) => ({
        atUs,
        ...(exact
          ? exactly(exact(atUs))
          : sampled(tally.fresh[i * settings.atUs.length + j] as number, tally.trials)),
      })),
      // Measured is what was read at certain times; in between nobody looked.
      freshWithin: FRESH_GOALS.flatMap((goal) => {
        if (settings.by === 'measuring') return []
        return exact ? solve(exact, goal) : estimate(tally, i, goal)
      }),
      behind: VERSIONS_BEHIND.map((k, j) => {
        if (isNeverStale(settings, row)) return { k, ...exactly(0) }
        if (exact && hasExactBehind(settings, row)) {
          return { k, ...exactly(behindChance(exact, k, keyGapUs)) }
        }
        const count = tally.behind[i * VERSIONS_BEHIND.length + j] as number
        return { k, ...sampled(count, tally.looks) }
      }),
      write: writeQuantiles(settings, row, tally),
      read: readQuantiles(settings, row, tally),
    }
  })
}

/** How likely a read along this row is to be fresh, as a function of the time, in µs: exact where it can be. */
export function curveOf(
  settings: ForecastSettings,
  tally: Tally,
  rowIndex: number,
): (us: number) => number {
  const row = rowsOf(settings)[rowIndex] as Row
  const exact = freshOf(settings, row)
  if (exact) return exact
  return (us) => (tally.freshFrom[rowIndex]?.countUpTo(us) ?? 0) / tally.trials
}

function exactly(chance: number): Chance {
  return { chance, standardError: null }
}

/** The error is that of one more hit and one more miss, so that a count of none does not pass for certain. */
function sampled(count: number, of: number): Chance {
  const smoothed = (count + 1) / (of + 2)
  return { chance: count / of, standardError: Math.sqrt((smoothed * (1 - smoothed)) / of) }
}

function solve(exact: (us: number) => number, goal: number): FreshWithin {
  let toUs = 1
  while (exact(toUs) < goal && toUs < BOUNDS.clockUsMax) toUs *= 2
  const reached = exact(toUs) >= goal
  const us = reached ? bisect((at) => exact(at) >= goal, 0, toUs) : Number.POSITIVE_INFINITY
  return { goal, us, standardErrorUs: null }
}

function estimate({ freshFrom, trials }: Tally, row: number, goal: number): FreshWithin {
  const histogram = freshFrom[row]
  const rank = (chance: number) =>
    histogram?.atRank(Math.min(trials, Math.max(1, Math.ceil(chance * trials)))) ?? 0
  const error = Math.sqrt((goal * (1 - goal)) / trials)
  const us = rank(goal)
  const spread = (rank(Math.min(1, goal + error)) - rank(goal - error)) / 2
  return { goal, us, standardErrorUs: Number.isFinite(us) ? spread + us * QUANTILE_ERROR : null }
}

function writeQuantiles(settings: ForecastSettings, { w }: Row, tally: Tally): Quantiles {
  if (settings.by === 'forecast' && settings.topology === 'leader' && w === 1) return always(0)
  return quantilesOf(tally, tally.writes[settings.w.indexOf(w)])
}

function readQuantiles({ legs, ...settings }: ForecastSettings, { route }: Row, tally: Tally) {
  const request = constantOf(legs.request)
  const respond = constantOf(legs.respond)
  const nearby = settings.betweenCentresUs === null && settings.by === 'forecast'
  if (request !== null && respond !== null && nearby) return always(request + respond)
  if (route.kind === 'quorum') return quantilesOf(tally, tally.reads[settings.r.indexOf(route.r)])
  const place = settings.r.length + (route.kind === 'every-follower' ? 1 : 0)
  return quantilesOf(tally, tally.reads[place])
}

function always(us: number): Quantiles {
  return { p50Us: us, p99Us: us, p999Us: us, exact: true }
}

function quantilesOf({ trials }: Tally, histogram: Tally['writes'][number] | undefined): Quantiles {
  const at = (chance: number) => histogram?.atRank(Math.ceil(chance * trials)) ?? 0
  return { p50Us: at(0.5), p99Us: at(0.99), p999Us: at(0.999), exact: false }
}
