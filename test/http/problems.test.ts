// The table of problems, and the shape they leave in.

import { describe, expect, test } from 'vitest'
import { ERRORS, problem } from '../../src/core/errors.ts'
import { nearestWord } from '../../src/core/text/nearest.ts'
import * as answers from '../../src/http/answers.ts'
import { createApp } from '../../src/http/app.ts'
import {
  HTTP_ERRORS,
  httpProblem,
  invalidRequest,
  PROBLEMS,
  problemBody,
  problemHeaders,
} from '../../src/http/problems.ts'
import { inHttp } from '../../src/http/remedies.ts'
import { lab } from './lab.ts'

describe('the table of problems', () => {
  test('gives every code of the core and of HTTP one status', () => {
    expect(Object.keys(PROBLEMS)).toEqual([...Object.keys(ERRORS), ...Object.keys(HTTP_ERRORS)])
    for (const { status } of Object.values(PROBLEMS)) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
    }
  })

  test('blames the server only with a 5xx', () => {
    const outcomeUnknown = Object.entries(PROBLEMS).filter(([, row]) => row.outcome === 'unknown')
    for (const [code, { status }] of outcomeUnknown)
      expect([code, status >= 500]).toEqual([code, true])
  })

  test('asks to come back where waiting helps', () => {
    for (const code of ['no-leader', 'too-many-messages', 'too-many-waiting'] as const) {
      expect(problemHeaders(httpProblem(code, ''))).toEqual({ 'Retry-After': '1' })
    }
    expect(problemHeaders(httpProblem('key-not-found', ''))).toEqual({})
  })
})

describe('the body of a problem', () => {
  test('has the members of RFC 9457, the code, and the facts', () => {
    const body = problemBody(
      inHttp(problem('key-not-found', 'Nobody has it.', { replica: 1 })),
      false,
    )
    expect(body).toEqual({
      type: '/docs#key-not-found',
      title: 'No such key here',
      status: 404,
      detail: 'Nobody has it.',
      code: 'key-not-found',
      remedies: [],
      replica: 1,
    })
    answers.problem.parse(body)
  })

  test('lets no fact stand in for a member', () => {
    const facts = { status: 200, code: 'fine', outcome: 'applied', errors: [] }
    const body = problemBody(inHttp(problem('wrong-state', 'It is down.', facts)), true)
    expect(body).toMatchObject({ status: 409, code: 'wrong-state', outcome: 'not-applied' })
    expect(body).not.toHaveProperty('errors')
  })

  test('names ten wrong fields, and counts the rest', () => {
    const error = { in: 'body', field: 'x', message: 'Field "x" is wrong.' } as const
    const all = invalidRequest(Array.from({ length: 12 }, () => error))
    expect(all.errors).toHaveLength(10)
    expect(all.detail).toContain('(And 2 more.)')
  })

  test('a body full of unknown fields gets a short answer', async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`field${i}`, 1]))
    const answer = await lab().ask.post('/write').send(body)
    expect(answer.status).toBe(400)
    expect(answer.text.length).toBeLessThan(4_000)
  })

  test('a long unknown name is cut', async () => {
    const answer = await lab().ask.get(`/read?key=a&${'x'.repeat(5_000)}=1`)
    expect(answer.body.detail.length).toBeLessThan(200)
  })
})

describe('invisible characters and those that turn the direction of text', () => {
  const TRICKS = /[\u200b\u202e\u3164]/
  const key = 'user\u200b:1\u202eexe.\u3164'

  test('act nowhere that a person reads a key, and the key is the same', async () => {
    const { ask, cluster } = lab()
    const written = await ask.post('/write').send({ key, value: key })
    expect(written.body).toMatchObject({ key, value: key })
    cluster.hold(0, 1, {})
    const url = encodeURIComponent(key)
    const answers = await Promise.all([
      ask.get(`/read?key=${url}`),
      ask.get(`/follower-read?key=${url}&replica=1`),
      ask.get('/replicas/0'),
      ask.get('/links/0/1'),
      ask.get('/scenario'),
      ask.post('/failover'),
      ask.get('/failovers'),
      ask.get('/failovers/lost-writes'),
      ask.post('/clock/advance').send({ until: 'idle' }),
    ])
    for (const answer of [written, ...answers]) expect(answer.text).not.toMatch(TRICKS)
    expect(answers[1]?.body.detail).toContain('key="user\\u200b:1\\u202eexe.\\u3164"')
  })

  test.each([
    ['an unknown field', `/read?key=a&${encodeURIComponent(key)}=1`],
    ['an unknown route', `/${encodeURIComponent(key)}`],
    ['an unknown story', `/stories/${encodeURIComponent(key)}`],
    ['an unknown event', `/events?types=${encodeURIComponent(key)}`],
  ])('act not in the detail that names %s', async (_, path) => {
    const { body } = await lab().ask.get(path)
    expect(body.detail).not.toMatch(TRICKS)
    expect(body.status).toBeGreaterThanOrEqual(400)
  })
})

describe('a bug', () => {
  const boom = new Error('boom: a secret path')

  function broken() {
    const { cluster } = lab()
    const reported: unknown[] = []
    cluster.view = () => {
      throw boom
    }
    const app = createApp({ cluster, reportBug: (error) => reported.push(error) })
    return { app, reported }
  }

  test('is answered without its text, and reported with it', async () => {
    const { app, reported } = broken()
    const { default: request } = await import('supertest')
    const answer = await request(app).get('/cluster')
    expect(answer.body).toMatchObject({ status: 500, code: 'internal-error' })
    expect(answer.text).not.toContain('boom')
    expect(reported).toEqual([boom])
  })

  test('in a route that answers later is answered as well', async () => {
    const { app, reported } = broken()
    const { default: request } = await import('supertest')
    expect((await request(app).get('/metrics')).body.code).toBe('internal-error')
    expect(reported).toEqual([boom])
  })
})

describe('the nearest name', () => {
  const names = ['key', 'replica', 'replicas', 'timeoutMs', 'w']

  test.each([
    ['replcia', 'replica'],
    ['kye', 'key'],
    ['Key', 'key'],
    ['timeout', 'timeoutMs'],
    ['v', undefined],
    ['nothing like it', undefined],
    ['', undefined],
  ])('to %j is %j', (given, nearest) => {
    expect(nearestWord(given, names)).toBe(nearest)
  })
})
