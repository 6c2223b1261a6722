// The axis of the space-time diagram: round times, the instants that took room, and the present. Pure, in pixels.

import { place, SLOT_PX } from './diagram-layout.js'
import { slotBefore } from './history.js'

/** @typedef {import('./types').History} History */
/** @typedef {import('./diagram-layout.js').View} View */

/**
 * Round times at a readable distance, and the instants that took room.
 * @param {History} history
 * @param {View} view
 * @param {number} nowMs
 */
export function layoutTicks(history, view, nowMs) {
  const left = view.right - view.width
  const step = niceStep(90 / view.pxPerMs)
  const toX = (/** @type {number} */ ms) => place(ms, slotBefore(history, ms), view.pxPerMs) - left
  const firstSlot = slotBefore(history, 0)
  const fromMs = Math.max(0, (left - history.slot * SLOT_PX) / view.pxPerMs)
  const toMs = Math.min(
    nowMs + view.width / view.pxPerMs,
    (view.right - firstSlot * SLOT_PX) / view.pxPerMs,
  )
  /** @type {{ ms: number, x: number }[]} */
  const ticks = []
  const end = Math.min(toMs, fromMs + step * 400)
  for (let ms = Math.ceil(fromMs / step) * step; ms <= end; ms += step) {
    const x = toX(ms)
    if (x >= 0 && x <= view.width) ticks.push({ ms, x })
  }
  return {
    ticks: spaced(ticks),
    frozen: frozenStretches(history, view),
    nowX: toNow(history, view, nowMs) - left,
  }
}

/**
 * @param {History} history
 * @param {View} view
 * @param {number} nowMs
 */
function toNow(history, view, nowMs) {
  return place(nowMs, history.slot, view.pxPerMs)
}

/** @param {{ ms: number, x: number }[]} ticks */
function spaced(ticks) {
  let lastX = Number.NEGATIVE_INFINITY
  return ticks.filter(({ x }) => {
    if (x - lastX < 64) return false
    lastX = x
    return true
  })
}

/**
 * @param {History} history
 * @param {View} view
 */
function frozenStretches(history, view) {
  const left = view.right - view.width
  /** @type {Map<number, { x: number, w: number }>} */
  const byTime = new Map()
  for (const { atMs, slot } of history.slots) {
    const from = place(atMs, slotBefore(history, atMs), view.pxPerMs) - left
    const to = place(atMs, slot, view.pxPerMs) - left
    if (to < 0 || from > view.width) continue
    byTime.set(atMs, { x: from, w: to - from })
  }
  return [...byTime.values()].filter(({ w }) => w >= SLOT_PX)
}

/** @param {number} least 1, 2 or 5 times a power of ten */
export function niceStep(least) {
  let step = 1
  while (step < least) step *= 10
  if (step / 5 >= least) return step / 5
  return step / 2 >= least ? step / 2 : step
}
