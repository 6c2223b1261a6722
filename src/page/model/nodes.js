// The leader's seat, which several modules of the model need.

/** @typedef {import('./types').Model} Model */

/**
 * The newest epoch's leader, running or not.
 * @param {Pick<Model, 'leader'>} model
 */
export function seatOf(model) {
  return model.leader
}
