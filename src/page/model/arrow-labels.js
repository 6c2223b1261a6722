// What arrows of the diagram are labelled with, and where there is room for it; and which of them a search finds.
// Pure, in pixels.

import { labelWidth } from './label-places.js'
import { showText } from './say.js'

/** @import { Arrow } from './diagram-layout.js' */
/** @import { Item } from './types' */
/** @typedef {{ text: string, x: number, y: number, angle: number, roomy: boolean }} Label */

const CHARS_MAX = 22
const HEIGHT = 13

/**
 * In the order of the arrows; who finds no room shows it only when asked.
 * @param {readonly Arrow[]} arrows
 * @returns {(Label | null)[]}
 */
export function labelArrows(arrows) {
  /** @type {{ x: number, y: number, w: number, h: number }[]} */
  const taken = []
  return arrows.map(({ of, look, x1, y1, x2, y2, wait }) => {
    const text = textOf(of, look)
    if (text === '') return null
    const [toX, toY] = wait ? [wait.x, wait.y] : [x2, y2]
    const [dx, dy] = [toX - x1, toY - y1]
    const isSteep = dx < Math.abs(dy)
    const angle = isSteep ? 0 : Math.atan2(dy, dx)
    const w = labelWidth(text) * 0.9
    // Along a flat arrow, at its middle; beside a steep one, between the lanes.
    const x = isSteep ? x1 + dx / 2 + 5 + w / 2 : x1 + dx * 0.45 + Math.sin(angle) * 5
    const y = isSteep
      ? y1 + dy * (look.includes('answer') ? 0.72 : 0.28)
      : y1 + dy * 0.45 - Math.cos(angle) * 5
    const [cos, sin] = [Math.cos(angle), Math.abs(Math.sin(angle))]
    const box = { x, y, w: w * cos + HEIGHT * sin, h: w * sin + HEIGHT }
    const fits = isSteep ? Math.abs(dy) > 2 * HEIGHT : Math.hypot(dx, dy) > w + 20
    const roomy = fits && !taken.some((one) => overlap(one, box))
    if (roomy) taken.push(box)
    return { text, x, y, angle: (angle * 180) / Math.PI, roomy }
  })
}

/**
 * @param {{ x: number, y: number, w: number, h: number }} a by their middles
 * @param {{ x: number, y: number, w: number, h: number }} b
 */
function overlap(a, b) {
  return Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h
}

/** @param {Item} item @param {string} look */
function textOf(item, look) {
  if (item.item === 'mark' || look.includes(' wait ') || look.startsWith('write answer')) return ''
  const { record } = item
  if (!record) return look.startsWith('read answer') ? 'nothing' : ''
  return cut(look.startsWith('read') ? record.value : `${record.key}=${record.value}`)
}

/** @param {string} text @param {number} [charsMax] */
export function cut(text, charsMax = CHARS_MAX) {
  const shown = showText(text)
  return shown.length > charsMax ? `${shown.slice(0, charsMax - 1)}…` : shown
}

/**
 * Whether a search for a key, a client or a word finds it.
 * @param {Item} item
 * @param {string} search in small letters
 */
export function finds(item, search) {
  const client = item.item === 'mark' ? '' : item.client
  const words = [client, ...item.told.map(({ text }) => text)]
  return words.some((word) => word?.toLowerCase().includes(search))
}
