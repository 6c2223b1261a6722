// What comes in bodies, and what must come back.

import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { lab, listening, rawExchange, rawSocket } from './lab.ts'

const JSON_TYPE = ['Content-Type', 'application/json'] as const
const write = { key: 'user:1', value: 'Jessica' }

describe('deeply nested JSON', () => {
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

describe('large bodies', () => {
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

describe('bodies that are not said to be JSON', () => {
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

describe('bodies that are missing, or no objects', () => {
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
    const nothingSet = await ask.put('/links/0/1')
    expect([nothingSet.status, nothingSet.body.detail]).toEqual([
      400,
      expect.stringContaining('name at least one of "latency"'),
    ])
  })
})

describe('malformed JSON', () => {
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

describe('bodies that are not UTF-8', () => {
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

describe('text that is not well-formed', () => {
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
