// Who may ask. A server on localhost is within reach of every web page its user opens: by a name that
// resolves to 127.0.0.1 (DNS rebinding, told by `Host`), or by a form or an image in another page (told
// by `Origin` and `Sec-Fetch-Site`). Programs send no such headers and pass.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { quote } from '../core/text/duration.ts'
import { type HttpProblem, httpProblem } from './problems.ts'

export interface GuardOptions {
  /** Names beyond localhost under which this server may be called. */
  readonly allowedHosts: readonly string[]
  /** Other pages' origins that may call it, e.g. `http://localhost:3000`. */
  readonly allowedOrigins: readonly string[]
  /** What the server listens on; all interfaces let any IP address pass as `Host`. */
  readonly bindHost: string
}

const ALL_INTERFACES = new Set(['0.0.0.0', '::', '[::]', ''])

export class Guards {
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #anyAddress: boolean
  /** The same client calls by the same name again and again. */
  #lastGoodHost: string | undefined = 'localhost'

  constructor(options: GuardOptions) {
    const names = [...options.allowedHosts, options.bindHost]
    this.#hosts = new Set(names.map((name) => name.trim().toLowerCase()))
    this.#origins = new Set(options.allowedOrigins.map((origin) => origin.trim().toLowerCase()))
    this.#anyAddress = ALL_INTERFACES.has(options.bindHost)
  }

  /** A problem when the request came under a name that is not this server's. */
  foreignHost(req: IncomingMessage): HttpProblem | undefined {
    const host = req.headers.host
    if (host === this.#lastGoodHost) return undefined
    if (host === undefined) return withoutHost(req)
    if (this.#isOwnHost(host.toLowerCase())) {
      this.#lastGoodHost = host
      return undefined
    }
    const detail =
      `This server does not go by the name ${quote(host)}. If it should, start it with ` +
      `--allowed-hosts ${quote(nameOf(host.toLowerCase()))}; else call it as localhost.`
    return httpProblem('foreign-host', detail)
  }

  #isOwnHost(host: string): boolean {
    const name = nameOf(host)
    if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]') return true
    if (this.#hosts.has(name) || this.#hosts.has(host)) return true
    const address = name.startsWith('[') ? name.slice(1, -1) : name
    const version = isIP(address)
    if (version === 0) return false
    return (
      this.#anyAddress || this.#hosts.has(address) || (version === 4 && name.startsWith('127.'))
    )
  }

  /** The `Origin`, where it is another page's that was allowed; it then needs CORS headers. */
  allowedOrigin(req: IncomingMessage): string | undefined {
    const origin = req.headers.origin
    if (origin === undefined || !this.#origins.has(origin.toLowerCase())) return undefined
    return origin
  }

  /** A problem when another page tries to have an effect here. */
  foreignOrigin(req: IncomingMessage): HttpProblem | undefined {
    const { origin } = req.headers
    const site = req.headers['sec-fetch-site']
    if (origin === undefined && site === undefined) return undefined
    if (this.allowedOrigin(req) !== undefined) return undefined
    const ownOrigin = origin === undefined || isOwnOrigin(origin, req.headers.host)
    const ownSite = site === undefined || site === 'same-origin' || site === 'none'
    if (ownOrigin && ownSite) return undefined
    const who = origin === undefined ? `a page that is ${site}` : quote(origin)
    const detail =
      `This request came from ${who}, which is not this server's own page, and it would have an ` +
      'effect. If that page may do so, start the server with --allowed-origins and its origin.'
    return httpProblem('foreign-origin', detail)
  }
}

/** Only HTTP/1.0 may leave it out, and no browser speaks that. */
function withoutHost(req: IncomingMessage): HttpProblem | undefined {
  if (req.httpVersion === '1.0') return undefined
  return httpProblem('invalid-request', 'HTTP/1.1 wants a Host header: add one, as in localhost.')
}

/** `Host` without its port, in the brackets of IPv6 if it came in them. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '')
}

/** This server speaks plain HTTP, so its own origin is that and the host by which it was called. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined) return false
  return origin.toLowerCase() === `http://${host.toLowerCase().replace(/:80$/, '')}`
}
