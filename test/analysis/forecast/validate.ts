// npm run validate [-- TRIALS]: closed forms, trials and the real cluster in virtual time must say the same of the same
// settings: nothing may lie apart beyond chance. With 20,000 trials, as many as unless said, the root mean square of
// all differences of chances is at most .0028 too, as published for a model and a real Cassandra. Two minutes.

import { type Agreement, compare } from '../../../src/analysis/forecast/agree.ts'
import { type Ask, readAsk } from '../../../src/analysis/forecast/ask.ts'
import { type Chance, type ForecastRow, tableOf } from '../../../src/analysis/forecast/forecast.ts'
import { type ForecastSettings, sayRoute } from '../../../src/analysis/forecast/settings.ts'
import { runForecast } from '../../../src/runtime/forecast-pool.ts'
import { MEASURING } from '../../../src/scenario/measure.ts'

const TRIALS = 20_000
const RMSE_MAX = 0.0028
const TRIALS_MAX = 1_000_000

const exponential = 'replicate=exponential(100ms)'
const slow = { rate: '20/s', at: '0,20,50,100,150,200,300,400,600ms', w: '1,2' }
const CASES: Readonly<Record<string, Ask>> = {
  'exponential copies, other legs at once': { ...slow, latency: exponential },
  'exponential on all legs': {
    ...slow,
    latency: `${exponential};acknowledge=exponential(10ms);request=exponential(10ms);respond=exponential(5ms)`,
  },
  'four followers, four keys, even writes': {
    ...slow,
    ...{ followers: '4', keys: '4', writes: 'even', w: '1,3', r: '1,2' },
    latency: 'replicate=lognormal(60ms,0.8);acknowledge=2ms;request=uniform(1ms,9ms)',
  },
  'production latencies (lnkd-disk)': {
    ...{ latency: 'lnkd-disk', rate: '20/s', at: '0,1,2,5,10,20,50,100ms', w: '1,2', r: '1,2' },
  },
  'a near follower and a far one': {
    ...{ ...slow, latency: 'replicate=exponential(20ms),uniform(50ms,250ms)', w: '1,2', r: '1,2' },
  },
}

/** The three ways, in pairs; closed forms only for the rows that have them. */
async function run(ask: Ask, measured: number) {
  const reading = readAsk(ask, () => ({ ok: false, message: 'no file' }))
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join('; '))
  const { settings } = reading
  const table = async (settings: ForecastSettings, module?: string): Promise<ForecastRow[]> =>
    tableOf(settings, await runForecast(settings, module === undefined ? {} : { module }))
  const forecast = await table({ ...settings, trials: 100 })
  const byTrials = Math.min(TRIALS_MAX, 25 * measured)
  const trials = await table({ ...settings, by: 'trials', trials: byTrials })
  const cluster = await table({ ...settings, by: 'measuring', trials: measured }, MEASURING)
  const isExact = ({ standardError }: Chance) => standardError === null
  const isKnown = (_: ForecastRow, i: number) => forecast[i]?.fresh.every(isExact) ?? false
  const known = forecast
    .filter(isKnown)
    .map((row) => ({ ...row, behind: row.behind.every(isExact) ? row.behind : [] }))
  return {
    replicas: settings.replicas,
    pairs: [
      ['closed form, trials', compare(known, trials.filter(isKnown)), known],
      ['closed form, cluster', compare(known, cluster.filter(isKnown)), known],
      ['trials, cluster', compare(trials, cluster), trials],
    ] as const,
  }
}

function sayWorst({ worst }: Agreement, rows: readonly ForecastRow[], replicas: number): string {
  const row = worst && rows[worst.row]
  if (!row) return 'nothing to compare'
  const of = 'k' in worst.of ? `k = ${worst.of.k}` : `t = ${worst.of.atUs / 1e3} ms`
  const errors = worst.errors.toFixed(1)
  return `${errors} standard errors: ${sayRoute(row.route, replicas)}, W = ${row.w}, ${of}`
}

function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, one) => sum + one * one, 0) / values.length)
}

const [given = String(TRIALS)] = process.argv.slice(2)
const trials = Number(given)
if (!(Number.isInteger(trials) && trials >= 100 && trials <= TRIALS_MAX)) {
  console.error(`TRIALS is a whole number from 100 to ${TRIALS_MAX}, not ${given}`)
  process.exit(2)
}
const all: Agreement[] = []
const latencies: number[] = []
const heads = ['fresh', 'k behind', 'latency']
console.log(heads.map((head) => head.padEnd(9)).join(''), 'largest difference')
const say = (figures: readonly number[], text: string) =>
  console.log(
    figures
      .map((one) => one.toFixed(5).padEnd(9))
      .join('')
      .padEnd(27),
    text,
  )
for (const [name, ask] of Object.entries(CASES)) {
  console.log(`${name}:`)
  const { pairs, replicas } = await run(ask, trials)
  for (const [ways, agreement, rows] of pairs) {
    const { freshRmse, behindRmse, latencyRmse, agrees } = agreement
    const verdict = agrees ? '' : ' BEYOND CHANCE'
    all.push(agreement)
    // No closed form has a latency.
    const ofLatency = rows === pairs[2][2] ? [latencyRmse] : []
    latencies.push(...ofLatency)
    say(
      [freshRmse, behindRmse, ...ofLatency],
      `${ways}: ${sayWorst(agreement, rows, replicas)}${verdict}`,
    )
  }
}
const chances = [rms(all.map((one) => one.freshRmse)), rms(all.map((one) => one.behindRmse))]
say([...chances, rms(latencies)], `over all, by ${trials} trials on the cluster`)
const close = trials < TRIALS || chances.every((one) => one <= RMSE_MAX)
if (!close) console.log(`Chances lie further apart than ${RMSE_MAX}.`)
process.exit(close && all.every(({ agrees }) => agrees) ? 0 : 1)
