// Where the cluster view puts replicas and links: the leader's seat to the left, followers to the right, as in
// the architecture picture; on a phone the leader above its followers. Pure geometry, in pixels.

/** @import { Node } from './types' */
/** @typedef {{ x: number, y: number, w: number, h: number }} Box */
/** @typedef {readonly [number, number]} Point */

/**
 * Rows are records shown per follower; compact cards leave out epoch and offset; the table is where followers stand
 * instead when there are too many for cards.
 * @typedef {{ wide: boolean, height: number, boxes: Map<Node, Box>, rows: number, compact: boolean, table: Box | null }} ClusterLayout
 */

const CARDS_MAX = 12
const TABLE_H = 430
const WIDE_FROM = 620
/** Of cards with room for everything, and of those that leave out epoch and offset. */
const HEAD = { full: 76, compact: 54 }
/** So many cards stand close together. */
const COMPACT_FROM = 5
const ROW = 23
const GAP = 14
const NARROW_GAP = 26
const EDGE = 28
const API = { w: 62, h: 40, gap: 58 }
/** Copies and acknowledgements keep to their own side of a link. */
const LANE = 5

/** @param {{ width: number, ids: readonly number[], seat: number, rowsMax?: number }} facts @returns {ClusterLayout} */
export function layoutCluster({ width, ids, seat, rowsMax = 3 }) {
  const followers = ids.filter((id) => id !== seat)
  const wide = width >= WIDE_FROM
  const isTable = followers.length > CARDS_MAX
  const rows = isTable ? 1 : Math.min(rowsMax, rowsFor(followers.length))
  const cards = isTable ? [] : followers
  const { boxes, height } = wide
    ? placeWide(width, seat, cards, rows)
    : placeNarrow(width, seat, cards, rows)
  const compact = headFor(cards) === HEAD.compact
  if (!isTable) return { wide, height, boxes, rows, compact, table: null }
  const lead = /** @type {Box} */ (boxes.get(seat))
  const [x, y] = wide ? [lead.x + lead.w + 70, 0] : [0, lead.h + 34]
  const table = { x, y, w: width - x, h: TABLE_H }
  // What is on its way to any of them goes to the table's edge.
  for (const id of followers) boxes.set(id, wide ? table : { ...table, h: 0 })
  const center = (TABLE_H - lead.h) / 2
  if (wide) {
    boxes.set(seat, { ...lead, y: center })
    boxes.set('api', { x: 0, y: (TABLE_H - API.h) / 2, w: API.w, h: API.h })
  }
  return { wide, height: y + TABLE_H, boxes, rows, compact, table }
}

/** @param {number} followers */
function rowsFor(followers) {
  if (followers <= 2) return 3
  return followers <= 6 ? 2 : 1
}

/** @param {number} rows @param {number} [head] */
function cardHeight(rows, head = HEAD.full) {
  return head + rows * ROW + 10
}

/** @param {readonly unknown[]} followers */
function headFor(followers) {
  return followers.length < COMPACT_FROM ? HEAD.full : HEAD.compact
}

/** @param {number} width @param {number} seat @param {readonly number[]} followers @param {number} rows */
function placeWide(width, seat, followers, rows) {
  const w = Math.round(Math.min(264, Math.max(196, width * 0.27)))
  const h = cardHeight(rows, headFor(followers))
  const leaderH = cardHeight(3)
  const stack = followers.length * (h + GAP) - GAP
  const height = Math.max(stack, leaderH + 60)
  // Among many followers the leader stands where it is seen together with the first of them.
  const middle = Math.min(height / 2, 300)
  /** @type {Map<Node, Box>} */
  const boxes = new Map()
  boxes.set('api', { x: 0, y: middle - API.h / 2, w: API.w, h: API.h })
  boxes.set(seat, { x: API.w + API.gap, y: middle - leaderH / 2, w, h: leaderH })
  const top = (height - stack) / 2
  followers.forEach((id, i) => {
    boxes.set(id, { x: width - w - EDGE, y: top + i * (h + GAP), w, h })
  })
  return { boxes, height }
}

/** @param {number} width @param {number} seat @param {readonly number[]} followers @param {number} rows */
function placeNarrow(width, seat, followers, rows) {
  const h = cardHeight(rows, headFor(followers))
  const leaderH = cardHeight(3)
  const indent = 84
  /** @type {Map<Node, Box>} */
  const boxes = new Map()
  boxes.set(seat, { x: 0, y: 0, w: width - 18, h: leaderH })
  followers.forEach((id, i) => {
    boxes.set(id, { x: indent, y: leaderH + 34 + i * (h + NARROW_GAP), w: width - indent - 18, h })
  })
  return { boxes, height: leaderH + 34 + followers.length * (h + NARROW_GAP) - NARROW_GAP }
}

/**
 * The way a message takes. Between followers, and to those behind the leader, it goes round the outside.
 * @param {{ wide: boolean, height: number, boxes: Map<Node, Box> }} layout
 * @param {Node} from
 * @param {Node} to
 * @param {number} seat
 * @returns {readonly Point[]}
 */
export function wayOf(layout, from, to, seat) {
  const a = layout.boxes.get(from)
  const b = layout.boxes.get(to)
  if (!a || !b) return []
  const reversed = to === 'api' || (from !== 'api' && to === seat)
  const way = reversed
    ? forward(layout, to, from, b, a, seat)
    : forward(layout, from, to, a, b, seat)
  const lane = reversed ? LANE : -LANE
  const shifted = way.map((_, i) => shift(way, i, lane))
  return reversed ? shifted.reverse() : shifted
}

/**
 * @param {{ wide: boolean, height: number }} layout
 * @param {Node} from
 * @param {Node} to
 * @param {Box} a
 * @param {Box} b
 * @param {number} seat
 * @returns {Point[]}
 */
function forward(layout, from, to, a, b, seat) {
  const bMid = b.y + b.h / 2
  if (from === 'api') {
    if (to === seat) return [right(a), left(b)]
    const below = bMid > layout.height / 2
    const edge = below ? layout.height - 2 : 2
    const x = a.x + a.w / 2
    return [
      [x, below ? a.y + a.h : a.y],
      [x, edge],
      [b.x - 30, edge],
      [b.x, below ? b.y + b.h - 12 : b.y + 12],
    ]
  }
  if (from !== seat) {
    const out = Math.max(a.x + a.w, b.x + b.w) + 13
    return [right(a), [out, a.y + a.h / 2], [out, bMid], right(b)]
  }
  if (layout.wide) {
    // Fanned out over the leader's edge, so that links do not begin in one point.
    const spread = Math.max(-0.32, Math.min(0.32, (bMid - a.y - a.h / 2) / layout.height)) * a.h
    return [[a.x + a.w, a.y + a.h / 2 + spread], left(b)]
  }
  // Each follower has a trunk of its own, the further the more to the left.
  const x = Math.max(12, 64 - Math.round((b.y - a.y - a.h) / 6))
  return [
    [x, a.y + a.h],
    [x, bMid],
    [b.x, bMid],
  ]
}

/** @param {Box} box @returns {Point} */
function left(box) {
  return [box.x, box.y + box.h / 2]
}

/** @param {Box} box @returns {Point} */
function right(box) {
  return [box.x + box.w, box.y + box.h / 2]
}

/** Moves a corner sideways, out of the way of the other direction. @param {readonly Point[]} way @param {number} i @param {number} by @returns {Point} */
function shift(way, i, by) {
  const here = /** @type {Point} */ (way[i])
  const [before, after] = [way[i - 1], way[i + 1]]
  const [mx, my] = after ? normal(here, after) : normal(before ?? here, here)
  const [nx, ny] = before ? normal(before, here) : [mx, my]
  const far = by / (1 + nx * mx + ny * my)
  return [here[0] + (nx + mx) * far, here[1] + (ny + my) * far]
}

/** @param {Point} a @param {Point} b @returns {Point} */
function normal(a, b) {
  const dx = b[0] - a[0]
  const dy = b[1] - a[1]
  const length = Math.hypot(dx, dy) || 1
  return [-dy / length, dx / length]
}

/** @param {readonly Point[]} way @param {number} fraction @returns {Point} */
export function pointAt(way, fraction) {
  const lengths = way.slice(1).map((point, i) => {
    const before = way[i] ?? point
    return Math.hypot(point[0] - before[0], point[1] - before[1])
  })
  let left = lengths.reduce((sum, one) => sum + one, 0) * Math.min(1, Math.max(0, fraction))
  for (const [i, length] of lengths.entries()) {
    const a = way[i] ?? [0, 0]
    const b = way[i + 1] ?? a
    if (left <= length || i === lengths.length - 1) {
      const part = length === 0 ? 0 : left / length
      return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
    }
    left -= length
  }
  return way[0] ?? [0, 0]
}
