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
    const body = problemBody(problem('key-not-found', 'Nobody has it.', { replica: 1 }), false)
    expect(body).toEqual({
      type: '/docs#key-not-found',
      title: 'No such key here',
      status: 404,
      detail: 'Nobody has it.',
      code: 'key-not-found',
      replica: 1,
    })
    answers.problem.parse(body)
  })

  test('lets no fact stand in for a member', () => {
    const facts = { status: 200, code: 'fine', outcome: 'applied', errors: [] }
    const body = problemBody(problem('wrong-state', 'It is down.', facts), true)
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
