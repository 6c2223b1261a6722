// Many labs in one server: each as if it were alone, each with its own end.

import { get } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { StartPacing } from '../../src/core/ports.ts'
import { CLUSTER_OPTIONS } from '../../src/core/text/legal.ts'
import { fieldOf } from '../../src/http/labs/options.ts'
import { paceByWall } from '../../src/runtime/pacer.ts'
import { deferred, type Lab, lab, listening, startBeside } from './lab.ts'

afterEach(() => void vi.useRealTimers())

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
  expect(await startBeside(ask)).toBe('/labs/brisk-owl')
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
  const url = await startBeside(ask, said)
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
  for (const seed of numbers) urls.set(seed, await startBeside(together.ask, { seed, latency }))
  const sessions = numbers.map((number) => ({ number, steps: [...session(number)] }))
  for (let i = 0; i < 60; i++) {
    for (const { number, steps } of sessions) {
      const [method, path, body] = steps[i] ?? []
      if (method && path) await together.ask[method](urls.get(number) + path).send(body)
    }
  }
  for (const { number, steps } of sessions) {
    const alone = lab()
    const url = await startBeside(alone.ask, { seed: number, latency })
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
    const [url, other] = [await startBeside(ask), await startBeside(ask)]
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
    const [unused, used] = [await startBeside(ask), await startBeside(ask)]
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
    let pacing = 0
    const startPacing: StartPacing = (cluster) => {
      const stop = paceByWall(cluster)
      pacing++
      return () => {
        pacing--
        stop()
      }
    }
    const { ask } = lab({ labs: { startPacing } })
    const url = await startBeside(ask, { clock: 'real' })
    await ask.post(`${url}/write`).send(write('k'))
    expect(pacing).toBe(1)
    await ask.delete(url)
    expect(pacing).toBe(0)
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
    const url = await startBeside(ask)
    const { text } = await ask.get(`${url}/`)
    // What was loaded for one lab is there for all.
    const own = (await ask.get('/')).text.replaceAll('"assets/', '"../../assets/')
    expect(text).toBe(own)
    const [, script = ''] = /src="\.\.\/\.\.([^"]+)"/.exec(text) ?? []
    expect((await ask.get(script)).status).toBe(200)
    const answer = await ask.get(`${url}?a=1&b`).redirects(0)
    expect([answer.status, answer.headers.location]).toEqual([308, `${url}/?a=1&b`])
  })

  test('problems advise calls of that lab, and they help', async () => {
    const { ask } = lab()
    const url = await startBeside(ask, { maxKeys: 1 })
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
    const url = await startBeside(ask)
    await ask.post(`${url}/write`).send(write('k'))
    const count = 'writes_total{lab="amber-fox",kind="plain",end="acknowledged"} 1'
    for (const text of [await metrics(ask), (await ask.get(`${url}/metrics`)).text]) {
      expect(text).toContain(`replication_lab_${count}\n`)
    }
    expect((await ask.get(`${url}/metrics`)).text).not.toContain('lab="root"')
  })
})
