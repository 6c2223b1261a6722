// Tells one arrow, read, write or fault in one sentence.

import { capital, count, sayMs, sayNode, sayRecord, sayReplicas, sayText } from './say.js'
import { sayLoss } from './why.js'

/** @typedef {import('./types').Item} Item */
/** @typedef {import('./types').Message} Message */
/** @typedef {import('./types').Operation} Operation */

/** @param {Item} item */
export function storyOf(item) {
  switch (item.item) {
    case 'message':
      return tellMessage(item)
    case 'operation':
      return item.verb.startsWith('write') ? tellWrite(item) : tellRead(item)
    case 'mark':
      return `At ${sayMs(item.atMs)}: ${item.text.replace(/^\[\w+\] /, '')}.`
  }
}

/** @param {Message} message */
function tellMessage(message) {
  const cargo = message.record ? ` of ${sayRecord(message.record)}` : ''
  const kind = message.kind === 'request' && message.record ? 'repair' : message.kind
  const start = `${capital(article(kind))} ${kind}${cargo} left ${sayNode(message.from)} at ${sayMs(message.atMs)}`
  return `${start} ${tellEnd(message, sayNode(message.to))}.`
}

/**
 * @param {Message} message
 * @param {string} to
 */
function tellEnd(message, to) {
  const { fate, atMs, dueMs, endMs } = message
  switch (fate) {
    case 'travelling':
      return `for ${to}, where it is due at ${sayMs(dueMs)}`
    case 'held':
      return `for ${to} and is held on the link until somebody releases it`
    case 'lost':
      return message.reason === 'reset'
        ? `for ${to} and was gone when the cluster was reset`
        : `for ${to} and was lost: ${sayLoss(message.reason)}`
    case 'early':
      return `and reached ${to} at ${sayMs(endMs ?? dueMs)}, where it waits for an earlier copy`
    case 'refused': {
      const why = message.reason === 'duplicate' ? 'it had it before' : 'that epoch was over'
      return `and was refused by ${to} at ${sayMs(endMs ?? dueMs)}: ${why}`
    }
    case 'landed': {
      const tookMs = (endMs ?? dueMs) - atMs
      const held = message.heldMs === null ? '' : ', after it was held'
      const had = message.reason === 'already-had' ? ', which a repair had given it before' : ''
      if (tookMs === 0) return `and reached ${to} at once${had}`
      return `and landed at ${to} ${sayMs(tookMs)} later, at ${sayMs(endMs ?? dueMs)}${held}${had}`
    }
  }
}

/** @param {Operation} operation */
function tellWrite(operation) {
  const { record, client, atMs, outcome, acknowledgedBy, w, endMs, code } = operation
  const what = record ? sayRecord(record) : sayText(operation.key)
  const start = `Client ${sayText(client)} wrote ${what} to ${sayReplicas(operation.replicas)} at ${sayMs(atMs)}`
  if (outcome === 'open') return `${start} and waits for ${count(w ?? 1, 'acknowledgement')}.`
  if (outcome === 'failed') return `${start}; at ${sayMs(endMs ?? atMs)} it failed: ${code}.`
  const when = endMs === atMs ? 'at once' : `after ${sayMs((endMs ?? atMs) - atMs)}`
  return `${start}; it was acknowledged ${when}, by ${sayReplicas(acknowledgedBy)}.`
}

/** @param {Operation} operation */
function tellRead(operation) {
  const { client, atMs, outcome, endMs } = operation
  const verb = operation.verb.replaceAll('-', ' ')
  const whom = operation.replicas.length > 0 ? ` at ${sayReplicas(operation.replicas)}` : ''
  const start = `Client ${sayText(client)} asked for ${sayText(operation.key)} by ${verb}${whom} at ${sayMs(atMs)}`
  if (outcome === 'open') return `${start} and waits for the answer.`
  const late = endMs === null || endMs === atMs ? '' : ` ${sayMs(endMs - atMs)} later`
  return `${start} and got${late} ${tellAnswer(operation)}.${tellRepairs(operation)}`
}

/** @param {Operation} operation */
export function tellAnswer(operation) {
  const { record, code, stale, why } = operation
  const what = record
    ? sayRecord(record)
    : code === 'key-not-found'
      ? 'nothing: no such key there'
      : `no answer: ${code}`
  if (!stale) return what
  return `${what}, which is stale${tellStaleness(stale)}, because ${why}`
}

/** @param {NonNullable<Operation['stale']>} stale */
function tellStaleness(stale) {
  if (stale.versions === 0) return ''
  const least = stale.atLeast ? 'at least ' : ''
  const ms = stale.ms > 0 ? ` and ${sayMs(stale.ms)}` : ''
  return ` by ${least}${count(stale.versions, 'version')}${ms}`
}

/** @param {Operation} operation */
function tellRepairs({ repaired }) {
  return repaired.length > 0 ? ` It repaired ${sayReplicas(repaired)}.` : ''
}

/** @param {string} word */
function article(word) {
  return /^[aeiou]/.test(word) ? 'an' : 'a'
}
