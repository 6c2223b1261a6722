// What one can ask of the cluster, of a replica and of a link: a row for each verb with the fields that it takes. The
// forms, the curl lines and the requests are all made of these rows.

import { post } from './calls.js'

/** @import { Call, Node } from './types' */

/**
 * `as`: what the server calls it, if not by its name here. `hint`: what holds when it is left empty; without one it is
 * always sent.
 * @typedef {{ label: string, as?: string, hint?: string, isNumber?: boolean, choices?: Choices }} Field
 * @typedef {'replicas' | 'nodes' | 'records' | readonly string[]} Choices
 */

/**
 * It is POST unless said; `given` is sent besides the fields; `isMain`: what most people will want here.
 * @typedef {{ label: string, path: string, method?: 'GET' | 'PUT', fields?: readonly string[], isMain?: boolean,
 *   given?: Readonly<Record<string, unknown>>, says?: string }} Verb
 */

/** @type {Readonly<Record<string, Field>>} */
export const FIELDS = {
  key: { label: 'Key' },
  value: { label: 'Value' },
  w: { label: 'W', hint: 'majority', isNumber: true },
  timeoutMs: { label: 'Time-out (ms)', hint: '2000', isNumber: true },
  r: { label: 'R', hint: 'majority', isNumber: true },
  replicas: { label: 'Of replicas', hint: 'all' },
  replica: { label: 'Replica', choices: 'replicas' },
  leader: {
    label: 'At replica',
    as: 'replica',
    hint: 'leader',
    isNumber: true,
    choices: 'replicas',
  },
  to: { label: 'Replica', hint: 'the best follower', isNumber: true, choices: 'replicas' },
  groups: { label: 'Groups', hint: '0 | 1,2' },
  repair: { label: 'Repair', hint: 'blocking', choices: ['async', 'false'] },
  client: { label: 'Client', hint: 'default' },
  forMs: { label: 'For (ms)', hint: 'for good', isNumber: true },
  record: { label: 'A record to lose silently', as: 'key', choices: 'records' },
  held: { label: 'Only key', as: 'key', hint: 'any' },
  copies: { label: 'Next copies', hint: 'all', isNumber: true },
  from: { label: 'From', choices: 'nodes' },
  towards: { label: 'To', choices: 'nodes' },
  latency: { label: 'Latency', hint: 'exponential(50ms)' },
  lossRatio: { label: 'Loss, 0 to 1', hint: 'as it is', isNumber: true },
  duplicateRatio: { label: 'Duplicates, 0 to 1', hint: 'as it is', isNumber: true },
}

/** @type {(path: string, label: string, fields: string, says: string) => Verb} */
const data = (path, label, names, says) => {
  const fields = [...names.split(' '), 'client']
  // A read is asked for in the address.
  return { path, label, says, fields, ...(!fields.includes('value') && { method: 'GET' }) }
}
const QUORUM_WRITE = 'key value w timeoutMs leader'

/** What clients do. */
export const DATA = [
  data(
    '/write',
    'Write',
    'key value leader',
    'The leader answers; copies leave for the followers.',
  ),
  data('/write-with-quorum', 'Quorum write', QUORUM_WRITE, 'Answers when W have acknowledged.'),
  data('/read', 'Read', 'key', 'Asks the leader.'),
  data('/follower-read', 'Follower read', 'key replica', 'Asks one replica, which may be stale.'),
  data(
    '/read-with-repair',
    'Repair read',
    'key',
    'Asks all, and repairs those that lack the newest.',
  ),
  data('/read-with-quorum', 'Quorum read', 'key r replicas repair', 'The newest of the first R.'),
]

/**
 * As many rows in every state, so that whoever works with one of them finds the next in its place.
 * @param {number} id
 * @param {string | undefined} state
 * @returns {readonly Verb[]}
 */
export function replicaVerbs(id, state) {
  const to = (/** @type {string} */ verb) => `/replicas/${id}/${verb}`
  const fields = ['forMs']
  return [
    state === 'paused'
      ? { label: 'Resume', path: to('resume'), isMain: true }
      : { label: 'Pause', path: to('pause'), fields },
    state === 'crashed'
      ? { label: 'Restart', path: to('restart'), isMain: true }
      : { label: 'Crash, keep data', path: to('crash'), given: { keepData: true }, fields },
    { label: 'Crash, lose data', path: to('crash'), fields },
    { label: 'Make it the leader', path: '/failover', given: { to: id } },
    { label: '… though it lags', path: '/failover', given: { to: id, force: true } },
    { label: 'Forget', path: to('forget'), fields: ['record'] },
  ]
}

/** @param {Node} from @param {Node} to @param {{ isCut: boolean, isHeld: boolean }} how @returns {readonly Verb[]} */
export function linkVerbs(from, to, { isCut, isHeld }) {
  const path = `/links/${from}/${to}`
  return [
    isCut
      ? { label: 'Heal', path: `${path}/heal`, isMain: true }
      : { label: 'Cut', path: `${path}/cut`, fields: ['forMs'] },
    isHeld
      ? { label: 'Release', path: `${path}/release`, isMain: true }
      : { label: 'Hold', path: `${path}/hold`, fields: ['held', 'copies', 'forMs'] },
    {
      label: 'Set',
      path,
      method: 'PUT',
      fields: ['latency', 'lossRatio', 'duplicateRatio', 'forMs'],
    },
    {
      label: 'As usual',
      path,
      method: 'PUT',
      given: { latency: null, lossRatio: 0, duplicateRatio: 0 },
    },
  ]
}

/** @type {Readonly<Record<'failover' | 'partition' | 'reset', { says: string, verbs: readonly Verb[] }>>} */
export const CLUSTER = {
  failover: {
    says: 'Makes a follower the leader of a new epoch. Writes that it has not got are lost.',
    verbs: [
      { label: 'Failover', path: '/failover', fields: ['to'], isMain: true },
      { label: '… though it lags', path: '/failover', fields: ['to'], given: { force: true } },
    ],
  },
  partition: {
    says: 'Cuts every link between the groups. Clients (api) reach all unless they are in a group too.',
    verbs: [
      { label: 'Partition', path: '/partition', fields: ['groups'], isMain: true },
      { label: 'Heal all', path: '/heal' },
    ],
  },
  reset: {
    says: 'Back to the start: no records, no faults, replica 0 leads.',
    verbs: [
      { label: 'Reset everything', path: '/reset', isMain: true },
      { label: 'Keep the faults', path: '/reset?keep=faults' },
      { label: 'Keep the data', path: '/reset?keep=data' },
    ],
  },
}

/** @param {Verb} verb @param {Readonly<Record<string, string>>} values by field @returns {Call} */
export function callOf({ path, method, fields = [], given }, values) {
  /** @type {Record<string, any>} */
  const facts = Object.fromEntries(
    fields.flatMap((name) => {
      const { as = name, hint, isNumber } = /** @type {Field} */ (FIELDS[name])
      const text = values[name] ?? ''
      if (name === 'client' || (hint !== undefined && text.trim() === '')) return []
      return [[as, isNumber ? Number(text) : name === 'groups' ? groupsOf(text) : text]]
    }),
  )
  const client = fields.includes('client') ? (values.client ?? '') : ''
  const by = client === '' || client === 'default' ? {} : { client }
  if (method === 'GET') return { method, path, query: facts, ...by }
  const call = post(path, { ...given, ...facts })
  return { ...call, ...(method && { method }), ...by }
}

/** As the log writes them: `0 | 1,2`. @param {string} text @returns {(number | string)[][]} */
function groupsOf(text) {
  const node = (/** @type {string} */ word) => (/^ *\d+ *$/.test(word) ? Number(word) : word.trim())
  return text.split('|').map((group) => group.split(',').map(node))
}
