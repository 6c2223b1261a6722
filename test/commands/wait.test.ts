// `wait` as a script meets it: a server that is ready, one that comes late, one that never does.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { wait } from '../../src/commands/wait.ts'
import { runInTerminal } from './terminal.ts'

const run = (...args: string[]) => runInTerminal(wait, ...args)

async function serving(statuses: readonly number[]): Promise<{ url: string; server: Server }> {
  let asked = 0
  const server = createServer((_, res) => {
    res.writeHead(statuses[Math.min(asked++, statuses.length - 1)] as number).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

test('goes on until the server is ready', async () => {
  const { url } = await serving([503, 503, 200])
  expect(await run('--url', url)).toMatchObject({ code: 0, said: `Ready at ${url}\n` })
})

test('says why it was not ready in time', async () => {
  const { url, server } = await serving([503])
  const late = await run('--url', url, '--timeout', '50ms')
  expect(late.code).toBe(1)
  expect(late.complaints).toBe(`${url} was not ready within 50ms: it answered 503\n`)
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  const gone = await run('--url', url, '--timeout', '400ms')
  expect(gone.complaints).toContain('nobody listens there')
})

test.each([
  [['--url', 'foo'], '--url: "foo" is no address'],
  [['--url', 'ftp://localhost'], 'is no address'],
  [['--timeout', 'soon'], '--timeout: "soon" is not a duration'],
  [['--timout', '3s'], 'did you mean --timeout?'],
  [['extra'], '"extra" is not expected here'],
])('refuses %j', async (args, message) => {
  const { code, complaints } = await run(...args)
  expect(code).toBe(2)
  expect(complaints).toContain(message)
})
