// One of the servers that the HTTP benchmark loads, in a process of its own: `lab` or `bare`, with or without
// the request and response classes that http/server.ts gives Express. Prints its port first.

import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type Request, type Response } from 'express'
import { Cluster } from '../../src/core/cluster.ts'
import { createApp } from '../../src/http/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createLogger, logEvents } from '../../src/runtime/logger.ts'
import { WallClockPacer } from '../../src/runtime/pacer.ts'

const [kind, classes] = process.argv.slice(2)
const app = kind === 'lab' ? await labApp() : bareApp()
const server =
  classes === 'plain'
    ? createServer(app)
    : kind === 'lab'
      ? createHttpServer(app as Express)
      : bareWithClasses(app)
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})

/** As main.ts puts it together for production: JSON lines to standard output, real time. */
async function labApp(): Promise<Express> {
  const cluster = new Cluster({
    seed: 1,
    startTimeMs: Date.now(),
    clock: { mode: 'real', rate: 1 },
  })
  const log = await createLogger({ format: 'json', level: 'info', isTTY: false })
  logEvents(cluster, log.logger)
  const pacer = new WallClockPacer(cluster)
  cluster.pacedBy(pacer)
  pacer.start()
  return createApp({ cluster })
}

/** Parses the same requests, and answers the same bytes out of nothing. */
function bareApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const timestamp = new Date().toISOString()
  app.get('/read', (req: Request, res: Response) => {
    send(res, {
      key: String(req.query.key),
      value: 'Jessica',
      version: '1.100',
      timestamp,
      replica: 0,
      role: 'leader',
      staleness: { versions: 0, ms: 0 },
      copy: { state: 'none', dueInMs: null },
    })
  })
  app.post('/write', express.json(), (req: Request, res: Response) => {
    const { key, value } = req.body
    send(res, { key, value, version: '1.100000', timestamp, acknowledgedBy: [0] })
  })
  return app
}

function send(res: Response, body: unknown): void {
  res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  res.json(body)
}

function bareWithClasses(bare: Express) {
  class BareRequest extends IncomingMessage {}
  class BareResponse extends ServerResponse<BareRequest> {}
  Object.setPrototypeOf(BareRequest.prototype, bare.request)
  Object.setPrototypeOf(BareResponse.prototype, bare.response)
  bare.request = BareRequest.prototype as Express['request']
  bare.response = BareResponse.prototype as Express['response']
  return createServer({ IncomingMessage: BareRequest, ServerResponse: BareResponse }, bare)
}
