// What a browser asks for: the way in, the page that describes the API, and an icon. Files are read once, at
// start, from beside this code; nothing of them comes from elsewhere, and the headers hold them to that.

import { readFileSync } from 'node:fs'
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

function file(path: string, name: string, type: keyof typeof TYPES, summary: string): Route {
  const content = readFileSync(new URL(`../docs/${name}`, import.meta.url))
  return route({
    method: 'GET',
    path,
    group: 'operations',
    summary,
    effect: 'none',
    hidden: path !== '/docs',
    answerType: TYPES[type],
    example: { path },
    handle: (_input, exchange) => sendFile(exchange, TYPES[type], content),
  })
}

function sendFile(exchange: Exchange, type: string, content: Buffer): void {
  pageHeaders(exchange.req, exchange.res, (error) => {
    if (error) exchange.fail(error)
    else exchange.answerText(type, content)
  })
}

const home = route({
  method: 'GET',
  path: '/',
  group: 'operations',
  summary: 'Leads to /docs.',
  effect: 'none',
  answerType: 'text/html',
  example: { path: '/' },
  handle: (_input, exchange) => exchange.redirect('/docs'),
})

export const PAGE_ROUTES: readonly Route[] = [
  home,
  file('/docs', 'docs.html', 'html', 'This API, described for people.'),
  file('/docs/docs.css', 'docs.css', 'css', 'Its style.'),
  file('/docs/docs.js', 'docs.js', 'js', 'Its script.'),
  file('/favicon.ico', 'favicon.ico', 'ico', 'The icon.'),
]
