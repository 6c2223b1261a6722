// Which lab a request is for: `/labs/amber-fox/write` is `/write` of the lab amber-fox, and whatever names no lab is the
// root's. Routes know nothing of this; they find their lab in the exchange.

import type { IncomingMessage } from 'node:http'
import type { Context } from '../context.ts'
import { type HttpProblem, httpProblem } from '../problems.ts'
import type { Inhabited, Labs } from './labs.ts'

interface Addressed extends IncomingMessage {
  lab?: Inhabited
}

const BELOW = /^\/labs\/([^/?]+)(\/[^?]*)/

/** Takes the lab off the target, whose path has been found to be well-formed. @returns why it cannot */
export function takeLab(req: IncomingMessage, labs: Labs<Context>): HttpProblem | undefined {
  const { url = '' } = req
  const [prefix, name = '', path = ''] = url.startsWith('/labs/') ? (BELOW.exec(url) ?? []) : []
  if (prefix === undefined) return undefined
  const lab = labs.find(decodeURIComponent(name))
  if ('code' in lab) return lab
  if (/^\/labs(\/|$)/.test(path)) {
    const detail = 'A lab has no labs of its own: ask for /labs without a lab before it.'
    return httpProblem('route-not-found', detail)
  }
  setLab(req, lab)
  req.url = path + url.slice(prefix.length)
  return undefined
}

export function setLab(req: IncomingMessage, lab: Context): void {
  const addressed: Addressed = req
  addressed.lab = lab
}

export function labOf(req: IncomingMessage, labs: Labs<Context>): Context {
  // Only setLab puts one there.
  return ((req as Addressed).lab as Context | undefined) ?? labs.root
}
