// What the space-time diagram and the charts look back on: arrows, operations, faults, lifelines, lag. Things
// that happen at one instant (a frozen clock allows any number) get a slot each, so that they stand side
// by side in the order they happened. Bounded: the oldest are dropped and counted.

import { seatOf } from './nodes.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').History} History */
/** @typedef {import('./types').LabEvent} LabEvent */
/** @typedef {import('./types').Replica} Replica */
/** @typedef {import('./types').ViewJson} ViewJson */
/** @typedef {import('./types').Mark} Mark */
/** @typedef {import('./types').Item} Item */

const ITEMS_KEPT = 6000
const POINTS_KEPT = 4000

/** @returns {History} */
export function createHistory() {
  return {
    items: [],
    spans: [],
    lag: new Map(),
    reads: [],
    slots: [],
    slot: 0,
    lastMs: -1,
    dropped: 0,
  }
}

/**
 * Makes room within an instant: a whole slot for what begins, half of one for what ends there.
 * @param {History} history
 * @param {number} atMs
 * @param {number} room
 */
export function takeSlot(history, atMs, room) {
  if (atMs === history.lastMs) {
    history.slot += room
    history.slots.push({ atMs, slot: history.slot })
    trim(history.slots, POINTS_KEPT)
  }
  history.lastMs = atMs
  return history.slot
}

/**
 * The slots taken before a time.
 * @param {History} history
 * @param {number} ms
 */
export function slotBefore(history, ms) {
  const { slots } = history
  let low = 0
  let high = slots.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (/** @type {{ atMs: number }} */ (slots[middle]).atMs < ms) low = middle + 1
    else high = middle
  }
  if (low > 0) return /** @type {{ slot: number }} */ (slots[low - 1]).slot
  const first = slots[0]
  return first ? Math.floor(first.slot) - 1 : history.slot
}

/**
 * @param {History} history
 * @param {Item} item
 */
export function addItem(history, item) {
  history.items.push(item)
  const { length } = history.items
  if (length <= ITEMS_KEPT * 1.2) return
  history.items.splice(0, length - ITEMS_KEPT)
  history.dropped += length - ITEMS_KEPT
}

/**
 * @param {Model} model
 * @param {LabEvent} event
 * @returns {Mark}
 */
export function addFault(model, event) {
  const { history } = model
  /** @type {Mark} */
  const mark = {
    item: 'mark',
    id: event.id,
    atMs: event.atMs,
    slot: takeSlot(history, event.atMs, 1),
    type: event.type,
    text: event.text,
    replicas: replicasOf(event),
  }
  addItem(history, mark)
  return mark
}

/** @param {LabEvent} event */
function replicasOf(event) {
  if (event.type === 'link-changed') {
    return [event.from, event.to].map(Number).filter((id) => !Number.isNaN(id))
  }
  if (event.type === 'leader-elected') return [Number(event.to)]
  return 'replica' in event ? [event.replica] : []
}

/**
 * What lifelines and charts take from a view.
 * @param {Model} model
 * @param {ViewJson} view
 */
export function noteView(model, view) {
  for (const replica of view.replicas) {
    noteSpan(model, replica)
    if (replica.id !== seatOf(model)) noteLag(model, replica, view.clock.nowMs)
  }
}

/**
 * Begins a new stretch of a replica's lifeline.
 * @param {Model} model
 * @param {Replica} replica
 */
function noteSpan(model, { id, role, state }) {
  const { history, nowMs } = model
  const { slot } = history
  const open = history.spans.findLast((span) => span.replica === id)
  if (open && open.role === role && open.state === state) return
  if (open) {
    open.endMs = nowMs
    open.endSlot = slot
  }
  history.spans.push({ replica: id, atMs: nowMs, slot, endMs: null, endSlot: slot, role, state })
  trim(history.spans, POINTS_KEPT)
}

/**
 * @param {Model} model
 * @param {Replica} replica
 * @param {number} atMs
 */
function noteLag({ history }, { id, lagVersions: versions, lagMs }, atMs) {
  const sinceMs = versions === 0 ? null : atMs - lagMs
  const points = history.lag.get(id) ?? []
  history.lag.set(id, points)
  const last = points.at(-1)
  if (last && last.versions === versions && last.sinceMs === sinceMs) return
  if (last && last.atMs === atMs && last.slot === history.slot) points.pop()
  points.push({ atMs, slot: history.slot, versions, sinceMs })
  trim(points, POINTS_KEPT)
}

/**
 * @param {History} history
 * @param {number} atMs
 * @param {boolean} stale
 */
export function noteRead(history, atMs, stale) {
  history.reads.push({ atMs, slot: history.slot, stale })
  trim(history.reads, POINTS_KEPT)
}

/**
 * @template T
 * @param {T[]} list
 * @param {number} kept
 */
function trim(list, kept) {
  if (list.length > kept * 1.2) list.splice(0, list.length - kept)
}
