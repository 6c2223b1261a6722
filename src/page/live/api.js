// Sends calls to the server this page came from. Never throws: a server that is away is an answer too.

import { urlOf } from '../model/curl.js'

/** What stands before the path of every call: nothing, or the path of the lab this page is of. */
export const BASE = location.pathname.replace(/\/[^/]*$/, '')

/** @typedef {import('../model/types').Call} Call */

/**
 * @typedef {object} Answer
 * @property {boolean} ok
 * @property {number} status 0 when nobody answered
 * @property {any} body
 */

/**
 * @param {Call} call
 * @returns {Promise<Answer>}
 */
export async function send(call) {
  /** @type {Record<string, string>} */
  const headers = {}
  if (call.client) headers['Client-Id'] = call.client
  if (call.body) headers['Content-Type'] = 'application/json'
  try {
    const response = await fetch(BASE + urlOf(call), {
      method: call.method,
      headers,
      ...(call.body && { body: JSON.stringify(call.body) }),
    })
    const text = await response.text()
    return { ok: response.ok, status: response.status, body: text === '' ? null : JSON.parse(text) }
  } catch {
    return { ok: false, status: 0, body: { detail: 'The server does not answer.' } }
  }
}

/** Ends the lab that this page is of, though the page is about to be left. */
export function endLab() {
  void fetch(BASE, { method: 'DELETE', keepalive: true })
}

/**
 * @param {string} path
 * @param {Call['query']} [query]
 */
export function get(path, query) {
  return send({ method: 'GET', path, ...(query && { query }) })
}
