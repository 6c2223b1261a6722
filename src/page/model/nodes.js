// Names of links and the leader's seat: what several modules of the model need.

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').Node} Node */

/**
 * The newest epoch's leader, running or not.
 * @param {Pick<Model, 'leader'>} model
 */
export function seatOf(model) {
  return model.leader ?? 0
}

/**
 * @param {Node} from
 * @param {Node} to
 */
export function linkName(from, to) {
  return `${from}>${to}`
}
