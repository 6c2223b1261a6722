// What a replica's card shows: records side by side with everyone else's, each judged against the leader's.

import { linkName, seatOf } from './nodes.js'
import { compareVersions } from './say.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').Replica} Replica */
/** @typedef {import('./types').RecordJson} RecordJson */
/** @typedef {import('./types').Node} Node */
/** @typedef {'fresh' | 'stale' | 'missing' | 'none' | 'ahead'} Freshness */

/**
 * The keys to show, the newest first; the same on every card, so that rows can be compared.
 * @param {Model} model
 * @param {readonly number[]} ids
 * @param {number} rows
 */
export function keysShown(model, ids, rows) {
  /** @type {Map<string, string>} */
  const newest = new Map()
  for (const id of ids) {
    const records = [...(model.replicas.get(id)?.records.values() ?? [])].slice(-rows * 2)
    for (const { key, version } of records) {
      const known = newest.get(key)
      if (known === undefined || compareVersions(known, version) < 0) newest.set(key, version)
    }
  }
  return [...newest]
    .sort(([, a], [, b]) => compareVersions(b, a))
    .slice(0, rows)
    .map(([key]) => key)
}

/**
 * @param {Model} model
 * @param {Replica} replica
 * @param {string} key
 * @returns {{ key: string, record: RecordJson | undefined, freshness: Freshness }}
 */
export function rowOf(model, replica, key) {
  const record = replica.records.get(key)
  const reference = model.replicas.get(seatOf(model))?.records.get(key)
  if (!record) return { key, record, freshness: replica.id === seatOf(model) ? 'none' : 'missing' }
  if (!reference)
    return { key, record, freshness: replica.id === seatOf(model) ? 'fresh' : 'ahead' }
  const order = compareVersions(record.version, reference.version)
  return { key, record, freshness: order < 0 ? 'stale' : order > 0 ? 'ahead' : 'fresh' }
}

/**
 * A leader of an epoch that is over, and who has not heard of it.
 * @param {Model} model
 * @param {Replica} replica
 */
export function isDeposed(model, replica) {
  return replica.role === 'leader' && replica.id !== seatOf(model)
}

/**
 * @typedef {object} LinkLook
 * @property {'up' | 'cut' | 'held' | 'lossy'} state
 * @property {string} latency
 * @property {number} travelling
 * @property {number} waiting messages held back
 */

/**
 * @param {Model} model
 * @param {Node} from
 * @param {Node} to
 * @returns {LinkLook}
 */
export function lookOfLink(model, from, to) {
  const link = model.links.get(linkName(from, to))
  let travelling = 0
  let waiting = 0
  for (const message of model.messages.values()) {
    if (message.from !== from || message.to !== to) continue
    if (message.fate === 'held') waiting++
    else if (message.fate === 'travelling') travelling++
  }
  const isLossy = link !== undefined && (link.lossRatio > 0 || link.duplicateRatio > 0)
  const plain = isLossy ? 'lossy' : 'up'
  const state = link === undefined || link.state === 'up' ? plain : link.state
  const holding = link?.holding ? 'held' : state
  return { state: holding, latency: link?.latency ?? '', travelling, waiting }
}
