// Calls of the clock; those with fields to fill in are verbs.js's. curl.js writes them out
// and live/api.js sends them, so what is shown is what is sent.

/** @import { Call } from './types' */

/** @param {string} path @param {Record<string, unknown>} [body] @returns {Call} */
export function post(path, body) {
  const given = Object.entries(body ?? {}).filter(([, value]) => value !== undefined)
  return given.length > 0
    ? { method: 'POST', path, body: Object.fromEntries(given) }
    : { method: 'POST', path }
}

/** The clock. */
export const clockCalls = {
  pause: () => post('/clock/pause'),
  /** @param {number} ms */
  advance: (ms) => post('/clock/advance', { ms }),
  idle: () => post('/clock/advance', { to: 'idle' }),
  /** @param {{ mode?: string, rate?: number }} body @returns {Call} */
  set: (body) => ({ method: 'PUT', path: '/clock', body }),
}
