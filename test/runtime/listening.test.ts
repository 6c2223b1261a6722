// The addresses a server says it has, and the words for why it has none.

import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isThisMachine, listen, sayListenError, urlsOf } from '../../src/runtime/listening.ts'

const hasIpv6 = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .some(({ address }) => address === '::1')

const ipv4 = (address: string, internal = false) =>
  ({ address, internal, family: 'IPv4' }) as NetworkInterfaceInfo
const ipv6 = (address: string, scopeid = 0) =>
  ({ address, internal: false, family: 'IPv6', scopeid }) as NetworkInterfaceInfo

const interfaces = {
  lo: [ipv4('127.0.0.1', true)],
  eth0: [ipv4('192.168.1.5'), ipv6('2001:db8::5'), ipv6('fe80::1', 2)],
}

describe('addresses', () => {
  test.each([
    ['127.0.0.1', ['http://localhost:8080']],
    ['localhost', ['http://localhost:8080']],
    ['::1', ['http://[::1]:8080']],
    ['192.168.1.5', ['http://192.168.1.5:8080']],
    ['lab.example', ['http://lab.example:8080']],
    ['0.0.0.0', ['http://localhost:8080', 'http://192.168.1.5:8080']],
    ['::', ['http://localhost:8080', 'http://192.168.1.5:8080', 'http://[2001:db8::5]:8080']],
  ])('on %s it can be called as %j', (host, urls) => {
    expect(urlsOf(host, 8080, interfaces)).toEqual(urls)
  })

  test('only loopback addresses are out of reach for others', () => {
    expect(['127.0.0.1', 'localhost', '::1'].every(isThisMachine)).toBe(true)
    expect(['0.0.0.0', '::', '192.168.1.5'].some(isThisMachine)).toBe(false)
  })
})

describe('why it cannot listen', () => {
  function say(code: string, givenAs: { host?: string; port?: string } = {}): string {
    const error = Object.assign(new Error(`listen ${code}`), { code })
    return sayListenError(error, { host: '10.0.0.1', port: 80, givenAs })
  }

  test.each([
    ['EADDRINUSE', 'Port 80 is in use: choose another one with --port, or --port 0'],
    ['EACCES', 'Port 80 may not be used by this user: choose one above 1023 with --port.'],
    ['EADDRNOTAVAIL', 'This machine has no host 10.0.0.1: choose another one with --host'],
    ['ENOTFOUND', 'This machine has no host 10.0.0.1'],
    ['EWHATEVER', 'Cannot listen on port 80 of host 10.0.0.1: listen EWHATEVER (see --port'],
  ])('%s', (code, words) => {
    expect(say(code)).toContain(words)
  })

  test('a variable that decided is named, for its user may not know of it', () => {
    expect(say('ENOTFOUND', { host: 'HOST' })).toContain('host 10.0.0.1 (from HOST)')
    expect(say('EADDRINUSE', { port: 'PORT' })).toContain('Port 80 (from PORT) is in use')
    expect(say('EADDRINUSE', { port: '--port' })).toContain('Port 80 is in use')
  })
})

test.each(['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])])(
  'a server closes though a client keeps its request to %s open for ever',
  async (host) => {
    const server = createServer(() => {})
    const listening = await listen(server, '127.0.0.1', 0)
    const request = get({ host, port: listening.port })
    await once(server, 'request')
    const hungUp = once(request, 'error')
    await listening.close(1)
    await hungUp
    expect(server.listening).toBe(false)
    await expect(answerOf(host, listening.port)).rejects.toThrow('ECONNREFUSED')
  },
)

describe.skipIf(!hasIpv6)('localhost, which is ::1 first on many machines', () => {
  test('both loopback addresses answer, on the port that was picked for the first', async () => {
    const server = createServer((_req, res) => res.end('here'))
    const { port, localhostIsShared, close } = await listen(server, 'localhost', 0)
    onTestFinished(() => close(1))
    expect(await Promise.all(['127.0.0.1', '::1'].map((host) => answerOf(host, port)))).toEqual([
      'here',
      'here',
    ])
    expect(localhostIsShared).toBe(false)
  })

  test('a port of ::1 that another program has is told, and the rest works', async () => {
    const other = createServer((_req, res) => res.end('a stranger')).listen(0, '::1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const server = createServer((_req, res) => res.end('here'))
    const { localhostIsShared, close } = await listen(server, '127.0.0.1', port)
    onTestFinished(() => close(1))
    expect(localhostIsShared).toBe(true)
    expect(await answerOf('127.0.0.1', port)).toBe('here')
  })

  test('who asks for one other address gets that one alone', async () => {
    const server = createServer((_req, res) => res.end('here'))
    const { port, close } = await listen(server, '::1', 0)
    onTestFinished(() => close(1))
    expect(await answerOf('::1', port)).toBe('here')
    await expect(answerOf('127.0.0.1', port)).rejects.toThrow('ECONNREFUSED')
  })
})

/** On a connection of its own, which does not outlive it. */
async function answerOf(host: string, port: number): Promise<string> {
  const request = get({ host, port, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}
