// Where the labels of marks stand: beside their mark, inside the picture, upon no chip, no other label and no
// other mark, and if it can be upon nothing that is written on a card. Pure geometry, in pixels.

/** @import { Box } from './cluster-layout.js' */

/** The place of its mark, and how wide it is. @typedef {{ id: number, x: number, y: number, w: number }} Wanted */
/**
 * Nothing may stand upon what is taken; upon what is written, if there is no other place.
 * @typedef {{ room: { w: number, h: number }, taken: readonly Box[], written: readonly Box[] }} Around
 */
/** @typedef {{ dx: number, dy: number, w: number, h: number, place: number, covers: boolean }} Placed */

export const LABEL_H = 17
/** Half of what a mark takes, with some air. */
const MARK = 9
/** Labels may stand in the margin above and below the cards. */
const MARGIN = 12
/** What it costs to stand upon a card, and what a label gains by staying where it was from frame to frame. */
const CARD_COST = 4
const STAY_GAIN = 0.5

/** In order of preference. @param {number} w @returns {[number, number][]} centres, seen from the mark */
function placesOf(w) {
  const beside = w / 2 + MARK + 2
  const corner = w / 2 - MARK
  const near = LABEL_H / 2 + MARK + 1
  const far = near + LABEL_H + 1
  const around = (/** @type {number} */ dy) =>
    [0, corner, -corner].flatMap(
      (dx) =>
        /** @type {[number, number][]} */ ([
          [dx, -dy],
          [dx, dy],
        ]),
    )
  return [
    ...around(near),
    [-beside, 0],
    [beside, 0],
    [-beside, -near],
    [-beside, near],
    ...around(far),
  ]
}

/**
 * One after the other; who finds no room has no label, and its mark stands alone.
 * @param {readonly Wanted[]} labels
 * @param {Around} around
 * @param {ReadonlyMap<number, number>} before the place that each had in the last frame
 * @returns {Map<number, Placed>}
 */
export function placeLabels(labels, { room, taken, written }, before) {
  const marks = labels.map(({ x, y }) => ({ x: x - MARK, y: y - MARK, w: 2 * MARK, h: 2 * MARK }))
  const hard = [...taken, ...marks]
  /** @type {Map<number, Placed>} */
  const placed = new Map()
  for (const { id, x, y, w } of labels) {
    let least = Number.POSITIVE_INFINITY
    for (const [place, [dx, dy]] of placesOf(w).entries()) {
      const box = { x: x + dx - w / 2, y: y + dy - LABEL_H / 2, w, h: LABEL_H }
      if (!isInside(box, room) || hard.some((one) => overlap(box, one) > 0)) continue
      const share = written.reduce((sum, one) => sum + overlap(box, one), 0) / (w * LABEL_H)
      const stays = before.get(id) === place ? STAY_GAIN : 0
      const cost = share * CARD_COST + place * 0.1 - stays
      if (cost >= least) continue
      least = cost
      placed.set(id, { dx, dy, w, h: LABEL_H, place, covers: share > 0 })
    }
    const own = placed.get(id)
    if (own) hard.push({ x: x + own.dx - w / 2, y: y + own.dy - LABEL_H / 2, w, h: LABEL_H })
  }
  return placed
}

/** @param {Box} box @param {{ w: number, h: number }} room */
function isInside({ x, y, w, h }, room) {
  return x >= 0 && x + w <= room.w && y >= -MARGIN && y + h <= room.h + MARGIN
}

/** @param {Box} a @param {Box} b @returns {number} the area that both cover */
function overlap(a, b) {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
  return w > 0 && h > 0 ? w * h : 0
}

/**
 * What is written on a card: its head, the facts to the left, its records. The right of the facts is free.
 * @param {Box} card
 * @returns {Box[]}
 */
export function writtenOn({ x, y, w, h }) {
  const [head, facts] = [32, 76]
  return [
    { x, y, w, h: head },
    { x, y: y + head, w: Math.min(w, 170), h: facts - head },
    { x, y: y + facts, w, h: Math.max(0, h - facts) },
  ]
}

/** How wide it will be: the type is monospaced, but for the signs of other scripts. @param {string} text */
export function labelWidth(text) {
  let width = 8
  for (const sign of text) width += sign > '\u2e7f' ? 13 : 7
  return width
}
