// The server's own word on the cluster, asked for now and then: it sets right what events alone do not tell.

import { noteSpan } from './history.js'
import { linkName } from './nodes.js'
import { replicaOf } from './replicas.js'
import { compareVersions } from './say.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').RecordJson} RecordJson */
/** @typedef {import('./types').ClusterJson} ClusterJson */

/** The page asks for so many records of a replica, the newest. */
export const RECORDS_ASKED = 50

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
  // The newest that anybody took over: lag is counted in its log while an order for a newer one waits.
  model.epoch = Math.max(1, ...cluster.replicas.map((one) => one.epoch))
  model.leader = leaderIn(cluster, model.epoch) ?? model.leader
  if (cluster.leader !== null) model.ordered = null
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

/**
 * @param {ClusterJson} cluster
 * @param {number} epoch
 */
function leaderIn(cluster, epoch) {
  if (cluster.leader !== null) return cluster.leader
  return cluster.replicas.find((one) => one.role === 'leader' && one.epoch === epoch)?.id
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
