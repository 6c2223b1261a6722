// For the operator of the server: is it alive, ready, which version, how is it doing; and its description.

import * as answers from '../answers.ts'
import { scrape } from '../metrics.ts'
import { httpProblem } from '../problems.ts'
import { PROGRAM } from '../program.ts'
import { type Route, route } from '../route.ts'

const healthz = route({
  method: 'GET',
  path: '/healthz',
  group: 'operations',
  summary: 'Is the process alive?',
  effect: 'none',
  always: true,
  example: { path: '/healthz' },
  answer: answers.status,
  handle: (_input, exchange) => exchange.answer({ status: 'ok' }),
})

const readyz = route({
  method: 'GET',
  path: '/readyz',
  group: 'operations',
  summary: 'Does it take requests?',
  effect: 'none',
  always: true,
  example: { path: '/readyz' },
  answer: answers.status,
  problems: ['shutting-down', 'write-ahead-failed'],
  handle: (_input, exchange) => {
    const { waitingRoom, durability } = exchange.context
    if (waitingRoom.closed) return exchange.refuse(waitingRoom.closed.refusal)
    if (durability?.failure) {
      const detail = 'The write-ahead file failed and writes are refused: restart the server.'
      return exchange.refuse(httpProblem('write-ahead-failed', detail))
    }
    exchange.answer({ status: 'ready' })
  },
})

const version = route({
  method: 'GET',
  path: '/version',
  group: 'operations',
  summary: 'Name and version of this program.',
  effect: 'none',
  always: true,
  example: { path: '/version' },
  answer: answers.programVersion,
  handle: (_input, exchange) => exchange.answer({ ...PROGRAM, node: process.version }),
})

const metrics = route({
  method: 'GET',
  path: '/metrics',
  group: 'operations',
  summary: 'Counters, gauges and histograms for Prometheus.',
  description:
    'Each has the label `lab`. At the root, of all labs; below `/labs/{lab}` of that one.',
  effect: 'none',
  always: true,
  example: { path: '/metrics' },
  answerType: 'text/plain',
  handle: async (_input, exchange) => {
    const { type, text } = await scrape(exchange.context.measured())
    exchange.answerText(type, text)
  },
})

const openapi = route({
  method: 'GET',
  path: '/openapi.json',
  group: 'operations',
  summary: 'This API, described in OpenAPI 3.1.',
  effect: 'none',
  example: { path: '/openapi.json' },
  answer: answers.apiDescription,
  handle: (_input, exchange) =>
    exchange.answerText('application/json; charset=utf-8', exchange.context.description()),
})

export const OPERATIONS_ROUTES: readonly Route[] = [healthz, readyz, version, metrics, openapi]
