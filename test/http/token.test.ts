// A server with a token: who brings it passes, by header, once by the address, and from then on by the cookie.

import { describe, expect, test } from 'vitest'
import { lab, listening, rawExchange } from './lab.ts'

const TOKEN = 'open-sesame'

async function guarded() {
  const { app, ask, bugs } = lab({ token: TOKEN })
  const { port } = await listening(app)
  const get = (target: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${target}`, { headers, redirect: 'manual' })
  return { ask, get, port, bugs }
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

test('without it everything but the signs of life is refused, and says where to find it', async () => {
  const { get } = await guarded()
  for (const target of ['/', '/cluster', '/docs', '/metrics', '/events', '/labs/root/cluster']) {
    const answer = await get(target)
    expect([target, answer.status]).toEqual([target, 401])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="replication-lab"')
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    expect(code).toBe('unauthorized')
    expect(detail).toContain('the address that the server printed at start')
    expect(detail).not.toContain(TOKEN)
  }
  expect((await get('/healthz')).status).toBe(200)
  expect((await get('/readyz?x')).status).not.toBe(401)
})

test.each([
  ['open-sesamE', 401],
  ['open-sesame1', 401],
  ['', 401],
  [TOKEN, 200],
])('as a bearer, %j: %i', async (token, status) => {
  const { get } = await guarded()
  expect((await get('/clock', bearer(token))).status).toBe(status)
})

describe('in the address', () => {
  test('it passes, leaves a cookie that carries the port, and is seen by no route', async () => {
    const { get, port } = await guarded()
    const first = await get(`/read?token=${TOKEN}&key=a`)
    expect(first.status).toBe(404)
    const cookie = first.headers.get('set-cookie') ?? ''
    expect(cookie).toBe(`replication-lab-${port}=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`)
    const [pair = ''] = cookie.split(';')
    expect((await get('/clock', { Cookie: `other=1; ${pair}` })).status).toBe(200)
    const foreign = pair.replace(String(port), String(port + 1))
    expect((await get('/clock', { Cookie: foreign })).status).toBe(401)
  })

  test.each([
    [`/?token=${TOKEN}`, '/'],
    [`/labs/root/?token=${TOKEN}&x=1`, '/labs/root/?x=1'],
    [`/?x=1&token=${TOKEN}`, '/?x=1'],
    [`//elsewhere/?token=${TOKEN}`, '/elsewhere/'],
  ])('a browser is sent on from %s to %s', async (target, location) => {
    const { port } = await guarded()
    const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n`
    const answer = await rawExchange(port, head)
    expect(answer).toMatch(/^HTTP\/1.1 303 /)
    expect(answer).toContain(`\r\nLocation: ${location}\r\n`)
  })

  test('a wrong one sets no cookie', async () => {
    const { get } = await guarded()
    for (const wrong of ['wrong', '%', `${TOKEN}%00`]) {
      const answer = await get(`/clock?token=${wrong}`)
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([401, null])
    }
  })
})

test('what it is stands in no answer', async () => {
  const { get, bugs } = await guarded()
  for (const target of ['/cluster', '/scenario', '/metrics', '/openapi.json', '/labs']) {
    expect(await (await get(target, bearer(TOKEN))).text()).not.toContain(TOKEN)
  }
  expect(bugs).toEqual([])
})

test('a server without one asks nobody', async () => {
  const { ask } = lab()
  await ask.get('/clock').expect(200)
})
