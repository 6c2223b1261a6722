// Measuring on the real cluster: what a forecast foretells is found, what it does not is seen to differ.

import { describe, expect, test } from 'vitest'
import { compare } from '../../src/analysis/forecast/agree.ts'
import { type Ask, readAsk } from '../../src/analysis/forecast/ask.ts'
import {
  type ForecastRow,
  runTrials,
  sizeOf,
  tableOf,
} from '../../src/analysis/forecast/forecast.ts'
import { sayAgreement } from '../../src/analysis/forecast/say.ts'
import {
  type ForecastSettings,
  TROUBLES,
  type Trouble,
} from '../../src/analysis/forecast/settings.ts'
import { Tally } from '../../src/analysis/forecast/tally.ts'
import { chunkOf, measuringOf, runChunk, unmeasurable } from '../../src/scenario/measure.ts'

const ASK: Ask = {
  latency: 'replicate=exponential(100ms);acknowledge=exponential(5ms);request=exponential(5ms)',
  ...{ rate: '20/s', at: '0,100,300ms', w: '1,2', trials: '200' },
}

function settingsOf(ask: Ask): ForecastSettings {
  const reading = readAsk(ask, () => ({ ok: false, message: 'no file' }))
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join('; '))
  return reading.settings
}

function measured(ask: Ask, under?: Trouble): ForecastRow[] {
  const settings = measuringOf(settingsOf(ask), under)
  const tally = new Tally(sizeOf(settings))
  for (let i = 0; ; i++) {
    const chunk = chunkOf(settings, i)
    if (!chunk) return tableOf(settings, tally)
    runChunk(settings, chunk, tally)
  }
}

function forecast(ask: Ask, trials = '5000'): ForecastRow[] {
  const settings = settingsOf({ ...ask, trials })
  return tableOf(settings, runTrials(settings))
}

describe('the simulated cluster', () => {
  const found = measured(ASK)

  test('does what the forecast says, along every route and for each W', () => {
    const { agrees, worst, freshRmse } = compare(forecast(ASK), found)
    expect({ agrees, worst }).toMatchObject({ agrees: true })
    expect(freshRmse).toBeLessThan(0.03)
  })

  test('does what the forecast says of even writes to several keys', () => {
    const ask = { ...ASK, writes: 'even', keys: '3', followers: '1' }
    expect(compare(forecast(ask, '1000'), measured(ask))).toMatchObject({ agrees: true })
  })

  // One write is read again and again: a repair shows in the later reads.
  const ask = { ...ASK, r: '2', trials: '300' }
  const plain = measured(ask)
  const foretold = forecast(ask, '1000')

  test.each(TROUBLES)('under %s differs, and says under what', (trouble) => {
    const settings = measuringOf(settingsOf(ask), trouble)
    const troubled = measured(ask, trouble)
    const fresh = (rows: readonly ForecastRow[]) => {
      const row = rows.find((one) => one.route.kind === 'follower' && one.w === 1)
      return [...(row?.fresh ?? []), ...(row?.behind ?? [])].map(({ chance }) => chance)
    }
    const [before, after] = [fresh(plain), fresh(troubled)]
    const [, at100 = 0, at300 = 0, behind = 0] = before
    if (trouble === 'loss' || trouble === 'partition') expect(after[1]).toBeLessThan(at100)
    if (trouble === 'repair') expect(after[2]).toBeGreaterThan(at300 - 0.05)
    if (trouble === 'bursts') expect(after[3]).toBeLessThan(behind)
    const said = sayAgreement(settings, compare(foretold, troubled))
    expect(said).toMatch(/^With .*, the largest difference: reads of /)
  })

  test('is seen to differ from the forecast of links a third slower', () => {
    const slower = { ...ASK, latency: ASK.latency?.replace('100ms', '133ms') as string }
    expect(compare(forecast(slower), found).agrees).toBe(false)
  })

  test('never answers a read of R after a write of W with less, where R + W exceeds N', () => {
    const strict = found.filter((row) => row.strict)
    expect(strict.length).toBeGreaterThan(3)
    for (const row of strict) {
      expect(row.fresh.map(({ chance }) => chance)).toEqual([1, 1, 1])
      expect(row.behind.every(({ chance }) => chance === 0)).toBe(true)
    }
  })
})

test('what a cluster cannot be, or takes for ever, is refused with its reason', () => {
  const refused = (ask: Ask) => unmeasurable(settingsOf({ ...ASK, ...ask }))
  expect(refused({})).toBe(undefined)
  expect(refused({ topology: 'leaderless', n: '3' })).toContain('has a leader')
  expect(refused({ latency: 'replicate=pareto(1ms,0.9)' })).toContain('without a mean')
  expect(refused({ latency: 'replicate=1m', rate: '1000/s' })).toContain('lower the rate')
})
