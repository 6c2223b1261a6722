// GET /cluster with an event: the cluster as it was then, while the one that is goes on.

import { expect, test } from 'vitest'
import { sayCall } from '../../src/http/call.ts'
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

/** Three chapters: one with a stale read, one that keeps the faults, one in which nothing has happened. */
async function threeChapters({ ask }: Lab) {
  const shown: [query: string, text: string][] = []
  const show = async (query: string) => {
    const views = [await ask.get('/cluster'), await ask.get('/cluster?records=3')]
    for (const [i, { text }] of views.entries()) shown.push([query + ['', '&records=3'][i], text])
  }
  await ask.post('/write').send(write('1'))
  await ask.get('/follower-read?key=a&replica=1').expect(404)
  await ask.post('/clock/advance').send({ ms: 200.25 })
  await show('chapter=1&at=200.25')
  await ask.post('/clock/advance').send({ ms: 100 })
  await ask.post('/links/0/2/hold').send({})
  await ask.post('/clock/advance').send({ ms: 900 })
  await show('chapter=1')
  await ask.post('/reset?keep=faults')
  await show('chapter=2&at=1200.25')
  await ask.post('/clock/advance').send({ ms: 4 })
  await ask.post('/write').send(write('2'))
  await ask.post('/clock/advance').send({ ms: 6 })
  await show('chapter=2')
  await ask.post('/reset')
  await show('chapter=3')
  await show('at=0')
  return shown
}

test('any instant of any chapter is shown as it was, with records as without', async () => {
  const it = lab()
  const shown = await threeChapters(it)
  for (const [query, text] of [...shown, ...shown.toReversed()]) {
    expect((await it.ask.get(`/cluster?${query}`)).text, query).toBe(text)
  }
  const { body } = await it.ask.get('/chapters')
  const id = (number: number) => expect.stringMatching(RegExp(`^[0-9a-z]+-${number}$`))
  const [first, second, third] = body.chapters
  expect(first).toMatchObject({
    number: 1,
    begunBy: 'start',
    fromMs: 0,
    toMs: 1200.25,
    isOver: true,
  })
  expect(first).toMatchObject({ firstEvent: id(1), staleReads: 1, isKept: true })
  const stale = await it.ask.get(`/cluster?event=${first.firstStaleRead}`)
  expect(stale.body.clock.nowMs).toBe(0)
  expect(second).toMatchObject({ number: 2, begunBy: 'reset keep=faults', fromMs: 1200.25 })
  expect(second).toMatchObject({ toMs: 1210.25, staleReads: 0, firstStaleRead: null })
  expect(third).toMatchObject({ number: 3, begunBy: 'reset', fromMs: 0, toMs: 0, isOver: false })
  expect(third.firstEvent).toBe(third.lastEvent)
  expect(Date.parse(third.beganAt) - Date.parse(first.beganAt)).toBe(1_210)
  expect((await it.ask.get('/chapters?limit=1')).body.chapters).toEqual([third])
})

test('a chapter is a scenario of its own, and a lab goes on from an event of one', async () => {
  const it = lab()
  await threeChapters(it)
  const { text } = await it.ask.get('/scenario?chapter=1')
  expect(text).toMatch(/^write a 1$/m)
  expect(text).not.toMatch(/reset/)
  const scenario = await startBeside(it.ask, { scenario: text })
  const [first] = (await it.ask.get('/chapters')).body.chapters
  const branch = await startBeside(it.ask, { from: 'root', event: first.lastEvent })
  for (const url of [scenario, branch]) {
    const { body } = await it.ask.get(`${url}/read?key=a`)
    expect(body.value, url).toBe('1')
  }
})

test.each([
  ['chapter=4', 400, 'must have begun: lab root is in chapter 3, not 4', 'GET /chapters'],
  ['chapter=0', 400, 'must be a whole number from 1', null],
  ['at=0.5', 400, 'must lie in chapter 3, which is at 0 ms', 'POST /clock/advance {"ms":0.5}'],
  ['chapter=1&at=1200.251', 400, 'which ended at 1200.25 ms', 'GET /cluster?chapter=1&at=1200.25'],
  ['chapter=2&at=0', 400, 'which began at 1200.25 ms', 'GET /cluster?chapter=2&at=1200.25'],
  ['at=1.0001', 400, 'with at most three decimals', null],
  ['at=-1', 400, 'must be milliseconds from 0', null],
  ['at=1&event=1', 400, 'does not go with "chapter" or "at"', null],
])('%s is answered %i, %s', async (query, status, detail, advice) => {
  const it = lab()
  await threeChapters(it)
  const { body } = await it.ask.get(`/cluster?${query}`)
  expect(body).toMatchObject({ status, detail: expect.stringContaining(detail) })
  if (advice === null) expect(body.remedies).toEqual([])
  else expect(body.detail).toContain(advice)
  expect(body.remedies.map(sayCall)).toEqual(
    advice === null ? [] : expect.arrayContaining([advice]),
  )
  expect(it.bugs).toEqual([])
})

test('chapters share one bound, and the oldest are dropped first', async () => {
  const { ask } = lab()
  const url = await startBeside(ask)
  const chapters = async () => (await ask.get(`${url}/chapters`)).body.chapters
  const value = 'x'.repeat(60_000)
  for (let i = 0; i < 45; i++) {
    if (i % 15 === 14) await ask.post(`${url}/reset`)
    await ask.post(`${url}/write`).send({ key: 'a', value })
  }
  expect((await chapters()).map(({ number }: { number: number }) => number)).toEqual([2, 3, 4])
  const gone = { status: 409, code: 'scenario-truncated' }
  const { body } = await ask.get(`${url}/cluster?chapter=1`)
  const remedies = [{ method: 'GET', path: `${url}/chapters` }]
  expect(body).toMatchObject({
    ...gone,
    remedies,
    detail: expect.stringContaining('still has is 2'),
  })
  expect((await ask.get(`${url}/cluster?event=1`)).body).toMatchObject({ ...gone, remedies })
  await ask.get(`${url}/cluster?chapter=2`).expect(200)
  for (let i = 0; i < 35; i++) await ask.post(`${url}/write`).send({ key: 'a', value })
  expect(await chapters()).toMatchObject([{ number: 4, isKept: false }])
  const tooLong = await ask.get(`${url}/cluster?at=0`)
  const reset = [{ method: 'POST', path: `${url}/reset` }]
  expect(tooLong.body).toMatchObject({ ...gone, remedies: reset })
  await ask.post(`${url}/reset`)
  expect(await chapters()).toMatchObject([{ number: 5, isKept: true }])
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
])('event=%s is answered %i, %s', async (event, status, detail) => {
  const { ask, bugs } = lab()
  await ask.post('/write').send(write('1'))
  await ask.post('/reset')
  const { body } = await ask.get(`/cluster?event=${event}`)
  expect(body).toMatchObject({ status, detail: expect.stringContaining(detail) })
  expect(bugs).toEqual([])
})
