// Replicas: what each holds, and the faults that befall one.

import { z } from 'zod'
import { NUMBER_MAX } from '../../core/text/legal.ts'
import type { ReplicaVerbs } from '../../core/verbs/replicas.ts'
import * as answers from '../answers.ts'
import * as fields from '../fields.ts'
import { replicaOf } from '../path.ts'
import { type Route, route } from '../route.ts'
import { actRoute } from '../verb-route.ts'

const PAGE_LIMIT_DEFAULT = 100
const PAGE_LIMIT_MAX = 1_000

const show = route({
  method: 'GET',
  path: '/replicas/{id}',
  group: 'replicas',
  summary: 'One replica with its records, page by page.',
  effect: 'none',
  follow: true,
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
    if (!view.ok) return exchange.decline(view.problem)
    exchange.reply(cluster.replicaRecords(id, from, limit), (page) =>
      render.replicaWithRecords(view.value, page, from, limit),
    )
  },
})

const crash = actRoute('crash', {
  method: 'POST',
  path: '/replicas/{id}/crash',
  group: 'replicas',
  summary: 'Stop a replica; what is on its way to it is lost.',
  description: 'It forgets its records unless `keepData` is true.',
  effect: 'command',
  example: { path: '/replicas/1/crash', body: { keepData: true, forMs: 500 } },
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  render: (render) => render.replica,
})

const restart = actRoute('restart', {
  method: 'POST',
  path: '/replicas/{id}/restart',
  group: 'replicas',
  summary: 'Start a crashed replica again.',
  effect: 'command',
  example: { path: '/replicas/1/restart' },
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  render: (render) => render.replica,
})

const pause = actRoute('pause', {
  method: 'POST',
  path: '/replicas/{id}/pause',
  group: 'replicas',
  summary: 'Freeze a replica; messages queue up at it.',
  effect: 'command',
  example: { path: '/replicas/1/pause', body: { forMs: 500 } },
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  render: (render) => render.replica,
})

const resume = actRoute('resume', {
  method: 'POST',
  path: '/replicas/{id}/resume',
  group: 'replicas',
  summary: 'Let a paused replica go on.',
  effect: 'command',
  example: { path: '/replicas/1/resume' },
  answer: answers.replica,
  problems: ['replica-not-found', 'wrong-state'],
  render: (render) => render.replica,
})

const forget = actRoute('forget', {
  method: 'POST',
  path: '/replicas/{id}/forget',
  group: 'replicas',
  summary: 'Let a replica silently lose one record.',
  description: 'Nothing brings it back but a repair.',
  effect: 'command',
  example: { path: '/replicas/0/forget', body: { key: 'user:1' } },
  answer: answers.replica,
  problems: ['replica-not-found', 'key-not-found', 'wrong-state'],
  render: (render) => render.replica,
})

export const REPLICA_VERBS: { readonly [V in keyof ReplicaVerbs]: Route } = {
  crash,
  restart,
  pause,
  resume,
  forget,
}

export const REPLICA_ROUTES: readonly Route[] = [show, ...Object.values(REPLICA_VERBS)]
