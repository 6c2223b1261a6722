// Writes answers. Straight to node's response: res.json looks up settings, content types and freshness on
// every call, which costs more than the rest of a read; and it would answer 304 where we never do.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { escapeActing } from '../core/text/say.ts'
import { type HttpProblem, PROBLEMS, problemBody, problemHeaders } from './problems.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

type Headers = Readonly<Record<string, string>>

export function sendJson(
  res: ServerResponse,
  body: unknown,
  status = 200,
  headers?: Headers,
): void {
  // A line of its own in a terminal, whatever curl prints next.
  sendText(res, status, JSON_TYPE, jsonLine(body), headers)
}

export function sendText(
  res: ServerResponse,
  status: number,
  type: string,
  text: string | Buffer,
  headers?: Headers,
): void {
  res.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  res.end(text)
}

export function sendNothing(res: ServerResponse, headers?: Headers): void {
  res.writeHead(204, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  res.end()
}

/** The head of an event stream; the first bytes tell the reader that it is through. */
export function sendStreamHead(res: ServerResponse): void {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // When the stream ends the connection does, so that none outlives a server that closes.
    Connection: 'close',
    // A proxy that collects the answer before passing it on would make it no stream.
    'X-Accel-Buffering': 'no',
  })
  res.write('retry: 1000\n\n')
}

/** How much of such an answer is made at once, in characters; and for how long its reader may take nothing, in ms. */
const PIECE_CHARS = 64 * 1024
const IDLE_MS_MAX = 30_000

/** A line at a time, no faster than they are read; whoever stops reading is cut off. */
export function sendLines(
  { method }: IncomingMessage,
  res: ServerResponse,
  type: string,
  lines: Iterable<string>,
): void {
  res.writeHead(200, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  if (method === 'HEAD') {
    res.end()
    return
  }
  res.setTimeout(IDLE_MS_MAX, () => res.destroy())
  pipeline(Readable.from(inPieces(lines), { objectMode: false }), res, () => undefined)
}

function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = ''
  for (const line of lines) {
    piece += `${escapeActing(line)}\n`
    if (piece.length < PIECE_CHARS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/** Fit for a terminal: no key can turn the direction of what follows it, or hide. */
function jsonLine(body: unknown): string {
  return `${escapeActing(JSON.stringify(body))}\n`
}

/** Does nothing once an answer has begun: half an answer cannot be taken back. */
export function sendProblem(res: ServerResponse, problem: HttpProblem, withOutcome: boolean): void {
  if (res.headersSent) return
  const text = jsonLine(problemBody(problem, withOutcome))
  sendText(res, PROBLEMS[problem.code].status, PROBLEM_TYPE, text, problemHeaders(problem))
}
