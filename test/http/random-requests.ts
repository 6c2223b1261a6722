// Random requests to every route that speaks to the cluster: mostly sensible ones, some that name what is not
// there. What is drawn follows from the Random handed in alone.

import type { Random } from '../../src/core/random.ts'
import type { Verb } from '../../src/core/verbs/table.ts'
import { VERB_ROUTES } from '../../src/http/routes/verbs.ts'
import { chance, pick } from '../swarm/draw.ts'

export interface Drawn {
  /** As the table of routes has it: `POST /replicas/{id}/crash`. */
  readonly route: string
  readonly method: string
  /** With parameters and query filled in. */
  readonly target: string
  readonly body?: object
}

interface Parts {
  readonly path?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: object
}

type Draw = (random: Random) => Parts

const key = (random: Random) => pick(random, ['a', 'b', 'c', 'd', 'e'])
const replica = (random: Random) => (chance(random, 0.06) ? 3 : random.int(3))
const node = (random: Random) => (chance(random, 0.3) ? 'api' : replica(random))
const version = (random: Random) => `${1 + random.int(4)}.${1 + random.int(20)}`
const forTime = (random: Random) => (chance(random, 0.5) ? { forMs: 1 + random.int(400) } : {})
/** A few of the large ones fill the smallest store. */
export const LARGE = 'x'.repeat(65_536)
const value = (random: Random) => (chance(random, 0.06) ? LARGE : `${random.int(1_000)}`)
const record = (random: Random) => ({ key: key(random), value: value(random) })

const groups = (random: Random) =>
  pick<readonly (readonly (number | 'api')[])[]>(random, [
    [[0], [1, 2]],
    [[1], [0, 2, 'api']],
    [[2, 'api'], [0], [1]],
    [[0], [1, 2, 3]],
  ])

const how = (random: Random) =>
  pick<object>(random, [{}, { copies: 1 }, { key: key(random) }, { copies: 1, key: 'a' }])

const settings = (random: Random) =>
  pick<object>(random, [{ latency: '5ms' }, { latency: 'soon' }, { lossRatio: 0.5 }, {}])

const onReplica = (random: Random, body: object = {}): Parts => ({
  path: { id: replica(random) },
  body,
})

const onLink = (random: Random, body: object = {}): Parts => ({
  path: { from: node(random), to: node(random) },
  body,
})

type Lot = readonly [weight: number, draw: Draw]

/** How often each is drawn, beside the others, and what it then carries. */
const VERBS_DRAWN: { readonly [V in Exclude<Verb, 'abandon' | 'restore'>]: Lot } = {
  write: [20, (r) => ({ body: { ...record(r), ...(chance(r, 0.3) && { replica: replica(r) }) } })],
  'write-with-quorum': [
    20,
    (r) => ({
      body: {
        ...record(r),
        w: 1 + r.int(4),
        ...(chance(r, 0.5) && { timeoutMs: 1_000 }),
        ...(chance(r, 0.3) && { replica: replica(r) }),
      },
    }),
  ],
  read: [8, (r) => ({ query: { key: key(r) } })],
  'follower-read': [8, (r) => ({ query: { key: key(r), replica: replica(r) } })],
  'read-with-repair': [8, (r) => ({ query: { key: key(r) } })],
  'read-with-quorum': [
    10,
    (r) => ({
      query: {
        key: key(r),
        r: pick(r, [undefined, 1, 2, 4]),
        replicas: pick(r, [undefined, '0,2', '1', '1,1']),
        repair: pick(r, [undefined, 'async', 'false']),
      },
    }),
  ],
  reset: [4, (r) => ({ query: { keep: pick(r, [undefined, 'faults', 'data', 'all']) } })],
  crash: [7, (r) => onReplica(r, { keepData: chance(r, 0.5), ...forTime(r) })],
  restart: [6, (r) => onReplica(r)],
  pause: [3, (r) => onReplica(r, forTime(r))],
  resume: [4, (r) => onReplica(r)],
  forget: [6, (r) => onReplica(r, { key: key(r) })],
  'set-link': [2, (r) => onLink(r, { ...settings(r), ...forTime(r) })],
  cut: [4, (r) => onLink(r, forTime(r))],
  heal: [4, (r) => onLink(r)],
  hold: [4, (r) => onLink(r, { ...how(r), ...forTime(r) })],
  release: [8, (r) => onLink(r)],
  partition: [2, (r) => ({ body: { groups: groups(r), ...forTime(r) } })],
  'heal-all': [2, () => ({ body: {} })],
  failover: [8, (r) => ({ body: chance(r, 0.4) ? {} : { to: replica(r), force: chance(r, 0.2) } })],
  clock: [1, (r) => ({ body: { rate: pick(r, [1, 10, 0]) } })],
  advance: [
    25,
    (r) => ({
      body: pick<object>(r, [
        { ms: 1 + r.int(100) },
        { ms: 1 + r.int(1_000), ...(chance(r, 0.1) && { whenWaiting: 1 + r.int(9) }) },
        { until: { replica: replica(r), version: version(r) } },
      ]),
    }),
  ],
}

/** The routes that do no verb, or one that another route does too. */
const OTHERS_DRAWN: Readonly<Record<string, Lot>> = {
  'POST /read-with-repair': [8, (r) => ({ query: { key: key(r) } })],
  'GET /cluster': [
    1,
    (r) => ({
      query: pick<NonNullable<Parts['query']>>(r, [
        {},
        { event: 1 },
        { event: 'x' },
        { at: 50 },
        { chapter: 1 + r.int(3) },
      ]),
    }),
  ],
  'GET /chapters': [1, (r) => ({ query: { limit: pick(r, [undefined, 1, 0]) } })],
  'GET /replicas/{id}': [3, (r) => ({ path: { id: replica(r) } })],
  'GET /links/{from}/{to}': [1, (r) => ({ path: { from: node(r), to: node(r) } })],
  'GET /failovers': [1, () => ({})],
  'GET /failovers/lost': [1, (r) => ({ query: { epoch: pick(r, [undefined, 2]) } })],
  'GET /clock': [1, () => ({})],
  'POST /clock/pause': [1, () => ({ body: {} })],
  'POST /clock/resume': [1, () => ({ body: {} })],
}

const ROUTES_DRAWN: Readonly<Record<string, Lot>> = {
  ...Object.fromEntries(
    Object.entries(VERBS_DRAWN).map(([verb, lot]) => {
      const route = VERB_ROUTES[verb as Verb]
      return [`${route?.method} ${route?.path}`, lot]
    }),
  ),
  ...OTHERS_DRAWN,
}

export const DRAWN_ROUTES: readonly string[] = Object.keys(ROUTES_DRAWN)

const LOTS = Object.entries(ROUTES_DRAWN).flatMap(([route, [weight]]) =>
  Array.from({ length: weight }, () => route),
)

export function drawRequest(random: Random): Drawn {
  const route = pick(random, LOTS)
  const [method = '', template = ''] = route.split(' ')
  const { path = {}, query = {}, body } = ROUTES_DRAWN[route]?.[1](random) ?? {}
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = given.map(([name, value]) => `${name}=${value}`).join('&')
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => `${path[name]}`)
  const target = search === '' ? filled : `${filled}?${search}`
  return { route, method, target, ...(body && { body }) }
}
