// Every verb of the API that the page offers, as a call: method, path, body. curl.js writes them out and
// live/api.js sends them, so what is shown is what is sent.

/** @typedef {import('./types').Call} Call */
/** @typedef {import('./types').Node} Node */

/**
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 * @returns {Call}
 */
export function post(path, body) {
  const given = Object.entries(body ?? {}).filter(([, value]) => value !== undefined)
  return given.length > 0
    ? { method: 'POST', path, body: Object.fromEntries(given) }
    : { method: 'POST', path }
}

/** @typedef {'write' | 'write-with-quorum' | 'read' | 'follower-read' | 'read-with-repair' | 'read-with-quorum'} DataVerb */

/**
 * @typedef {object} DataFields
 * @property {string} key
 * @property {string} value
 * @property {string} w
 * @property {string} timeoutMs
 * @property {string} r
 * @property {string} replica
 * @property {string} repair
 * @property {string} client
 */

/**
 * @param {DataVerb} verb
 * @param {DataFields} fields
 * @returns {Call}
 */
export function dataCall(verb, fields) {
  const { key, value } = fields
  const client =
    fields.client === '' || fields.client === 'default' ? {} : { client: fields.client }
  switch (verb) {
    case 'write':
      return { ...post('/write', { key, value }), ...client }
    case 'write-with-quorum': {
      const { w, timeoutMs } = fields
      const body = { key, value, w: numberOrNone(w), timeoutMs: numberOrNone(timeoutMs) }
      return { ...post('/write-with-quorum', body), ...client }
    }
    case 'read':
    case 'read-with-repair':
      return { method: 'GET', path: `/${verb}`, query: { key }, ...client }
    case 'follower-read':
      return {
        method: 'GET',
        path: '/follower-read',
        query: { key, replica: fields.replica },
        ...client,
      }
    case 'read-with-quorum': {
      const query = { key, r: fields.r || undefined, repair: fields.repair || undefined }
      return { method: 'GET', path: '/read-with-quorum', query, ...client }
    }
  }
}

/** @param {string} text */
function numberOrNone(text) {
  return text.trim() === '' ? undefined : Number(text)
}

/** The clock. */
export const clockCalls = {
  pause: () => post('/clock/pause'),
  resume: () => post('/clock/resume'),
  /** @param {number} ms */
  advance: (ms) => post('/clock/advance', { ms }),
  idle: () => post('/clock/advance', { to: 'idle' }),
  /** @param {{ mode?: string, rate?: number }} body @returns {Call} */
  set: (body) => ({ method: 'PUT', path: '/clock', body }),
}

/**
 * @param {number} id
 * @param {'crash' | 'restart' | 'pause' | 'resume' | 'forget'} verb
 * @param {Record<string, unknown>} [body]
 */
export function replicaCall(id, verb, body) {
  return post(`/replicas/${id}/${verb}`, body)
}

/**
 * @param {Node} from
 * @param {Node} to
 * @param {'cut' | 'heal' | 'hold' | 'release'} verb
 * @param {Record<string, unknown>} [body]
 */
export function linkCall(from, to, verb, body) {
  return post(`/links/${from}/${to}/${verb}`, body)
}

/**
 * @param {Node} from
 * @param {Node} to
 * @param {Record<string, unknown>} body
 * @returns {Call}
 */
export function setLinkCall(from, to, body) {
  return { method: 'PUT', path: `/links/${from}/${to}`, body }
}

export const clusterCalls = {
  /** @param {Node[][]} groups */
  partition: (groups) => post('/partition', { groups }),
  heal: () => post('/heal'),
  /** @param {{ to?: number, force?: boolean }} [how] */
  failover: (how) => post('/failover', how),
  /** @param {'faults' | 'data'} [keep] @returns {Call} */
  reset: (keep) => ({ method: 'POST', path: '/reset', ...(keep && { query: { keep } }) }),
}
