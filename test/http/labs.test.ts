// Many labs in one server: each as if it were alone, each with its own end.

import { get } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CLUSTER_OPTIONS } from '../../src/core/text/legal.ts'
import { fieldOf } from '../../src/http/labs/options.ts'
import { paceByWall } from '../../src/runtime/pacer.ts'
import { deferred, type Lab, lab, listening } from './lab.ts'

afterEach(() => void vi.useRealTimers())

async function start(ask: Lab['ask'], options: object = {}): Promise<string> {
  const { body, status, headers } = await ask.post('/labs').send(options)
  expect([status, headers.location]).toEqual([201, body.url])
  return body.url
}

const write = (key: string, value = 'v') => ({ key, value })

test('a lab is started, listed, used and ended, and its name is not given again', async () => {
  const { ask } = lab({ cluster: { seed: 7 } })
  const { body } = await ask.post('/labs').send({ followers: 3, seed: 5 })
  expect(body).toEqual({
    id: 'amber-fox',
    url: '/labs/amber-fox',
    seed: 5,
    followers: 3,
    clock: { mode: 'manual', rate: 1, nowMs: 0 },
  })
  await ask.post('/labs/amber-fox/write').send(write('k')).expect(200)
  expect((await ask.get('/labs/amber-fox/read?key=k')).body.value).toBe('v')
  expect((await ask.get('/labs')).body.labs.map((one: { id: string }) => one.id)).toEqual([
    'root',
    'amber-fox',
  ])
  expect((await ask.delete('/labs/amber-fox')).body.id).toBe('amber-fox')
  const gone = await ask.get('/labs/amber-fox/read?key=k')
  expect(gone.body).toMatchObject({ status: 404, code: 'lab-not-found' })
  expect(gone.body.detail).toContain('Lab "amber-fox" has ended')
  expect(await start(ask)).toBe('/labs/brisk-owl')
})

test('the root is a lab like any other, by both of its addresses', async () => {
  const { ask } = lab()
  await ask.post('/write').send(write('k'))
  expect((await ask.get('/labs/root/read?key=k')).body.value).toBe('v')
})

test('what is not said is as at the start of the server, and every option can be said', async () => {
  const { ask } = lab({ cluster: { seed: 7, followers: 3, quorumTimeoutUs: 1_000 } })
  const { body } = await ask.post('/labs')
  expect(body).toMatchObject({ seed: 7, followers: 3 })
  const said = {
    seed: 1,
    followers: 1,
    latency: 'replicate=10ms;acknowledge=1ms',
    quorumTimeoutMs: 1.5,
    autoFailoverMs: null,
    minFollowersToWrite: 1,
    minFollowersMaxLagMs: 1_000,
    maxKeys: 1,
    maxMessages: 2,
    maxWaiting: 3,
    maxLog: 4,
    maxBytes: 2_000_000,
    clock: 'instant',
    rate: 2,
  }
  expect(Object.keys(CLUSTER_OPTIONS).map((name) => fieldOf(name as 'seed'))).toEqual(
    Object.keys(said).slice(0, -2),
  )
  const url = await start(ask, said)
  const { text } = await ask.get(`${url}/scenario`)
  for (const line of [
    'quorum-timeout 1.5ms',
    'max-keys 1',
    'max-log 4',
    'latency replicate=10ms',
  ]) {
    expect(text).toContain(line)
  }
  expect((await ask.get(`${url}/clock`)).body).toMatchObject({ mode: 'instant', rate: 2 })
})

/** What a client does in a lab; each number another session. */
function* session(
  number: number,
): Generator<[method: 'get' | 'post', path: string, body?: object]> {
  for (let i = 0; i < 12; i++) {
    yield ['post', '/write', { key: `k${(i * number) % 5}`, value: `${number}.${i}` }]
    if (i % 4 === number % 4) yield ['post', `/links/0/${1 + (i % 2)}/hold`, { forMs: 90 }]
    yield ['post', '/clock/advance', { ms: 40 + number * i }]
    yield ['get', `/follower-read?key=k${i % 5}&replica=${1 + (i % 2)}`]
    if (i === 8) yield ['post', '/failover', { force: true }]
  }
}

/** All there is to see of a lab. */
async function look(app: Lab['app'], ask: Lab['ask'], url: string) {
  const { port } = await listening(app)
  const events = deferred<string>()
  get(`http://127.0.0.1:${port}${url}/events?lastEventId=0`, async (stream) => {
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      if (text.includes('"type":"replica-crashed"')) break
    }
    events.resolve(text.replaceAll(/^id: \w+-/gm, 'id: '))
  })
  await ask.post(`${url}/replicas/2/crash`)
  const shown = ['/cluster', '/replicas/1', '/failovers', '/scenario', '/links/0/1']
  const texts = await Promise.all(shown.map(async (path) => (await ask.get(url + path)).text))
  return [...texts, await events.promise]
}

test('neither key, event, seed nor clock leaks: each of many labs is as it is alone', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2025, 5, 14) })
  const numbers = [1, 2, 3, 4]
  const latency = 'replicate=exponential(80ms)'
  const together = lab()
  const urls = new Map<number, string>()
  for (const seed of numbers) urls.set(seed, await start(together.ask, { seed, latency }))
  const sessions = numbers.map((number) => ({ number, steps: [...session(number)] }))
  for (let i = 0; i < 60; i++) {
    for (const { number, steps } of sessions) {
      const [method, path, body] = steps[i] ?? []
      if (method && path) await together.ask[method](urls.get(number) + path).send(body)
    }
  }
  for (const { number, steps } of sessions) {
    const alone = lab()
    const url = await start(alone.ask, { seed: number, latency })
    for (const [method, path, body] of steps) await alone.ask[method](url + path).send(body)
    const seen = await look(together.app, together.ask, String(urls.get(number)))
    expect(seen).toEqual(await look(alone.app, alone.ask, url))
  }
  expect((await together.ask.get('/cluster')).body.replicas[0].keys).toBe(0)
})

describe('the end of a lab', () => {
  test('answers who waits and ends its streams; other labs do not notice', async () => {
    const { app, ask } = lab()
    const { port } = await listening(app)
    const [url, other] = [await start(ask), await start(ask)]
    const streamEnd = deferred()
    await new Promise<void>((opened) => {
      get(`http://127.0.0.1:${port}${url}/events`, (stream) => {
        stream.resume().on('end', () => streamEnd.resolve())
        opened()
      })
    })
    await ask.post(`${url}/links/0/1/hold`)
    await ask.post(`${other}/links/0/1/hold`)
    const waits = [url, other].map((one) => {
      const sent = ask.post(`${one}/write-with-quorum`).send({ ...write('k'), w: 3 })
      return sent.then((answer) => answer)
    })
    await until(async () => /waiting_requests\{lab="brisk-owl"\} 1/.test(await metrics(ask)))
    await until(async () => /waiting_requests\{lab="amber-fox"\} 1/.test(await metrics(ask)))
    await ask.delete(url).expect(200)
    expect((await waits[0])?.body).toMatchObject({ code: 'lab-ended', outcome: 'unknown' })
    await streamEnd.promise
    await ask.post(`${other}/links/0/1/release`)
    await ask.post(`${other}/clock/advance`).send({ to: 'idle' })
    expect((await waits[1])?.status).toBe(200)
  })

  test('comes by itself once nobody has used it for long enough', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const said: string[] = []
    const { ask } = lab({ labs: { idleMs: 1_000, say: (sentence) => said.push(sentence) } })
    const [unused, used] = [await start(ask), await start(ask)]
    vi.advanceTimersByTime(900)
    await ask.get(`${used}/clock`)
    vi.advanceTimersByTime(900)
    expect((await ask.get(`${unused}/clock`)).body.code).toBe('lab-not-found')
    expect((await ask.get(`${used}/clock`)).status).toBe(200)
    expect(said.at(-1)).toBe('Lab amber-fox ended: nobody used it')
    await ask.delete(used)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('stops its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { ask } = lab({ labs: { startPacing: paceByWall } })
    const url = await start(ask, { clock: 'real' })
    await ask.post(`${url}/write`).send(write('k'))
    expect(vi.getTimerCount()).toBe(1)
    await ask.delete(url)
    expect(vi.getTimerCount()).toBe(0)
  })
})

async function metrics(ask: Lab['ask']): Promise<string> {
  return (await ask.get('/metrics')).text
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}

describe('below its address', () => {
  test('is its page; without the slash a browser is sent there, its query too', async () => {
    const { ask } = lab()
    const url = await start(ask)
    expect((await ask.get(`${url}/`)).text).toContain('src="page/main.js"')
    expect((await ask.get(`${url}/page/main.js`)).status).toBe(200)
    const answer = await ask.get(`${url}?a=1&b`).redirects(0)
    expect([answer.status, answer.headers.location]).toEqual([308, `${url}/?a=1&b`])
  })

  test('problems advise calls of that lab, and they help', async () => {
    const { ask } = lab()
    const url = await start(ask, { maxKeys: 1 })
    await ask.post(`${url}/replicas/0/crash`)
    const { body } = await ask.get(`${url}/read?key=k`)
    expect(body.detail).toContain(`Try POST ${url}/failover`)
    const [{ method, path }] = body.remedies
    expect([method, path]).toEqual(['POST', `${url}/failover`])
    await ask.post(path).expect(200)
    await ask.post(`${url}/write`).send(write('a'))
    const full = await ask.post(`${url}/write`).send(write('b'))
    expect(full.body.detail).toContain('or start a lab with a higher maxKeys.')
  })

  test('metrics are of that lab, and at the root of all, told apart by a label', async () => {
    const { ask } = lab()
    const url = await start(ask)
    await ask.post(`${url}/write`).send(write('k'))
    const count = 'writes_total{lab="amber-fox",kind="plain",end="acknowledged"} 1'
    for (const text of [await metrics(ask), (await ask.get(`${url}/metrics`)).text]) {
      expect(text).toContain(`replication_lab_${count}\n`)
    }
    expect((await ask.get(`${url}/metrics`)).text).not.toContain('lab="root"')
  })
})

describe('bad input', () => {
  test.each([
    ['get', '/labs/never-was/cluster', undefined, 404, 'There never was a lab "never-was"'],
    ['get', '/labs/amber-fox-0/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/zesty-finch/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/never-was', undefined, 404, 'There never was'],
    ['delete', '/labs/never-was', undefined, 404, 'There never was'],
    ['get', '/labs/__proto__/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/%2e%2e/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/a%2Fb%00%E2%80%AE/cluster', undefined, 404, 'There never was'],
    ['get', '/labs/%ff/cluster', undefined, 400, 'The path is not well-formed'],
    ['get', '/labs//cluster', undefined, 404, 'There is no'],
    ['get', '/labs/root/labs', undefined, 404, 'A lab has no labs of its own'],
    ['get', '/labs/root/labs/root/cluster', undefined, 404, 'A lab has no labs of its own'],
    ['get', '/labs/root/nothing', undefined, 404, 'There is no "/nothing"'],
    ['delete', '/labs/root', undefined, 409, 'Try POST /reset'],
    ['post', '/labs', { followers: 0 }, 400, '"followers" must be at least 1'],
    ['post', '/labs', { followers: 1.5 }, 400, '"followers" must be a whole number'],
    ['post', '/labs', { seed: -1 }, 400, '"seed" must be at least 0'],
    ['post', '/labs', { latency: 'replicate=fast' }, 400, 'Field "latency"'],
    ['post', '/labs', { followers: 3, latency: 'replicate=1ms,2ms' }, 400, '2 replicate latencies'],
    ['post', '/labs', { followers: 1, minFollowersToWrite: 2 }, 400, '"minFollowersToWrite"'],
    ['post', '/labs', { quorumTimeoutMs: 0 }, 400, '"quorumTimeoutMs" must be at least 1'],
    ['post', '/labs', { clock: 'fast' }, 400, '"clock" must be one of'],
    ['post', '/labs', { rate: 0 }, 400, '"rate" must be at least'],
    ['post', '/labs', { follower: 2 }, 400, 'did you mean "followers"?'],
    ['post', '/labs', { wal: 'x.jsonl' }, 400, '"wal" is not for a lab'],
    ['post', '/labs', [], 400, 'The body must be a JSON object'],
  ] as const)('%s %s %j is refused: %i, %s', async (method, path, body, status, detail) => {
    const { ask, bugs } = lab()
    const answer = await ask[method](path).send(body)
    expect(answer.body).toMatchObject({ status, detail: expect.stringContaining(detail) })
    expect((await ask.get('/labs')).body.labs).toHaveLength(1)
    expect(bugs).toEqual([])
  })

  test('the bytes of all labs together are bounded, and what a lab asks for counts', async () => {
    const { ask } = lab({ labs: { bytesMax: 10_000_000 } })
    await start(ask, { maxBytes: 6_000_000 })
    const refused = await ask.post('/labs').send({ maxBytes: 6_000_000 })
    expect(refused.body).toMatchObject({
      status: 429,
      code: 'too-many-labs',
      detail: expect.stringContaining('6000000 of 10000000 bytes'),
    })
    await start(ask, { maxBytes: 4_000_000 })
    await ask.delete('/labs/amber-fox')
    await start(ask, { maxBytes: 6_000_000 })
  })

  test('more labs than there may be are refused, and fit again once one has ended', async () => {
    const { ask } = lab({ labs: { labsMax: 2 } })
    const [url] = [await start(ask), await start(ask)]
    const refused = await ask.post('/labs')
    expect(refused.body).toMatchObject({ status: 429, code: 'too-many-labs' })
    expect(refused.body.detail).toContain('DELETE /labs/{lab}')
    await ask.delete(url)
    await start(ask)
  })

  test('an event of another lab does not resume a stream', async () => {
    const { app, ask } = lab()
    const { port } = await listening(app)
    const [one, other] = [await start(ask), await start(ask)]
    for (const url of [one, other]) await ask.post(`${url}/write`).send(write('k'))
    const id = await firstChunk(`http://127.0.0.1:${port}${one}/events?lastEventId=0`, /id: (\S+)/)
    const there = `http://127.0.0.1:${port}${other}/events?lastEventId=${id}`
    expect(await firstChunk(there, /event: (\w+)/)).toBe('missed')
  })
})

/** What a stream says first that matches. */
function firstChunk(url: string, pattern: RegExp): Promise<string> {
  const { promise, resolve } = deferred<string>()
  get(url, async (stream) => {
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      const [, found] = pattern.exec(text) ?? []
      if (found !== undefined) return resolve(found)
    }
  })
  return promise
}
