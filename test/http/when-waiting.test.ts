// A request that is still on its way when time moves comes too late. `whenWaiting` lets it arrive first.

import { expect, test } from 'vitest'
import { type Lab, lab, listening } from './lab.ts'

function posts(port: number, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
}

const QUORUM = { key: 'k', value: 'v', w: 2, timeoutMs: 1_000 }

/** Requests that the server has, and has not answered: also those that wait for others. */
async function pending(ask: Lab['ask']): Promise<number> {
  const { text } = await ask.get('/metrics')
  return Number(/^replication_lab_waiting_requests\{[^}]*\} (\d+)$/m.exec(text)?.[1])
}

async function started(options: Parameters<typeof lab>[0] = {}): Promise<Lab & { port: number }> {
  const made = lab(options)
  return { ...made, port: (await listening(made.app)).port }
}

test('time moves only once the request is there, although it is sent later', async () => {
  const { port, ask, bugs } = await started()
  const advanced = posts(port, '/clock/advance', { ms: 200, whenWaiting: 1 })
  await expect.poll(() => pending(ask)).toBe(1)
  expect((await ask.get('/cluster')).body).toMatchObject({ waiting: 0, clock: { nowMs: 0 } })
  const written = posts(port, '/write-with-quorum', QUORUM)
  expect((await (await advanced).json()) as object).toMatchObject({ nowMs: 200, finished: true })
  expect((await (await written).json()) as object).toMatchObject({ acknowledgedBy: [0, 1] })
  expect(bugs).toEqual([])
})

test('GET /cluster says how many wait, and one more makes two', async () => {
  const { port, ask } = await started()
  const both = [
    posts(port, '/write-with-quorum', QUORUM),
    posts(port, '/write-with-quorum', QUORUM),
  ]
  await posts(port, '/clock/advance', { ms: 0, whenWaiting: 2 })
  expect((await ask.get('/cluster')).body.waiting).toBe(2)
  await ask.post('/clock/advance').send({ to: 'idle', whenWaiting: 2 }).expect(200)
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200])
})

test('what never comes is told in the end, and time has not moved', async () => {
  const { ask } = lab({ patienceMs: 20 })
  const refused = await ask.post('/clock/advance').send({ ms: 200, whenWaiting: 3 })
  expect(refused.body).toMatchObject({
    status: 409,
    code: 'too-few-waiting',
    outcome: 'not-applied',
    waiting: 0,
    detail: expect.stringContaining('0 requests wait after 20 ms of real time, not 3'),
  })
  expect((await ask.get('/clock')).body.nowMs).toBe(0)
})

test('who leaves meanwhile moves nothing, and a lab that ends answers', async () => {
  const { port, ask, app } = await started()
  const leaves = new AbortController()
  const left = posts(port, '/clock/advance', { ms: 200, whenWaiting: 1 }, leaves.signal)
  const stays = posts(port, '/clock/advance', { ms: 300, whenWaiting: 9 })
  await expect.poll(() => pending(ask)).toBe(2)
  leaves.abort()
  await expect(left).rejects.toThrow()
  await expect.poll(() => pending(ask)).toBe(1)
  const written = posts(port, '/write-with-quorum', QUORUM)
  await expect.poll(async () => (await ask.get('/cluster')).body.waiting).toBe(1)
  // This one looks at once, where the one that left would long have looked.
  await ask.post('/clock/advance').send({ ms: 0, whenWaiting: 1 }).expect(200)
  expect((await ask.get('/clock')).body.nowMs).toBe(0)
  app.drain()
  expect([(await stays).status, (await written).status]).toEqual([503, 503])
})

test.each([{ whenWaiting: 1 }, { ms: 1, whenWaiting: 0 }, { ms: 1, whenWaiting: 'one' }])(
  'refuses %j',
  async (body) => {
    const { ask } = lab()
    expect((await ask.post('/clock/advance').send(body)).status).toBe(400)
  },
)

test('a reset while it waits takes nothing away from it', async () => {
  const { port, ask } = await started()
  const advanced = posts(port, '/clock/advance', { ms: 200, whenWaiting: 1 })
  await expect.poll(() => pending(ask)).toBe(1)
  await ask.post('/reset').send({})
  const written = posts(port, '/write-with-quorum', QUORUM)
  expect((await advanced).status).toBe(200)
  expect((await written).status).toBe(200)
})
