// The network: links with what travels on them, and the faults between replicas.

import type { NetworkVerbs } from '../../core/verbs/network.ts'
import * as answers from '../answers.ts'
import { linkOf } from '../path.ts'
import { type Route, route } from '../route.ts'
import { actRoute, ownFields } from '../verb-route.ts'

/** Messages listed of one link; the rest are only counted. */
const MESSAGES_SHOWN = 1_000

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
  follow: true,
  example: { path: '/links/0/1' },
  answer: answers.linkWithMessages,
  problems: ['replica-not-found'],
  handle: ({ path }, exchange) => {
    const { cluster, render } = exchange.context
    const { from, to } = linkOf(path, cluster)
    const view = cluster.linkView(from, to)
    if (!view.ok) return exchange.decline(view.problem)
    exchange.reply(cluster.linkMessages(from, to, MESSAGES_SHOWN), (messages) =>
      render.linkWithMessages(view.value, messages),
    )
  },
})

const LINK = '/links/{from}/{to}'
/** All that a link may be set to; a call that sets nothing is a slip. */
const SETTINGS = ownFields('set-link', LINK)
  .filter(({ field }) => field.kind !== 'duration')
  .map(({ name }) => name)

const set = actRoute('set-link', {
  ...linkFacts,
  method: 'PUT',
  path: LINK,
  summary: 'Set latency, loss and duplication of a link.',
  description:
    'What is not named stays as it is. `latency` is written as for `--latency`; null is the default. ' +
    'On the links of `api` these are the request and respond legs of reads and repairs; writes go straight.',
  example: { path: '/links/0/1', body: { latency: 'exponential(50ms)', lossRatio: 0.1 } },
  problems: ['replica-not-found'],
  check: [
    (given) => SETTINGS.some((name) => name in given),
    `name at least one of ${SETTINGS.map((name) => `"${name}"`).join(', ')}`,
  ],
  render: (render) => render.link,
})

const cut = actRoute('cut', {
  ...linkFacts,
  method: 'POST',
  path: '/links/{from}/{to}/cut',
  summary: 'Lose every message on a link, in this direction.',
  example: { path: '/links/0/1/cut', body: { forMs: 500 } },
  render: (render) => render.link,
})

const hold = actRoute('hold', {
  ...linkFacts,
  method: 'POST',
  path: '/links/{from}/{to}/hold',
  summary: 'Hold back messages on a link until they are released.',
  description:
    'All of them; or with `copies` only that many of the next copies, or with `key` only copies of that key.',
  example: { path: '/links/0/1/hold' },
  check: [
    (given) => !('copies' in given && 'key' in given),
    'The fields "copies" and "key" exclude each other: send one of them, or neither.',
  ],
  render: (render) => render.link,
})

const heal = actRoute('heal', {
  ...linkFacts,
  method: 'POST',
  path: '/links/{from}/{to}/heal',
  summary: 'End the cut of a link.',
  example: { path: '/links/0/1/heal' },
  render: (render) => render.link,
})

const release = actRoute('release', {
  ...linkFacts,
  method: 'POST',
  path: '/links/{from}/{to}/release',
  summary: 'Let held messages go; what is overdue arrives at once.',
  example: { path: '/links/0/1/release' },
  render: (render) => render.link,
})

const partition = actRoute('partition', {
  method: 'POST',
  path: '/partition',
  group: 'network',
  summary: 'Cut every link between groups of replicas.',
  description:
    'Groups that do not name `api` leave its links alone. A newer partition replaces the older.',
  effect: 'command',
  example: { path: '/partition', body: { groups: [[0], [1, 2]] } },
  answer: answers.cluster,
  render: (render) => render.cluster,
})

const healAll = actRoute('heal-all', {
  method: 'POST',
  path: '/heal',
  group: 'network',
  summary: 'End all cuts; holds, losses and latencies stay.',
  effect: 'command',
  example: { path: '/heal' },
  answer: answers.cluster,
  render: (render) => render.cluster,
})

/** In the order of the routes. */
export const NETWORK_VERBS: { readonly [V in keyof NetworkVerbs]: Route } = {
  'set-link': set,
  cut,
  heal,
  hold,
  release,
  partition,
  'heal-all': healAll,
}

export const NETWORK_ROUTES: readonly Route[] = [show, ...Object.values(NETWORK_VERBS)]
