// GET /cluster with an event: the cluster as it was then, while the one that is goes on.

import { expect, test } from 'vitest'
import { type Lab, lab, listening, startBeside } from './lab.ts'

const write = (value: string) => ({ key: 'a', value })

async function viewsOf({ ask, cluster }: Lab): Promise<Map<number, string>> {
  const views = new Map<number, string>()
  let newest = 0
  cluster.listen(({ id }) => {
    newest = id
  })
  const steps: [path: string, body: object][] = [
    ['/write', write('1')],
    ['/links/0/1/hold', {}],
    ['/clock/advance', { ms: 500 }],
    ['/write', write('2')],
    ['/failover', { to: 2, force: true }],
    ['/reset?keep=faults', {}],
    ['/write', write('3')],
  ]
  for (const [path, body] of steps) {
    await ask.post(path).send(body).expect(200)
    views.set(newest, (await ask.get('/cluster')).text)
  }
  return views
}

test('the cluster is shown as it was after any event, forwards and back, and goes on untouched', async () => {
  const it = lab()
  const views = await viewsOf(it)
  const now = (await it.ask.get('/cluster')).text
  const forwards = [...views]
  for (const [event, text] of [...forwards, ...forwards.toReversed(), ...forwards]) {
    expect((await it.ask.get(`/cluster?event=${event}`)).text, `event ${event}`).toBe(text)
  }
  expect((await it.ask.get('/cluster')).text).toBe(now)
  const all = await Promise.all(forwards.map(([event]) => it.ask.get(`/cluster?event=${event}`)))
  expect(all.map(({ text }) => text)).toEqual([...views.values()])
})

test('each lab has its own past, also where many are looked at', async () => {
  const { ask } = lab()
  const urls: string[] = []
  for (let i = 1; i <= 7; i++) urls.push(await startBeside(ask, { followers: i }))
  for (const url of urls) await ask.post(`${url}/write`).send(write('1'))
  for (const [i, url] of [...urls, ...urls].entries()) {
    const { body } = await ask.get(`${url}/cluster?event=1`)
    expect(body.replicas).toHaveLength(2 + (i % urls.length))
  }
})

test('who leaves is not waited for, and who waits when the server ends is answered', async () => {
  const { app, ask, cluster, bugs } = lab()
  const { port } = await listening(app)
  for (let i = 0; i < 20_000; i++) cluster.write(write(`${i}`), () => undefined)
  const url = `http://127.0.0.1:${port}/cluster?event=50000`
  const waiting = async (count: number) => {
    while (!(await ask.get('/metrics')).text.includes(`waiting_requests{lab="root"} ${count}\n`));
  }
  const leaving = new AbortController()
  const left = fetch(url, { signal: leaving.signal }).catch(() => 'left')
  await waiting(1)
  leaving.abort()
  expect(await left).toBe('left')
  await waiting(0)
  expect((await ask.get('/cluster?event=2')).body.replicas[0].appliedOffset).toBe(1)
  const ended = fetch(url)
  await waiting(1)
  app.drain()
  expect(await (await ended).json()).toMatchObject({ code: 'shutting-down' })
  expect(bugs).toEqual([])
})

test.each([
  ['x', 400, 'Parameter "event" must be the id of an event'],
  ['', 400, 'must be the id of an event'],
  ['0', 400, 'must have happened: the newest of lab root is'],
  ['99', 400, 'must have happened'],
  ['mbw2xk1c-1', 400, 'must be of lab root since its start'],
  ['1', 409, 'Event 1 is of before the last full reset'],
])('event=%s is answered %i, %s', async (event, status, detail) => {
  const { ask, bugs } = lab()
  await ask.post('/write').send(write('1'))
  await ask.post('/reset')
  const { body } = await ask.get(`/cluster?event=${event}`)
  expect(body).toMatchObject({ status, detail: expect.stringContaining(detail) })
  expect(bugs).toEqual([])
})
