// What a browser asks for: the live page, the page that describes the API, and an icon. Files are read once, at
// start, from this tree; nothing of them comes from elsewhere, and the headers hold them to that.

import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import helmet from 'helmet'
import { isFollower } from '../class/follower.ts'
import type { Exchange } from '../exchange.ts'
import { readPageFiles } from '../page-files.ts'
import { type Route, route } from '../route.ts'

/**
 * The strictest policy a page of ours can live with. HSTS and upgrade-insecure-requests would break
 * plain HTTP; a browser ignores the opener policy there, and complains.
 */
const pageHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
})

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  ico: 'image/x-icon',
} as const

const DOCS = new URL('../docs/', import.meta.url)

/** A file served at a path of its own; hidden ones only serve a page. */
function file(
  path: string,
  facts: { summary: string; hidden?: boolean; forever?: boolean },
  contentFor: (exchange: Exchange) => Buffer,
): Route {
  const type = TYPES[(extname(path).slice(1) || 'html') as keyof typeof TYPES]
  const { forever = false, ...shown } = facts
  return route({
    method: 'GET',
    path,
    group: 'operations',
    effect: 'none',
    follow: true,
    answerType: type,
    anyQuery: true,
    example: { path },
    ...shown,
    handle: (_input, exchange) => {
      pageHeaders(exchange.req, exchange.res, (error) => {
        if (error) exchange.fail(error)
        else sendFile(exchange, type, contentFor(exchange), forever)
      })
    },
  })
}

/** By content; made when first asked for. Browsers take nothing denser than gzip over plain HTTP. */
const packed = new WeakMap<Buffer, Buffer>()

function sendFile(exchange: Exchange, type: string, content: Buffer, forever: boolean): void {
  const takesGzip = /(^|[ ,])gzip(?! *; *q=0(\.0*)?( *,|$))/.test(
    exchange.req.headers['accept-encoding'] ?? '',
  )
  const zipped = takesGzip ? (packed.get(content) ?? gzipSync(content, { level: 9 })) : undefined
  if (zipped) packed.set(content, zipped)
  exchange.res.appendHeader('Vary', 'Accept-Encoding')
  exchange.answerText(type, zipped ?? content, {
    ...(zipped && { 'Content-Encoding': 'gzip' }),
    ...(forever && { 'Cache-Control': 'max-age=31536000, immutable' }),
  })
}

const { document, files } = readPageFiles(new URL('../../page/', import.meta.url))

/** Labs have the files of the root, which outlive them and are loaded once. */
const rootDocument = Buffer.from(document(''))
const labDocument = Buffer.from(document('../../'))

function docsFile(path: string, name: string, summary: string, hidden = true): Route {
  const content = readFileSync(new URL(name, DOCS))
  return file(path, { summary, hidden }, () => content)
}

export const PAGE_ROUTES: readonly Route[] = [
  file('/', { summary: 'The live page: watch replication happen.' }, ({ context, req }) =>
    // Below the link of a class everything is asked for there.
    context.base === '' || isFollower(req) ? rootDocument : labDocument,
  ),
  docsFile('/docs', 'docs.html', 'This API, described for people.', false),
  docsFile('/docs/docs.css', 'docs.css', 'Its style.'),
  docsFile('/docs/docs.js', 'docs.js', 'Its script.'),
  docsFile('/favicon.ico', 'favicon.ico', 'The icon.'),
  ...[...files].map(([path, text]) => {
    const content = Buffer.from(text)
    const facts = { summary: 'A part of the live page.', hidden: true, forever: true }
    return file(path, facts, () => content)
  }),
]
