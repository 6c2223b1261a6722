// A server that others can reach asks for its token, as notebooks do: by `Authorization: Bearer`, or once by `?token=` and
// from then on by a cookie that no other page can send or read.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpProblem, httpProblem } from './problems.ts'

/** Whether it lives, others than its users must be able to ask. */
const OPEN = /^\/(healthz|readyz)(\?|$)/
const IN_QUERY = /([?&])token=([^&]*)&?/

export class TokenGuard {
  readonly #digest: Buffer | undefined

  /** @param token null: nobody is asked */
  constructor(token: string | null) {
    this.#digest = token === null ? undefined : digestOf(token)
  }

  /**
   * Takes a right token out of the query, which from there on no route sees, and leaves the cookie in its place.
   * @returns why the request may not pass; or `redirected`, once a browser was sent to the address without the token
   */
  admit(req: IncomingMessage, res: ServerResponse): HttpProblem | 'redirected' | undefined {
    if (!this.#digest || OPEN.test(req.url ?? '')) return undefined
    // A preflight never carries one, and says nothing but which methods there are.
    if (req.method === 'OPTIONS') return undefined
    const [inQuery, mark = '', given = ''] = IN_QUERY.exec(req.url ?? '') ?? []
    if (inQuery !== undefined && this.#isRight(decoded(given))) {
      req.url = (req.url ?? '').replace(IN_QUERY, mark).replace(/[?&]$/, '')
      const flags = 'HttpOnly; SameSite=Strict; Path=/'
      res.setHeader('Set-Cookie', `${cookieOf(req)}=${given}; ${flags}`)
      return sendsBrowserOn(req, res) ? 'redirected' : undefined
    }
    const isRight = this.#isRight(bearerOf(req)) || this.#isRight(decoded(cookieIn(req)))
    return isRight ? undefined : unauthorized()
  }

  /** In the same time whatever is wrong with it. */
  #isRight(given: string): boolean {
    return this.#digest !== undefined && timingSafeEqual(digestOf(given), this.#digest)
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function bearerOf({ headers }: IncomingMessage): string {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? ''
}

/** Cookies know no ports: two servers of one machine must not take each other's. */
function cookieOf({ socket }: IncomingMessage): string {
  return `replication-lab-${socket.localPort ?? 0}`
}

function cookieIn(req: IncomingMessage): string {
  const name = `${cookieOf(req)}=`
  const found = req.headers.cookie?.split(/; */).find((one) => one.startsWith(name))
  return found?.slice(name.length) ?? ''
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** An address that is shown, kept and shared should not hold the token. */
function sendsBrowserOn(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method !== 'GET' || !req.headers.accept?.includes('text/html')) return false
  // One slash: with two it would name another server.
  const location = (req.url ?? '/').replace(/^\/{2,}/, '/')
  res.writeHead(303, { Location: location, 'Cache-Control': 'no-store', 'Content-Length': 0 })
  res.end()
  return true
}

function unauthorized(): HttpProblem {
  const detail =
    'This server asks for its token. It is in the address that the server printed at start: open that, or send ' +
    '"Authorization: Bearer TOKEN".'
  const headers = { 'WWW-Authenticate': 'Bearer realm="replication-lab"' }
  return httpProblem('unauthorized', detail, { headers })
}
