// The event stream as its readers see it; how it treats slow ones is in connections.test.ts.

import { get } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { renderEvent } from '../../src/core/output/render.ts'
import { type Lab, lab, listening } from './lab.ts'

interface Message {
  readonly id?: string
  readonly event?: string
  readonly data: { readonly type: string; readonly text: string; readonly id: number }
}

/** Opens the stream, and reads messages one after the other. */
async function open(app: Lab['app'], path = '/events', headers: Record<string, string> = {}) {
  const { port } = await listening(app)
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) => {
    const request = get({ port, path, headers: { Host: 'localhost', ...headers } }, resolve)
    onTestFinished(() => void request.destroy())
  })
  response.setEncoding('utf8')
  const messages = parse(response)
  return { response, next: async () => (await messages.next()).value as Message }
}

async function* parse(chunks: AsyncIterable<string>): AsyncGenerator<Message> {
  let rest = ''
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/, 2)))
      if (fields.data) yield { ...fields, data: JSON.parse(fields.data) }
    }
  }
}

function write(cluster: Lab['cluster'], value: string): void {
  cluster.write({ key: 'user:1', value }, () => undefined)
}

test('begins with what happens next, rendered as in the core', async () => {
  const { app, cluster } = lab()
  write(cluster, 'before')
  const { response, next } = await open(app)
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  const seen: unknown[] = []
  cluster.listen((event) => seen.push(renderEvent(event, cluster.startTimeMs)))
  write(cluster, 'after')
  const first = await next()
  expect(first.id).toMatch(new RegExp(`^[0-9a-z]+-${first.data.id}$`))
  const messages = [first.data]
  while (messages.length < seen.length) messages.push((await next()).data)
  expect(messages).toEqual(seen)
  expect(first.data).toMatchObject({
    type: 'write-applied',
    text: 'Leader wrote key=user:1 value=after',
  })
})

test('goes on after Last-Event-ID, by header or parameter', async () => {
  const { app, cluster } = lab()
  write(cluster, 'one')
  expect((await (await open(app, '/events', { 'Last-Event-ID': '0' })).next()).data.id).toBe(1)
  expect((await (await open(app, '/events', { 'Last-Event-ID': '2' })).next()).data.id).toBe(3)
  expect((await (await open(app, '/events?lastEventId=1')).next()).data.id).toBe(2)
})

test('goes on after the whole id as well', async () => {
  const { app, cluster } = lab()
  write(cluster, 'one')
  const { id = '' } = await (await open(app, '/events?lastEventId=0')).next()
  expect((await (await open(app, '/events', { 'Last-Event-ID': id })).next()).data.id).toBe(2)
})

test('an id from before a restart is told as missed, and brings all there is', async () => {
  const before = lab({ cluster: { startTimeMs: 1_000_000 } })
  write(before.cluster, 'one')
  const { id = '' } = await (await open(before.app, '/events?lastEventId=0')).next()
  const { app, cluster } = lab({ cluster: { startTimeMs: 2_000_000 } })
  for (let i = 0; i < 5; i++) write(cluster, 'two')
  for (const given of [id, '5000']) {
    const { next } = await open(app, '/events', { 'Last-Event-ID': given })
    const after = Number(given.split('-').at(-1))
    expect(await next()).toEqual({ event: 'missed', data: { fromId: after + 1, toId: null } })
    expect((await next()).data.id).toBe(1)
  }
})

test('tells which events were dropped since the last one seen', async () => {
  const { app, cluster } = lab({ events: { keptMax: 5, backlogMax: 50 } })
  for (let i = 0; i < 20; i++) write(cluster, String(i))
  const { next } = await open(app, '/events', { 'Last-Event-ID': '1' })
  const missed = await next()
  expect(missed).toMatchObject({ event: 'missed', data: { fromId: 2 } })
  const { toId } = missed.data as unknown as { toId: number }
  expect((await next()).data.id).toBe(toId + 1)
})

test('brings only the types asked for', async () => {
  const { app, cluster } = lab()
  const { next } = await open(app, '/events?types=copy-applied')
  write(cluster, 'Jessica')
  cluster.advance({ to: 'idle' })
  const texts = [(await next()).data.text, (await next()).data.text]
  expect(texts).toEqual([
    '[ASYNC] Replicated key=user:1 to follower 1',
    '[ASYNC] Replicated key=user:1 to follower 2',
  ])
})

test('a reset of the cluster does not end it, nor restart its numbers', async () => {
  const { app, cluster } = lab()
  write(cluster, 'one')
  const { next } = await open(app)
  cluster.reset('nothing')
  const reset = await next()
  expect(reset.data.type).toBe('cluster-reset')
  expect(reset.data.id).toBeGreaterThan(1)
})

test('a reset moves the timestamps of what follows, and not of what was before', async () => {
  const { app, ask, cluster } = lab({ cluster: { startTimeMs: 0 } })
  write(cluster, 'before')
  cluster.advance({ us: 60_000_000 })
  cluster.reset('nothing')
  write(cluster, 'after')
  const { next } = await open(app, '/events?lastEventId=0&types=write-applied')
  const timestamps = [(await next()).data, (await next()).data]
  expect(timestamps).toMatchObject([
    { record: { value: 'before', timestamp: '1970-01-01T00:00:00.000Z' } },
    { record: { value: 'after', timestamp: '1970-01-01T00:01:00.000Z' } },
  ])
  const read = await ask.get('/read?key=user:1')
  expect(read.body.timestamp).toBe('1970-01-01T00:01:00.000Z')
})

test.each([
  ['/events?types=copy-aplied', {}, 'did you mean "copy-applied"?'],
  ['/events?types=', {}, 'There is no event ""'],
  ['/events', { 'Last-Event-ID': 'x' }, 'Last-Event-ID must be the id of an event'],
  ['/events?lastEventId=-1', {}, 'lastEventId must be the id of an event'],
])('%s with %j is refused', async (path, headers, why) => {
  const answer = await lab().ask.get(path).set(headers)
  expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request' })
  expect(answer.body.detail).toContain(why)
})

test('there is a bound to the number of readers', async () => {
  const { app, ask } = lab({ events: { streamsMax: 1 } })
  await open(app)
  const answer = await ask.get('/events')
  expect(answer.body).toMatchObject({ status: 429, code: 'too-many-streams' })
  expect(answer.headers['retry-after']).toBe('1')
})

test('views come behind the events that they include, and tell the newest of those', async () => {
  const { app, cluster } = lab()
  const { next } = await open(app, '/events?views=5')
  const first = await next()
  expect([first.event, first.id, first.data]).toMatchObject(['view', undefined, { keys: [] }])
  write(cluster, 'v')
  let lastId = ''
  for (let message = await next(); ; message = await next()) {
    if (message.event !== 'view') {
      lastId = message.id ?? ''
      continue
    }
    expect(message.data).toMatchObject({ keys: ['user:1'], lastEvent: lastId })
    break
  }
})

test('a thousand commands in one go bring one view, not a thousand', async () => {
  const { app, cluster } = lab()
  const { next } = await open(app, '/events?types=replica-crashed&views=1')
  await next()
  for (let i = 0; i < 1_000; i++) write(cluster, String(i))
  expect(await next()).toMatchObject({
    event: 'view',
    data: { replicas: [{ rows: [{ value: '999' }] }, {}, {}] },
  })
})

test('a view comes after a command of which no event came, for time may have moved', async () => {
  const { app, cluster } = lab()
  const { next } = await open(app, '/events?views=1')
  await next()
  cluster.advance({ us: 70_000 })
  expect(await next()).toMatchObject({ event: 'view', data: { clock: { nowMs: 70 } } })
})
