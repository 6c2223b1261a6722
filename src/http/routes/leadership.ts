// The cluster as a whole: its state, who leads it, and the way back to the start.

import { z } from 'zod'
import { ok } from '../../core/errors.ts'
import * as answers from '../answers.ts'
import * as fields from '../fields.ts'
import { type Route, route } from '../route.ts'

const cluster = route({
  method: 'GET',
  path: '/cluster',
  group: 'cluster',
  summary: 'The whole cluster: leader, clock, replicas, and links worth a look.',
  effect: 'none',
  example: { path: '/cluster' },
  answer: answers.cluster,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.answer(render.cluster(cluster.view()))
  },
})

const failover = route({
  method: 'POST',
  path: '/failover',
  group: 'leadership',
  summary: 'Make a follower the leader of a new epoch.',
  description:
    'Without `to`, the reachable follower with the highest last version. One that lags another is ' +
    'refused unless `force` is true: writes would be lost.',
  effect: 'command',
  durable: true,
  example: { path: '/failover', body: { to: 1 } },
  body: z.strictObject({ to: fields.replica.optional(), force: z.boolean().optional() }),
  answer: answers.failover,
  problems: [
    'no-candidate',
    'candidate-behind',
    'candidate-unreachable',
    'wrong-state',
    'write-ahead-failed',
  ],
  handle: ({ body }, exchange) => {
    const { cluster, render } = exchange.context
    const { to, force } = body
    const how = { ...(to !== undefined && { to }), ...(force !== undefined && { force }) }
    exchange.reply(cluster.failover(how), render.failover)
  },
})

const failovers = route({
  method: 'GET',
  path: '/failovers',
  group: 'leadership',
  summary: 'Every failover, and the writes it lost.',
  effect: 'none',
  example: { path: '/failovers' },
  answer: answers.failovers,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(ok(cluster.failovers()), render.failovers)
  },
})

const reset = route({
  method: 'POST',
  path: '/reset',
  group: 'cluster',
  summary: 'Back to the start; `?keep=faults` or `?keep=data` keeps that.',
  effect: 'command',
  durable: true,
  example: { path: '/reset' },
  query: z.strictObject({ keep: z.enum(['faults', 'data']).optional() }),
  body: z.strictObject({}),
  answer: answers.cluster,
  problems: ['write-ahead-failed'],
  handle: ({ query }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.reset(query.keep ?? 'nothing'), render.cluster)
  },
})

export const CLUSTER_ROUTES: readonly Route[] = [cluster, reset]
export const LEADERSHIP_ROUTES: readonly Route[] = [failover, failovers]
