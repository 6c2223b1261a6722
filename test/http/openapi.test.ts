// The API description, and the page that shows it.

import { expect, test } from 'vitest'
import { ROUTES } from '../../src/http/routes/table.ts'
import { lab } from './lab.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Record<string, unknown>
}

interface Answer {
  readonly content?: Record<string, { readonly schema: { readonly $ref?: string } }>
}

async function description() {
  const { body } = await lab().ask.get('/openapi.json')
  return body as {
    openapi: string
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, unknown> }
    'x-problems': Record<string, { status: number }>
  }
}

test('every route is described, and nothing else', async () => {
  const { openapi, paths } = await description()
  expect(openapi).toMatch(/^3\.1\./)
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const shown = ROUTES.filter((route) => !route.hidden)
  expect(described.sort()).toEqual(shown.map(({ method, path }) => `${method} ${path}`).sort())
})

test('a path parameter is described as what it is, and the root says that a token may be asked for', async () => {
  const { body } = await lab().ask.get('/openapi.json')
  expect(body.security).toEqual([{}, { token: [] }])
  expect(body.components.securitySchemes.token).toMatchObject({ type: 'http', scheme: 'bearer' })
  const parameter = body.paths['/stories/{name}'].get.parameters[0]
  expect(parameter).toMatchObject({ name: 'name', schema: { type: 'string' } })
})

test('operations have names of their own, a summary, and all parameters of their path', async () => {
  const { paths } = await description()
  const names = new Set<string>()
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods)) {
      expect(names).not.toContain(operation.operationId)
      names.add(operation.operationId)
      expect(operation.summary).toMatch(/[.?]$/)
      const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path')
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(inPath.map((one) => one.name)).toEqual(wanted)
    }
  }
})

test('every answer has a shape with a name', async () => {
  const { paths, components } = await description()
  for (const methods of Object.values(paths)) {
    for (const { responses } of Object.values(methods)) {
      for (const response of Object.values(responses) as Answer[]) {
        for (const { schema } of Object.values(response.content ?? {})) {
          const name = /^#\/components\/schemas\/(\w+)$/.exec(schema.$ref ?? '')?.[1]
          expect(Object.keys(components.schemas)).toContain(name)
        }
      }
    }
  }
  expect(components.schemas.Cluster).toMatchObject({
    properties: { replicas: { items: { $ref: '#/components/schemas/Replica' } } },
  })
})

test('references lead somewhere, and every problem has its status', async () => {
  const all = await description()
  for (const [, name] of JSON.stringify(all).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(all.components.schemas).toHaveProperty(String(name))
  }
  for (const route of ROUTES.filter(({ hidden }) => !hidden)) {
    const operation = all.paths[route.path]?.[route.method.toLowerCase()]
    for (const code of route.problems ?? []) {
      const { status } = all['x-problems'][code] as { status: number }
      expect(operation?.responses).toHaveProperty(String(status))
    }
  }
})

test.each(['/', '/docs', '/labs/root/', '/labs/root/docs'])(
  '%s runs only scripts and styles of this server, over plain HTTP',
  async (path) => {
    const { ask } = lab()
    const page = await ask.get(path)
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("style-src 'self'")
    expect(policy).not.toMatch(/unsafe|upgrade-insecure-requests|https?:|\*/)
    expect(page.headers).not.toHaveProperty('strict-transport-security')
    expect(page.text).not.toMatch(/<script(?! src=)|<style|style=|\son\w+=|https?:\/\//)
    for (const [, part] of page.text.matchAll(/(?:src|href)="([^"#]+)"/g)) {
      const { pathname } = new URL(String(part), `http://localhost${path}`)
      expect([part, (await ask.get(pathname)).status]).toEqual([part, 200])
    }
  },
)

test('the page puts what it shows in as text', async () => {
  const script = (await lab().ask.get('/docs/docs.js')).text
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/)
})

test('an icon is served', async () => {
  const answer = await lab().ask.get('/favicon.ico').buffer(true).parse(bytes)
  expect(answer.status).toBe(200)
  expect(answer.type).toBe('image/x-icon')
  expect((answer.body as Buffer).subarray(0, 4)).toEqual(Buffer.from([0, 0, 1, 0]))
})

type Parser = Parameters<ReturnType<ReturnType<typeof lab>['ask']['get']>['parse']>[0]

const bytes: Parser = (res, done) => {
  const chunks: Buffer[] = []
  res.on('data', (chunk: string | Buffer) => chunks.push(Buffer.from(chunk as string, 'binary')))
  res.on('end', () => done(null, Buffer.concat(chunks)))
}
