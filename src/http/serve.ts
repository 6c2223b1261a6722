// Takes one request through a route: guards first, then what the request carries, then the route's verb.
// Everything that goes wrong on the way ends in `exchange.refuse` or `exchange.fail`.

import type { Request, Response } from 'express'
import type { z } from 'zod'
import { bodyReader } from './body.ts'
import { refuseFollower } from './class/follower.ts'
import { clientOf } from './client.ts'
import type { Context, Shared } from './context.ts'
import { Exchange } from './exchange.ts'
import { labOf } from './labs/address.ts'
import { BadRequest, type HttpProblem, httpProblem } from './problems.ts'
import { parseQuery, queryText } from './query.ts'
import type { Input, Route } from './route.ts'
import { validate } from './validate.ts'

type RequestHandler = (req: Request, res: Response) => void

const NOTHING: Readonly<Record<string, never>> = Object.freeze({})

/** The handler of a route, with all that does not depend on the request worked out once. */
export function serve(shared: Shared, route: Route): RequestHandler {
  const readBody = bodyReader(route.bodyBytesMax)
  const names = { query: namesOf(route.query), body: namesOf(route.body) }
  return (req, res) => {
    const context = labOf(req, shared.labs())
    const exchange = new Exchange(context, route, req, res)
    const refusal = refuseAtOnce(context, route, req)
    if (refusal) return exchange.refuse(refusal)
    if (route.body === undefined) return run(route, names, exchange)
    const begun = context.turns.hold(req)
    readBody(req, res, (error?: unknown) => {
      // It may have ended while the body was read.
      const refusal = closed(context, route)
      if (refusal) exchange.refuse(refusal)
      else if (error === undefined) run(route, names, exchange)
      else exchange.fail(error)
      begun()
    })
  }
}

/** Field names of a route: in the query, and in the body. */
interface Names {
  readonly query: readonly string[]
  readonly body: readonly string[]
}

/** Not a function inside the handler: tsx would set its name, slowly, on every request. */
function run(route: Route, names: Names, exchange: Exchange): void {
  try {
    const running = route.handle(inputOf(route, exchange.req, names), exchange)
    if (running) running.catch((error: unknown) => exchange.fail(error))
  } catch (error) {
    exchange.fail(withReplicas(error, exchange.context))
  }
}

function namesOf(schema: z.ZodObject | undefined): readonly string[] {
  return schema ? Object.keys(schema.shape) : []
}

function inputOf(route: Route, req: Request, names: Names): Input<z.ZodObject, z.ZodObject> {
  const text = route.anyQuery ? undefined : queryText(req.url)
  const given = text === undefined ? NOTHING : parseQuery(text)
  return {
    path: req.params as Readonly<Record<string, string>>,
    query: route.query || text ? validate(route.query, given, 'query', names.body) : NOTHING,
    body: route.body
      ? validate(route.body, req.body === undefined ? NOTHING : req.body, 'body', names.query)
      : NOTHING,
    client: route.client ? clientOf(req) : '',
  }
}

/** Reasons not even to look at what the request carries. */
function refuseAtOnce(context: Context, route: Route, req: Request): HttpProblem | undefined {
  const follower = refuseFollower(req, route)
  if (follower) return follower
  if (route.effect !== 'none') {
    const foreign = context.guards.foreignOrigin(req)
    if (foreign) return foreign
  }
  const refusal = closed(context, route)
  if (refusal) return refusal
  if (route.durable && context.durability?.failure) {
    const detail =
      'The write-ahead file has failed, so nothing new is written. The log says why: see to the file and its disk, then restart the server.'
    return httpProblem('write-ahead-failed', detail, { outcome: 'not-applied' })
  }
  return undefined
}

function closed({ waitingRoom }: Context, route: Route): HttpProblem | undefined {
  return route.always ? undefined : waitingRoom.closed?.refusal
}

const NAMES_REPLICAS = /^(replica|replicas|to|groups|until\.replica)(\.|$)/

/** A wrong replica is answered with the right ones; only the cluster knows how many there are. */
function withReplicas(error: unknown, context: Context): unknown {
  if (!(error instanceof BadRequest)) return error
  const { problem } = error
  const isReplica = problem.errors?.some(({ field }) => NAMES_REPLICAS.test(field))
  if (!isReplica || problem.code !== 'invalid-request') return error
  const replicas = context.cluster.view().replicas.map((replica) => replica.id)
  const detail = `${problem.detail} The replicas are 0 to ${replicas.length - 1}.`
  return new BadRequest({ ...problem, detail, facts: { ...problem.facts, replicas } })
}
