// The axis of the space-time diagram: time to scale, but for one instant that somebody looks into. What happens
// there at once is set side by side, and everything later moves aside for it. Pure, in pixels.

/** @import { History } from './types' */

export const SLOT_PX = 22
const TICK_PX = 90
const KNOT_PX = 16

/**
 * @typedef {object} View
 * @property {number} pxPerMs
 * @property {number} right the place at the right edge, on the scale of `place`
 * @property {number} width
 * @property {Opened | null} opened
 */

/** @typedef {{ atMs: number, from: number, px: number }} Opened */

/**
 * What an instant takes once it is opened; null where no more than one thing happened.
 * @param {History} history
 * @param {number} ms
 * @returns {Opened | null}
 */
export function openedAt({ slots }, ms) {
  const found = slots.findLast(({ atMs }) => atMs === ms)
  return found ? { atMs: ms, from: found.from, px: (found.slot - found.from + 1) * SLOT_PX } : null
}

/**
 * A place on the endless scroll of time.
 * @param {number} ms
 * @param {number} slot
 * @param {Pick<View, 'pxPerMs' | 'opened'>} view
 */
export function place(ms, slot, { pxPerMs, opened }) {
  const x = ms * pxPerMs
  if (!opened || ms < opened.atMs) return x
  return x + (ms > opened.atMs ? opened.px : Math.max(0, slot - opened.from) * SLOT_PX)
}

/** The time at a place. @param {number} x @param {Pick<View, 'pxPerMs' | 'opened'>} view */
export function timeAt(x, { pxPerMs, opened }) {
  const ms = x / pxPerMs
  if (!opened || ms < opened.atMs) return ms
  return Math.max(opened.atMs, ms - opened.px / pxPerMs)
}

/** From the left edge of what is in sight. @param {number} ms @param {number} slot @param {View} view */
export function toX(ms, slot, view) {
  return place(ms, slot, view) - view.right + view.width
}

/**
 * Round times at a readable distance, and the instants that can be opened.
 * @param {History} history
 * @param {View} view
 * @param {number} nowMs
 */
export function layoutTicks(history, view, nowMs) {
  const { pxPerMs, right, width, opened } = view
  const step = niceStep(TICK_PX / pxPerMs)
  const fromMs = (right - width - (opened?.px ?? 0)) / pxPerMs
  const ticks = []
  for (let ms = Math.max(0, Math.ceil(fromMs / step) * step); ; ms += step) {
    const x = toX(ms, 0, view)
    if (x > width) break
    if (x >= 0) ticks.push({ ms, x })
  }
  /** @type {{ ms: number, x: number, count: number }[]} */
  const knots = []
  for (const { atMs: ms, from, slot } of history.slots) {
    const x = toX(ms, 0, view)
    const isApart = x - (knots.at(-1)?.x ?? Number.NEGATIVE_INFINITY) >= KNOT_PX
    if (x >= 0 && x <= width && isApart && slot - from >= 1 && ms !== opened?.atMs)
      knots.push({ ms, x, count: Math.floor(slot - from) + 1 })
  }
  const open = opened && { x: toX(opened.atMs, 0, view) - SLOT_PX / 2, w: opened.px }
  return { ticks, knots, open, endX: toX(nowMs, history.slot, view) }
}

/** @param {number} least 1, 2 or 5 times a power of ten */
export function niceStep(least) {
  let step = 1
  while (step < least) step *= 10
  if (step / 5 >= least) return step / 5
  return step / 2 >= least ? step / 2 : step
}
