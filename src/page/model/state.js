// The page's picture of the cluster: what the server's views say of it, and the arrows and lines of the log that its
// events paint. Nothing is worked out here of what a replica has. Pure: no DOM, no wall clock; and bounded,
// however long the page stays open.

import { addFault, createHistory, noteLag, noteView } from './history.js'
import { applyTraffic } from './traffic.js'

/** @import { LabEvent, Model, ViewJson } from './types' */

const LOG_KEPT = 2000

/** @returns {Model} */
export function createModel() {
  return {
    view: null,
    leader: 0,
    nowMs: 0,
    clock: { mode: 'manual', rate: 1 },
    messages: new Map(),
    operations: new Map(),
    history: createHistory(),
    log: [],
    last: null,
    lastFault: null,
    changes: 0,
  }
}

/** @param {Model} model @param {LabEvent} event */
export function applyEvent(model, event) {
  model.changes++
  model.nowMs = event.type === 'cluster-reset' ? event.atMs : Math.max(model.nowMs, event.atMs)
  keepLogLine(model, event)
  applyTraffic(model, event)
  const { history } = model
  if (event.type === 'copy-applied') noteLag(history, event.replica, event.atMs, event.lagVersions)
  if (event.type === 'write-applied')
    for (const [id, versions] of event.lags.entries()) noteLag(history, id, event.atMs, versions)
  if (event.type === 'clock-changed') model.clock = { mode: event.mode, rate: event.rate }
  // Where time begins again, nothing of before has a place on its axis.
  if (event.type === 'cluster-reset' && event.keep === 'nothing') model.history = createHistory()
  if (isFault(event)) model.lastFault = addFault(model, event)
}

/**
 * The server's own word on the cluster, behind the events that it includes.
 * @param {Model} model
 * @param {ViewJson} view
 */
export function applyView(model, view) {
  model.changes++
  model.view = view
  model.clock = { mode: view.clock.mode, rate: view.clock.rate }
  model.nowMs = Math.max(model.nowMs, view.clock.nowMs)
  const leads = view.replicas.find(({ role, deposed }) => role === 'leader' && !deposed)
  model.leader = view.leader ?? leads?.id ?? model.leader
  noteView(model, view)
}

/** @param {Model} model @param {import('../live/playback.js').Moment} moment */
export function applyMoment(model, { event, view }) {
  if (view) applyView(model, view)
  if (event) applyEvent(model, event)
}

/** @param {LabEvent} event */
function isFault(event) {
  return (
    event.group === 'fault' || event.type === 'leader-elected' || event.type === 'cluster-reset'
  )
}

/** @param {Model} model @param {LabEvent} event */
function keepLogLine(model, event) {
  const { id, atMs, text, level, type } = event
  model.log.push({
    id,
    atMs,
    text,
    level,
    type,
    client: 'client' in event ? event.client : '',
    isStale: 'because' in event && event.because !== null,
  })
  if (model.log.length > LOG_KEPT * 1.5) model.log.splice(0, model.log.length - LOG_KEPT)
}
