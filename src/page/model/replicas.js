// Replicas as the page knows them: made when first heard of, changed by crashes, pauses and failovers.

import { noteLag, noteSpan } from './history.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').LabEvent} LabEvent */
/** @typedef {import('./types').Replica} Replica */

/**
 * @param {Model} model
 * @param {number} id
 * @returns {Replica}
 */
export function replicaOf(model, id) {
  const known = model.replicas.get(id)
  if (known) return known
  const replica = newReplica(id, id === (model.leader ?? 0) ? 'leader' : 'follower')
  model.replicas.set(id, replica)
  noteSpan(model, replica)
  return replica
}

/**
 * @param {number} id
 * @param {'leader' | 'follower'} role
 * @returns {Replica}
 */
export function newReplica(id, role) {
  return {
    id,
    role,
    state: 'running',
    epoch: 1,
    offset: 0,
    keys: 0,
    lagVersions: 0,
    lagMs: 0,
    records: new Map(),
    unknown: false,
  }
}

/**
 * @param {Model} model
 * @param {Extract<LabEvent, { type: 'replica-crashed' | 'replica-restarted' | 'replica-paused' | 'replica-resumed' }>} event
 */
export function applyLife(model, event) {
  const replica = replicaOf(model, event.replica)
  if (event.type === 'replica-crashed') {
    replica.state = 'crashed'
    if (!event.keepData) {
      replica.records.clear()
      replica.keys = 0
      replica.offset = 0
    }
  } else if (event.type === 'replica-paused') replica.state = 'paused'
  else {
    replica.state = 'running'
    if (event.type === 'replica-restarted') {
      // A leader that lost its data comes back as a follower.
      if (replica.offset === 0 && model.writtenMs.size > 0) replica.role = 'follower'
      replica.unknown = true
    }
  }
  noteSpan(model, replica)
  noteLag(model, replica, event.atMs)
}

/**
 * @param {Model} model
 * @param {Extract<LabEvent, { type: 'failover-ordered' | 'failover-void' | 'leader-elected' | 'epoch-learned' }>} event
 */
export function applyLeadership(model, event) {
  if (event.type === 'failover-ordered') {
    model.ordered = Number(event.to)
  } else if (event.type === 'failover-void') {
    if (event.reason === 'crashed') model.ordered = null
  } else if (event.type === 'leader-elected') {
    model.ordered = null
    model.epoch = event.epoch
    model.firstOffset = event.firstOffset
    model.leader = Number(event.to)
    const replica = replicaOf(model, model.leader)
    replica.role = 'leader'
    replica.epoch = event.epoch
    replica.unknown = true
    noteSpan(model, replica)
  } else {
    const replica = replicaOf(model, event.replica)
    replica.epoch = event.epoch
    if (event.steppedDown) replica.role = 'follower'
    if (event.dropped > 0) replica.unknown = true
    noteSpan(model, replica)
  }
}
