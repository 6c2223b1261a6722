// What stands between method and version in a request. Nearly always it is a path; clients that believe to
// speak to a proxy send a whole URL, and servers must take that too (RFC 9112, 3.2.2).

import type { IncomingMessage } from 'node:http'

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)/i

/**
 * Turns a whole URL into a path, and its authority into the `Host`, which it overrules. False for what is
 * neither URL nor path; Express would answer that past all our handlers, in HTML.
 */
export function takePath(req: IncomingMessage): boolean {
  const target = req.url ?? ''
  if (target.startsWith('/') || target === '*') return true
  const [, host, rest = ''] = ABSOLUTE.exec(target) ?? []
  if (!host) return false
  req.headers.host = host
  req.url = rest.startsWith('/') ? rest : `/${rest}`
  return true
}
