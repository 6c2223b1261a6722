// Sends calls to the server this page came from, by way of the browser's connections. Never throws: a server that is
// away is an answer too.

import { urlOf } from '../model/curl.js'
import { connect } from './connections.js'

const HOME = location.pathname.replace(/\/[^/]*$/, '')
let shown = HOME
const MAY_WAIT = /^\/(write|read|follower-read)/

/** @import { Call } from '../model/types' */
/** @import { Word } from './connections.js' */

/** Its status is 0 when nobody answered. @typedef {{ ok: boolean, status: number, body: any }} Answer */

/** @type {((answer: Answer) => void)[]} */
const askers = []
let hear = (/** @type {Word} */ _word) => {}
const port = openPort()
port.onmessage = ({ data }) => {
  const { ask, status, text } = data
  if (ask === undefined) return hear(data)
  askers[ask]?.({ ok: status >= 200 && status < 300, status, body: parsed(text) })
  delete askers[ask]
}
addEventListener('pagehide', () => {
  port.postMessage({ bye: true })
  showLab(shown)
})

function openPort() {
  if ('SharedWorker' in globalThis) {
    return new SharedWorker(new URL('./connections.js', import.meta.url)).port
  }
  const { port1, port2 } = new MessageChannel()
  connect(port1)
  return port2
}

/** @param {(word: Word) => void} listener */
export function listen(listener) {
  hear = listener
  return (/** @type {object} */ word) => port.postMessage(word)
}

/** @param {Call} call @param {string} [lab] the path of another than that on show @returns {Promise<Answer>} */
export function send({ method, path, query, client, body }, lab = shown) {
  const headers = {
    // A header is bytes, and those of any script are UTF-8, as curl sends them.
    ...(client && { 'Client-Id': String.fromCharCode(...new TextEncoder().encode(client)) }),
    ...(body && { 'Content-Type': 'application/json' }),
  }
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  return new Promise((done) => {
    const ask = askers.push(done) - 1
    const url = lab + urlOf({ method, path, ...(query && { query }) })
    port.postMessage({ ask, path: url, init, mayWait: MAY_WAIT.test(path) })
  })
}

/** @param {string} text */
function parsed(text) {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return { detail: text.slice(0, 200) }
  }
}

/** What stands before the path of every call: nothing, or the path of the lab that is on show. */
export function base() {
  return shown
}

/** @param {string} [lab] the one that this page is of, unless said; what was shown beside it ends: nobody knows of it */
export function showLab(lab = HOME) {
  if (shown !== HOME) void fetch(shown, { method: 'DELETE', keepalive: true })
  shown = lab
}

/** @param {string} path @param {Call['query']} [query] */
export function get(path, query) {
  return send({ method: 'GET', path, ...(query && { query }) })
}
