// Labs that go on from somewhere: from the end of a scenario, or from an event in the past of another lab.

import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { lowered } from '../tools/bound.ts'
import { deferred, type Lab, lab, listening, startBeside } from './lab.ts'

const write = (key: string, value = 'v') => ({ key, value })

/** The events of a lab so far, with the ids as its stream gives them. */
async function eventsOf({ app }: Lab, url = ''): Promise<{ id: string; data: string }[]> {
  const { port } = await listening(app)
  const { promise, resolve } = deferred<string>()
  // Heard as soon as all that is kept was sent.
  get(`http://127.0.0.1:${port}${url}/events?lastEventId=0`, (stream) => {
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
      if (!text.includes('id: ')) return
      stream.destroy()
      resolve(text)
    })
  })
  const blocks = (await promise).split('\n\n').filter((block) => block.startsWith('id: '))
  return blocks.map((block) => {
    const [, id = '', data = ''] = /^id: (\S+)\ndata: (.*)$/s.exec(block) ?? []
    return { id, data }
  })
}

async function newestOf(it: Lab, url?: string): Promise<string> {
  return (await eventsOf(it, url)).at(-1)?.id ?? ''
}

const datas = (events: readonly { readonly data: string }[]) => events.map(({ data }) => data)

/** Something that takes a little of everything. */
async function session(ask: Lab['ask'], url = ''): Promise<void> {
  await ask.post(`${url}/write`).send(write('a', '1'))
  await ask.post(`${url}/clock/advance`).send({ ms: 250 })
  await ask.post(`${url}/links/0/2/hold`).send({ forMs: 900 })
  await ask.post(`${url}/write`).send(write('b', '2'))
  await ask.get(`${url}/follower-read?key=a&replica=1`)
  await ask.post(`${url}/clock/advance`).send({ ms: 300 })
  await ask.post(`${url}/failover`).send({ to: 1, force: true })
  await ask.post(`${url}/clock/advance`).send({ to: 'idle' })
}

async function later(ask: Lab['ask'], url = ''): Promise<string[]> {
  const answers = [
    await ask.post(`${url}/write`).send(write('c', '3')),
    await ask.post(`${url}/clock/advance`).send({ ms: 100 }),
    await ask.get(`${url}/read-with-repair?key=b`),
    await ask.post(`${url}/replicas/2/crash`).send({ forMs: 400 }),
    await ask.post(`${url}/clock/advance`).send({ to: 'idle' }),
    await ask.get(`${url}/cluster`),
  ]
  return answers.map(({ text }) => text)
}

/** Alone or in a server of its own: with the bounds of a lab, which `/cluster` shows. */
const SMALL = { maxBytes: 4_000_000, latency: 'replicate=exponential(80ms)' }

describe('a lab that goes on from a scenario', () => {
  test('is the lab of which the scenario is, to the last byte, and stays it', async () => {
    const it = lab()
    const url = await startBeside(it.ask, SMALL)
    await session(it.ask, url)
    const { text: scenario } = await it.ask.get(`${url}/scenario`)
    const again = await startBeside(it.ask, { scenario })
    expect((await it.ask.get(`${again}/scenario`)).text).toBe(scenario)
    expect(datas(await eventsOf(it, again))).toEqual(datas(await eventsOf(it, url)))
    expect(await later(it.ask, again)).toEqual(await later(it.ask, url))
  })

  test('has the timestamps that were recorded, and else those of a run', async () => {
    const { ask } = lab()
    const read = async (scenario: string) =>
      (await ask.get(`${await startBeside(ask, { scenario })}/read?key=a`)).body.timestamp
    expect(await read('write a 1')).toBe('2025-01-01T00:00:00.000Z')
    const start = 'start 2024-02-29T23:59:59.999Z\nadvance 1ms\nwrite a 1'
    expect(await read(start)).toBe('2024-03-01T00:00:00.000Z')
  })

  test('is handed over with those who wait in it, and with the clock that was asked for', async () => {
    const { ask } = lab({ cluster: { clock: { mode: 'real', rate: 1 } } })
    const scenario = 'hold 0 1\nwrite-with-quorum a 1 w=3 &\nadvance 10ms'
    const url = await startBeside(ask, { scenario, clock: 'manual', rate: 2 })
    const { body } = await ask.get(`${url}/cluster`)
    expect(body).toMatchObject({ waiting: 1, clock: { mode: 'manual', rate: 2, nowMs: 10 } })
    await ask.post(`${url}/reset`)
    const clock = (await ask.get(`${url}/clock`)).body
    expect(clock).toMatchObject({ mode: 'manual', rate: 2, nowMs: 0 })
    const other = await startBeside(ask, { scenario })
    expect((await ask.get(`${other}/clock`)).body).toMatchObject({ mode: 'real', nowMs: 10 })
  })

  test('and does too much is refused with the line, and others are answered meanwhile', async () => {
    lowered('advanceEventsMax', 50_000)
    const { ask } = lab()
    const scenario = 'link 0 1 loss=1\nwrite a 1\nadvance idle'
    const answered: string[] = []
    const refused = ask.post('/labs').send({ scenario })
    const first = refused.then(({ body }) => {
      answered.push('refused')
      return body
    })
    await ask.get('/healthz').then(() => answered.push('healthz'))
    expect(await first).toMatchObject({ status: 400, lines: [3] })
    expect(answered).toEqual(['healthz', 'refused'])
    expect((await ask.get('/labs')).body.labs).toHaveLength(1)
    expect(await startBeside(ask)).toBe('/labs/amber-fox')
  })

  test('is nothing any more when who asked has left or the server ends', async () => {
    const it = lab()
    const { port } = await listening(it.app)
    const body = JSON.stringify({ scenario: 'link 0 1 loss=1\nwrite a 1\nadvance idle' })
    const leaving = new AbortController()
    const headers = { 'Content-Type': 'application/json' }
    const url = `http://127.0.0.1:${port}/labs`
    const left = fetch(url, { method: 'POST', headers, body, signal: leaving.signal })
    await begun(it)
    leaving.abort()
    await left.catch(() => undefined)
    await until(async () => (await waiting(it)) === 0)
    expect(await startBeside(it.ask)).toBe('/labs/amber-fox')
    const ended = fetch(url, { method: 'POST', headers, body })
    await begun(it)
    it.app.drain()
    expect(await (await ended).json()).toMatchObject({ code: 'shutting-down' })
    expect(it.bugs).toEqual([])
  })
})

async function waiting({ ask }: Lab): Promise<number> {
  const { text } = await ask.get('/metrics')
  return Number(/waiting_requests\{lab="root"\} (\d+)/.exec(text)?.[1])
}

async function begun(it: Lab): Promise<void> {
  await until(async () => (await waiting(it)) === 1)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}

describe('a lab that goes on from an event of another', () => {
  test('has had the events until then, and goes on alike: at every event', async () => {
    const it = lab()
    const url = await startBeside(it.ask, SMALL)
    await session(it.ask, url)
    const events = await eventsOf(it, url)
    for (const [i, { id }] of events.entries()) {
      const branch = await startBeside(it.ask, { from: url.slice('/labs/'.length), event: id })
      const had = datas(await eventsOf(it, branch))
      // What is due at the same instant happens as soon as anybody looks.
      expect(had.length).toBeGreaterThan(i)
      expect(had).toEqual(datas(events).slice(0, had.length))
      await it.ask.delete(branch)
    }
    const last = events.at(-1)?.id
    const branch = await startBeside(it.ask, { from: 'amber-fox', event: last })
    const { nowMs: to } = (await it.ask.get(`${url}/clock`)).body
    const { nowMs: from } = (await it.ask.get(`${branch}/clock`)).body
    await it.ask.post(`${branch}/clock/advance`).send({ ms: to - from })
    expect(await later(it.ask, branch)).toEqual(await later(it.ask, url))
    expect(datas(await eventsOf(it, branch))).toEqual(datas(await eventsOf(it, url)))
    expect((await it.ask.get(`${branch}/scenario`)).text).toBe(
      (await it.ask.get(`${url}/scenario`)).text,
    )
  })

  test('even if that comes from a scenario or from another one itself, and resets were before', async () => {
    const it = lab()
    const { ask } = it
    await session(ask)
    await ask.post('/reset')
    await ask.post('/links/0/1/cut')
    await ask.post('/reset?keep=faults').expect(200)
    await session(ask)
    const event = await newestOf(it)
    const branch = await startBeside(ask, { from: 'root', event })
    const { text: scenario } = await ask.get(`${branch}/scenario`)
    const second = await startBeside(ask, { scenario })
    const from = second.slice('/labs/'.length)
    const third = await startBeside(ask, { from, event: await newestOf(it, second) })
    const ends = []
    for (const url of [branch, second, third]) ends.push(await later(ask, url))
    expect(ends[1]).toEqual(ends[0])
    expect(ends[2]).toEqual(ends[0])
  })

  test('lacks the requests that waited, and the other one keeps them', async () => {
    const it = lab()
    await it.ask.post('/links/0/1/hold')
    const answer = it.ask
      .post('/write-with-quorum')
      .send({ ...write('k'), w: 3 })
      .then(({ status }) => status)
    await until(async () => (await waiting(it)) === 1)
    const branch = await startBeside(it.ask, { from: 'root', event: it.cluster.view().waiting + 1 })
    expect((await it.ask.get(`${branch}/cluster`)).body.waiting).toBe(0)
    expect((await it.ask.get('/cluster')).body.waiting).toBe(1)
    it.cluster.release(0, 1)
    it.cluster.advance({ to: 'idle' })
    expect(await answer).toBe(200)
  })

  test('has the clock that was asked for, and else that of the other one then', async () => {
    const { ask } = lab()
    await ask.put('/clock').send({ mode: 'real', rate: 0.001 })
    await ask.post('/write').send(write('k'))
    const event = 2
    const same = await startBeside(ask, { from: 'root', event })
    expect((await ask.get(`${same}/clock`)).body).toMatchObject({ mode: 'real', rate: 0.001 })
    const stopped = await startBeside(ask, { from: 'root', event, clock: 'manual' })
    expect((await ask.get(`${stopped}/clock`)).body.mode).toBe('manual')
  })

  test('of more than a lab keeps is refused, unless it asks to keep more', async () => {
    const { ask, cluster } = lab()
    let event = 0
    cluster.listen(({ id }) => {
      event = id
    })
    for (let i = 0; i < 12; i++) await ask.post('/write').send(write(`k${i}`, 'x'.repeat(60_000)))
    const refused = await ask.post('/labs').send({ from: 'root', event })
    expect(refused.body).toMatchObject({ status: 507, code: 'too-much-data' })
    expect(refused.body.detail).toContain('maxBytes')
    const url = await startBeside(ask, { from: 'root', event, maxBytes: 50_000_000 })
    expect((await ask.get(`${url}/cluster`)).body.replicas[0].keys).toBe(12)
  })
})

describe('bad input', () => {
  const scenario = 'write a 1'
  test.each([
    [{ scenario: '' }, 201, undefined],
    [{ scenario: 1 }, 400, 'Field "scenario"'],
    [{ scenario: 'write a 1\nraed a' }, 400, 'line 2, column 1: there is no command raed'],
    [
      { scenario: 'write a 1\nread a -> 2' },
      400,
      'line 2: expected 2, but it is 1. Mend the lines',
    ],
    [{ scenario: 'hold 0 1\nwrite-with-quorum a 1 w=3 & -> applied' }, 400, 'line 2: it was not'],
    [{ scenario: 'start yesterday' }, 400, 'line 1, column 7: start is a time in UTC'],
    [{ scenario: 'start 2025-13-01T00:00:00Z' }, 400, 'start is a time in UTC'],
    [{ scenario: 'followers 101' }, 400, 'line 1, column 11'],
    [{ scenario, seed: 1 }, 400, 'Field "seed" cannot be chosen here: it is as its header says'],
    [{ scenario, from: 'root' }, 400, 'Field "from" does not go with "scenario"'],
    [{ scenario, wal: 'x' }, 400, '"wal" is not for a lab'],
    [{ scenario, event: 1 }, 400, 'Field "event" goes with "from"'],
    [{ event: 1 }, 400, 'Field "event" goes with "from"'],
    [{ from: 'root' }, 400, 'Field "event" is required beside "from"'],
    [{ from: 'root', event: 1, followers: 3 }, 400, 'Field "followers" cannot be chosen here'],
    [{ from: 'never-was', event: 1 }, 404, 'There never was a lab "never-was"'],
    [{ from: '__proto__', event: 1 }, 404, 'There never was a lab'],
    [{ from: 'root', event: 0 }, 400, 'must have happened: the newest of lab root is'],
    [{ from: 'root', event: -1 }, 400, 'must be the id of an event'],
    [{ from: 'root', event: 1.5 }, 400, '"event"'],
    [{ from: 'root', event: null }, 400, '"event"'],
    [{ from: 'root', event: 99 }, 400, 'Field "event" must have happened'],
    [{ from: 'root', event: '1e0' }, 400, 'must be the id of an event'],
    [{ from: 'root', event: 'mbw2xk1c-1' }, 400, 'must be of lab root since its start'],
  ] as const)('%j is answered %i, %s', async (body, status, detail) => {
    const { ask, bugs } = lab()
    await ask.post('/write').send(write('k'))
    const answer = await ask.post('/labs').send(body)
    expect(answer.status).toBe(status)
    if (detail) expect(answer.body).toMatchObject({ detail: expect.stringContaining(detail) })
    expect((await ask.get('/labs')).body.labs).toHaveLength(status === 201 ? 2 : 1)
    expect(bugs).toEqual([])
  })

  test('a scenario may be larger than other bodies, but one that is too large is not even read', async () => {
    const { ask } = lab()
    const lines = '# A comment, one of many.\n'.repeat(30_000)
    expect((await ask.post('/labs').send({ scenario: lines })).status).toBe(201)
    const answer = await lab()
      .ask.post('/labs')
      .send({ scenario: '#'.repeat(5_000_000) })
    expect(answer.body).toMatchObject({ status: 413, code: 'payload-too-large' })
  })

  test('what a recording no longer has is refused: all before its bound, and the present beyond it', async () => {
    const { ask, cluster } = lab()
    await ask.post('/write').send(write('k'))
    await ask.post('/reset')
    for (let i = 0; i <= 100_000; i++) cluster.forget(0, 'k')
    const refused = await ask.post('/labs').send({ from: 'root', event: 1 })
    expect(refused.body).toMatchObject({ status: 409, code: 'scenario-truncated' })
    expect(refused.body.detail).toContain('GET /chapters')
    const [present] = (await ask.get('/chapters')).body.chapters
    const overflowed = await ask.post('/labs').send({ from: 'root', event: present.firstEvent })
    expect(overflowed.body).toMatchObject({ status: 409, code: 'scenario-truncated' })
    expect(overflowed.body.detail).toContain('Try POST /reset')
  })

  test('a lab that ends while another is made from it does not take that with it', async () => {
    const { ask } = lab()
    const url = await startBeside(ask)
    for (let i = 0; i < 300; i++) await ask.post(`${url}/write`).send(write('k', `${i}`))
    const made = ask.post('/labs').send({ from: 'amber-fox', event: 300 })
    const [{ status, body }] = await Promise.all([made, ask.delete(url)])
    expect([status, body.url]).toEqual([201, '/labs/brisk-owl'])
  })

  test('no more are made at once than there may be', async () => {
    const { ask } = lab({ labs: { labsMax: 1 } })
    for (let i = 0; i < 300; i++) await ask.post('/write').send(write('k', `${i}`))
    const both = [1, 2].map(() => ask.post('/labs').send({ from: 'root', event: 300 }))
    const codes = (await Promise.all(both)).map(({ status }) => status)
    expect(codes.sort()).toEqual([201, 429])
  })
})
