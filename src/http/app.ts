// Puts the Express app together: the table of routes, the guards before them and the answers after them. It
// never listens; server.ts makes the server. Start reading at routes/table.ts and serve.ts.

import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { HistoryRecording } from '../analysis/history/recording.ts'
import { BOUNDS } from '../core/bounds.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Durability, StartPacing } from '../core/ports.ts'
import { quote } from '../core/text/duration.ts'
import { nearestWord } from '../core/text/nearest.ts'
import type { SessionRecorder } from '../scenario/recorder.ts'
import { Classes } from './class/classes.ts'
import { isFollower, takeFollower } from './class/follower.ts'
import type { UrlsAt } from './class/reach.ts'
import type { Shared } from './context.ts'
import type { HubOptions } from './event-hub.ts'
import { internalError } from './exchange.ts'
import { Guards } from './guards.ts'
import { labOf, takeLab } from './labs/address.ts'
import { createLab } from './labs/lab.ts'
import { Labs, type LabsOptions, ROOT } from './labs/labs.ts'
import { WarmPasts } from './labs/looking-back.ts'
import { beginLab } from './labs/start.ts'
import { LongWork } from './long-work.ts'
import { describeApi } from './openapi.ts'
import { type Forecaster, Predictions } from './predictions.ts'
import { BadRequest, type HttpProblem, httpProblem } from './problems.ts'
import { takePath } from './request-target.ts'
import { sendNothing, sendProblem } from './respond.ts'
import type { Route } from './route.ts'
import { allowedMethods, ROUTES, routesByPath } from './routes/table.ts'
import { serve } from './serve.ts'
import { type LessonsFolder, Stories } from './stories/shelf.ts'
import { TokenGuard } from './token.ts'
import { Turns } from './turns.ts'

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
  /** The addresses by which others can reach it on that port, the best first; none, unless said. */
  readonly urlsAt?: UrlsAt
  /** What others must know to ask; null, unless said: nobody is asked for it. */
  readonly token?: string | null
  /** Told what was thrown where nothing should be. */
  readonly reportBug?: (error: unknown) => void
  /** Real time that `whenWaiting` waits at most, in ms. */
  readonly patienceMs?: number
  /** Works out forecasts, apart from the thread that answers. */
  readonly forecast?: Forecaster
  readonly events?: Partial<HubOptions>
  /** Operations of clients that are kept to be judged. */
  readonly historyMax?: number
  /** What has been written down of the cluster so far; what happens to it from now on unless said. */
  readonly recorder?: SessionRecorder
  readonly history?: HistoryRecording
  /** A folder of lessons beside those that are bundled. */
  readonly lessons?: LessonsFolder | undefined
  /** Of the labs that are started beside it; their time stands still unless `startPacing` moves it. */
  readonly labs?: Partial<LabsOptions> & { readonly startPacing?: StartPacing }
}

export interface LabApp extends Express {
  /** Begins nothing new, answers all who wait, and ends the streams and the labs; then the server can close. */
  drain(): void
}

export function createApp(options: AppOptions): LabApp {
  const shared = createShared(options)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', false)

  for (const [path, routes] of routesByPath(ROUTES)) addPath(app, shared, path, routes)
  app.use((req: Request, res: Response) => sendRefusal(shared, req, res, routeNotFound(req)))
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    sendRefusal(shared, req, res, problemOf(error, shared))
  })
  return Object.assign(app, {
    handle: inTurn(admitted(app, shared), shared),
    drain: () => shared.labs().endAll(),
  })
}

type Handle = (req: Request, res: Response, done?: (error?: unknown) => void) => void

/**
 * What holds for every path, known or not, comes before Express, which reads the target before its first layer
 * runs.
 */
function admitted(app: Express, shared: Shared): Handle {
  const handle: Handle = Reflect.get(app, 'handle').bind(app)
  return (req, res, done) => {
    const refusal = admit(shared, req, res)
    if (refusal === 'redirected') return
    if (refusal) sendRefusal(shared, req, res, refusal)
    else handle(req, res, done)
  }
}

function inTurn(handle: Handle, shared: Shared): Handle {
  return (req, res, done) => {
    if (shared.turns.take(req, () => handle(req, res, done))) return
    const detail = 'Too many requests wait on this connection for a body before them: send fewer.'
    sendRefusal(shared, req, res, httpProblem('too-many-waiting', detail))
  }
}

function badTarget(): HttpProblem {
  const detail =
    'The target of the request is neither a path nor a URL: send a path, as in /cluster.'
  return httpProblem('invalid-request', detail)
}

function createShared(options: AppOptions): Shared {
  const { cluster, durability, allowedHosts = [], allowedOrigins = [] } = options
  const { events, historyMax } = options
  const { startPacing = () => () => {}, ...bounds } = options.labs ?? {}
  const shared: Shared = {
    guards: new Guards({ allowedHosts, allowedOrigins, bindHost: options.bindHost ?? 'localhost' }),
    token: new TokenGuard(options.token ?? null),
    turns: new Turns(),
    labs: () => labs,
    classes: new Classes(),
    reach: { urlsAt: options.urlsAt ?? (() => []), asksForToken: (options.token ?? null) !== null },
    beginLab: (asked) => beginLab({ shared, labs, startPacing, events, historyMax }, asked),
    longWork: new LongWork(),
    warm: new WarmPasts(),
    patienceMs: options.patienceMs ?? BOUNDS.patienceMsMax,
    predictions: new Predictions(options.forecast ?? noForecaster),
    stories: new Stories(options.lessons),
    description: lazily(() => JSON.stringify(describeApi(ROUTES))),
    reportBug: options.reportBug ?? (() => undefined),
  }
  const { recorder, history } = options
  const root = createLab(shared, {
    id: ROOT,
    cluster,
    durability,
    events,
    historyMax,
    recorder,
    history,
  })
  const labs = new Labs(root, { ...LABS_DEFAULTS, ...bounds })
  return shared
}

/** Threads are the runtime's, which only those who start the app know. */
function noForecaster(): never {
  throw new TypeError('createApp: `forecast` is missing')
}

const LABS_DEFAULTS: LabsOptions = {
  labsMax: BOUNDS.labsMax,
  bytesMax: BOUNDS.bytesMax,
  idleMs: null,
  say: () => undefined,
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Why a request is not for Express; else its target is the path of a route, and its lab is known. */
function admit(
  shared: Shared,
  req: Request,
  res: Response,
): HttpProblem | 'redirected' | undefined {
  if (!takePath(req)) return badTarget()
  const foreign = shared.guards.foreignHost(req)
  if (foreign) return foreign
  const stranger = takeFollower(req, shared.classes) ?? guestOf(shared, req, res)
  if (stranger) return stranger
  const origin = shared.guards.allowedOrigin(req)
  if (origin !== undefined) {
    res.setHeader('Access-Control-Allow-Origin', origin)
    res.setHeader(
      'Access-Control-Expose-Headers',
      'Allow, Location, Preference-Applied, Retry-After',
    )
    res.setHeader('Vary', 'Origin')
  }
  if (!hasDecodablePath(req.url)) return badPath()
  // The link has named the lab, and opens no other.
  return isFollower(req) ? undefined : takeLab(req, shared.labs())
}

/** Whoever has no link of a class needs the token of the server. */
function guestOf(shared: Shared, req: Request, res: Response) {
  return isFollower(req) ? undefined : shared.token.admit(req, res)
}

/** Express's own name for each method; a method without one does not compile. */
const REGISTER = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  DELETE: 'delete',
} as const satisfies Record<Route['method'], string>

function addPath(app: Express, shared: Shared, path: string, routes: readonly Route[]): void {
  const allow = allowedMethods(routes).join(', ')
  const verbs = routes.map((route) => route.method).join(' and ')
  const at = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
  for (const route of routes) {
    at[REGISTER[route.method]](serve(shared, route))
  }
  at.options((req, res) => sendNothing(res, { Allow: allow, ...preflight(shared, req, allow) }))
  at.all((req, res) => {
    const detail = `${req.method} is not for ${path}: it takes ${verbs}.`
    const headers = { Allow: allow }
    sendRefusal(shared, req, res, httpProblem('method-not-allowed', detail, { headers }))
  })
}

/** What a browser must hear before it lets an allowed page send JSON here. */
function preflight(shared: Shared, req: Request, allow: string): Record<string, string> {
  const asks = req.headers['access-control-request-method'] !== undefined
  if (!asks || shared.guards.allowedOrigin(req) === undefined) return {}
  return {
    'Access-Control-Allow-Methods': allow,
    'Access-Control-Allow-Headers': 'Authorization, Client-Id, Content-Type, Last-Event-ID, Prefer',
    'Access-Control-Max-Age': '600',
  }
}

function sendRefusal(shared: Shared, req: Request, res: Response, problem: HttpProblem): void {
  labOf(req, shared.labs()).metrics.problem(problem.code)
  const mayWrite = req.method !== 'GET' && req.method !== 'HEAD' && req.method !== 'OPTIONS'
  sendProblem(res, problem, mayWrite)
}

function routeNotFound(req: Request): HttpProblem {
  const { path } = req
  const nearest = nearestWord(
    path,
    ROUTES.map((route) => withParametersOf(path, route.path)),
  )
  const hint = nearest ? `Did you mean ${nearest}?` : 'GET /docs lists all routes.'
  return httpProblem('route-not-found', `There is no ${quote(path)} here. ${hint}`)
}

/** `/replicas/{id}/crash` for `/replica/1/crsh` is `/replicas/1/crash`. */
function withParametersOf(given: string, path: string): string {
  const pieces = given.split('/')
  return path
    .split('/')
    .map((piece, i) => (piece.startsWith('{') ? (pieces[i] ?? piece) : piece))
    .join('/')
}

function problemOf(error: unknown, shared: Shared): HttpProblem {
  if (error instanceof BadRequest) return error.problem
  if (error instanceof URIError) return badPath()
  shared.reportBug(error)
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
