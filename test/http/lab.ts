// The small vocabulary of the HTTP tests: a lab is an app over a cluster whose time stands still.

import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import request from 'supertest'
import { expect, onTestFinished } from 'vitest'
import { runTrials, sizeOf } from '../../src/analysis/forecast/forecast.ts'
import { Tally } from '../../src/analysis/forecast/tally.ts'
import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import { type AppOptions, createApp } from '../../src/http/app.ts'
import type { Forecaster } from '../../src/http/predictions.ts'
import { createHttpServer } from '../../src/http/server.ts'
import * as measuring from '../../src/scenario/measure.ts'

export interface LabOptions extends Partial<Omit<AppOptions, 'cluster'>> {
  readonly cluster?: Partial<ClusterOptions>
}

export function lab({ cluster: clusterOptions = {}, ...appOptions }: LabOptions = {}) {
  const cluster = new Cluster({ startTimeMs: Date.UTC(2025, 5, 14, 16, 6, 47), ...clusterOptions })
  const bugs: unknown[] = []
  const reportBug = (error: unknown) => void bugs.push(error)
  const app = createApp({ cluster, reportBug, forecast: forecastHere, ...appOptions })
  return { cluster, app, bugs, ask: request(app) }
}

export type Lab = ReturnType<typeof lab>

/** A real server for the app on a free port of this machine, closed when the test ends. */
export async function listening(app: Lab['app']): Promise<{ server: Server; port: number }> {
  const server = createHttpServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** A bare connection, for what no HTTP client would send. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Sends text as it is, and gives back all that comes until the server closes. */
export async function rawExchange(port: number, text: string | Buffer): Promise<string> {
  const socket = await rawSocket(port)
  socket.end(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

export function deferred<T = void>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** In this thread; the numbers are the same on others. */
const forecastHere: Forecaster = async (settings, { module }) => {
  if (module !== measuring.MEASURING) return runTrials(settings)
  const tally = new Tally(sizeOf(settings))
  for (let i = 0; ; i++) {
    const chunk = measuring.chunkOf(settings, i)
    if (!chunk) return tally
    measuring.runChunk(settings, chunk, tally)
  }
}

/** Starts another lab beside the root. @returns its address */
export async function startBeside(ask: Lab['ask'], options: object = {}): Promise<string> {
  const { body, status, headers } = await ask.post('/labs').send(options)
  expect([status, headers.location]).toEqual([201, body.url])
  return body.url
}
