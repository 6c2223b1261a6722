// Lays the space-time diagram out: lifelines across, with bands for how far behind a replica is; time to the right
// (time-axis.js), arrows between. Pure, in pixels.

import { place } from './time-axis.js'

/** @import { View } from './time-axis.js' */
/** @import { History, Item, LagPoint, Mark, Message, Node, Operation } from './types' */

export const TOP = 26
/** Many lanes share the height of a dozen. */
const LANE_PX = { min: 7, max: 44, all: 440 }
const ITEMS_DRAWN = 240
/** So far of their way come messages that are lost, or held. */
const LOST = 0.62
const GATE = 0.72
const DOOR_PX = 6
const CLIENTS_SHOWN = 3

/**
 * The end of an open one lies ahead; `wait` is where it waited on its way.
 * @typedef {{ of: Item, look: string, x1: number, y1: number, x2: number, y2: number, open: boolean,
 *   wait: { x: number, y: number } | null }} Arrow
 */
/** @typedef {{ name: string, label: string, y: number, replica: number | null }} Lane */
/** @typedef {{ history: History, nowMs: number, toX: (ms: number, slot: number) => number, lanes: ReturnType<typeof layoutLanes> }} Frame */

/**
 * @param {History} history
 * @param {readonly number[]} replicas
 * @returns {{ lanes: Lane[], laneOf: (node: Node, client: string | null) => Lane | undefined, laneH: number }}
 */
export function layoutLanes(history, replicas) {
  const clients = clientsOf(history)
  const room = LANE_PX.all / (clients.length + replicas.length)
  const laneH = Math.min(LANE_PX.max, Math.max(LANE_PX.min, room))
  /** @type {Omit<Lane, 'y'>[]} */
  const rows = [
    ...clients.map((client) => ({
      name: `client:${client}`,
      label: client === 'default' ? 'client' : client,
      replica: null,
    })),
    ...replicas.map((id) => ({ name: `replica:${id}`, label: `replica ${id}`, replica: id })),
  ]
  const lanes = rows.map((row, i) => ({ ...row, y: TOP + laneH * (i + 0.5) }))
  const byName = new Map(lanes.map((lane) => [lane.name, lane]))
  return {
    lanes,
    laneH,
    laneOf: (node, client) =>
      node === 'api' ? (byName.get(`client:${client}`) ?? lanes[0]) : byName.get(`replica:${node}`),
  }
}

/**
 * How many entries each replica lacks, as a band along its lifeline: the thicker the more, to no end.
 * @param {History} history
 * @param {number} endX
 * @param {View} view
 * @param {ReturnType<typeof layoutLanes>} lanes
 */
export function layoutBands(history, endX, view, { laneOf, laneH }) {
  const left = view.right - view.width
  return [...history.lag].flatMap(([id, points]) => {
    const y = laneOf(id, null)?.y ?? 0
    const bands = []
    for (let i = points.length - 1, x2 = endX; i >= 0 && x2 > 0; i--) {
      const { atMs, slot, versions } = /** @type {LagPoint} */ (points[i])
      const start = place(atMs, slot, view) - left
      const x = Math.max(0, start)
      const w = Math.min(view.width, x2) - x
      const h = laneH * 0.7 * (1 - 1.6 / (versions + 1.6))
      if (versions > 0 && w > 0) bands.unshift({ id, versions, x, y: y - h / 2, w, h })
      x2 = start
    }
    return bands
  })
}

/** Those who asked last; `default` is always among them. @param {History} history */
function clientsOf(history) {
  const clients = new Set(['default'])
  for (let i = history.items.length - 1; i >= 0 && clients.size < CLIENTS_SHOWN; i--) {
    const item = history.items[i]
    if (item?.item === 'operation') clients.add(item.client)
  }
  clients.delete('default')
  return ['default', ...[...clients].sort()]
}

/** @param {History} history @param {number} nowMs @param {View} view @param {ReturnType<typeof layoutLanes>} lanes */
export function layoutArrows(history, nowMs, view, lanes) {
  const left = view.right - view.width
  /** @type {{ item: Item, rank: number }[]} */
  const found = []
  for (const item of history.items) {
    const [start, end] = extent(item, history, nowMs, view)
    if (end < left || start > view.right) continue
    found.push({ item, rank: rankOf(item) })
  }
  // What matters most is drawn, and the rest is counted.
  const drawn =
    found.length <= ITEMS_DRAWN
      ? found
      : found.sort((a, b) => a.rank - b.rank).slice(0, ITEMS_DRAWN)
  /** @type {Arrow[]} */
  const arrows = []
  /** @type {{ of: Mark, x: number }[]} */
  const marks = []
  const toX = (/** @type {number} */ ms, /** @type {number} */ slot) => place(ms, slot, view) - left
  const frame = { history, nowMs, toX, lanes }
  // Reads and writes over the messages they consist of: theirs is the story to be clicked.
  drawn.sort((a, b) => Number(a.item.item === 'operation') - Number(b.item.item === 'operation'))
  for (const { item } of drawn) {
    if (item.item === 'mark') marks.push({ of: item, x: toX(item.atMs, item.slot) })
    else if (item.item === 'message') arrows.push(...messageArrow(item, frame))
    else arrows.push(...operationArrows(item, frame))
  }
  return { arrows, marks, leftOut: found.length - drawn.length }
}

/** @param {Item} item @param {History} history @param {number} nowMs @param {View} view @returns {[number, number]} */
function extent(item, history, nowMs, view) {
  const start = place(item.atMs, item.slot, view)
  if (item.item === 'mark') return [start, start]
  const endMs = item.endMs ?? (item.item === 'message' ? Math.max(item.dueMs, nowMs) : nowMs)
  return [start, place(endMs, item.endMs === null ? history.slot : item.endSlot, view)]
}

/** @param {Item} item */
function rankOf(item) {
  if (item.item === 'mark') return 0
  if (item.item === 'operation') return item.stale ? 0 : 2
  if (item.fate === 'lost' || item.fate === 'held') return 1
  return { copy: 3, snapshot: 3, acknowledgement: 4, request: 5, response: 5, announcement: 6 }[
    item.kind
  ]
}

/**
 * What comes later than the network meant waits for it on the way: before the gate of a held link, or at the door of a
 * paused replica. What was lost never arrives.
 * @param {Message} message @param {Frame} frame @returns {Arrow[]}
 */
function messageArrow(message, { history, nowMs, toX, lanes }) {
  const { fate, dueMs, endMs, atMs } = message
  const from = lanes.laneOf(message.from, message.client)
  const to = lanes.laneOf(message.to, message.client)
  if (!from || !to) return []
  const open = endMs === null
  const [x1, y1] = [toX(atMs, message.slot), from.y]
  const isRepair = message.kind === 'request' && message.record !== null
  const kind = isRepair ? 'repair' : message.kind
  const onWay = (/** @type {number} */ share) => ({
    x: x1 + (Math.max(x1, toX(dueMs, 0)) - x1) * share,
    y: y1 + (to.y - y1) * share,
  })
  const arrow = { of: message, look: `${kind} ${fate}`, x1, y1, open, wait: null }
  if (fate === 'lost') {
    const { x, y } = onWay(LOST)
    return [{ ...arrow, x2: x, y2: y }]
  }
  const held = fate === 'held' || message.heldMs !== null
  const queued = open ? fate === 'travelling' && isPaused(history, message.to) : endMs > dueMs
  const x2 = Math.max(x1, toX(endMs ?? dueMs, open ? history.slot : message.endSlot))
  if ((!held && !queued) || (endMs ?? nowMs) <= dueMs) return [{ ...arrow, x2, y2: to.y }]
  const wait = onWay(held ? GATE : 1 - DOOR_PX / Math.abs(to.y - y1))
  const look = `${arrow.look} ${held ? 'gate' : 'door'}`
  if (open) return [{ ...arrow, look, wait, x2: toX(nowMs, history.slot), y2: wait.y }]
  return [{ ...arrow, look, wait, x2, y2: to.y }]
}

/** @param {History} history @param {Node} node */
function isPaused({ spans }, node) {
  return spans.findLast(({ replica }) => replica === node)?.state === 'paused'
}

/**
 * A write goes from the client to the leader and, once acknowledged, back. Of reads the messages tell
 * all but the answer's freshness.
 * @param {Operation} operation @param {Frame} frame @returns {Arrow[]}
 */
function operationArrows(operation, { history, nowMs, toX, lanes }) {
  const client = lanes.laneOf('api', operation.client)
  if (!client) return []
  const x1 = toX(operation.atMs, operation.slot)
  const open = operation.endMs === null
  const x2 = toX(operation.endMs ?? nowMs, open ? history.slot : operation.endSlot)
  const kind = operation.verb.startsWith('write') ? 'write' : 'read'
  const state = operation.stale ? 'stale' : operation.outcome
  const base = { of: operation, x1, wait: null }
  /** @type {Arrow[]} */
  const arrows = [{ ...base, look: `${kind} wait ${state}`, y1: client.y, x2, y2: client.y, open }]
  const at = operation.replica ?? operation.replicas[0]
  const replica = at === undefined ? undefined : lanes.laneOf(at, null)
  if (!replica) return arrows
  const there = { y1: client.y, x2: x1, y2: replica.y, open: false }
  const back = { x1: x2, y1: replica.y, x2, y2: client.y, open }
  if (kind === 'write') arrows.push({ ...base, ...there, look: 'write ask' })
  if (!open) arrows.push({ ...base, ...back, look: `${kind} answer ${state}` })
  return arrows
}
