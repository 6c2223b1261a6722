// The page's picture of the cluster, made from the server's events one by one. Pure: no DOM, no wall clock.
// Everything in it is bounded, however long the page stays open. Messages and operations are traffic.js's,
// replicas' lives replicas.js's, what the diagram keeps is history.js's; here it all comes together.

import { addFault, createHistory, noteLag, noteSpan } from './history.js'
import { linkName, seatOf } from './nodes.js'
import { applyLeadership, applyLife, newReplica, replicaOf } from './replicas.js'
import { offsetOf } from './say.js'
import { applyTraffic, forgetTraffic } from './traffic.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').LabEvent} LabEvent */
/** @typedef {import('./types').Replica} Replica */
/** @typedef {import('./types').RecordJson} RecordJson */
/** @typedef {import('./types').Node} Node */

const RECORDS_KEPT = 200
const LOG_KEPT = 2000
const OFFSETS_KEPT = 20_000

/** @returns {Model} */
export function createModel() {
  return {
    seed: null,
    epoch: 1,
    firstOffset: 1,
    leader: null,
    ordered: null,
    nowMs: 0,
    clock: { mode: 'manual', rate: 1 },
    replicas: new Map(),
    links: new Map(),
    messages: new Map(),
    newest: new Map(),
    operations: new Map(),
    writtenMs: new Map(),
    history: createHistory(),
    log: [],
    last: null,
    lastFault: null,
    changes: 0,
  }
}

/**
 * @param {Model} model
 * @param {LabEvent} event
 */
export function applyEvent(model, event) {
  model.changes++
  model.nowMs = event.type === 'cluster-reset' ? event.atMs : Math.max(model.nowMs, event.atMs)
  keepLogLine(model, event)
  applyTraffic(model, event)
  applyToReplica(model, event)
  if (isFault(event)) model.lastFault = addFault(model, event)
}

/**
 * @param {Model} model
 * @param {LabEvent} event
 */
function applyToReplica(model, event) {
  switch (event.type) {
    case 'write-applied':
      rememberOffset(model, event.record, event.atMs)
      return takeEntry(model, event.replica, event.record, event.atMs, true)
    case 'copy-applied':
      return takeEntry(model, event.replica, event.record, event.atMs, !event.alreadyHad)
    case 'record-repaired':
    case 'record-restored':
      return keepRecord(replicaOf(model, event.replica), event.record)
    case 'record-forgotten':
      replicaOf(model, event.replica).records.delete(event.key)
      return
    case 'catch-up-finished':
    case 'restore-finished':
      replicaOf(model, event.replica).unknown = true
      return
    case 'replica-crashed':
    case 'replica-restarted':
    case 'replica-paused':
    case 'replica-resumed':
      return applyLife(model, event)
    case 'failover-ordered':
    case 'failover-void':
    case 'leader-elected':
    case 'epoch-learned':
      return applyLeadership(model, event)
    case 'link-changed':
      return applyLink(model, event)
    case 'clock-changed':
      model.clock = { mode: event.mode, rate: event.rate }
      return
    case 'cluster-reset':
      return applyReset(model, event.keep)
  }
}

/**
 * @param {Model} model
 * @param {number} id
 * @param {RecordJson} record
 * @param {number} atMs
 * @param {boolean} changesStore
 */
function takeEntry(model, id, record, atMs, changesStore) {
  const replica = replicaOf(model, id)
  replica.offset = Math.max(replica.offset, offsetOf(record.version))
  if (changesStore) keepRecord(replica, record)
  if (id === seatOf(model)) for (const one of model.replicas.values()) noteLag(model, one, atMs)
  else noteLag(model, replica, atMs)
}

/**
 * @param {Replica} replica
 * @param {RecordJson} record
 */
function keepRecord(replica, record) {
  const { records } = replica
  // Taken out first, so that the latest to arrive stands last.
  if (!records.delete(record.key)) replica.keys++
  records.set(record.key, record)
  if (records.size > RECORDS_KEPT)
    records.delete(/** @type {string} */ (records.keys().next().value))
}

/**
 * @param {Model} model
 * @param {RecordJson} record
 * @param {number} atMs
 */
function rememberOffset(model, record, atMs) {
  const { writtenMs } = model
  writtenMs.set(offsetOf(record.version), atMs)
  if (writtenMs.size > OFFSETS_KEPT)
    writtenMs.delete(/** @type {number} */ (writtenMs.keys().next().value))
}

/**
 * @param {Model} model
 * @param {Extract<LabEvent, { type: 'link-changed' }>} event
 */
function applyLink(model, event) {
  const name = linkName(event.from, event.to)
  const known = model.links.get(name)
  model.links.set(name, {
    from: event.from,
    to: event.to,
    state: event.state,
    holding: event.only,
    lossRatio: known?.lossRatio ?? 0,
    duplicateRatio: known?.duplicateRatio ?? 0,
    latency: known?.latency ?? '',
    messages: known?.messages ?? 0,
  })
}

/**
 * @param {Model} model
 * @param {'nothing' | 'faults' | 'data'} keep
 */
function applyReset(model, keep) {
  forgetTraffic(model)
  // Time begins again, so nothing of before has a place on its axis.
  model.history = createHistory()
  if (keep !== 'faults') {
    for (const [name, link] of model.links) {
      const plain = { holding: null, lossRatio: 0, duplicateRatio: 0, messages: 0 }
      model.links.set(name, { ...link, ...plain, state: 'up' })
    }
  }
  for (const replica of model.replicas.values()) {
    if (keep !== 'faults') replica.state = 'running'
    replica.unknown = true
    if (keep === 'data') {
      noteSpan(model, replica)
      continue
    }
    Object.assign(replica, newReplica(replica.id, replica.id === 0 ? 'leader' : 'follower'), {
      state: replica.state,
      unknown: true,
    })
    noteSpan(model, replica)
  }
  if (keep === 'data') return
  model.epoch = 1
  model.firstOffset = 1
  model.leader = 0
  model.ordered = null
  model.writtenMs.clear()
  for (const replica of model.replicas.values()) noteLag(model, replica, model.nowMs)
}

/** @param {LabEvent} event */
function isFault(event) {
  return (
    event.group === 'fault' || event.type === 'leader-elected' || event.type === 'cluster-reset'
  )
}

/**
 * @param {Model} model
 * @param {LabEvent} event
 */
function keepLogLine(model, event) {
  const { id, atMs, text, level } = event
  model.log.push({ id, atMs, text, level })
  if (model.log.length > LOG_KEPT * 1.5) model.log.splice(0, model.log.length - LOG_KEPT)
}
