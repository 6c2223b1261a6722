// Who may ask. Every web page can reach a server on localhost.

import { describe, expect, test } from 'vitest'
import { ROUTES } from '../../src/http/routes/table.ts'
import { lab, listening, rawExchange } from './lab.ts'

const write = { key: 'user:1', value: 'Jessica' }
const urlOf = (path: string) =>
  path.replace('{id}', '1').replace('{from}', '0').replace('{to}', '1')

describe('a foreign Host', () => {
  test.each([
    'evil.example',
    'evil.example:80',
    '10.0.0.1',
    '128.0.0.1',
    '[::2]',
    'localhost.evil',
    '',
  ])('%j is refused', async (host) => {
    const { ask, cluster } = lab()
    const answer = await ask.post('/write').set('Host', host).send(write)
    expect(answer.body).toMatchObject({ status: 403, code: 'foreign-host', outcome: 'not-applied' })
    expect(answer.body.detail).toContain('--allowed-hosts')
    expect(cluster.view().replicas[0]?.keys).toBe(0)
  })

  test.each([
    'localhost',
    'LOCALHOST:9',
    'lab.localhost:8080',
    '127.0.0.1',
    '127.1.2.3:80',
    '[::1]:8080',
    '[::1]',
  ])('%s is this machine, and passes', async (host) => {
    expect((await lab().ask.get('/cluster').set('Host', host)).status).toBe(200)
  })

  test('a name that was allowed passes, in any case and on any port', async () => {
    const { ask } = lab({ allowedHosts: ['Lab.Example'] })
    for (const host of ['lab.example', 'LAB.EXAMPLE:8080']) {
      expect((await ask.get('/cluster').set('Host', host)).status).toBe(200)
    }
    expect((await ask.get('/cluster').set('Host', 'sub.lab.example')).status).toBe(403)
  })

  test('any address passes when bound to all interfaces, but no other name does', async () => {
    for (const bindHost of ['0.0.0.0', '::']) {
      const { ask } = lab({ bindHost })
      for (const host of ['192.168.1.5:8080', '[fe80::1]:8080']) {
        expect((await ask.get('/cluster').set('Host', host)).status).toBe(200)
      }
      expect((await ask.get('/cluster').set('Host', 'evil.example')).status).toBe(403)
    }
  })

  test('the address it is bound to passes, another does not', async () => {
    const { ask } = lab({ bindHost: '192.168.1.5' })
    expect((await ask.get('/cluster').set('Host', '192.168.1.5:1')).status).toBe(200)
    expect((await ask.get('/cluster').set('Host', '192.168.1.6:1')).status).toBe(403)
  })

  test('HTTP/1.0 without a Host passes: no browser speaks it', async () => {
    const { port } = await listening(lab().app)
    expect(await rawExchange(port, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('it is refused on every route, pages and unknown ones included', async () => {
    const { ask } = lab()
    for (const path of ['/', '/docs', '/openapi.json', '/events', '/nothing', '/healthz']) {
      expect((await ask.get(path).set('Host', 'evil.example')).status).toBe(403)
    }
  })
})

describe('requests from other pages', () => {
  const foreign: [string, Record<string, string>][] = [
    ['another site', { Origin: 'https://evil.example' }],
    ['another port of localhost', { Origin: 'http://localhost:1' }],
    ['TLS of the same name', { Origin: 'https://localhost:8080' }],
    ['a sandboxed frame', { Origin: 'null' }],
    ['an image in another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['an image in another port’s page', { 'Sec-Fetch-Site': 'same-site' }],
    [
      'own Origin, but cross-site',
      { Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'cross-site' },
    ],
  ]
  const effectful = ROUTES.filter((route) => route.effect !== 'none')

  test.each(foreign)('%s has no effect on any route that could have one', async (_who, headers) => {
    const { ask, cluster } = lab()
    const events: string[] = []
    cluster.listen((event) => events.push(event.type))
    for (const { method, path } of effectful) {
      const verb = ask[method.toLowerCase() as 'get' | 'post' | 'put' | 'delete']
      const url = path.startsWith('/read') ? `${path}?key=a` : urlOf(path)
      const answer = await verb.call(ask, url).set({ Host: 'localhost:8080', ...headers })
      expect([path, answer.body.code]).toEqual([path, 'foreign-origin'])
    }
    expect(events).toEqual([])
  })

  test('reads that repair are among the routes with an effect', () => {
    const paths = new Set(effectful.map(({ method, path }) => `${method} ${path}`))
    expect(paths).toContain('GET /read-with-repair')
    expect(paths).toContain('GET /read-with-quorum')
    expect(ROUTES.filter(({ method }) => method !== 'GET').every((r) => r.effect !== 'none')).toBe(
      true,
    )
  })

  test.each([
    [
      'this server’s own page',
      { Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-origin' },
    ],
    ['an old browser’s own page', { Origin: 'http://localhost:8080' }],
    ['what a user typed', { 'Sec-Fetch-Site': 'none' }],
    ['curl', {}],
  ])('%s passes', async (_who, headers) => {
    const { ask } = lab()
    const sent = ask.post('/write').set({ Host: 'localhost:8080', ...headers })
    expect((await sent.send(write)).status).toBe(200)
  })

  test('on port 80, an origin without a port is the own one', async () => {
    const { ask } = lab()
    for (const Host of ['localhost', 'localhost:80']) {
      const sent = ask.post('/write').set({ Host, Origin: 'http://localhost' })
      expect((await sent.send(write)).status).toBe(200)
    }
  })
})

describe('CORS', () => {
  const preflight = { 'Access-Control-Request-Method': 'POST' }

  test('there is none by default', async () => {
    const { ask } = lab()
    const origin = { Origin: 'http://localhost:3000' }
    for (const sent of [
      ask.get('/cluster').set(origin),
      ask.options('/write').set({ ...origin, ...preflight }),
    ]) {
      const { headers } = await sent
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('an allowed origin may do everything, and only it is named', async () => {
    const { ask } = lab({ allowedOrigins: ['http://localhost:3000'] })
    const origin = { Origin: 'http://localhost:3000', 'Sec-Fetch-Site': 'same-site' }
    const answer = await ask.post('/write').set(origin).send(write)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:3000',
      vary: 'Origin',
    })
    const asked = await ask.options('/write').set({ ...origin, ...preflight })
    expect(asked.status).toBe(204)
    expect(asked.headers['access-control-allow-methods']).toBe('POST, OPTIONS')
    expect(asked.headers['access-control-allow-headers']).toContain('Content-Type')
    const other = await ask.post('/write').set('Origin', 'http://localhost:3001').send(write)
    expect(other.status).toBe(403)
    expect(other.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('problems are readable for an allowed origin as well', async () => {
    const { ask } = lab({ allowedOrigins: ['http://localhost:3000'] })
    const answer = await ask.get('/nothing').set('Origin', 'http://localhost:3000')
    expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:3000')
  })
})
