// Slow clients, leaving clients, and a server that goes.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Turns } from '../../src/http/turns.ts'
import { deferred, type Lab, lab, listening, rawExchange, rawSocket } from './lab.ts'

const HEAD = 'Host: localhost\r\n'

function post(path: string, body: unknown): string {
  const text = JSON.stringify(body)
  const length = `Content-Length: ${Buffer.byteLength(text)}\r\n`
  return `POST ${path} HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\n${length}\r\n${text}`
}

/** Resolves with the next event of a type, once the present command is over. */
function next(cluster: Lab['cluster'], type: string): Promise<void> {
  const { promise, resolve } = deferred()
  const unlisten = cluster.listen((event) => {
    if (event.type !== type) return
    unlisten()
    resolve()
  })
  return promise
}

describe('slow headers and slow bodies', () => {
  test('the server gives them ten and thirty seconds, and looks every two', async () => {
    const { server } = await listening(lab().app)
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 2_000,
    })
  })

  test('an idle connection stays open for as long as the pools of other languages reuse it', async () => {
    const { server } = await listening(lab().app)
    expect(server.keepAliveTimeout).toBeGreaterThanOrEqual(65_000)
  })

  test('what is no HTTP is answered with a problem', async () => {
    const { port } = await listening(lab().app)
    const answer = await rawExchange(port, 'HELLO\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('application/problem+json')
    const long = await rawExchange(port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${HEAD}\r\n`)
    expect(long).toMatch(/^HTTP\/1\.1 431 /)
  })
})

describe('many requests in one packet', () => {
  const read = (key: string) => `GET /read?key=${key} HTTP/1.1\r\n${HEAD}\r\n`
  const lastRead = read('a').replace(/\r\n$/, 'Connection: close\r\n\r\n')
  const gzipped = (path: string, body: unknown): Buffer => {
    const bytes = gzipSync(JSON.stringify(body))
    const head = `Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}`
    return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${HEAD}${head}\r\n\r\n`), bytes])
  }

  test('are begun in the order they came, so that no read overtakes the write before it', async () => {
    const { port } = await listening(lab().app)
    const write = (value: string) => post('/write', { key: 'a', value })
    const answers = await rawExchange(
      port,
      write('one') + read('a') + write('two') + write('three') + read('a') + read('b'),
    )
    expect(valuesIn(answers)).toEqual(['one', 'one', 'two', 'three', 'three'])
    expect(answers.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toBe('HTTP/1.1 404')
  })

  test('wait also for a body that must be unpacked, and for one that is refused', async () => {
    const { port } = await listening(lab().app)
    const packet = [
      gzipped('/write', { key: 'a', value: 'one' }),
      Buffer.from(read('a')),
      gzipped('/write', { key: 'a', value: 2 }),
      Buffer.from(lastRead),
    ]
    const answers = await rawAnswers(port, Buffer.concat(packet))
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(
      [200, 200, 400, 200].map((status) => `HTTP/1.1 ${status}`),
    )
    expect(valuesIn(answers)).toEqual(['one', 'one', 'one'])
  })

  test('are bounded in number behind one body', () => {
    const turns = new Turns()
    const req = { socket: {} } as IncomingMessage
    const begun = turns.hold(req)
    let count = 0
    let taken = 0
    while (turns.take(req, () => count++)) taken++
    expect([taken, count]).toEqual([1_000, 0])
    begun()
    expect(count).toBe(1_000)
  })
})

describe('the client leaves while a quorum write waits', () => {
  test('the wait is dropped, and the write stays', async () => {
    const { app, cluster, bugs } = lab()
    const { server, port } = await listening(app)
    const gone = deferred()
    server.on('connection', (socket) => socket.once('close', () => gone.resolve()))
    const applied = next(cluster, 'write-applied')
    const socket = await rawSocket(port)
    socket.write(post('/write-with-quorum', { key: 'user:1', value: 'Jessica', w: 3 }))
    await applied
    expect(cluster.waiting).toBe(1)

    socket.destroy()
    await gone.promise

    expect(cluster.waiting).toBe(0)
    cluster.advance({ to: 'idle' })
    expect(cluster.view().replicas.map((replica) => replica.keys)).toEqual([1, 1, 1])
    expect(bugs).toEqual([])
  })
})

describe('a slow reader of the event stream', () => {
  test('is cut off, while another reads all events in order', async () => {
    const events = { stallMsMax: 1, bufferedBytesMax: 64 * 1024 }
    const { app, ask, cluster } = lab({ events })
    const { port } = await listening(app)
    const slow = await openStream(port)
    slow.pause()
    const quick = readIds(await openStream(port))

    while (!(await ask.get('/metrics')).text.includes('event_streams_cut_off{lab="root"} 1')) {
      happen(cluster, 2_000)
    }

    expect(await quick.upTo(lastId(cluster))).toEqual(numbersUpTo(lastId(cluster)))
    expect((await ask.get('/metrics')).text).toContain('event_streams{lab="root"} 1')
  })

  test('a burst of 50,000 events disturbs no reader who keeps up', async () => {
    const { app, cluster } = lab()
    const { port } = await listening(app)
    const reader = readIds(await openStream(port))
    happen(cluster, 50_000)
    expect(await reader.upTo(lastId(cluster))).toEqual(numbersUpTo(lastId(cluster)))
  })

  test('more at once than is kept is told as missed, and the stream goes on', async () => {
    const { app, cluster } = lab({ events: { keptMax: 10, backlogMax: 100 } })
    const { port } = await listening(app)
    const stream = await openStream(port)
    const reader = readIds(stream)
    let text = ''
    stream.on('data', (chunk: string) => {
      text += chunk
    })
    happen(cluster, 1_000)
    const last = lastId(cluster)
    const ids = await reader.upTo(last)
    expect(text).toMatch(/event: missed\ndata: \{"fromId":1,"toId":\d+\}/)
    expect(ids).toEqual(numbersUpTo(last).slice(-ids.length))
    expect(ids.length).toBeGreaterThanOrEqual(10)
  })
})

describe('closing with open streams and waiting requests', () => {
  test('streams end, those who wait hear 503, and the server closes', async () => {
    const { app, cluster, ask } = lab()
    const { server, port } = await listening(app)
    const stream = await openStream(port)
    const applied = next(cluster, 'write-applied')
    const write = rawRequest(port, post('/write-with-quorum', { key: 'a', value: 'b', w: 3 }))
    await applied
    cluster.pause(1, {})
    const started = next(cluster, 'read-started')
    const read = rawRequest(port, `GET /follower-read?key=a&replica=1 HTTP/1.1\r\n${HEAD}\r\n`)
    await started

    const closed = once(server, 'close')
    server.close()
    app.drain()

    expect(await write).toMatch(/^HTTP\/1\.1 503 [\s\S]*"outcome":"unknown"/)
    expect(await read).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"shutting-down"/)
    stream.resume()
    await once(stream, 'end')
    await closed
    expect(cluster.waiting).toBe(0)
    expect((await ask.get('/readyz')).body).toMatchObject({ status: 503, code: 'shutting-down' })
    expect((await ask.get('/healthz')).status).toBe(200)
    const late = await ask.post('/write').send({ key: 'a', value: 'c' })
    expect(late.body).toMatchObject({ status: 503, outcome: 'not-applied' })
  })
})

/** At least so many events, in one command or a few. */
function happen(cluster: Lab['cluster'], count: number): void {
  const until = lastId(cluster) + count
  while (lastId(cluster) < until) {
    cluster.write({ key: 'user:1', value: 'x'.repeat(200) }, () => undefined)
  }
}

const lastIds = new WeakMap<Lab['cluster'], number>()

function lastId(cluster: Lab['cluster']): number {
  if (!lastIds.has(cluster)) {
    lastIds.set(cluster, 0)
    cluster.listen((event) => lastIds.set(cluster, event.id))
  }
  return lastIds.get(cluster) ?? 0
}

function numbersUpTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1)
}

/** Resolves once the stream has begun. */
async function openStream(port: number): Promise<Socket> {
  const socket = await rawSocket(port)
  socket.write(`GET /events HTTP/1.1\r\n${HEAD}\r\n`)
  await once(socket, 'readable')
  return socket
}

function readIds(socket: Socket): { upTo(last: number): Promise<number[]> } {
  const ids: number[] = []
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('id: ')) ids.push(Number(line.split('-').at(-1)))
  })
  return {
    async upTo(last) {
      while (ids.at(-1) !== last) await once(socket, 'data')
      return ids
    },
  }
}

/** The first answer to a request on a connection of its own. */
async function rawRequest(port: number, text: string): Promise<string> {
  const socket = await rawSocket(port)
  socket.write(text)
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}

/** All that comes until the server closes, as the last request asks it to. */
async function rawAnswers(port: number, packet: Buffer): Promise<string> {
  const socket = await rawSocket(port)
  socket.write(packet)
  let answers = ''
  for await (const chunk of socket) answers += chunk
  return answers
}

function valuesIn(answers: string): string[] {
  return [...answers.matchAll(/"value":"(\w+)"/g)].map(([, value]) => value as string)
}
