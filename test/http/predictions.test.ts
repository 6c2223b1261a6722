// Forecasts over HTTP: of a lab's own settings or of others, bounded, and given up when nobody waits for them.

import { expect, test } from 'vitest'
import { runTrials } from '../../src/analysis/forecast/forecast.ts'
import type { Forecaster } from '../../src/http/predictions.ts'
import { deferred, lab, listening } from './lab.ts'

const FEW = { trials: 1_000, w: 1, r: 1, at: '50,100ms', rate: '20/s' }

test("forecasts the lab's own settings, and those of another lab at its address", async () => {
  const { ask } = lab({ cluster: { followers: 1, seed: 7 } })
  const own = await ask.post('/predictions').send(FEW).expect(200)
  expect(own.body.settings).toMatchObject({ replicas: 2, seed: 7, ratePerSecond: 20 })
  expect(own.body.settings.latency.replicate).toBe('200ms')
  expect(own.body.rows.map(({ reads }: { reads: string }) => reads)).toContain('follower 1')
  await ask.post('/labs').send({ followers: 3, latency: 'replicate=exponential(10ms)' })
  const other = await ask.post('/labs/amber-fox/predictions').send(FEW)
  expect(other.body.settings.replicas).toBe(4)
  expect(other.body.settings.latency.replicate).toMatch(/^exponential\(10ms\),/)
})

test('measures under a trouble that a forecast takes for absent', async () => {
  const body = { rate: '20/s', at: '0,300ms', w: '1', r: '1', trials: 400, measure: 'partition' }
  const answer = await lab().ask.post('/predictions').send(body)
  expect(answer.body.measured.verdict).toMatch(/^With the followers cut off for half/)
  const bad = await lab()
    .ask.post('/predictions')
    .send({ ...body, measure: 'rain' })
  expect([bad.status, bad.body.errors[0].field]).toEqual([400, 'measure'])
})

test('forecasts what is asked for, from samples too, and measures it', async () => {
  const { ask, cluster } = lab()
  const asked = {
    ...FEW,
    latency: 'replicate=@lag',
    samples: { lag: [10, 80, 120] },
    measure: true,
  }
  const { body } = await ask.post('/predictions').send(asked).expect(200)
  expect(body.settings.latency.replicate).toContain('@samples.lag')
  expect(body.measured).toMatchObject({ trials: 1_000, agrees: true })
  expect(body.measured.rows).toHaveLength(body.rows.length)
  expect(cluster.nowUs).toBe(0)
})

test.each([
  [{ w: 0 }, 'w', 'whole numbers from 1 to 3'],
  [{ r: 4 }, 'r', 'whole numbers from 1 to 3'],
  [{ trials: 1e12 }, 'trials', 'whole number from 100'],
  [{ trials: 20_000_000 }, 'trials', 'at most 10000000'],
  [{ rate: 0 }, 'rate', 'is no rate'],
  [{ rate: '0/s' }, 'rate', 'nothing can be stale'],
  [{ latency: 'lnkd-sdd' }, 'latency', 'did you mean lnkd-ssd?'],
  [{ latency: 'replicate=@a', samples: { a: [1, -2] } }, 'latency', 'samples.a, line 2: "-2"'],
  [{ latency: 'replicate=@b' }, 'latency', 'there are no samples @b'],
  [{ latency: 'replicate=@__proto__' }, 'latency', 'there are no samples @__proto__'],
  [{ topology: 'leaderless', latency: 'lnkd-ssd', measure: true }, 'measure', 'has a leader'],
  [{ folowers: 2 }, 'folowers', 'did you mean "followers"?'],
])('refuses %j', async (body, field, message) => {
  const { ask } = lab()
  const refused = await ask.post('/predictions').send(body)
  expect(refused.body).toMatchObject({ status: 400, code: 'invalid-request' })
  expect(refused.body.errors[0]).toMatchObject({ in: 'body', field })
  expect(refused.body.detail).toContain(message)
  expect(refused.body.detail).not.toMatch(/\?\./)
})

test('works out two at once, and gives up those whose clients have left', async () => {
  const started: AbortSignal[] = []
  const stuck = deferred()
  const forecast: Forecaster = async (settings, { signal }) => {
    started.push(signal)
    await Promise.race([stuck.promise, new Promise((r) => signal.addEventListener('abort', r))])
    return runTrials(settings)
  }
  const { app, ask, bugs } = lab({ forecast })
  const { port } = await listening(app)
  const leaves = new AbortController()
  const post = (signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}/predictions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(FEW),
      ...(signal && { signal }),
    })
  const left = post(leaves.signal).catch((error: Error) => error.name)
  const stays = post()
  await expect.poll(() => started.length).toBe(2)
  const third = await ask.post('/predictions').send(FEW)
  expect(third.body).toMatchObject({ status: 429, code: 'too-many-predictions' })
  leaves.abort()
  expect(await left).toBe('AbortError')
  await expect.poll(() => started.some(({ aborted }) => aborted)).toBe(true)
  stuck.resolve()
  expect((await stays).status).toBe(200)
  await expect.poll(async () => (await ask.post('/predictions').send(FEW)).status).toBe(200)
  expect(bugs).toEqual([])
})

test('a lab that ends answers who waits for a forecast, and stops it', async () => {
  const signals: AbortSignal[] = []
  const forecast: Forecaster = (_, { signal }) => {
    signals.push(signal)
    return new Promise(() => undefined)
  }
  const { app, ask } = lab({ forecast })
  await ask.post('/labs')
  const { port } = await listening(app)
  const waits = fetch(`http://127.0.0.1:${port}/labs/amber-fox/predictions`, { method: 'POST' })
  await expect.poll(() => signals.length).toBe(1)
  await ask.delete('/labs/amber-fox')
  const { code } = (await (await waits).json()) as { code: string }
  expect(code).toBe('lab-ended')
  expect(signals[0]?.aborted).toBe(true)
})
