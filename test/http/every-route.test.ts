// What must hold for every row of the table of routes: its example works, its answer has the shape that the
// API description promises, and what nobody allowed is refused.

import type { Test } from 'supertest'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ROUTES } from '../../src/http/routes/table.ts'
import { type Lab, lab } from './lab.ts'

const EXAMPLES = new Map(
  ROUTES.map(({ method, path, example }) => [`${method} ${path}`, example?.body]),
)

/** What must have happened before an example makes sense. */
const BEFORE: Readonly<Record<string, (lab: Lab) => unknown>> = {
  'POST /replicas/{id}/restart': ({ cluster }) => cluster.crash(1, {}),
  'POST /replicas/{id}/resume': ({ cluster }) => cluster.pause(1, {}),
  'POST /links/{from}/{to}/heal': ({ cluster }) => cluster.cut(0, 1, {}),
  'POST /links/{from}/{to}/release': ({ cluster }) => cluster.hold(0, 1, {}),
  'GET /failovers': loseOneWrite,
  'GET /failovers/lost': loseOneWrite,
  'GET /class': openClass,
  'PUT /class': openClass,
  'DELETE /class': openClass,
  'GET /follow/{token}': openClass,
  'POST /class/vote': async (lab) => {
    await openClass(lab)
    await lab.ask.put('/class').send(EXAMPLES.get('PUT /class') as object)
  },
  'DELETE /labs/{lab}': ({ ask }) => ask.post('/labs'),
  'GET /links/{from}/{to}': ({ cluster }) => {
    cluster.write({ key: 'user:2', value: 'x' }, () => undefined)
    cluster.hold(0, 1, { copies: 1 })
    cluster.write({ key: 'user:2', value: 'y' }, () => undefined)
  },
}

/** What the hash of its content is part of the address of. */
function isKept(path: string): boolean {
  return path.startsWith('/assets/')
}

async function openClass({ ask }: Lab): Promise<void> {
  await ask.post('/class').send(EXAMPLES.get('POST /class') as object)
}

function loseOneWrite({ cluster }: Lab): void {
  cluster.write({ key: 'lost', value: 'x' }, () => undefined)
  cluster.crash(0, {})
  cluster.failover({})
}

/** A lab in which user:1 has been written and copied, and what the route needs has happened. */
async function preparedFor(route: string): Promise<Lab> {
  const prepared = lab()
  prepared.cluster.write({ key: 'user:1', value: 'Jessica' }, () => undefined)
  prepared.cluster.advance({ to: 'idle' })
  await BEFORE[route]?.(prepared)
  return prepared
}

function send({ ask }: Lab, method: string, path: string): Test {
  if (method === 'GET') return ask.get(path).redirects(0)
  if (method === 'DELETE') return ask.delete(path)
  return method === 'PUT' ? ask.put(path) : ask.post(path)
}

const rows = ROUTES.map((route) => ({ name: `${route.method} ${route.path}`, route }))

describe('every route', () => {
  test.each(rows.filter(({ route }) => route.path !== '/events'))(
    '$name answers its example as described',
    async ({ name, route }) => {
      const prepared = await preparedFor(name)
      if (name === 'POST /write-with-quorum') prepared.cluster.setClock('instant', 1)
      const { path, body } = route.example ?? { path: route.path }
      const sent = send(prepared, route.method, path)
      prepared.cluster.listen((event) => {
        if (event.type === 'write-applied') {
          setImmediate(() => prepared.cluster.advance({ to: 'idle' }))
        }
      })
      const answer = await (body === undefined ? sent : sent.send(body as object))
      expect([answer.status, answer.body.detail]).toEqual([route.status ?? 200, undefined])
      expect(answer.headers).toMatchObject({
        'cache-control': isKept(route.path) ? 'max-age=31536000, immutable' : 'no-store',
        'x-content-type-options': 'nosniff',
      })
      if (route.answer) z.parse(route.answer, answer.body)
      else expect(answer.headers['content-type']).toContain(route.answerType)
      expect(prepared.bugs).toEqual([])
    },
  )

  const own = rows.filter(({ route }) => !route.anyQuery)
  test.each(own)('$name refuses a parameter it does not know', async ({ name, route }) => {
    const prepared = await preparedFor(name)
    const path = route.path.replace('{id}', '1').replace('{from}', '0').replace('{to}', '1')
    const answer = await send(prepared, route.method, `${path}?nonsense=1`)
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-request' })
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ field: 'nonsense' }))
  })

  test.each(rows.filter(({ route }) => /\{(id|from)\}/.test(route.path)))(
    '$name knows no replica that is not there',
    async ({ route }) => {
      const it = lab()
      for (const id of ['3', 'x', '01', '-1', '1e0', '__proto__']) {
        const path = route.path.replace('{id}', id).replace('{from}', id).replace('{to}', '1')
        const answer = await send(it, route.method, path).send(
          route.method === 'GET' ? undefined : (route.example?.body as object | undefined),
        )
        expect(answer.body).toMatchObject({ status: 404, code: 'replica-not-found' })
        expect(answer.body.detail).toContain('0 to 2')
      }
    },
  )
})
