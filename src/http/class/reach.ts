// By which addresses a class can follow, and what whoever gives out its link should know.

import type { IncomingMessage } from 'node:http'

/** The addresses of this server on a port for others, the best first; none where only this machine reaches it. */
export type UrlsAt = (port: number) => readonly string[]

export interface Reach {
  readonly urlsAt: UrlsAt
  readonly asksForToken: boolean
}

const LOOPBACK = /^https?:\/\/(localhost|.*\.localhost|127\.[\d.]+|\[::1\])(:\d+)?$/

/** @returns the links of a class, the best first, and what they open */
export function sayReach({ urlsAt, asksForToken }: Reach, req: IncomingMessage, token: string) {
  const { host = 'localhost' } = req.headers
  const asked = `http://${host}`
  const urls = urlsAt(req.socket.localPort ?? 80).filter((url) => !LOOPBACK.test(url))
  const known = LOOPBACK.test(asked) ? urls : [asked, ...urls.filter((url) => url !== asked)]
  const links = (known.length > 0 ? known : [asked]).map((url) => `${url}/follow/${token}/`)
  return { links, reach: known.length > 0 ? sayExposed(asksForToken) : ONLY_HERE }
}

const ONLY_HERE =
  'Only this machine reaches this server. For phones, start it with --host 0.0.0.0, and with --allowed-hosts ' +
  'and its name if it is called by one: it then asks for a token, which this link does without.'

function sayExposed(asksForToken: boolean): string {
  const rest = asksForToken
    ? 'All else asks for the token of the server.'
    : 'But this server asks for no token: whoever reaches it may do anything to it. Start it without --no-token.'
  return (
    'Whoever has this link sees this lab (its records, clock and events) and votes. ' +
    `${rest} It is plain HTTP: others on the network can read along.`
  )
}
