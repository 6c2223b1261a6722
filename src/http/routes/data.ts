// Writes and reads: what clients of a replicated store do.

import type { DataVerbs } from '../../core/verbs/data.ts'
import * as answers from '../answers.ts'
import type { Route } from '../route.ts'
import { requestRoute } from '../verb-route.ts'

/** Any write may find the way to its leader blocked, and then waits. */
const WRITE_PROBLEMS = [
  'no-leader',
  'not-leader',
  'replica-down',
  'replica-timeout',
  'cluster-reset',
  'too-few-followers',
  'too-many-keys',
  'too-much-data',
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

const write = requestRoute('write', {
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
  minimal: true,
  example: { path: '/write', body: { key: 'user:1', value: 'Jessica' } },
  answer: answers.written,
  problems: WRITE_PROBLEMS,
  render: (render) => render.write,
})

const read = requestRoute('read', {
  method: 'GET',
  path: '/read',
  group: 'data',
  summary: 'Read from the leader.',
  effect: 'none',
  example: { path: '/read?key=user:1' },
  answer: answers.readAnswer,
  problems: [...READ_PROBLEMS, 'replica-timeout', 'no-leader'],
  place: 'query',
  render: (render) => render.read,
})

const followerRead = requestRoute('follower-read', {
  method: 'GET',
  path: '/follower-read',
  group: 'data',
  summary: 'Read from one replica, whatever its role; it may be stale.',
  effect: 'none',
  example: { path: '/follower-read?key=user:1&replica=1' },
  answer: answers.readAnswer,
  problems: [...READ_PROBLEMS, 'replica-timeout'],
  place: 'query',
  render: (render) => render.read,
})

const readWithRepair = (method: 'GET' | 'POST') =>
  requestRoute('read-with-repair', {
    method,
    path: '/read-with-repair',
    group: 'data',
    summary:
      'Read from all replicas that answer, and give the newest record to those that lack it.',
    effect: 'repair',
    example: { path: '/read-with-repair?key=user:1' },
    answer: answers.repairReadAnswer,
    problems: [...READ_PROBLEMS, 'replica-timeout'],
    place: 'query',
    render: (render) => render.repairRead,
  })

const writeWithQuorum = requestRoute('write-with-quorum', {
  method: 'POST',
  path: '/write-with-quorum',
  group: 'data',
  summary: 'Write, and wait until W replicas have acknowledged.',
  description:
    'The leader counts as the first. `w` defaults to a majority of N. When the time-out passes the ' +
    'outcome is unknown: the record is on the leader, and still travels to the followers.',
  effect: 'command',
  durable: true,
  minimal: true,
  example: { path: '/write-with-quorum', body: { key: 'user:123', value: 'Monzo', w: 2 } },
  answer: answers.quorumWritten,
  problems: [
    ...WRITE_PROBLEMS,
    'quorum-impossible',
    'quorum-unavailable',
    'quorum-timeout',
    'leader-changed',
  ],
  render: (render) => render.quorumWrite,
})

const readWithQuorum = requestRoute('read-with-quorum', {
  method: 'GET',
  path: '/read-with-quorum',
  group: 'data',
  summary: 'Read the newest of the first R answers.',
  description:
    'Every answer that was used comes back too. `replicas` says whom to ask; `repair` whether those ' +
    'that lack the newest record are given it before the answer (`true` or `blocking`, the default), ' +
    'after it (`async`) or not at all (`false`). Before it means: it comes when R replicas are known to ' +
    'hold that record, and else is a problem.',
  effect: 'repair',
  example: { path: '/read-with-quorum?key=user:1&r=2' },
  answer: answers.quorumReadAnswer,
  problems: [...READ_PROBLEMS, 'quorum-impossible', 'quorum-unavailable', 'quorum-timeout'],
  place: 'query',
  render: (render) => render.quorumRead,
})

export const DATA_VERBS: { readonly [V in keyof DataVerbs]: Route | null } = {
  write,
  'write-with-quorum': writeWithQuorum,
  read,
  'follower-read': followerRead,
  'read-with-repair': readWithRepair('GET'),
  'read-with-quorum': readWithQuorum,
  // A client abandons a request by leaving.
  abandon: null,
}

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
