// What a JSON API meets in requests, and what must come back.

import { describe, expect, test } from 'vitest'
import { lab, listening, rawExchange } from './lab.ts'

const JSON_TYPE = ['Content-Type', 'application/json'] as const
const write = { key: 'user:1', value: 'Jessica' }

describe('conditional requests', () => {
  test.each([
    ['If-None-Match', '*'],
    ['If-None-Match', '"x"'],
    ['If-Modified-Since', 'Mon, 01 Jan 2035 00:00:00 GMT'],
  ])('%s: %s gets a full answer that nobody may store', async (name, value) => {
    const { ask } = lab()
    await ask.post('/write').send(write)
    for (const path of ['/read?key=user:1', '/docs', '/openapi.json', '/favicon.ico']) {
      const answer = await ask.get(path).set(name, value)
      expect(answer.status).toBe(200)
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      expect(answer.headers).not.toHaveProperty('etag')
      expect(answer.headers).not.toHaveProperty('x-powered-by')
    }
  })
})

describe('repeated parameters', () => {
  test.each(['key=a&key=b', 'key=a&key=a', 'key=a&r=1&r=2'])(
    '%s is refused by name',
    async (query) => {
      const answer = await lab().ask.get(`/read-with-quorum?${query}`)
      expect(answer.status).toBe(400)
      expect(answer.body.code).toBe('invalid-request')
      expect(answer.body.errors).toHaveLength(1)
      expect(answer.body.detail).toMatch(/Parameter "(key|r)" is given more than once/)
    },
  )
})

describe('unknown and misspelt names', () => {
  test('a misspelt parameter is named, with the nearest name', async () => {
    const answer = await lab().ask.get('/follower-read?key=a&replcia=1')
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toContainEqual({
      in: 'query',
      field: 'replcia',
      message: 'Parameter "replcia" is not known here: did you mean "replica"?',
    })
  })

  test('a misspelt body field is named, and nothing is written', async () => {
    const { ask, cluster } = lab()
    const answer = await ask.post('/write-with-quorum').send({ ...write, timeoutms: 5 })
    expect(answer.body).toMatchObject({ status: 400, outcome: 'not-applied' })
    expect(answer.body.detail).toContain('did you mean "timeoutMs"?')
    expect(cluster.view().replicas[0]?.keys).toBe(0)
  })

  test('a field in the wrong place is told where it belongs', async () => {
    const { ask } = lab()
    const inQuery = await ask.post('/replicas/1/crash?forMs=5')
    expect(inQuery.body.detail).toContain('it belongs in the JSON body')
    const inBody = await ask.post('/reset').send({ keep: 'data' })
    expect(inBody.body.detail).toContain('it belongs in the query of the URL')
  })

  test('routes without any fields refuse them too', async () => {
    const { ask } = lab()
    expect((await ask.get('/cluster?verbose=1')).status).toBe(400)
    expect((await ask.post('/heal').send({ all: true })).status).toBe(400)
  })
})

describe('numbers', () => {
  test.each(['', '0x10', '1e2', ' 1', '+1', '-1', '1.0', '01', '1e400', 'NaN', '١'])(
    'r=%j in a query is refused, and the message names the limits',
    async (r) => {
      const answer = await lab().ask.get('/read-with-quorum').query({ key: 'a', r })
      expect(answer.status).toBe(400)
      expect(answer.body.detail).toContain('must be a whole number from 1 to 101')
    },
  )

  test.each([['2'], [null], [[]], [true], [1.5], [{}]])('w: %j in a body is refused', async (w) => {
    const answer = await lab()
      .ask.post('/write-with-quorum')
      .send({ ...write, w })
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toMatch(/Field "w" must be a (whole )?number/)
  })

  test.each([
    [0, 'Field "w" must be at least 1.'],
    [-1, 'Field "w" must be at least 1.'],
    [102, 'Field "w" must be at most 101.'],
  ])('w: %d is out of bounds, and the message names the limit', async (w, detail) => {
    const answer = await lab()
      .ask.post('/write-with-quorum')
      .send({ ...write, w })
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request', detail })
  })
})

describe('keys that mean something to JavaScript', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a=b&c', '+', 'ключ 🔑'])(
    '%s round-trips like any key',
    async (key) => {
      const { ask } = lab()
      const value = `value of ${key}`
      const written = await ask
        .post('/write')
        .set(...JSON_TYPE)
        .send(JSON.stringify({ key, value }))
      expect(written.body).toMatchObject({ key, value })
      const url = `key=${encodeURIComponent(key)}`
      expect((await ask.get(`/read?${url}`)).body).toMatchObject({ key, value })
      const repaired = await ask.get(`/read-with-repair?${url}`)
      expect(repaired.body).toMatchObject({ key, value, repaired: [1, 2] })
      const page = await ask.get('/replicas/1')
      expect(page.body.records).toMatchObject([{ key, value }])
    },
  )

  test('__proto__ as a field name is an unknown field, in query and body', async () => {
    const { ask } = lab()
    const inQuery = await ask.get('/read?key=a&__proto__=1')
    expect(inQuery.body.errors).toMatchObject([{ field: '__proto__', in: 'query' }])
    const inBody = await ask
      .post('/write')
      .set(...JSON_TYPE)
      .send('{"key":"a","value":"b","__proto__":{}}')
    expect(inBody.body.errors).toMatchObject([{ field: '__proto__', in: 'body' }])
  })
})

describe('broken escapes in the URL', () => {
  test.each([
    '/read?key=%ZZ',
    '/read?key=%ff',
    '/read?%ff=1',
    '/read?key=%',
    '/%ZZ',
    '/replicas/%ff',
  ])('%s is refused as a problem', async (url) => {
    const { port } = await listening(lab().app)
    const answer = await rawExchange(
      port,
      `GET ${url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('application/problem+json')
    expect(answer).toContain('not well-formed')
  })
})

describe('what stands between method and version', () => {
  const send = async (target: string, head = 'Host: localhost\r\n', method = 'GET') => {
    const { port } = await listening(lab().app)
    return rawExchange(port, `${method} ${target} HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
  }

  test('a whole URL is taken like its path, and its host overrules Host', async () => {
    expect(await send('http://localhost/clock')).toMatch(/^HTTP\/1\.1 200 /)
    expect(await send('http://localhost?x=1')).toMatch(/^HTTP\/1\.1 200 /)
    expect(await send('http://localhost/clock?x=1')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await send('http://evil.example/clock')).toMatch(/^HTTP\/1\.1 403 /)
    expect(await send('/clock', 'Host: localhost\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  })

  test.each([
    'http://[bad/read',
    'http:///read',
    'ftp://localhost/',
    'read',
    '//[x#y',
    '*',
    '/a#b',
  ])('%s is answered with a problem', async (target) => {
    const answer = await send(target)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).toContain('application/problem+json')
  })

  test('a URL with letters that want escapes is told how to write them', async () => {
    for (const target of ['/read?key=é', '/read?key=two words']) {
      expect(await send(target)).toMatch(/^HTTP\/1\.1 400 [\s\S]*--data-urlencode/)
    }
  })

  test('HTTP/1.1 without a Host is refused with a problem', async () => {
    expect(await send('/clock', '')).toMatch(/^HTTP\/1\.1 400 [\s\S]*problem\+json/)
  })
})

describe('paths and methods', () => {
  test.each(['/READ', '/Read', '/read/', '//read', '/nothing'])('%s is no route', async (path) => {
    const answer = await lab().ask.get(`${path}?key=a`)
    expect(answer.body).toMatchObject({ status: 404, code: 'route-not-found' })
  })

  test.each([
    ['/READ/', '/read'],
    ['/wriet', '/write'],
    ['/replica/1/crsh', '/replicas/1/crash'],
    ['/links/0/api/relase', '/links/0/api/release'],
    ['/labs/root/clok', '/clock'],
    ['/storys', '/stories'],
  ])('whoever writes %s is told of %s', async (path, meant) => {
    const answer = await lab().ask.post(path).send({})
    expect(answer.body.detail).toContain(`Did you mean ${meant}?`)
  })

  test('what resembles no route is told where they all are', async () => {
    const answer = await lab().ask.get('/quite-another-thing')
    expect(answer.body.detail).toContain('GET /docs lists all routes.')
  })

  test('a wrong method on a known path is told which ones it takes', async () => {
    const { ask } = lab()
    const answer = await ask.delete('/read-with-repair?key=a')
    expect(answer.body).toMatchObject({ status: 405, code: 'method-not-allowed' })
    expect(answer.headers.allow).toBe('GET, POST, HEAD, OPTIONS')
    expect((await ask.get('/write')).headers.allow).toBe('POST, OPTIONS')
    expect((await ask.post('/clock')).headers.allow).toBe('GET, PUT, HEAD, OPTIONS')
  })

  test('OPTIONS says which methods there are, and has no body', async () => {
    const answer = await lab().ask.options('/clock')
    expect(answer.status).toBe(204)
    expect(answer.headers.allow).toBe('GET, PUT, HEAD, OPTIONS')
    expect(answer.text).toBe('')
  })

  test('HEAD answers like GET, without the body', async () => {
    const { ask } = lab()
    await ask.post('/write').send(write)
    const get = await ask.get('/read?key=user:1')
    const head = await ask.head('/read?key=user:1')
    expect(head.status).toBe(200)
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
    expect(head.text).toBeUndefined()
    expect((await ask.head('/read?key=none')).status).toBe(404)
  })

  test('HEAD on the event stream closes at once', async () => {
    const answer = await lab().ask.head('/events')
    expect(answer.status).toBe(200)
    expect(answer.type).toBe('text/event-stream')
  })
})
