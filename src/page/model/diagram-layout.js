// Lays the space-time diagram out: lifelines across, with bands for how far behind a replica is; time to the right
// (time-axis.js), arrows between. Pure, in pixels.

import { place } from './time-axis.js'

/** @typedef {import('./types').History} History */
/** @typedef {import('./types').Item} Item */
/** @typedef {import('./types').Message} Message */
/** @typedef {import('./types').Operation} Operation */
/** @typedef {import('./types').Mark} Mark */
/** @typedef {import('./types').Node} Node */

export const TOP = 26
/** Many lanes share the height of a dozen. */
const LANE_PX = { min: 7, max: 44, all: 440 }
const ITEMS_DRAWN = 240
const CLIENTS_SHOWN = 3

/** @typedef {import('./time-axis.js').View} View */

/**
 * @typedef {object} Arrow
 * @property {Item} of
 * @property {string} look
 * @property {number} x1
 * @property {number} y1
 * @property {number} x2
 * @property {number} y2
 * @property {boolean} open its end lies ahead
 */

/**
 * @typedef {object} Lane
 * @property {string} name
 * @property {string} label
 * @property {number} y
 * @property {number | null} replica
 */

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
 * @param {number} nowX
 * @param {View} view
 * @param {ReturnType<typeof layoutLanes>} lanes
 */
export function layoutBands(history, nowX, view, { laneOf, laneH }) {
  const left = view.right - view.width
  return [...history.lag].flatMap(([id, points]) => {
    const y = laneOf(id, null)?.y
    if (y === undefined) return []
    return points.flatMap(({ atMs, slot, versions }, i) => {
      const next = points[i + 1]
      const x1 = Math.max(0, place(atMs, slot, view) - left)
      const x2 = next ? place(next.atMs, next.slot, view) - left : nowX
      if (versions === 0 || x2 <= x1 || x1 > view.width) return []
      const h = laneH * 0.7 * (1 - 1.6 / (versions + 1.6))
      return [{ id, versions, x: x1, y: y - h / 2, w: Math.min(view.width, x2) - x1, h }]
    })
  })
}

/**
 * Those who asked last; `default` is always among them.
 * @param {History} history
 */
function clientsOf(history) {
  const clients = new Set(['default'])
  for (let i = history.items.length - 1; i >= 0 && clients.size < CLIENTS_SHOWN; i--) {
    const item = history.items[i]
    if (item?.item === 'operation') clients.add(item.client)
  }
  clients.delete('default')
  return ['default', ...[...clients].sort()]
}

/**
 * @param {History} history
 * @param {number} nowMs
 * @param {View} view
 * @param {ReturnType<typeof layoutLanes>} lanes
 */
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
  // Reads and writes over the messages they consist of: theirs is the story to be clicked.
  drawn.sort((a, b) => Number(a.item.item === 'operation') - Number(b.item.item === 'operation'))
  for (const { item } of drawn) {
    if (item.item === 'mark') marks.push({ of: item, x: toX(item.atMs, item.slot) })
    else if (item.item === 'message') arrows.push(...messageArrow(item, history, toX, lanes))
    else arrows.push(...operationArrows(item, history, nowMs, toX, lanes))
  }
  return { arrows, marks, leftOut: found.length - drawn.length }
}

/**
 * @param {Item} item
 * @param {History} history
 * @param {number} nowMs
 * @param {View} view
 * @returns {[number, number]}
 */
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
 * @param {Message} message
 * @param {History} history
 * @param {(ms: number, slot: number) => number} toX
 * @param {ReturnType<typeof layoutLanes>} lanes
 * @returns {Arrow[]}
 */
function messageArrow(message, history, toX, lanes) {
  const from = lanes.laneOf(message.from, message.client)
  const to = lanes.laneOf(message.to, message.client)
  if (!from || !to) return []
  const open = message.endMs === null
  const endMs = message.endMs ?? message.dueMs
  const x1 = toX(message.atMs, message.slot)
  let x2 = toX(endMs, open ? history.slot : message.endSlot)
  let y2 = to.y
  if (message.fate === 'lost') {
    // It never arrived: the arrow ends in mid-air.
    x2 = x1 + (x2 - x1) * 0.62
    y2 = from.y + (to.y - from.y) * 0.62
  }
  const isRepair = message.kind === 'request' && message.record !== null
  const look = `${isRepair ? 'repair' : message.kind} ${message.fate}`
  return [{ of: message, look, x1, y1: from.y, x2: Math.max(x1, x2), y2, open }]
}

/**
 * A write goes from the client to the leader and, once acknowledged, back. Of reads the messages tell
 * all but the answer's freshness.
 * @param {Operation} operation
 * @param {History} history
 * @param {number} nowMs
 * @param {(ms: number, slot: number) => number} toX
 * @param {ReturnType<typeof layoutLanes>} lanes
 * @returns {Arrow[]}
 */
function operationArrows(operation, history, nowMs, toX, lanes) {
  const client = lanes.laneOf('api', operation.client)
  if (!client) return []
  const x1 = toX(operation.atMs, operation.slot)
  const open = operation.endMs === null
  const x2 = toX(operation.endMs ?? nowMs, open ? history.slot : operation.endSlot)
  const kind = operation.verb.startsWith('write') ? 'write' : 'read'
  const state = operation.stale ? 'stale' : operation.outcome
  /** @type {Arrow[]} */
  const arrows = [
    { of: operation, look: `${kind} wait ${state}`, x1, y1: client.y, x2, y2: client.y, open },
  ]
  const at = operation.replica ?? operation.replicas[0]
  const replica = at === undefined ? undefined : lanes.laneOf(at, null)
  if (!replica) return arrows
  if (kind === 'write') {
    arrows.push({
      of: operation,
      look: 'write ask',
      x1,
      y1: client.y,
      x2: x1,
      y2: replica.y,
      open: false,
    })
  }
  if (!open) {
    arrows.push({
      of: operation,
      look: `${kind} answer ${state}`,
      x1: x2,
      y1: replica.y,
      x2,
      y2: client.y,
      open: false,
    })
  }
  return arrows
}
