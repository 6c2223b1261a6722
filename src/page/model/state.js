// The page's picture of the cluster, made from the server's events one by one. Pure: no DOM, no wall clock.
// Everything in it is bounded, however long the page stays open. Messages and operations are traffic.js's,
// what the diagram keeps is history.js's; here are replicas, links and leadership.

import { addFault, createHistory, noteLag, noteSpan } from './history.js'
import { linkName, seatOf } from './nodes.js'
import { compareVersions, offsetOf } from './say.js'
import { applyTraffic, forgetTraffic } from './traffic.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').LabEvent} LabEvent */
/** @typedef {import('./types').Replica} Replica */
/** @typedef {import('./types').RecordJson} RecordJson */
/** @typedef {import('./types').ClusterJson} ClusterJson */
/** @typedef {import('./types').Node} Node */

const RECORDS_KEPT = 200
/** The page asks for so many records of a replica, the newest. */
export const RECORDS_ASKED = 50
const LOG_KEPT = 2000
const OFFSETS_KEPT = 20_000

/** What the terminal does not show unless asked for more. */
const QUIET = new Set([
  'write-acknowledged',
  'read-started',
  'read-completed',
  'read-failed',
  'message-sent',
  'message-held',
  'message-released',
  'message-lost',
  'copy-early',
  'copy-refused',
  'acknowledgement-received',
])

/** @returns {Model} */
export function createModel() {
  return {
    seed: null,
    epoch: 1,
    firstOffset: 1,
    leader: null,
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
  model.nowMs = Math.max(model.nowMs, event.atMs)
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
function newReplica(id, role) {
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
 * @param {Extract<LabEvent, { type: 'replica-crashed' | 'replica-restarted' | 'replica-paused' | 'replica-resumed' }>} event
 */
function applyLife(model, event) {
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
 * @param {Extract<LabEvent, { type: 'leader-elected' | 'epoch-learned' }>} event
 */
function applyLeadership(model, event) {
  if (event.type === 'leader-elected') {
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
  if (keep !== 'faults') model.links.clear()
  for (const replica of model.replicas.values()) {
    if (keep !== 'faults') replica.state = 'running'
    replica.unknown = true
    if (keep === 'data') continue
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
  model.writtenMs.clear()
  for (const replica of model.replicas.values()) noteLag(model, replica, model.nowMs)
}

/**
 * The server's own word on where things stand. Links and clock are always taken; replicas only when
 * nothing happened since it spoke.
 * @param {Model} model
 * @param {ClusterJson} cluster
 * @param {boolean} current
 */
export function applyCluster(model, cluster, current) {
  model.changes++
  model.seed = cluster.seed
  model.clock = { mode: cluster.clock.mode, rate: cluster.clock.rate }
  model.links = new Map(cluster.links.map((link) => [linkName(link.from, link.to), link]))
  if (!current) return
  model.nowMs = Math.max(model.nowMs, cluster.clock.nowMs)
  model.epoch = cluster.epoch
  model.leader = leaderIn(cluster) ?? model.leader
  for (const told of cluster.replicas) {
    const replica = replicaOf(model, told.id)
    const changed = replica.role !== told.role || replica.state !== told.state
    const { role, state, epoch, appliedOffset: offset, keys, lagVersions, lagMs } = told
    if (replica.offset !== offset || (replica.keys !== keys && keys <= RECORDS_ASKED))
      replica.unknown = true
    Object.assign(replica, { role, state, epoch, offset, keys, lagVersions, lagMs })
    if (changed) noteSpan(model, replica)
  }
}

/** @param {ClusterJson} cluster */
function leaderIn(cluster) {
  if (cluster.leader !== null) return cluster.leader
  return cluster.replicas.find((one) => one.role === 'leader' && one.epoch === cluster.epoch)?.id
}

/**
 * A replica's records as the server has them, the latest to arrive last.
 * @param {Model} model
 * @param {number} id
 * @param {readonly RecordJson[]} records
 */
export function applyRecords(model, id, records) {
  const replica = replicaOf(model, id)
  model.changes++
  replica.unknown = false
  replica.records = new Map(records.map((record) => [record.key, record]))
  for (const record of records) {
    const known = model.newest.get(record.key)
    if (!known || compareVersions(known.record.version, record.version) < 0) {
      model.newest.set(record.key, { record, ackedMs: model.nowMs })
    }
  }
}

/** @param {LabEvent} event */
function isFault(event) {
  return (
    event.text.startsWith('[FAULT]') ||
    event.type === 'leader-elected' ||
    event.type === 'cluster-reset'
  )
}

/**
 * @param {Model} model
 * @param {LabEvent} event
 */
function keepLogLine(model, event) {
  const { id, atMs, text, type } = event
  const quiet =
    QUIET.has(type) || (type === 'epoch-learned' && event.dropped === 0 && !event.steppedDown)
  const warn =
    type === 'leader-suspected' ||
    (type === 'write-failed' && event.outcome === 'unknown') ||
    (type === 'epoch-learned' && event.dropped > 0)
  model.log.push({ id, atMs, text, quiet, warn })
  if (model.log.length > LOG_KEPT * 1.5) model.log.splice(0, model.log.length - LOG_KEPT)
}
