// One of the servers that the HTTP benchmark loads, in a process of its own: `lab`, a bare Express app or bare
// Node, the first two with or without the request and response classes that http/server.ts gives Express. Says its
// port first, and whenever it is asked how much of the processor it has had.

import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type Request, type Response } from 'express'
import { Cluster } from '../../src/core/cluster.ts'
import { createApp } from '../../src/http/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createLogger, logEvents } from '../../src/runtime/logger.ts'
import { WallClockPacer } from '../../src/runtime/pacer.ts'

const [kind, classes] = process.argv.slice(2)
const server = await makeServer()
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})

async function makeServer() {
  if (kind === 'node') return createServer(answerBare)
  const app = kind === 'lab' ? await labApp() : bareApp()
  if (classes === 'plain') return createServer(app)
  return kind === 'lab' ? createHttpServer(app as Express) : bareWithClasses(app)
}

/** As main.ts puts it together for production: JSON lines to standard output, real time. */
async function labApp(): Promise<Express> {
  const cluster = new Cluster({
    seed: 1,
    startTimeMs: Date.now(),
    clock: { mode: 'real', rate: 1 },
  })
  const log = await createLogger({ format: 'json', level: 'info', isTTY: false })
  logEvents(cluster, log)
  const pacer = new WallClockPacer(cluster)
  cluster.pacedBy(pacer)
  pacer.start()
  return createApp({ cluster })
}

const timestamp = new Date().toISOString()

/** What a read and a write are answered. */
function readAnswer(key: string) {
  return {
    key,
    value: 'Jessica',
    version: '1.100',
    timestamp,
    replica: 0,
    role: 'leader',
    staleness: { versions: 0, ms: 0 },
    copy: { state: 'none', dueInMs: null },
  }
}

function writeAnswer({ key, value }: { key: string; value: string }) {
  return { key, value, version: '1.100000', timestamp, acknowledgedBy: [0] }
}

/** Parses the same requests, and answers the same bytes out of nothing. */
function bareApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.get('/read', (req: Request, res: Response) => send(res, readAnswer(String(req.query.key))))
  app.post('/write', express.json(), (req: Request, res: Response) => {
    send(res, writeAnswer(req.body))
  })
  return app
}

/** The same with nothing between Node and the answer. */
function answerBare(req: IncomingMessage, res: ServerResponse): void {
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://localhost')
  if (pathname === '/read') return endBare(res, readAnswer(searchParams.get('key') ?? ''))
  const pieces: Buffer[] = []
  req.on('data', (piece: Buffer) => pieces.push(piece))
  req.on('end', () => endBare(res, writeAnswer(JSON.parse(Buffer.concat(pieces).toString()))))
}

function endBare(res: ServerResponse, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`
  res.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(text)
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
