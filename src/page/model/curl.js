// The curl command that does what a button of the page does, fit to be pasted into a POSIX shell.

import { showText } from './say.js'

/** @import { Call } from './types' */

/** Path and query of a call, as fetch and curl take it. @param {Call} call */
export function urlOf(call) {
  const query = Object.entries(call.query ?? {})
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${escapeQuery(String(value))}`)
  return query.length > 0 ? `${call.path}?${query.join('&')}` : call.path
}

/** @param {Call} call @param {string} origin */
export function curlOf(call, origin) {
  const url = origin + urlOf(call)
  const words = ['curl']
  const methodIsImplied = call.method === 'GET' || (call.method === 'POST' && call.body)
  if (!methodIsImplied) words.push('-X', call.method)
  words.push(quote(url))
  if (call.client) words.push('-H', quote(`Client-Id: ${call.client}`))
  if (call.body) {
    words.push(
      '-H',
      quote('Content-Type: application/json'),
      '-d',
      quote(showText(JSON.stringify(call.body))),
    )
  }
  return words.join(' ')
}

/** Bare where the shell leaves a word alone; else in single quotes, inside which only they act. @param {string} word */
function quote(word) {
  return /^[\w:./,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Leaves readable what a query may hold unescaped. @param {string} text */
function escapeQuery(text) {
  return encodeURIComponent(text).replace(/%3A|%2C|%2F|%40/g, decodeURIComponent)
}
