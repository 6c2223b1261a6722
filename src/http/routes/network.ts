// The network: links with what travels on them, and the faults between replicas.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import type { Reply } from '../../core/errors.ts'
import type { NodeId } from '../../core/nodes.ts'
import type { ClusterVerbs, HoldRequest, LinkView } from '../../core/verbs.ts'
import * as answers from '../answers.ts'
import * as fields from '../fields.ts'
import { linkOf } from '../path.ts'
import { type Route, route } from '../route.ts'
import { forTime } from './replicas.ts'

/** Messages listed of one link; the rest are only counted. */
const MESSAGES_SHOWN = 1_000
const LATENCY_CHARS_MAX = 1_000

const linkFacts = {
  group: 'network',
  effect: 'command',
  answer: answers.link,
  problems: ['replica-not-found', 'wrong-state'],
} as const

const show = route({
  ...linkFacts,
  method: 'GET',
  path: '/links/{from}/{to}',
  summary: 'One link, with the messages on their way and when each is due.',
  description: "Either end is a replica's number, or `api`: the server's own end.",
  effect: 'none',
  example: { path: '/links/0/1' },
  answer: answers.linkWithMessages,
  problems: ['replica-not-found'],
  handle: ({ path }, exchange) => {
    const { cluster, render } = exchange.context
    const { from, to } = linkOf(path, cluster)
    const view = cluster.linkView(from, to)
    if (!view.ok) return exchange.refuse(view.problem)
    exchange.reply(cluster.linkMessages(from, to, MESSAGES_SHOWN), (messages) =>
      render.linkWithMessages(view.value, messages),
    )
  },
})

/** A call that sets nothing is a slip. */
function namesSetting(body: object): boolean {
  return ['latency', 'lossRatio', 'duplicateRatio'].some((name) => name in body)
}

const set = route({
  ...linkFacts,
  method: 'PUT',
  path: '/links/{from}/{to}',
  summary: 'Set latency, loss and duplication of a link.',
  description:
    'What is not named stays as it is. `latency` is written as for `--latency`; null is the default. ' +
    'On the links of `api` these are the request and respond legs of reads and repairs; writes go straight.',
  example: { path: '/links/0/1', body: { latency: 'exponential(50ms)', lossRatio: 0.1 } },
  problems: ['replica-not-found'],
  body: z
    .strictObject({
      latency: z.string().max(LATENCY_CHARS_MAX).nullable().optional(),
      lossRatio: fields.ratio.optional(),
      duplicateRatio: fields.ratio.optional(),
      forMs: fields.forMs,
    })
    .refine(namesSetting, {
      message: 'name at least one of "latency", "lossRatio", "duplicateRatio"',
    }),
  handle: ({ path, body }, exchange) => {
    const { cluster, render } = exchange.context
    const { from, to } = linkOf(path, cluster)
    const { latency, lossRatio, duplicateRatio, forMs } = body
    const settings = {
      ...(latency !== undefined && { latency }),
      ...(lossRatio !== undefined && { lossRatio }),
      ...(duplicateRatio !== undefined && { duplicateRatio }),
      ...forTime(forMs),
    }
    exchange.reply(cluster.setLink(from, to, settings), render.link)
  },
})

const cut = route({
  ...linkFacts,
  method: 'POST',
  path: '/links/{from}/{to}/cut',
  summary: 'Lose every message on a link, in this direction.',
  example: { path: '/links/0/1/cut', body: { forMs: 500 } },
  body: z.strictObject({ forMs: fields.forMs }),
  handle: ({ path, body }, exchange) => {
    const { cluster, render } = exchange.context
    const { from, to } = linkOf(path, cluster)
    exchange.reply(cluster.cut(from, to, forTime(body.forMs)), render.link)
  },
})

const hold = route({
  ...linkFacts,
  method: 'POST',
  path: '/links/{from}/{to}/hold',
  summary: 'Hold back messages on a link until they are released.',
  description:
    'All of them; or with `copies` only the next so many copies, or with `key` only copies of that key.',
  example: { path: '/links/0/1/hold' },
  body: z
    .strictObject({
      copies: fields.whole(1, BOUNDS.messagesMax).optional(),
      key: fields.key.optional(),
      forMs: fields.forMs,
    })
    .refine(({ copies, key }) => copies === undefined || key === undefined, {
      error: 'The fields "copies" and "key" exclude each other: send one of them, or neither.',
    }),
  handle: ({ path, body }, exchange) => {
    const { cluster, render } = exchange.context
    const { from, to } = linkOf(path, cluster)
    exchange.reply(cluster.hold(from, to, holdRequest(body)), render.link)
  },
})

function holdRequest(body: {
  readonly copies?: number | undefined
  readonly key?: string | undefined
  readonly forMs?: number | undefined
}): HoldRequest {
  if (body.key !== undefined) return { key: body.key, ...forTime(body.forMs) }
  if (body.copies !== undefined) return { copies: body.copies, ...forTime(body.forMs) }
  return forTime(body.forMs)
}

type Undo = (cluster: ClusterVerbs, from: NodeId, to: NodeId) => Reply<LinkView>

function undo(verb: 'heal' | 'release', summary: string, call: Undo): Route {
  return route({
    ...linkFacts,
    method: 'POST',
    path: `/links/{from}/{to}/${verb}`,
    summary,
    example: { path: `/links/0/1/${verb}` },
    body: z.strictObject({}),
    handle: ({ path }, exchange) => {
      const { cluster, render } = exchange.context
      const { from, to } = linkOf(path, cluster)
      exchange.reply(call(cluster, from, to), render.link)
    },
  })
}

const heal = undo('heal', 'End the cut of a link.', (cluster, from, to) => cluster.heal(from, to))
const release = undo(
  'release',
  'Let held messages go; what is overdue arrives at once.',
  (c, f, t) => c.release(f, t),
)

const partition = route({
  method: 'POST',
  path: '/partition',
  group: 'network',
  summary: 'Cut every link between groups of replicas.',
  description:
    'Groups that do not name `api` leave its links alone. A newer partition replaces the older.',
  effect: 'command',
  example: { path: '/partition', body: { groups: [[0], [1, 2]] } },
  body: z.strictObject({
    groups: z.array(z.array(fields.node).max(BOUNDS.followersMax + 2)).max(BOUNDS.followersMax + 2),
    forMs: fields.forMs,
  }),
  answer: answers.cluster,
  handle: ({ body }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.partition(body.groups, forTime(body.forMs)), render.cluster)
  },
})

const healAll = route({
  method: 'POST',
  path: '/heal',
  group: 'network',
  summary: 'End all cuts; holds, losses and latencies stay.',
  effect: 'command',
  example: { path: '/heal' },
  body: z.strictObject({}),
  answer: answers.cluster,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.healAll(), render.cluster)
  },
})

export const NETWORK_ROUTES: readonly Route[] = [
  show,
  set,
  cut,
  heal,
  hold,
  release,
  partition,
  healAll,
]
