// What a browser asks for: the live page, the page that describes the API, and an icon. Files are read once, at
// start, from this tree; nothing of them comes from elsewhere, and the headers hold them to that.

import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import helmet from 'helmet'
import type { Exchange } from '../exchange.ts'
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
const LIVE_PAGE = new URL('../../page/', import.meta.url)

/** A file served at a path of its own; hidden ones only serve a page. */
function file(path: string, url: URL, facts: { summary: string; hidden?: boolean }): Route {
  const content = readFileSync(url)
  const type = TYPES[extname(url.pathname).slice(1) as keyof typeof TYPES]
  return route({
    method: 'GET',
    path,
    group: 'operations',
    effect: 'none',
    answerType: type,
    example: { path },
    ...facts,
    handle: (_input, exchange) => sendFile(exchange, type, content),
  })
}

function sendFile(exchange: Exchange, type: string, content: Buffer): void {
  pageHeaders(exchange.req, exchange.res, (error) => {
    if (error) exchange.fail(error)
    else exchange.answerText(type, content)
  })
}

/** What the live page loads: its modules and styles, each at `/page/` and its place in src/page. */
function livePageFiles(): Route[] {
  return readdirSync(LIVE_PAGE, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(js|css)$/.test(name))
    .sort()
    .map((name) => {
      const facts = { summary: 'A part of the live page.', hidden: true }
      return file(`/page/${name}`, new URL(name, LIVE_PAGE), facts)
    })
}

function docsFile(name: string, summary: string): Route {
  return file(`/docs/${name}`, new URL(name, DOCS), { summary, hidden: true })
}

export const PAGE_ROUTES: readonly Route[] = [
  file('/', new URL('index.html', LIVE_PAGE), {
    summary: 'The live page: watch replication happen.',
  }),
  file('/docs', new URL('docs.html', DOCS), { summary: 'This API, described for people.' }),
  docsFile('docs.css', 'Its style.'),
  docsFile('docs.js', 'Its script.'),
  file('/favicon.ico', new URL('favicon.ico', DOCS), { summary: 'The icon.', hidden: true }),
  ...livePageFiles(),
]
