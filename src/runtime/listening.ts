// A server's sockets: where it listens, under which addresses it can be called, why it could not listen, and
// how it closes within a bounded time though clients keep their connections open.

import type { Server as HttpServer } from 'node:http'
import { type AddressInfo, Server } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

const CLOSE_IDLE_EVERY_MS = 50

/** What one may click on, the best first. */
export function urlsOf(
  host: string,
  port: number,
  interfaces: Interfaces = networkInterfaces(),
): [string, ...string[]] {
  const url = (name: string) => `http://${name.includes(':') ? `[${name}]` : name}:${port}`
  const isLocal = host === 'localhost' || host.startsWith('127.')
  if (!isEverywhere(host)) return [url(isLocal ? 'localhost' : host)]
  const addresses = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    // Link-local ones need a zone, which no browser takes.
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .filter(({ family }) => family === 'IPv4' || host === '::')
  return [url('localhost'), ...addresses.map(({ address }) => url(address))]
}

/** Whether only programs on this machine can call. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

export interface Wanted {
  readonly host: string
  readonly port: number
  /** The names under which the user gave them, if at all: `--port`, `HOST`. */
  readonly givenAs: { readonly host?: string; readonly port?: string }
}

/** One line that says what to do. */
export function sayListenError(error: NodeJS.ErrnoException, wanted: Wanted): string {
  const port = `Port ${wanted.port}${sayName(wanted.givenAs.port)}`
  const host = `host ${wanted.host}${sayName(wanted.givenAs.host)}`
  switch (error.code) {
    case 'EADDRINUSE':
      return `${port} is in use: choose another one with --port, or --port 0 for any free one.`
    case 'EACCES':
      return `${port} may not be used by this user: choose one above 1023 with --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine has no ${host}: choose another one with --host, such as 127.0.0.1.`
    default:
      return `Cannot listen on port ${wanted.port} of ${host}: ${error.message} (see --port and --host).`
  }
}

function sayName(name: string | undefined): string {
  return name === undefined || name.startsWith('--') ? '' : ` (from ${name})`
}

/** A server that listens, on one address or on both of this machine's own. */
export interface Listening {
  readonly port: number
  /** Another program has this port of ::1, so that `localhost` may be answered by it. */
  readonly localhostIsShared: boolean
  /** The process need not live on for its sake. */
  unref(): void
  /** Takes nothing new, lets requests under way end, and cuts them off when the time is over. */
  close(msMax: number): Promise<void>
}

/**
 * Listens; rejects with the reason why it cannot. `localhost` is ::1 first on many machines, so whoever
 * listens on 127.0.0.1 listens there too, on the same port; a machine without IPv6 is none the worse.
 */
export async function listen(server: HttpServer, host: string, port: number): Promise<Listening> {
  const isLocal = isBothLoopbacks(host)
  await listenOn(server, isLocal ? '127.0.0.1' : host, port)
  const chosen = (server.address() as AddressInfo).port
  const second = isLocal ? await listenToIpv6(server, chosen) : undefined
  const others = second instanceof Server ? [second] : []
  return {
    port: chosen,
    localhostIsShared: second === 'taken',
    unref: () => [server, ...others].forEach((one) => void one.unref()),
    close: (msMax) => closeServer(server, msMax, others),
  }
}

function isBothLoopbacks(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1'
}

/** Its connections are the first server's: one set of limits, one end. */
async function listenToIpv6(
  server: HttpServer,
  port: number,
): Promise<Server | 'taken' | undefined> {
  // What node:http asks of its own sockets.
  const second = new Server({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.emit('connection', socket)
  })
  try {
    await listenOn(second, '::1', port)
    return second
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'taken' : undefined
  }
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

/** Takes nothing new, lets requests under way end, and cuts them off when the time is over. */
async function closeServer(
  server: HttpServer,
  msMax: number,
  others: readonly Server[] = [],
): Promise<void> {
  // A connection that falls idle after the close would stay open for its keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
  const deadline = setTimeout(() => server.closeAllConnections(), msMax)
  const closed = [server, ...others].map((one) => new Promise((resolve) => one.close(resolve)))
  server.closeIdleConnections()
  await Promise.all(closed)
  clearInterval(sweep)
  clearTimeout(deadline)
}
