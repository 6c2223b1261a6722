// Reads JSON bodies. Express brings their bytes, unpacked and within bounds; express.json would answer in HTML, know
// every charset, and turn broken bytes into U+FFFD, and two different keys into one. What the JSON means is
// validate.ts's affair.

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import express, { type Request, type Response } from 'express'
import { quote } from '../core/text/duration.ts'
import { BadRequest, type HttpProblem, httpProblem } from './problems.ts'

/** Room for a legal value of 64 KiB even when every character of it is written as `\u0001`. */
const BODY_BYTES_MAX = 512 * 1024

export type ReadBody = (req: Request, res: Response, done: (error?: unknown) => void) => void

/** @returns what leaves the parsed body in `req.body`, or undefined there when none came */
export function bodyReader(bytesMax = BODY_BYTES_MAX): ReadBody {
  const readBytes = express.raw({ limit: bytesMax, type: () => true })
  return (req, res, done) => {
    if (!hasBody(req)) {
      done()
      return
    }
    const refusal = refuseUnread(req, bytesMax)
    if (refusal) {
      done(new BadRequest(refusal))
      return
    }
    readBytes(req, res, (error?: unknown) =>
      done(error === undefined ? parse(req) : explain(error, bytesMax)),
    )
  }
}

function hasBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length']
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** What the headers tell; else a large body would be read to its end only to be refused. */
function refuseUnread(req: IncomingMessage, bytesMax: number): HttpProblem | undefined {
  const { 'content-type': type, 'content-length': length } = req.headers
  if (type === undefined && length === undefined) return undefined
  if (type !== 'application/json' && !isJson(type)) return notJson(type)
  return Number(length) > bytesMax ? tooLarge(bytesMax) : undefined
}

function tooLarge(bytesMax: number): HttpProblem {
  const detail = `The body is larger than ${bytesMax} bytes, the most that is read here.`
  return httpProblem('payload-too-large', `${detail} Send less at a time.`)
}

/** RFC 8259: JSON is UTF-8, so any other charset cannot be right. */
function isJson(type: string | undefined): boolean {
  if (type === undefined) return false
  const [media = '', ...parameters] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  if (media !== 'application/json') return false
  return parameters.every((one) => one === '' || /^charset="?utf-?8"?$/.test(one))
}

function notJson(type: string | undefined): HttpProblem {
  const got = type === undefined ? 'has no content type' : `came as ${quote(type)}`
  const detail =
    `The body ${got}; this server reads JSON in UTF-8. ` +
    "Send JSON, and with curl add -H 'Content-Type: application/json'."
  return httpProblem('unsupported-media-type', detail)
}

/**
 * Puts what the bytes of the body say in their place. @returns why it cannot. A chunked body without a content type is
 * refused only here, because only here it is known not to be empty.
 */
function parse(req: Request): BadRequest | undefined {
  const bytes: Buffer | undefined = req.body
  req.body = undefined
  if (!bytes || bytes.length === 0) return undefined
  if (req.headers['content-type'] === undefined) return new BadRequest(notJson(undefined))
  if (!isUtf8(bytes)) {
    return invalid('The body is not well-formed UTF-8: encode it as UTF-8 and send it again.')
  }
  const text = bytes.toString()
  try {
    req.body = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : ''
    return invalid(`The body is not well-formed JSON (${reason}). Check quotes and brackets.`)
  }
}

/** body-parser's errors, told apart by their `type`, as problems. Anything else is passed on. */
function explain(error: unknown, bytesMax: number): unknown {
  switch (typeOf(error)) {
    case 'entity.too.large':
      return new BadRequest(tooLarge(bytesMax))
    case 'encoding.unsupported': {
      const detail = 'The body has a Content-Encoding this server cannot undo: send it plain.'
      return new BadRequest(httpProblem('unsupported-media-type', detail))
    }
    case 'request.size.invalid':
    case 'request.aborted':
      return invalid('The body ended before its announced length: send all of it.')
    default:
      // zlib's errors bear their own codes: a compressed body that is no such thing.
      if (error instanceof Error && 'status' in error && error.status === 400) {
        return invalid(`The body could not be read (${error.message.slice(0, 200)}).`)
      }
      return error
  }
}

function typeOf(error: unknown): unknown {
  return error instanceof Error && 'type' in error ? error.type : undefined
}

function invalid(detail: string): BadRequest {
  return new BadRequest(httpProblem('invalid-request', detail))
}
