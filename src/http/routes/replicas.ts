// Replicas: what each holds, and the faults that befall one.

import { z } from 'zod'
import { NUMBER_MAX } from '../../core/text/legal.ts'
import { usFromMs } from '../../core/units.ts'
import type { ForTime } from '../../core/verbs.ts'
import * as answers from '../answers.ts'
import * as fields from '../fields.ts'
import { replicaOf } from '../path.ts'
import { type Route, route } from '../route.ts'

const PAGE_LIMIT_DEFAULT = 100
const PAGE_LIMIT_MAX = 1_000

const show = route({
  method: 'GET',
  path: '/replicas/{id}',
  group: 'replicas',
  summary: 'One replica with its records, page by page.',
  effect: 'none',
  example: { path: '/replicas/1?limit=10' },
  query: z.strictObject({
    from: fields
      .wholeText(0, NUMBER_MAX)
      .optional()
      .meta({ description: 'How many records to skip.' }),
    limit: fields
      .wholeText(1, PAGE_LIMIT_MAX)
      .optional()
      .meta({ description: `How many records to show; ${PAGE_LIMIT_DEFAULT} unless said.` }),
  }),
  answer: answers.replicaWithRecords,
  problems: ['replica-not-found'],
  handle: ({ path, query }, exchange) => {
    const { cluster, render } = exchange.context
    const { from = 0, limit = PAGE_LIMIT_DEFAULT } = query
    const id = replicaOf(path, cluster)
    const view = cluster.replicaView(id)
    if (!view.ok) return exchange.refuse(view.problem)
    exchange.reply(cluster.replicaRecords(id, from, limit), (page) =>
      render.replicaWithRecords(view.value, page, from, limit),
    )
  },
})

const crash = route({
  method: 'POST',
  path: '/replicas/{id}/crash',
  group: 'replicas',
  summary: 'Stop a replica; what is on its way to it is lost.',
  description: 'It forgets its records unless `keepData` is true.',
  effect: 'command',
  example: { path: '/replicas/1/crash', body: { keepData: true, forMs: 500 } },
  body: z.strictObject({ keepData: z.boolean().optional(), forMs: fields.forMs }),
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  handle: ({ path, body }, exchange) => {
    const { cluster, render } = exchange.context
    const { keepData } = body
    const how = { ...forTime(body.forMs), ...(keepData !== undefined && { keepData }) }
    exchange.reply(cluster.crash(replicaOf(path, cluster), how), render.replica)
  },
})

const restart = route({
  method: 'POST',
  path: '/replicas/{id}/restart',
  group: 'replicas',
  summary: 'Start a crashed replica again.',
  effect: 'command',
  example: { path: '/replicas/1/restart' },
  body: z.strictObject({}),
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  handle: ({ path }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.restart(replicaOf(path, cluster)), render.replica)
  },
})

const pause = route({
  method: 'POST',
  path: '/replicas/{id}/pause',
  group: 'replicas',
  summary: 'Freeze a replica; messages queue up at it.',
  effect: 'command',
  example: { path: '/replicas/1/pause', body: { forMs: 500 } },
  body: z.strictObject({ forMs: fields.forMs }),
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  handle: ({ path, body }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.pause(replicaOf(path, cluster), forTime(body.forMs)), render.replica)
  },
})

const resume = route({
  method: 'POST',
  path: '/replicas/{id}/resume',
  group: 'replicas',
  summary: 'Let a paused replica go on.',
  effect: 'command',
  example: { path: '/replicas/1/resume' },
  body: z.strictObject({}),
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  handle: ({ path }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.resume(replicaOf(path, cluster)), render.replica)
  },
})

const forget = route({
  method: 'POST',
  path: '/replicas/{id}/forget',
  group: 'replicas',
  summary: 'Let a replica silently lose one record.',
  description: 'Nothing brings it back but a repair.',
  effect: 'command',
  example: { path: '/replicas/0/forget', body: { key: 'user:1' } },
  body: z.strictObject({ key: fields.key }),
  answer: answers.replica,
  problems: ['replica-not-found', 'key-not-found', 'wrong-state'],
  handle: ({ path, body }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.forget(replicaOf(path, cluster), body.key), render.replica)
  },
})

export function forTime(ms: number | undefined): ForTime {
  return ms === undefined ? {} : { forUs: usFromMs(ms) }
}

export const REPLICA_ROUTES: readonly Route[] = [show, crash, restart, pause, resume, forget]
