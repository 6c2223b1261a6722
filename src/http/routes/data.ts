// Writes and reads: what clients of a replicated store do.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import { usFromMs } from '../../core/units.ts'
import * as answers from '../answers.ts'
import * as fields from '../fields.ts'
import { type Route, route } from '../route.ts'

const keyQuery = z.strictObject({ key: fields.key })

/** Any write may find the way to its leader blocked, and then waits. */
const WRITE_PROBLEMS = [
  'no-leader',
  'not-leader',
  'replica-down',
  'replica-timeout',
  'cluster-reset',
  'too-few-followers',
  'too-many-keys',
  'too-many-messages',
  'too-many-waiting',
  'write-ahead-failed',
] as const

const READ_PROBLEMS = [
  'key-not-found',
  'replica-down',
  'cluster-reset',
  'too-many-messages',
  'too-many-waiting',
] as const

const write = route({
  method: 'POST',
  path: '/write',
  group: 'data',
  summary: 'Write a record to the leader; copies leave for the followers.',
  description:
    'Answers as soon as the leader has it. `replica` addresses one that believes it leads; without it ' +
    "the newest epoch's leader is meant. With `Prefer: return=minimal` the answer is 204 and empty. " +
    'There is no delete yet.',
  effect: 'command',
  durable: true,
  client: true,
  minimal: true,
  example: { path: '/write', body: { key: 'user:1', value: 'Jessica' } },
  body: z.strictObject({
    key: fields.key,
    value: fields.value,
    replica: fields.replica.optional(),
  }),
  answer: answers.written,
  problems: WRITE_PROBLEMS,
  handle: ({ body, client }, exchange) => {
    const { cluster, render } = exchange.context
    const { key, value, replica } = body
    const request = replica === undefined ? { key, value, client } : { key, value, client, replica }
    exchange.wait((done) => cluster.write(request, done), render.write)
  },
})

const read = route({
  method: 'GET',
  path: '/read',
  group: 'data',
  summary: 'Read from the leader.',
  effect: 'none',
  client: true,
  example: { path: '/read?key=user:1' },
  query: keyQuery,
  answer: answers.readAnswer,
  problems: [...READ_PROBLEMS, 'replica-timeout', 'no-leader'],
  handle: ({ query, client }, exchange) => {
    const { cluster, render } = exchange.context
    exchange.wait((done) => cluster.read({ key: query.key, client }, done), render.read)
  },
})

const followerRead = route({
  method: 'GET',
  path: '/follower-read',
  group: 'data',
  summary: 'Read from one replica, whatever its role; it may be stale.',
  effect: 'none',
  client: true,
  example: { path: '/follower-read?key=user:1&replica=1' },
  query: keyQuery.extend({ replica: fields.replicaText }),
  answer: answers.readAnswer,
  problems: [...READ_PROBLEMS, 'replica-timeout'],
  handle: ({ query, client }, exchange) => {
    const { cluster, render } = exchange.context
    const { key, replica } = query
    exchange.wait((done) => cluster.followerRead({ key, replica, client }, done), render.read)
  },
})

function readWithRepair(method: 'GET' | 'POST'): Route {
  return route({
    method,
    path: '/read-with-repair',
    group: 'data',
    summary:
      'Read from all replicas that answer, and give the newest record to those that lack it.',
    effect: 'repair',
    client: true,
    example: { path: '/read-with-repair?key=user:1' },
    query: keyQuery,
    answer: answers.repairReadAnswer,
    problems: [...READ_PROBLEMS, 'replica-timeout'],
    handle: ({ query, client }, exchange) => {
      const { cluster, render } = exchange.context
      const request = { key: query.key, client }
      exchange.wait((done) => cluster.readWithRepair(request, done), render.repairRead)
    },
  })
}

const writeWithQuorum = route({
  method: 'POST',
  path: '/write-with-quorum',
  group: 'data',
  summary: 'Write, and wait until W replicas have acknowledged.',
  description:
    'The leader counts as the first. `w` defaults to a majority of N. When the time-out passes the ' +
    'outcome is unknown: the record is on the leader, and still travels to the followers.',
  effect: 'command',
  durable: true,
  client: true,
  minimal: true,
  example: { path: '/write-with-quorum', body: { key: 'user:123', value: 'Monzo', w: 2 } },
  body: z.strictObject({
    key: fields.key,
    value: fields.value,
    w: fields
      .whole(1, BOUNDS.followersMax + 1)
      .optional()
      .meta({ description: 'Acknowledgements to wait for.', example: 2 }),
    timeoutMs: fields.timeoutMs,
    replica: fields.replica.optional(),
  }),
  answer: answers.quorumWritten,
  problems: [
    ...WRITE_PROBLEMS,
    'quorum-impossible',
    'quorum-unavailable',
    'quorum-timeout',
    'leader-changed',
  ],
  handle: ({ body, client }, exchange) => {
    const { cluster, render } = exchange.context
    const { key, value, w, timeoutMs, replica } = body
    const request = {
      key,
      value,
      client,
      ...(w !== undefined && { w }),
      ...(timeoutMs !== undefined && { timeoutUs: usFromMs(timeoutMs) }),
      ...(replica !== undefined && { replica }),
    }
    exchange.wait((done) => cluster.writeWithQuorum(request, done), render.quorumWrite)
  },
})

const readWithQuorum = route({
  method: 'GET',
  path: '/read-with-quorum',
  group: 'data',
  summary: 'Read the newest of the first R answers.',
  description:
    'Every answer that was used comes back too. `replicas` says whom to ask; `repair` whether those ' +
    'that lack the newest record are given it before the answer (`true` or `blocking`, the default), ' +
    'after it (`async`) or not at all (`false`).',
  effect: 'repair',
  client: true,
  example: { path: '/read-with-quorum?key=user:1&r=2' },
  query: keyQuery.extend({
    r: fields.wholeText(1, BOUNDS.followersMax + 1).optional(),
    replicas: fields.replicasText.optional(),
    repair: z.enum(['true', 'blocking', 'async', 'false']).optional(),
  }),
  answer: answers.quorumReadAnswer,
  problems: [...READ_PROBLEMS, 'quorum-impossible', 'quorum-unavailable', 'quorum-timeout'],
  handle: ({ query, client }, exchange) => {
    const { cluster, render } = exchange.context
    const { key, r, replicas, repair } = query
    const request = {
      key,
      client,
      ...(r !== undefined && { r }),
      ...(replicas && { replicas }),
      ...(repair && { repair: repair === 'true' ? 'blocking' : repair }),
    }
    exchange.wait((done) => cluster.readWithQuorum(request, done), render.quorumRead)
  },
})

/** The most used first: Express tries routes in order. */
export const DATA_ROUTES: readonly Route[] = [
  read,
  write,
  followerRead,
  writeWithQuorum,
  readWithRepair('GET'),
  readWithRepair('POST'),
  readWithQuorum,
]
