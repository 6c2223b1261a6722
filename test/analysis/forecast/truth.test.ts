// Forecasts against what is known: closed forms, values computed with 1e8 trials, and the Dynamo-style latencies that
// Bailis et al. published (Probabilistically Bounded Staleness, PVLDB 2012, Table 3). Seeds are pinned.

import { describe, expect, test } from 'vitest'
import { type Ask, readAsk } from '../../../src/analysis/forecast/ask.ts'
import { type ForecastRow, runTrials, tableOf } from '../../../src/analysis/forecast/forecast.ts'
import { sayRoute } from '../../../src/analysis/forecast/settings.ts'

type Rows = (route: string, w: number) => ForecastRow
const known = new Map<string, Rows>()

/** Each forecast is made once, whoever asks. */
function rows(ask: Ask): Rows {
  const name = JSON.stringify(ask)
  const found = known.get(name) ?? forecast(ask)
  known.set(name, found)
  return found
}

function forecast(ask: Ask): Rows {
  const reading = readAsk({ trials: '100000', ...ask }, () => ({ ok: false, message: 'no file' }))
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join('; '))
  const { settings } = reading
  const table = tableOf(settings, runTrials(settings))
  return (route, w) => {
    const row = table.find((one) => one.w === w && sayRoute(one.route, settings.replicas) === route)
    if (!row) throw new Error(`no row ${route}, w=${w}`)
    return row
  }
}

/** Within four standard errors; to six digits where the forecast says that it is exact. */
function expectChances(row: ForecastRow, expected: readonly number[], digits = 6): void {
  row.fresh.slice(0, expected.length).forEach(({ chance, standardError }, i) => {
    const truth = expected[i] as number
    if (standardError === null) expect(chance).toBeCloseTo(truth, digits)
    else expect(Math.abs(chance - truth)).toBeLessThan(4 * standardError + 10 ** -digits / 2)
  })
}

describe('a follower that applies in log order', () => {
  const exponential = { latency: 'replicate=exponential(100ms)', rate: '20/s', w: '1' }
  const at = '50,100,200,400ms'

  test('is as fresh as F(t)·exp(−λm·e^(−t/m)) says', () => {
    const row = rows({ ...exponential, at })('follower 1', 1)
    const form = (t: number) => (1 - Math.exp(-t / 100)) * Math.exp(-2 * Math.exp(-t / 100))
    expectChances(row, [50, 100, 200, 400].map(form))
    expectChances(row, [0.117, 0.3029, 0.6596, 0.9464], 4)
  })

  test('is k versions behind as often as the Erlang form says', () => {
    const { behind } = rows({ ...exponential, at })('follower 1', 1)
    const chances = [0.8647, 0.703, 0.5454, 0.2974, 0.1033]
    behind.forEach(({ chance }, i) => {
      expect(chance).toBeCloseTo(chances[i] as number, 3)
    })
  })

  test('is not independent of the other: they share the instants of the writes', () => {
    const row = rows({ ...exponential, at })('every follower', 1)
    expectChances(row, [0.02, 0.105, 0.443, 0.896], 3)
  })

  test('of evenly spaced writes is as fresh as the product over the earlier ones', () => {
    const row = rows({ ...exponential, at: '100ms', writes: 'even' })('follower 1', 1)
    let product = 1
    for (let j = 0; j < 200; j++) product *= 1 - Math.exp(-(100 + j * 50) / 100)
    expectChances(row, [product])
  })

  test('lags as long again where everything takes twice as long', () => {
    const once = rows({ ...exponential, at })('follower 1', 1)
    const slow = { latency: 'replicate=exponential(200ms)', rate: '10/s', w: '1' }
    const twice = rows({ ...slow, at: '100,200,400,800ms' })('follower 1', 1)
    expectChances(
      twice,
      once.fresh.map(({ chance }) => chance),
    )
    once.freshWithin.forEach(({ us }, i) => {
      expect((twice.freshWithin[i]?.us as number) / us).toBeCloseTo(2, 3)
    })
  })
})

describe('a leaderless cluster', () => {
  const three = { topology: 'leaderless', n: '3', at: '0,1,5,10,50ms' }

  test.each([
    ['lnkd-ssd', 1, 1, [0.9736, 0.99502, 0.999993]],
    ['lnkd-ssd', 1, 2, [0.97829, 0.99588]],
    ['lnkd-ssd', 2, 1, [0.999414, 0.999979]],
    ['lnkd-disk', 1, 1, [0.43672, 0.58352, 0.81813, 0.92625, 0.99893]],
    ['lnkd-disk', 1, 2, [0.71293, 0.77252, 0.89427, 0.95618, 0.99905]],
    ['lnkd-disk', 2, 1, [0.76268, 0.86973, 0.97491, 0.99587]],
  ])('%s with R=%i and W=%i is as fresh as 1e8 trials found it', (latency, r, w, chances) => {
    expectChances(rows({ ...three, latency })(`${r} of 3`, w), chances, 5)
  })

  test('answers as late as 1e8 trials found it', () => {
    const table = rows({ ...three, latency: 'lnkd-ssd' })
    for (const [r, ms] of [
      [1, 0.655],
      [2, 1.632],
      [3, 4.112],
    ] as const) {
      expect(table(`${r} of 3`, 1).read.p999Us / 1000 / ms).toBeCloseTo(1, 1)
    }
    for (const [w, ms] of [
      [1, 10.944],
      [2, 20.96],
      [3, 111.5],
    ] as const) {
      const { write } = rows({ ...three, latency: 'lnkd-disk' })('1 of 3', w)
      expect(write.p999Us / 1000 / ms).toBeGreaterThan(0.85)
      expect(write.p999Us / 1000 / ms).toBeLessThan(1.15)
    }
  })

  test.each([
    [3, 1, 1, 0.1, 5, 0.40435],
    [3, 2, 1, 0.1, 5, 0.12263],
    [5, 2, 2, 0.1, 5, 0.11036],
    [5, 2, 1, 0.1, 0, 0.6],
  ])(
    'N=%i R=%i W=%i with instant answers and Exp(%f) copies is stale as the form says',
    (n, r, w, rate, t, stale) => {
      const latency = `replicate=exponential(${1 / rate}ms);acknowledge=0ms;request=0ms;respond=exponential(1ms)`
      const row = rows({ topology: 'leaderless', n: `${n}`, latency, at: `${t}ms` })(
        `${r} of ${n}`,
        w,
      )
      expectChances(row, [1 - stale], 5)
    },
  )

  test('whose R + W exceeds N is never stale', () => {
    const table = rows({ ...three, latency: 'lnkd-disk' })
    for (const [r, w] of [
      [1, 3],
      [2, 2],
      [3, 1],
      [3, 3],
    ] as const) {
      const row = table(`${r} of 3`, w)
      expect(row.strict).toBe(true)
      for (const { chance, standardError } of row.fresh)
        expect([chance, standardError]).toEqual([1, null])
    }
  })
})

describe('what cannot be forecast is refused with its reason', () => {
  const none = () => ({ ok: false as const, message: 'there is no such file' })
  test.each([
    [{ w: '0' }, 'w'],
    [{ w: '4', followers: '2' }, 'w'],
    [{ r: '9', followers: '2' }, 'r'],
    [{ rate: '0/s' }, 'rate'],
    [{ trials: '1000000000000' }, 'trials'],
    [{ latency: 'lnkd-sdd' }, 'latency'],
    [{ latency: 'replicate=exponential(-5ms)' }, 'latency'],
    [{ latency: 'replicate=@lag.csv' }, 'latency'],
    [{ at: '-5ms' }, 'at'],
    [{ seed: 'x' }, 'seed'],
  ] satisfies [Ask, string][])('%j', (ask, field) => {
    const reading = readAsk(ask, none)
    expect(reading.ok ? [] : reading.problems.map((one) => one.field)).toEqual([field])
  })

  test('a preset that is not known is told the nearest', () => {
    const reading = readAsk({ latency: 'lnkd-sdd' }, none)
    expect(reading.ok ? '' : reading.problems[0]?.message).toContain('lnkd-ssd')
  })
})
