// Makes node's server for the app: its time-outs, and request and response classes that save Express most of
// its time. Listening and closing are the caller's.

import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Express } from 'express'
import { type HttpProblem, httpProblem, PROBLEMS, problemBody } from './problems.ts'

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const CHECK_INTERVAL_MS = 2_000
/** Longer than the pools of Java, Go and Python keep idle connections, or they reuse one just as it closes. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000

export function createHttpServer(app: Express): Server {
  const server = createServer(
    {
      ...expressClasses(app),
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      // The app answers that, with a problem.
      requireHostHeader: false,
    },
    app,
  )
  server.on('clientError', answerClientError)
  // `Expect` with anything but 100-continue: a server may refuse it, but need not (RFC 9110, 10.1.1).
  server.on('checkExpectation', app)
  return server
}

/**
 * Express sets the prototypes of every request and response, which throws V8 off its fast paths: it
 * cost two thirds of the throughput on Node 20. Objects that have those prototypes from birth are left
 * alone.
 */
function expressClasses(app: Express) {
  class LabRequest extends IncomingMessage {}
  class LabResponse extends ServerResponse<LabRequest> {}
  Object.setPrototypeOf(LabRequest.prototype, app.request)
  Object.setPrototypeOf(LabResponse.prototype, app.response)
  app.request = LabRequest.prototype as Express['request']
  app.response = LabResponse.prototype as Express['response']
  return { IncomingMessage: LabRequest, ServerResponse: LabResponse }
}

/** What came in is no HTTP, or not in time; Express never sees it. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const problem = problemOfClientError(error)
  const { status, title } = PROBLEMS[problem.code]
  const text = JSON.stringify(problemBody(problem, false))
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nCache-Control: no-store\r\n` +
      `X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${text}`,
  )
}

function problemOfClientError(error: NodeJS.ErrnoException): HttpProblem {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const seconds = REQUEST_TIMEOUT_MS / 1_000
      const detail = `Headers must be here within ${HEADERS_TIMEOUT_MS / 1_000} s, and all within ${seconds} s.`
      return httpProblem('request-timeout', detail)
    }
    case 'HPE_HEADER_OVERFLOW': {
      const detail =
        'URL and headers together may have 16 KiB: send less, for instance in the body.'
      return httpProblem('headers-too-large', detail)
    }
    case 'HPE_INVALID_URL':
    case 'HPE_INVALID_CONSTANT': {
      const detail =
        'The URL holds a space or a letter beyond ASCII: write it with percent signs, or with curl ' +
        "as in -G --data-urlencode 'key=two words'."
      return httpProblem('invalid-request', detail)
    }
    default:
      return httpProblem('invalid-request', 'This is not well-formed HTTP/1.1.')
  }
}
