// npm run validate [-- TRIALS]: closed forms, trials and the real cluster in virtual time must say the same of the same
// settings. With 40,000 trials, as many as unless said, chances must lie within .0028 of each other (root mean
// square: what the paper on probabilistically bounded staleness reached on a real Cassandra).

import { compare } from '../../../src/analysis/forecast/agree.ts'
import { type Ask, readAsk } from '../../../src/analysis/forecast/ask.ts'
import { type ForecastRow, tableOf } from '../../../src/analysis/forecast/forecast.ts'
import { type ForecastSettings, sayRoute } from '../../../src/analysis/forecast/settings.ts'
import { runForecast } from '../../../src/runtime/forecast-pool.ts'
import { MEASURING } from '../../../src/scenario/measure.ts'

const TRIALS = 40_000
const RMSE_MAX = 0.0028
const BY_TRIALS = 1_000_000

const exponential = 'replicate=exponential(100ms)'
const slow = { rate: '20/s', at: '0,20,50,100,150,200,300,400,600ms' }
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
    ...{ latency: 'lnkd-disk', rate: '100/s', at: '0,1,2,5,10,20,50,100ms', w: '1,2', r: '1,2' },
  },
  'a near follower and a far one': {
    ...{ ...slow, latency: 'replicate=exponential(20ms),uniform(50ms,250ms)', w: '1,2', r: '1,2' },
  },
}

async function run(ask: Ask, measured: number) {
  const reading = readAsk(ask, () => ({ ok: false, message: 'no file' }))
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join('; '))
  const table = async (settings: ForecastSettings, module?: string): Promise<ForecastRow[]> =>
    tableOf(settings, await runForecast(settings, module === undefined ? {} : { module }))
  const { settings } = reading
  const forecast = await table({ ...settings, trials: 10 * measured })
  const exact = (row: ForecastRow) => row.fresh.every((one) => one.standardError === null)
  const trials = await table({
    ...settings,
    by: 'trials',
    trials: Math.min(BY_TRIALS, 25 * measured),
  })
  const cluster = await table({ ...settings, by: 'measuring', trials: measured }, MEASURING)
  const known = forecast.filter(exact)
  const same = (rows: readonly ForecastRow[]) =>
    rows.filter((_, i) => exact(forecast[i] as ForecastRow))
  const pairs: [string, readonly ForecastRow[], readonly ForecastRow[]][] = [
    ['closed form, trials', known, same(trials)],
    ['closed form, cluster', known, same(cluster)],
    ['trials, cluster', trials, cluster],
  ]
  return { settings, pairs }
}

const [given = String(TRIALS)] = process.argv.slice(2)
const trials = Number(given)
if (!(Number.isInteger(trials) && trials >= 100 && trials <= 1_000_000)) {
  console.error(`TRIALS is a whole number from 100 to 1000000, not ${given}`)
  process.exit(2)
}
let failed = false
const figure = (value: number) => value.toFixed(5)
console.log('fresh    k behind latency  largest difference')
for (const [name, ask] of Object.entries(CASES)) {
  console.log(`${name}`)
  const { settings, pairs } = await run(ask, trials)
  for (const [ways, expected, found] of pairs) {
    const agreement = compare(expected, found)
    const { freshRmse, behindRmse, latencyRmse, worst } = agreement
    const close = trials < TRIALS || Math.max(freshRmse, behindRmse) <= RMSE_MAX
    if (!agreement.agrees || !close) failed = true
    const row = expected[worst?.row ?? 0] as ForecastRow
    const of = worst && ('k' in worst.of ? `k = ${worst.of.k}` : `t = ${worst.of.atUs / 1e3} ms`)
    const where = `${sayRoute(row.route, settings.replicas)}, W = ${row.w}, ${of}`
    const errors = `${worst?.errors.toFixed(1)} standard errors (${where})`
    const verdict = agreement.agrees ? (close ? '' : '  TOO FAR APART') : '  BEYOND CHANCE'
    console.log(
      `${figure(freshRmse)}  ${figure(behindRmse)}  ${figure(latencyRmse)}  ${errors}  ${ways}${verdict}`,
    )
  }
}
process.exit(failed ? 1 : 0)
