// A server's socket in words and in the end: under which addresses it can be called, why it could not
// listen, and how it closes within a bounded time though clients keep their connections open.

import type { Server } from 'node:http'
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

/** Takes nothing new, lets requests under way end, and cuts them off when the time is over. */
export function closeServer(server: Server, msMax: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection that falls idle after the close would stay open for its keep-alive time.
    const sweep = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
    const deadline = setTimeout(() => server.closeAllConnections(), msMax)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(deadline)
      resolve()
    })
    server.closeIdleConnections()
  })
}
