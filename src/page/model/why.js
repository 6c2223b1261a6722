// Why an answer was stale, as far as the events tell: what became of the copy that it lacked.

import { sayMs, sayNode } from './say.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').Operation} Operation */
/** @typedef {import('./types').Message} Message */

const LOSSES = /** @type {Readonly<Record<string, string>>} */ ({
  cut: 'the link was cut',
  loss: 'the network lost it by chance',
  crashed: 'the receiver was down',
  restarted: 'the receiver had restarted since',
  overflow: 'too many messages waited there',
  reset: 'the cluster was reset',
})

/** @param {string | null} reason */
export function sayLoss(reason) {
  return LOSSES[reason ?? ''] ?? 'it was lost'
}

/**
 * Ends a sentence: "…, because …".
 * @param {Model} model
 * @param {Operation} operation
 */
export function whyStale(model, operation) {
  const { replica, stale, key } = operation
  if (stale?.diverged) return 'that version was lost in a failover: no log holds it any more'
  if (replica === null) return 'none of those that answered has the newest record'
  const who = sayNode(replica)
  const newest = model.newest.get(key)?.record.version
  const copy = newest === undefined ? undefined : copyOf(model, replica, key, newest)
  if (copy) return sayCopy(model, copy, who)
  const state = model.view?.replicas[replica]
  const had = operation.record === null && state?.lagVersions === 0
  return had ? `${who} has lost the record` : `the newest copy has not reached ${who}`
}

/**
 * The latest copy of that version to that replica.
 * @param {Model} model
 * @param {number} replica
 * @param {string} key
 * @param {string} version
 * @returns {Message | undefined}
 */
function copyOf(model, replica, key, version) {
  const { items } = model.history
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]
    if (item?.item !== 'message' || item.kind !== 'copy' || item.to !== replica) continue
    if (item.record?.key === key && item.record.version === version) return item
  }
  return undefined
}

/**
 * @param {Model} model
 * @param {Message} copy
 * @param {string} who
 */
function sayCopy(model, copy, who) {
  const what = `the copy of ${copy.record?.version ?? 'it'}`
  switch (copy.fate) {
    case 'held':
      return `${what} is held on the link to ${who}`
    case 'lost':
      return `${what} was lost on its way to ${who}: ${sayLoss(copy.reason)}`
    case 'early':
      return `${what} waits at ${who} for an earlier one`
    case 'travelling': {
      const leftMs = copy.dueMs - model.nowMs
      if (leftMs > 0) return `${what} is on its way to ${who} and lands in ${sayMs(leftMs)}`
      return `${what} has arrived, but ${who} has not taken it yet`
    }
    case 'landed':
    case 'refused':
      return `${who} has lost the record since`
  }
}
