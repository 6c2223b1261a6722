// The table of hazards, rows 1 to 17: what a JSON API meets in requests, and what must come back.

import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { lab, listening, rawExchange, rawSocket } from './lab.ts'

const JSON_TYPE = ['Content-Type', 'application/json'] as const
const write = { key: 'user:1', value: 'Jessica' }

describe('row 1: conditional requests', () => {
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

describe('row 2: repeated parameters', () => {
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

describe('row 3: unknown and misspelt names', () => {
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

describe('row 4: numbers', () => {
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

describe('row 5: keys that mean something to JavaScript', () => {
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

describe('row 6: deeply nested JSON', () => {
  test.each([5_000, 49_000])('nested %d deep it is refused, wherever it stands', async (depth) => {
    const { ask, bugs } = lab()
    const nest = '['.repeat(depth) + ']'.repeat(depth)
    for (const body of [
      nest,
      `{"key":${nest},"value":"x"}`,
      `{"groups":${nest}}`,
      `{"x":${nest}}`,
    ]) {
      for (const path of ['/write', '/partition', '/heal']) {
        const answer = await ask
          .post(path)
          .set(...JSON_TYPE)
          .send(body)
        expect(answer.status).toBe(400)
      }
    }
    expect(bugs).toEqual([])
  })
})

describe('row 7: large bodies', () => {
  test('a legal value is taken even when every character is escaped', async () => {
    const { ask } = lab()
    for (const value of ['"'.repeat(BOUNDS.valueBytesMax), '\u0001'.repeat(BOUNDS.valueBytesMax)]) {
      const answer = await ask.post('/write').send({ key: 'a', value })
      expect(answer.status).toBe(200)
      expect(answer.body.value).toBe(value)
    }
  })

  test('a value over 64 KiB is refused with the bound', async () => {
    const value = 'é'.repeat(BOUNDS.valueBytesMax / 2 + 1)
    const answer = await lab().ask.post('/write').send({ key: 'a', value })
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toBe('Field "value" is longer than 65536 bytes (64 KiB).')
  })

  test('a body announced to be too large is refused before it is sent', async () => {
    const { port } = await listening(lab().app)
    const socket = await rawSocket(port)
    const head = 'POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    socket.write(`${head}Content-Length: 99999999999\r\n\r\n{`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('a body over 512 KiB is too large, and a gzip bomb as well', async () => {
    const { ask } = lab()
    const plain = await ask.post('/write').send({ key: 'a', value: 'x'.repeat(600_000) })
    expect(plain.body).toMatchObject({
      status: 413,
      code: 'payload-too-large',
      outcome: 'not-applied',
    })
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '))
    const zipped = ask
      .post('/write')
      .set(...JSON_TYPE)
      .set('Content-Encoding', 'gzip')
    zipped.write(bomb)
    expect((await zipped).body).toMatchObject({ status: 413, code: 'payload-too-large' })
  })
})

describe('row 8: bodies that are not said to be JSON', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    ';;;',
    'json',
  ])('%s is refused, and the detail says what to add', async (type) => {
    const { ask, bugs } = lab()
    const answer = await ask
      .post('/write')
      .set('Content-Type', type)
      .send('{"key":"a","value":"b"}')
    expect(answer.body).toMatchObject({ status: 415, code: 'unsupported-media-type' })
    expect(answer.body.detail).toContain("add -H 'Content-Type: application/json'")
    expect(bugs).toEqual([])
  })

  test('no content type at all is refused as well, unless the body is empty', async () => {
    const { port } = await listening(lab().app)
    const head = 'POST /write HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
    const answer = await rawExchange(port, `${head}Content-Length: 2\r\n\r\n{}`)
    expect(answer).toMatch(/^HTTP\/1\.1 415 /)
    expect(answer).toContain('has no content type')
    const chunked = async (path: string, chunk: string) => {
      const headers = 'Host: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n'
      return rawExchange(port, `POST ${path} HTTP/1.1\r\n${headers}\r\n${chunk}0\r\n\r\n`)
    }
    expect(await chunked('/heal', '2\r\n{}\r\n')).toMatch(/^HTTP\/1\.1 415 /)
    expect(await chunked('/heal', '')).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('row 9: bodies that are missing, or no objects', () => {
  test.each(['null', '[]', '1', '"text"', 'true'])('%s is no body', async (body) => {
    const answer = await lab()
      .ask.post('/write')
      .set(...JSON_TYPE)
      .send(body)
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request' })
    expect(answer.body.detail).toContain('must be a JSON object')
  })

  test('where a field is required, an empty body names it', async () => {
    const { ask } = lab()
    for (const sent of [
      ask.post('/write'),
      ask
        .post('/write')
        .set(...JSON_TYPE)
        .send(''),
    ]) {
      const answer = await sent
      expect(answer.status).toBe(400)
      expect(answer.body.detail).toBe('Field "key" is required. Field "value" is required.')
    }
  })

  test('a verb whose fields are all optional takes no body and no content type', async () => {
    const { ask } = lab()
    for (const path of [
      '/replicas/1/crash',
      '/replicas/1/restart',
      '/heal',
      '/failover',
      '/reset',
    ]) {
      expect([path, (await ask.post(path)).status]).toEqual([path, 200])
    }
    expect((await ask.put('/links/0/1')).status).toBe(200)
  })
})

describe('row 10: malformed JSON', () => {
  test.each(['{', '{"key":}', "{'key':'a'}", 'key=a', '\u0000', '{"key":"a"}{'])(
    '%j is refused without a stack trace',
    async (body) => {
      const answer = await lab()
        .ask.post('/write')
        .set(...JSON_TYPE)
        .send(body)
      expect(answer.type).toBe('application/problem+json')
      expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request' })
      expect(answer.text).not.toMatch(/\.[jt]s\b|node_modules|\\n +at /)
    },
  )
})

describe('row 11: bodies that are not UTF-8', () => {
  test('broken bytes are refused, so that no two keys become one', async () => {
    const sent = lab()
      .ask.post('/write')
      .set(...JSON_TYPE)
    sent.write(Buffer.from('{"key":"\xff","value":"x"}', 'latin1'))
    const answer = await sent
    expect(answer.body).toMatchObject({ status: 400, outcome: 'not-applied' })
    expect(answer.body.detail).toContain('UTF-8')
  })

  test.each(['utf-16le', 'iso-8859-1', 'us-ascii'])('charset=%s is refused', async (charset) => {
    const type = `application/json; charset=${charset}`
    const answer = await lab()
      .ask.post('/write')
      .set('Content-Type', type)
      .send(JSON.stringify(write))
    expect(answer.body).toMatchObject({ status: 415, code: 'unsupported-media-type' })
  })

  test.each(['utf-8', 'UTF-8', '"utf-8"'])('charset=%s is taken', async (charset) => {
    const type = `application/json;charset=${charset}`
    const answer = await lab()
      .ask.post('/write')
      .set('Content-Type', type)
      .send(JSON.stringify(write))
    expect(answer.status).toBe(200)
  })
})

describe('rows 12 and 13: text that is not well-formed', () => {
  test.each([
    ['{"key":"\\ud800","value":"x"}', 'surrogate'],
    ['{"key":"a","value":"\\udc00"}', 'surrogate'],
    ['{"key":"a\\u0000b","value":"x"}', 'control character'],
    ['{"key":"a\\nb","value":"x"}', 'control character'],
    ['{"key":"","value":"x"}', 'must not be empty'],
  ])('%s is refused', async (body, why) => {
    const answer = await lab()
      .ask.post('/write')
      .set(...JSON_TYPE)
      .send(body)
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(why)
  })

  test.each(['%00', '%0d%0a', '%7f', '%c2%85', 'a%09b'])('key=%s is refused', async (key) => {
    const answer = await lab().ask.get(`/read?key=${key}`)
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain('control character')
  })

  test('a key may have 256 bytes, and no more', async () => {
    const { ask } = lab()
    expect((await ask.post('/write').send({ key: 'é'.repeat(128), value: '' })).status).toBe(200)
    const long = await ask.post('/write').send({ key: 'é'.repeat(129), value: '' })
    expect(long.body.detail).toBe('Field "key" is longer than 256 bytes.')
  })
})

describe('row 14: broken escapes in the URL', () => {
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
    expect(await send('http://localhost?x=1')).toMatch(/^HTTP\/1\.1 400 /)
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

describe('rows 15 to 17: paths and methods', () => {
  test.each(['/READ', '/Read', '/read/', '//read', '/nothing'])('%s is no route', async (path) => {
    const answer = await lab().ask.get(`${path}?key=a`)
    expect(answer.body).toMatchObject({ status: 404, code: 'route-not-found' })
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
