// Puts the Express app together: the table of routes, the guards before them and the answers after them. It
// never listens; server.ts makes the server. Start reading at routes/table.ts and serve.ts.

import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Cluster } from '../core/cluster.ts'
import type { Durability } from '../core/ports.ts'
import { quote } from '../core/text/duration.ts'
import { SessionRecorder } from '../scenario/recorder.ts'
import type { Context } from './context.ts'
import { EventHub, type HubOptions } from './event-hub.ts'
import { internalError } from './exchange.ts'
import { Guards } from './guards.ts'
import { Metrics } from './metrics.ts'
import { describeApi } from './openapi.ts'
import { BadRequest, type HttpProblem, httpProblem } from './problems.ts'
import { inHttp } from './remedies.ts'
import { Renderer } from './render.ts'
import { takePath } from './request-target.ts'
import { sendNothing, sendProblem } from './respond.ts'
import type { Route } from './route.ts'
import { allowedMethods, ROUTES, routesByPath } from './routes/table.ts'
import { serve } from './serve.ts'
import { Turns } from './turns.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface AppOptions {
  readonly cluster: Cluster
  /** Answers to writes wait for it; without one they do not. */
  readonly durability?: Durability | undefined
  /** Names beyond localhost under which the server may be called. */
  readonly allowedHosts?: readonly string[]
  /** Other pages' origins that may call it. */
  readonly allowedOrigins?: readonly string[]
  /** What the server will listen on. On all interfaces, any IP address may stand in `Host`. */
  readonly bindHost?: string
  /** Told what was thrown where nothing should be. */
  readonly reportBug?: (error: unknown) => void
  readonly events?: Partial<HubOptions>
}

export interface LabApp extends Express {
  /** Begins nothing new, answers all who wait, and ends the streams; then the server can close. */
  drain(): void
}

export function createApp(options: AppOptions): LabApp {
  const context = createContext(options)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', false)

  app.use((req, res, next) => admit(context, req, res, next))
  for (const [path, routes] of routesByPath(ROUTES)) addPath(app, context, path, routes)
  app.use((req: Request, res: Response) => sendRefusal(context, req, res, routeNotFound(req)))
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    sendRefusal(context, req, res, problemOf(error, context))
  })
  return Object.assign(app, {
    handle: inTurn(onlyPaths(app, context), context),
    drain: () => {
      context.waitingRoom.close()
      context.events.end()
    },
  })
}

type Handle = (req: Request, res: Response, done?: (error?: unknown) => void) => void

/** Express reads the target before its first layer runs, so this must come before Express. */
function onlyPaths(app: Express, context: Context): Handle {
  const handle: Handle = Reflect.get(app, 'handle').bind(app)
  return (req, res, done) => {
    if (takePath(req)) handle(req, res, done)
    else sendRefusal(context, req, res, badTarget())
  }
}

function inTurn(handle: Handle, context: Context): Handle {
  return (req, res, done) => {
    if (context.turns.take(req, () => handle(req, res, done))) return
    const detail = 'Too many requests wait on this connection for a body before them: send fewer.'
    sendRefusal(context, req, res, httpProblem('too-many-waiting', detail))
  }
}

function badTarget(): HttpProblem {
  const detail =
    'The target of the request is neither a path nor a URL: send a path, as in /cluster.'
  return httpProblem('invalid-request', detail)
}

function createContext(options: AppOptions): Context {
  const { cluster, durability, allowedHosts = [], allowedOrigins = [] } = options
  const waitingRoom = new WaitingRoom()
  const events = new EventHub(cluster, options.events)
  return {
    cluster,
    durability,
    render: new Renderer(cluster),
    inHttp,
    guards: new Guards({ allowedHosts, allowedOrigins, bindHost: options.bindHost ?? 'localhost' }),
    waitingRoom,
    turns: new Turns(),
    events,
    metrics: new Metrics(cluster, {
      waiting: () => waitingRoom.size,
      streams: () => events.streams,
      streamsCutOff: () => events.cutOffs,
    }),
    recorder: new SessionRecorder(cluster),
    description: lazily(() => JSON.stringify(describeApi(ROUTES))),
    reportBug: options.reportBug ?? (() => undefined),
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** What holds for every path, known or not. */
function admit(context: Context, req: Request, res: Response, next: NextFunction): void {
  const foreign = context.guards.foreignHost(req)
  if (foreign) {
    sendRefusal(context, req, res, foreign)
    return
  }
  const origin = context.guards.allowedOrigin(req)
  if (origin !== undefined) {
    res.setHeader('Access-Control-Allow-Origin', origin)
    res.setHeader('Access-Control-Expose-Headers', 'Allow, Preference-Applied, Retry-After')
    res.setHeader('Vary', 'Origin')
  }
  if (hasDecodablePath(req.url)) next()
  else sendRefusal(context, req, res, badPath())
}

/** Express's own name for each method; a method without one does not compile. */
const REGISTER = { GET: 'get', POST: 'post', PUT: 'put' } as const satisfies Record<
  Route['method'],
  string
>

function addPath(app: Express, context: Context, path: string, routes: readonly Route[]): void {
  const allow = allowedMethods(routes).join(', ')
  const verbs = routes.map((route) => route.method).join(' and ')
  const at = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
  for (const route of routes) {
    at[REGISTER[route.method]](serve(context, route))
  }
  at.options((req, res) => sendNothing(res, { Allow: allow, ...preflight(context, req, allow) }))
  at.all((req, res) => {
    const detail = `${req.method} is not for ${path}: it takes ${verbs}.`
    const headers = { Allow: allow }
    sendRefusal(context, req, res, httpProblem('method-not-allowed', detail, { headers }))
  })
}

/** What a browser must hear before it lets an allowed page send JSON here. */
function preflight(context: Context, req: Request, allow: string): Record<string, string> {
  const asks = req.headers['access-control-request-method'] !== undefined
  if (!asks || context.guards.allowedOrigin(req) === undefined) return {}
  return {
    'Access-Control-Allow-Methods': allow,
    'Access-Control-Allow-Headers': 'Client-Id, Content-Type, Last-Event-ID, Prefer',
    'Access-Control-Max-Age': '600',
  }
}

function sendRefusal(context: Context, req: Request, res: Response, problem: HttpProblem): void {
  context.metrics.problem(problem.code)
  const mayWrite = req.method !== 'GET' && req.method !== 'HEAD' && req.method !== 'OPTIONS'
  sendProblem(res, problem, mayWrite)
}

function routeNotFound(req: Request): HttpProblem {
  const { path } = req
  const nearest = ROUTES.find((route) => route.path === path.toLowerCase().replace(/\/+$/, ''))
  const hint = nearest ? `Did you mean ${nearest.path}?` : 'GET /docs lists all routes.'
  return httpProblem('route-not-found', `There is no ${quote(path)} here. ${hint}`)
}

function problemOf(error: unknown, context: Context): HttpProblem {
  if (error instanceof BadRequest) return error.problem
  if (error instanceof URIError) return badPath()
  context.reportBug(error)
  return internalError()
}

function hasDecodablePath(url: string): boolean {
  if (!url.includes('%')) return true
  const mark = url.indexOf('?')
  try {
    decodeURIComponent(mark === -1 ? url : url.slice(0, mark))
    return true
  } catch {
    return false
  }
}

function badPath(): HttpProblem {
  const detail =
    'The path is not well-formed: a percent sign must be followed by the hexadecimal digits of UTF-8 text.'
  return httpProblem('invalid-request', detail)
}
