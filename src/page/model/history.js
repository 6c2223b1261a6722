// What the space-time diagram looks back on: arrows, operations, faults, lifelines, lag. Things that happen at one
// instant (a frozen clock allows any number) get a slot each, in which they stand side by side once the instant is
// opened. Bounded: the oldest are dropped and counted.

/** @import { History, Item, LabEvent, Mark, Model, Replica, ViewJson } from './types' */

const ITEMS_KEPT = 6000
const POINTS_KEPT = 4000

/** @returns {History} */
export function createHistory() {
  const kept = { items: [], spans: [], lag: new Map(), slots: [] }
  return { ...kept, slot: 0, lastMs: -1, dropped: 0 }
}

/**
 * Makes room within an instant: a whole slot for what begins, half of one for what ends there.
 * @param {History} history
 * @param {number} atMs
 * @param {number} room
 */
export function takeSlot(history, atMs, room) {
  if (atMs === history.lastMs) {
    const { slots, slot: from } = history
    history.slot += room
    const last = slots.at(-1)
    if (last?.atMs === atMs) last.slot = history.slot
    else slots.push({ atMs, from, slot: history.slot })
    trim(slots, POINTS_KEPT)
  }
  history.lastMs = atMs
  return history.slot
}

/** @param {History} history @param {Item} item */
export function addItem(history, item) {
  history.items.push(item)
  const { length } = history.items
  if (length <= ITEMS_KEPT * 1.2) return
  history.items.splice(0, length - ITEMS_KEPT)
  history.dropped += length - ITEMS_KEPT
}

/** @param {Model} model @param {LabEvent} event @returns {Mark} */
export function addFault(model, event) {
  const { history } = model
  /** @type {Mark} */
  const mark = {
    item: 'mark',
    id: event.id,
    atMs: event.atMs,
    slot: takeSlot(history, event.atMs, 1),
    type: event.type,
    told: [{ atMs: event.atMs, text: event.text }],
    replicas: replicasOf(event),
  }
  addItem(history, mark)
  return mark
}

/**
 * What kept the newest record from a stale answer: the message that the server names, or what was done to the replica.
 * @param {History} history
 * @param {Item} item
 * @returns {Item | undefined}
 */
export function causeOf({ items }, item) {
  if (item.item !== 'operation' || !item.stale) return undefined
  const { cause, replica, endSlot } = item
  if (cause !== null) return items.findLast((one) => one.item === 'message' && one.id === cause)
  const isFault = (/** @type {Item} */ one) =>
    one.item === 'mark' && one.slot <= endSlot && one.replicas.includes(replica ?? -1)
  return items.findLast(isFault)
}

/** @param {LabEvent} event */
function replicasOf(event) {
  if (event.type === 'link-changed') {
    return [event.from, event.to].map(Number).filter((id) => !Number.isNaN(id))
  }
  if (event.type === 'leader-elected') return [Number(event.to)]
  return 'replica' in event ? [event.replica] : []
}

/** What lifelines take from a view. @param {Model} model @param {ViewJson} view */
export function noteView(model, view) {
  for (const replica of view.replicas) {
    noteSpan(model, replica)
    noteLag(model.history, replica.id, view.clock.nowMs, replica.lagVersions)
  }
}

/** Begins a new stretch of a replica's lifeline. @param {Model} model @param {Replica} replica */
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
 * @param {History} history
 * @param {number} id
 * @param {number} atMs
 * @param {number} versions that the replica lacks from then on, as the server says
 */
export function noteLag({ lag, slot }, id, atMs, versions) {
  const points = lag.get(id) ?? []
  lag.set(id, points)
  if ((points.at(-1)?.versions ?? 0) === versions) return
  points.push({ atMs, slot, versions })
  trim(points, POINTS_KEPT)
}

/** @template T @param {T[]} list @param {number} kept */
function trim(list, kept) {
  if (list.length > kept * 1.2) list.splice(0, list.length - kept)
}
