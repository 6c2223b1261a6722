// Writing and reading over HTTP, as a user meets it.

import { describe, expect, test } from 'vitest'
import { lab, listening, rawExchange } from './lab.ts'

const user = { key: 'user:1', value: 'Jessica' }
const advance = (ms: number) => ({ ms })

describe('POST /write', () => {
  test('answers with the record and that the leader has it', async () => {
    const answer = await lab().ask.post('/write').send(user)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      key: 'user:1',
      value: 'Jessica',
      version: '1.1',
      timestamp: '2025-06-14T16:06:47.000Z',
      acknowledgedBy: [0],
    })
  })

  test('with Prefer: return=minimal answers 204 without a body', async () => {
    const answer = await lab().ask.post('/write').set('Prefer', 'return=minimal').send(user)
    expect(answer.status).toBe(204)
    expect(answer.text).toBe('')
    expect(answer.headers['preference-applied']).toBe('return=minimal')
  })

  test('to a follower is refused, to a replica that is none as well', async () => {
    const { ask } = lab()
    const follower = await ask.post('/write').send({ ...user, replica: 1 })
    expect(follower.body).toMatchObject({ status: 409, code: 'not-leader', outcome: 'not-applied' })
    const none = await ask.post('/write').send({ ...user, replica: 3 })
    expect(none.body).toMatchObject({ status: 400, code: 'invalid-request', replicas: [0, 1, 2] })
    expect(none.body.detail).toContain('0 to 2')
  })

  test('without a leader is refused for now', async () => {
    const { ask } = lab()
    await ask.post('/replicas/0/crash')
    const answer = await ask.post('/write').send(user)
    expect(answer.body).toMatchObject({ status: 503, code: 'no-leader', outcome: 'not-applied' })
    expect(answer.headers['retry-after']).toBe('1')
  })

  test('takes an empty value', async () => {
    const { ask } = lab()
    expect((await ask.post('/write').send({ key: 'a', value: '' })).status).toBe(200)
    expect((await ask.get('/read?key=a')).body.value).toBe('')
  })
})

describe('GET /read and /follower-read', () => {
  test('the leader has the record at once', async () => {
    const { ask } = lab()
    await ask.post('/write').send(user)
    const answer = await ask.get('/read?key=user:1')
    expect(answer.body).toEqual({
      key: 'user:1',
      value: 'Jessica',
      version: '1.1',
      timestamp: '2025-06-14T16:06:47.000Z',
      replica: 0,
      role: 'leader',
      staleness: { versions: 0, ms: 0 },
      copy: { state: 'none', dueInMs: null },
    })
  })

  test('a follower says what is on its way, and when it lands', async () => {
    const { ask } = lab()
    await ask.post('/write').send(user)
    await ask.post('/clock/advance').send(advance(57.25))
    const answer = await ask.get('/follower-read?key=user:1&replica=1')
    expect(answer.body).toMatchObject({
      status: 404,
      code: 'key-not-found',
      detail: 'Follower 1 has no key=user:1 yet; a copy is on its way and lands in 143 ms.',
      replica: 1,
      role: 'follower',
      staleness: { versions: 1, ms: 57.25 },
      copy: { state: 'in-flight', dueInMs: 142.75 },
    })
    expect(answer.body).not.toHaveProperty('outcome')
  })

  test('a follower answers with an old record and how old it is', async () => {
    const { ask } = lab()
    await ask.post('/write').send(user)
    await ask.post('/clock/advance').send({ to: 'idle' })
    await ask.post('/write').send({ ...user, value: 'Jess' })
    await ask.post('/clock/advance').send(advance(100))
    const answer = await ask.get('/follower-read?key=user:1&replica=1')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      value: 'Jessica',
      staleness: { versions: 1, ms: 100 },
      copy: { state: 'in-flight', dueInMs: 100 },
    })
  })

  test('a replica that is none is answered with those that are', async () => {
    const { ask } = lab()
    for (const replica of ['3', 'one', '-1', '1.0', '']) {
      const answer = await ask.get(`/follower-read?key=a&replica=${replica}`)
      expect(answer.body).toMatchObject({
        status: 400,
        code: 'invalid-request',
        replicas: [0, 1, 2],
      })
      expect(answer.body.detail).toContain('0 to 2')
    }
    expect((await ask.get('/follower-read?key=a')).body.detail).toContain('is required')
  })
})

describe('read-with-repair', () => {
  test.each(['get', 'post'] as const)(
    'by %s gives the record to those that lack it',
    async (method) => {
      const { ask } = lab()
      await ask.post('/write').send(user)
      const first = await ask[method]('/read-with-repair?key=user:1')
      expect(first.body).toMatchObject({ ...user, replica: 0, repaired: [1, 2] })
      const second = await ask[method]('/read-with-repair?key=user:1')
      expect(second.body.repaired).toEqual([])
    },
  )

  test('is 404 only if no replica has the key', async () => {
    const answer = await lab().ask.get('/read-with-repair?key=user:1')
    expect(answer.body).toMatchObject({ status: 404, code: 'key-not-found' })
  })
})

describe('quorums', () => {
  test('a quorum write is answered when W replicas have it', async () => {
    const { ask, cluster } = lab()
    const sent = ask.post('/write-with-quorum').send({ ...user, w: 2 })
    const stop = cluster.listen((event) => {
      if (event.type === 'write-applied') setImmediate(() => cluster.advance({ us: 200_000 }))
    })
    const answer = await sent
    stop()
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ ...user, version: '1.1', w: 2, acknowledgedBy: [0, 1] })
  })

  test('when time runs out, the outcome is unknown and the missing are named', async () => {
    const { ask, cluster } = lab()
    cluster.listen((event) => {
      if (event.type === 'write-applied') setImmediate(() => cluster.advance({ us: 300_000 }))
    })
    const answer = await ask.post('/write-with-quorum').send({ ...user, w: 3, timeoutMs: 250.5 })
    expect(answer.body).toMatchObject({
      status: 504,
      code: 'quorum-timeout',
      outcome: 'unknown',
      required: 3,
      acknowledgedBy: [0, 1],
      missing: [2],
    })
  })

  test('more than N is impossible, and too few in reach is refused', async () => {
    const { ask } = lab()
    const impossible = await ask.post('/write-with-quorum').send({ ...user, w: 4 })
    expect(impossible.body).toMatchObject({ status: 400, code: 'quorum-impossible' })
    await ask.post('/replicas/1/crash')
    const unavailable = await ask.post('/write-with-quorum').send({ ...user, w: 3 })
    expect(unavailable.body).toMatchObject({ status: 503, outcome: 'not-applied' })
  })

  test('a quorum read shows every answer it used', async () => {
    const { ask } = lab()
    await ask.post('/write').send(user)
    const answer = await ask.get('/read-with-quorum?key=user:1&r=2&replicas=0,2&repair=false')
    expect(answer.body).toMatchObject({ ...user, r: 2, repaired: [] })
    expect(answer.body.answers).toMatchObject([
      { replica: 0, record: { value: 'Jessica' } },
      { replica: 2, record: null, staleness: { versions: 1, ms: 0 } },
    ])
  })

  test.each(['replicas=0;1', 'replicas=', 'replicas=0,,1', 'repair=maybe'])(
    'GET /read-with-quorum?%s is refused',
    async (query) => {
      expect((await lab().ask.get(`/read-with-quorum?key=a&${query}`)).status).toBe(400)
    },
  )
})

describe('Client-Id', () => {
  async function clientSeen(header: string): Promise<string | undefined> {
    const { app, cluster } = lab()
    let client: string | undefined
    cluster.listen((event) => {
      if (event.type === 'read-started') client = event.client
    })
    const { port } = await listening(app)
    const head = 'GET /read?key=a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
    await rawExchange(port, Buffer.from(`${head}${header}\r\n`))
    return client
  }

  test('names who asks, in any script; without it the client is `default`', async () => {
    expect(await clientSeen('Client-Id: till 3\r\n')).toBe('till 3')
    expect(await clientSeen('Client-Id: Zoë\r\n')).toBe('Zoë')
    expect(await clientSeen('')).toBe('default')
  })

  test.each(['', 'x'.repeat(65), '\xe9'])('%j is refused', async (client) => {
    const answer = await lab().ask.get('/read?key=a').set('Client-Id', client)
    expect(answer.body).toMatchObject({
      status: 400,
      errors: [{ in: 'header', field: 'Client-Id' }],
    })
  })

  test('given twice it is refused', async () => {
    const answer = await lab()
      .ask.get('/read?key=a')
      .set('Client-Id', ['a', 'b'] as never)
    expect(answer.body.detail).toContain('more than once')
  })
})
