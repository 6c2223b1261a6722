// Who comes by the link of a class: `/follow/TOKEN/cluster` is `/cluster` of the lab that the class is about at that
// moment, for somebody who may read it and vote, and do nothing else. The token stands in the path, so that a page
// loaded there asks for everything with it, and one browser can present and follow.

import type { IncomingMessage } from 'node:http'
import type { Context } from '../context.ts'
import { setLab } from '../labs/address.ts'
import { type HttpProblem, httpProblem } from '../problems.ts'
import type { Route } from '../route.ts'
import { type Classes, classNotFound } from './classes.ts'

interface Following extends IncomingMessage {
  follows?: true
}

const BELOW = /^\/follow\/([^/?]+)(?=[/?]|$)/

/** Takes the link off the target. @returns why it cannot; undefined too where there is no link */
export function takeFollower(
  req: IncomingMessage,
  classes: Classes<Context>,
): HttpProblem | undefined {
  const { url = '' } = req
  const [prefix, token = ''] = url.startsWith('/follow/') ? (BELOW.exec(url) ?? []) : []
  if (prefix === undefined) return undefined
  const found = classes.find(token)
  if (!found) return classNotFound()
  const following: Following = req
  following.follows = true
  setLab(req, found.lab)
  const rest = url.slice(prefix.length)
  // Without the slash behind it, it is a route, which leads to the page.
  if (rest.startsWith('/')) req.url = rest
  return undefined
}

export function isFollower(req: IncomingMessage): boolean {
  return (req as Following).follows === true
}

export function refuseFollower(req: IncomingMessage, route: Route): HttpProblem | undefined {
  if (route.follow || !isFollower(req)) return undefined
  const detail =
    'This is the link of a class: with it one reads the lab and votes, and nothing else. ' +
    'Ask without /follow and what stands behind it, with the token of the server.'
  return httpProblem('read-only', detail)
}
