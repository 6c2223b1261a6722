// The two charts under the diagram, on its time scale: how far each follower lags, and how many reads per second
// were stale. Steps for versions, slopes for milliseconds. Pure, in pixels.

import { place } from './diagram-layout.js'
import { niceStep } from './time-axis.js'

/** @typedef {import('./types').Model} Model */
/** @typedef {import('./types').LagPoint} LagPoint */
/** @typedef {import('./diagram-layout.js').View} View */

const LINES_SHOWN = 6
const BAR_PX_MIN = 18

/**
 * @param {Model} model
 * @param {View} view
 * @param {'versions' | 'ms'} unit
 * @param {number} height
 */
export function layoutLag(model, view, unit, height) {
  const left = view.right - view.width
  const toX = (/** @type {number} */ ms, /** @type {number} */ slot) =>
    place(ms, slot, view.pxPerMs) - left
  const nowX = Math.min(view.width, toX(model.nowMs, model.history.slot))
  const shown = [...model.history.lag].sort(([a], [b]) => a - b).slice(0, LINES_SHOWN)
  const lines = shown.map(([replica, points]) => ({
    replica,
    corners:
      unit === 'versions' ? steps(points, toX, nowX) : slopes(points, toX, nowX, model.nowMs),
  }))
  const highest = Math.max(
    0,
    ...lines.flatMap(({ corners }) =>
      corners.filter(({ x }) => x >= 0 && x <= view.width).map(({ value }) => value),
    ),
  )
  const top = topOf(highest, unit)
  const toY = (/** @type {number} */ value) => height - 4 - (value / top) * (height - 14)
  return {
    top,
    leftOut: model.history.lag.size - shown.length,
    lines: lines.map(({ replica, corners }, i) => ({
      replica,
      look: i,
      // Lines that lie on each other are set a little apart.
      d: corners
        .map(
          ({ x, value }, n) =>
            `${n === 0 ? 'M' : 'L'}${x.toFixed(1)} ${(toY(value) - i * 1.5).toFixed(1)}`,
        )
        .join(''),
    })),
  }
}

/**
 * @param {number} highest
 * @param {'versions' | 'ms'} unit
 */
function topOf(highest, unit) {
  const least = unit === 'versions' ? 2 : 100
  const step = niceStep(Math.max(least, highest) / 2)
  return Math.max(least, Math.ceil(highest / step) * step)
}

/** @typedef {{ x: number, value: number }} Corner */

/**
 * @param {readonly LagPoint[]} points
 * @param {(ms: number, slot: number) => number} toX
 * @param {number} nowX
 * @returns {Corner[]}
 */
function steps(points, toX, nowX) {
  /** @type {Corner[]} */
  const corners = []
  let value = 0
  for (const point of points) {
    const x = toX(point.atMs, point.slot)
    if (corners.length > 0) corners.push({ x, value })
    value = point.versions
    corners.push({ x, value })
  }
  if (corners.length > 0) corners.push({ x: nowX, value })
  return corners
}

/**
 * @param {readonly LagPoint[]} points
 * @param {(ms: number, slot: number) => number} toX
 * @param {number} nowX
 * @param {number} nowMs
 * @returns {Corner[]}
 */
function slopes(points, toX, nowX, nowMs) {
  /** @type {Corner[]} */
  const corners = []
  /** @type {number | null} */
  let since = null
  for (const { atMs, slot, sinceMs } of points) {
    const x = toX(atMs, slot)
    if (corners.length > 0) corners.push({ x, value: ageAt(atMs, since) })
    since = sinceMs
    corners.push({ x, value: ageAt(atMs, since) })
  }
  if (corners.length > 0) corners.push({ x: nowX, value: ageAt(nowMs, since) })
  return corners
}

/**
 * @param {number} ms
 * @param {number | null} sinceMs
 */
function ageAt(ms, sinceMs) {
  return sinceMs === null ? 0 : Math.max(0, ms - sinceMs)
}

/**
 * Reads in stretches of time, with the stale ones apart.
 * @param {Model} model
 * @param {View} view
 * @param {number} height
 */
export function layoutReads(model, view, height) {
  const left = view.right - view.width
  const stretchMs = Math.max(1, niceStep(BAR_PX_MIN / view.pxPerMs))
  /** @type {Map<number, { x: number, all: number, stale: number }>} */
  const bars = new Map()
  for (const { atMs, slot, stale } of model.history.reads) {
    const x = place(atMs, slot, view.pxPerMs) - left
    if (x < -BAR_PX_MIN || x > view.width) continue
    const at = Math.floor(atMs / stretchMs)
    const bar = bars.get(at) ?? { x, all: 0, stale: 0 }
    bar.all++
    if (stale) bar.stale++
    bars.set(at, bar)
  }
  const perSecond = 1000 / stretchMs
  const most = Math.max(1, ...[...bars.values()].map(({ all }) => all))
  const scale = (height - 12) / most
  return {
    top: most * perSecond,
    bars: [...bars.values()].map(({ x, all, stale }) => ({
      x,
      w: Math.max(3, Math.min(14, stretchMs * view.pxPerMs - 2)),
      all: all * scale,
      stale: stale * scale,
      text: `${stale * perSecond} of ${all * perSecond} reads per second were stale`,
    })),
  }
}
