// What a replica's card and a link's chip show of the last view.

/** @import { Model, Node, Replica, Row } from './types' */

/** @param {Model} model @returns {readonly Replica[]} */
export function replicasOf(model) {
  return model.view?.replicas ?? []
}

/**
 * The keys are the same on every card, so that rows can be compared.
 * @param {Model} model
 * @param {Replica} replica
 * @param {number} rows
 * @returns {(Row & { key: string })[]}
 */
export function rowsOf(model, replica, rows) {
  const keys = model.view?.keys ?? []
  return replica.rows.slice(0, rows).map((row, i) => ({ ...row, key: keys[i] ?? '' }))
}

/** By now: what a replica lacks grows older while nothing happens. @param {Model} model @param {Replica} replica */
export function lagMsOf({ view, nowMs }, { lagVersions, lagMs }) {
  return lagVersions === 0 ? 0 : lagMs + Math.max(0, nowMs - (view?.clock.nowMs ?? nowMs))
}

/**
 * @typedef {object} LinkLook
 * @property {'up' | 'cut' | 'held' | 'lossy'} state
 * @property {string} latency
 * @property {number} travelling
 * @property {number} waiting messages held back
 */

/** @param {Model} model @param {Node} from @param {Node} to */
export function linkOf({ view }, from, to) {
  return view?.links.find((link) => link.from === from && link.to === to)
}

/** @param {Model} model @param {Node} from @param {Node} to @returns {LinkLook} */
export function lookOfLink(model, from, to) {
  const link = linkOf(model, from, to)
  if (!link) return { state: 'up', latency: '', travelling: 0, waiting: 0 }
  const { held, messages, latency, lossRatio, duplicateRatio } = link
  const plain = lossRatio > 0 || duplicateRatio > 0 ? 'lossy' : 'up'
  const state = link.holding ? 'held' : link.state === 'up' ? plain : link.state
  return { state, latency, travelling: messages - held, waiting: held }
}
