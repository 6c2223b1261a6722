// Threads for forecasts: what comes back does not tell how many there were.

import { expect, test } from 'vitest'
import { readAsk } from '../../src/analysis/forecast/ask.ts'
import { runForecast } from '../../src/runtime/forecast-pool.ts'

function settings(trials: string) {
  const ask = { latency: 'replicate=exponential(100ms);acknowledge=exponential(5ms)', rate: '20/s' }
  const reading = readAsk({ ...ask, trials }, () => ({ ok: false, message: 'none' }))
  if (!reading.ok) throw new Error(reading.problems[0]?.message)
  return reading.settings
}

test('one thread, two and three, or two apart, count the same', async () => {
  const asked = settings('50000')
  const alone = await runForecast(asked, { threads: 1 })
  expect(alone.trials).toBe(50_000)
  for (const how of [{ threads: 2 }, { threads: 3 }, { threads: 2, apart: true }]) {
    expect((await runForecast(asked, how)).toJSON()).toEqual(alone.toJSON())
  }
})

test('stopped, it gives the whole chunks that are there', async () => {
  const abort = new AbortController()
  const tally = await runForecast(settings('1000000000'), {
    threads: 2,
    signal: abort.signal,
    progress: (trials) => trials >= 20_000 && abort.abort(),
  })
  expect(tally.trials).toBeGreaterThanOrEqual(20_000)
  expect(tally.trials).toBeLessThan(1_000_000_000)
  expect(tally.trials % 10_000).toBe(0)
})

test('stopped before it began, it has nothing', async () => {
  const tally = await runForecast(settings('200000'), { threads: 2, signal: AbortSignal.abort() })
  expect(tally.trials).toBe(0)
})
