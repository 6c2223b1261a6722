// How long forecasts take: a whole table of three replicas from a million trials, one of a hundred replicas, and raw trials
// of exponential legs against a tight loop that does nothing else.

import { readAsk } from '../../src/analysis/forecast/ask.ts'
import { sizeOf } from '../../src/analysis/forecast/forecast.ts'
import { LeaderlessSampler } from '../../src/analysis/forecast/leaderless.ts'
import type { ForecastSettings } from '../../src/analysis/forecast/settings.ts'
import { Tally } from '../../src/analysis/forecast/tally.ts'
import { Random } from '../../src/core/random.ts'
import { runForecast } from '../../src/runtime/forecast-pool.ts'
import { milliseconds, perSecond, type Row } from './table.ts'

const ROUNDS = 3
const TRIALS = 1_000_000
const LEGS = ['replicate', 'acknowledge', 'request', 'respond']

export async function benchForecast(): Promise<Row[]> {
  const exponential = LEGS.map((leg) => `${leg}=exponential(10ms)`).join(';')
  const three = settingsOf({ n: '3', latency: 'lnkd-disk', trials: String(TRIALS) })
  const hundred = settingsOf({ n: '100', latency: 'lnkd-disk' })
  // One row, one time, nothing about versions behind: what is left is the trials.
  const raw = settingsOf({
    ...{ n: '3', latency: exponential, trials: String(TRIALS) },
    ...{ w: '1', r: '1', at: '10ms' },
  })
  const table = await best(() => runForecast(three))
  const large = await best(() => runForecast(hundred))
  const trials = await best(async () => rawTrials(raw))
  const loop = await best(async () => tightLoop(TRIALS))
  return [
    {
      what: 'a table of N = 3, a million trials, all cores',
      ratio: table / 1_000,
      aim: 'below 1',
      measured: milliseconds(table),
      limit: 'a second',
    },
    {
      what: `a table of N = 100, ${hundred.trials.toLocaleString('en-US')} trials`,
      measured: milliseconds(large),
      limit: 'some seconds',
    },
    {
      what: 'raw trials of N = 3, exponential legs, one thread',
      ratio: loop / trials,
      aim: '0.7',
      measured: perSecond((1_000 * TRIALS) / trials),
      limit: `${perSecond((1_000 * TRIALS) / loop)} by a tight loop`,
    },
  ]
}

function settingsOf(ask: object): ForecastSettings {
  const reading = readAsk({ topology: 'leaderless', ...ask }, () => ({
    ok: false,
    message: 'none',
  }))
  if (!reading.ok) throw new Error(reading.problems[0]?.message)
  return reading.settings
}

async function best(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now()
    await run()
    least = Math.min(least, performance.now() - began)
  }
  return least
}

function rawTrials(settings: ForecastSettings): void {
  const sampler = new LeaderlessSampler(settings, Random.fromSeed(1), new Tally(sizeOf(settings)))
  for (let i = 0; i < settings.trials; i++) sampler.trial()
}

/** One R, one W, one t, and no generator but the language's own. @returns how many were fresh */
function tightLoop(trials: number): number {
  let fresh = 0
  for (let i = 0; i < trials; i++) {
    let commit = Number.POSITIVE_INFINITY
    let answer = Number.POSITIVE_INFINITY
    let late = 0
    for (let replica = 0; replica < 3; replica++) {
      const copy = -10_000 * Math.log(1 - Math.random())
      commit = Math.min(commit, copy - 10_000 * Math.log(1 - Math.random()))
      const request = -10_000 * Math.log(1 - Math.random())
      const answered = request - 10_000 * Math.log(1 - Math.random())
      if (answered >= answer) continue
      answer = answered
      late = copy - request
    }
    if (late <= commit + 10_000) fresh++
  }
  return fresh
}
