// The leader's seat, which several modules of the model need.

/** @import { Model } from './types' */

/** The newest epoch's leader, running or not. @param {Pick<Model, 'leader'>} model */
export function seatOf(model) {
  return model.leader
}
