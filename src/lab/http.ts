// The routes of a lab over a cluster: for supertest, for a server of one's own, and for `lab.listen()`. Apart from the
// rest of the library, which loads neither Express nor zod. What is declared here needs nobody else's types.

import type { Server } from 'node:http'
import type { Express } from 'express'
import type { Cluster } from '../core/cluster.ts'
import { createApp as createExpressApp } from '../http/app.ts'
import { createHttpServer as createNodeServer } from '../http/server.ts'
import { forecastApart } from '../runtime/forecast-pool.ts'
import { listen } from '../runtime/listening.ts'
import { paceByWall } from '../runtime/pacer.ts'
import { unknownFields } from './given.ts'
import { recordingsOf } from './recordings.ts'

/** How long requests under way may take to end when a lab closes. */
const CLOSE_MS_MAX = 4_000

export interface AppSettings {
  readonly cluster: Cluster
  /** Names beyond localhost under which it may be called. */
  readonly allowedHosts?: readonly string[]
  /** Origins of web pages that may call it. */
  readonly allowedOrigins?: readonly string[]
  /** What requests must bring, as `Authorization: Bearer`; nobody is asked for one unless said. */
  readonly token?: string
  /** Real time that `whenWaiting` waits at most, in ms; 10,000 unless said. */
  readonly patienceMs?: number
}

/** What `http.createServer`, Express and supertest take. */
export interface LabApp {
  (request: unknown, response: unknown, next?: (error?: unknown) => void): void
  /** Begins nothing new, answers all who wait, and ends the streams and the labs; then the server can close. */
  drain(): void
}

/** A `Server` of node:http. */
export interface LabServer {
  listen(port: number, host?: string, listening?: () => void): this
  close(closed?: (error?: Error) => void): this
  address(): { readonly port: number } | string | null
  once(event: 'listening' | 'close', listener: () => void): this
  once(event: 'error', listener: (error: Error) => void): this
}

/** The HTTP routes over a cluster; time passes in the labs that are started beside it. */
export function createApp(settings: AppSettings): LabApp {
  const { cluster, token, ...rest } = settings ?? {}
  // Not by its class: the library in one file has another one of the same name.
  if (typeof cluster?.detailedView !== 'function') {
    throw new TypeError(
      'createApp: write createApp({ cluster }), with one of createCluster() or lab.cluster',
    )
  }
  const faults = unknownFields(rest, ['allowedHosts', 'allowedOrigins', 'patienceMs', 'token'])
  if (faults.length > 0) throw new TypeError(`createApp: ${faults.join('; ')}`)
  const app = createExpressApp({
    ...rest,
    cluster,
    token: token ?? null,
    forecast: forecastApart,
    labs: { startPacing: paceByWall },
    reportBug: (error) => process.emitWarning(error as Error),
    ...recordingsOf(cluster),
  })
  return app as unknown as LabApp
}

/** A server for the app, with time-outs of its own. */
export function createHttpServer(app: LabApp): LabServer {
  return createNodeServer(app as unknown as Express) as LabServer
}

/** Rejects, with an `Error` whose message says why, where it cannot listen. */
export async function serveLab(
  cluster: Cluster,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = createApp({ cluster })
  const server = createHttpServer(app) as unknown as Server
  try {
    const listening = await listen(server, host, port)
    // A test that never ends must not keep its runner from ending.
    listening.unref()
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`,
      close: async () => {
        app.drain()
        await listening.close(CLOSE_MS_MAX)
      },
    }
  } catch (error) {
    app.drain()
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${port} is in use: leave \`port\` out for any free one.`, {
      cause: message,
    })
  }
}
