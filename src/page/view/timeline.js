// The diagram's window on time: how wide a millisecond is, whether it follows the present, and how far it was
// scrubbed back.

import { openedAt, place } from '../model/time-axis.js'
import { html } from '../vendor/preact-htm.js'

/** @typedef {import('../model/types').Model} Model */
/** @typedef {import('../model/types').Item} Item */
/** @typedef {import('../model/types').Operation} Operation */
/** @typedef {import('../model/time-axis.js').View} View */

export const ZOOM = 1.6
const PX_PER_MS = { min: 0.0005, max: 20 }
/** Where time stands still there is time to look closely. */
const DEFAULTS = { real: 0.16, manual: 0.5, instant: 0.5 }
/** Room to the right of the present, where copies under way will land. */
const LEAD = 0.3
/** Room behind what somebody asked to see. */
const AHEAD_PX = 240

/**
 * @typedef {object} Window
 * @property {number | null} pxPerMs null until somebody zooms
 * @property {number | null} right null while it follows the present
 */

/**
 * Open is the instant of what was chosen, or else the present while time stands still.
 * @param {Model} model
 * @param {Window} window
 * @param {number} width
 * @param {Item | null} chosen
 * @returns {View & { end: number, start: number }}
 */
export function viewOf(model, window, width, chosen) {
  const { nowMs, history, clock } = model
  const pxPerMs = window.pxPerMs ?? DEFAULTS[clock.mode]
  const stands = clock.mode === 'real' ? null : openedAt(history, nowMs)
  const opened = chosen ? openedAt(history, chosen.atMs) : stands
  const scale = { pxPerMs, opened }
  const now = place(nowMs, history.slot, scale)
  const first = history.items[0]
  const start = first ? place(first.atMs, first.slot, scale) - 24 : 0
  const lead = Math.min(leadOf(model, pxPerMs), width * LEAD)
  // A young history begins at the left edge instead of coming in from the right.
  const end = Math.max(now + lead + 16, start + width)
  return { ...scale, width, right: window.right ?? end, end, start: start + width }
}

/**
 * @param {Model} model
 * @param {number} pxPerMs
 */
function leadOf(model, pxPerMs) {
  let dueMs = model.nowMs
  for (const message of model.messages.values()) dueMs = Math.max(dueMs, message.dueMs)
  return (dueMs - model.nowMs) * pxPerMs
}

/**
 * @param {number} pxPerMs
 * @param {number} factor
 */
export function zoomed(pxPerMs, factor) {
  return Math.min(PX_PER_MS.max, Math.max(PX_PER_MS.min, pxPerMs * factor))
}

/**
 * The window moved to where an item ends.
 * @param {Model} model
 * @param {Window} window
 * @param {Operation} item
 * @returns {Window}
 */
export function windowAt(model, window, { atMs, endMs, endSlot }) {
  const pxPerMs = window.pxPerMs ?? DEFAULTS[model.clock.mode]
  const scale = { pxPerMs, opened: openedAt(model.history, atMs) }
  return { pxPerMs, right: place(endMs ?? atMs, endSlot, scale) + AHEAD_PX }
}

/**
 * @param {{ view: ReturnType<typeof viewOf>, window: Window, set: (window: Window) => void }} props
 */
export function TimeControls({ view, window, set }) {
  const follows = window.right === null
  const zoom = (/** @type {number} */ factor) => {
    const pxPerMs = zoomed(view.pxPerMs, factor)
    const right = window.right === null ? null : window.right * (pxPerMs / view.pxPerMs)
    set({ pxPerMs, right })
  }
  const scrub = (/** @type {{ target: HTMLInputElement }} */ { target }) => {
    const right = Number(target.value)
    set({ ...window, pxPerMs: view.pxPerMs, right: right >= view.end - 2 ? null : right })
  }
  return html`<div class="time-controls">
    <button type="button" onClick=${() => set({ ...window, right: follows ? view.right : null })}
      aria-pressed=${!follows} title="Stop the picture, not the clock">${follows ? 'Freeze' : 'Follow'}</button>
    <button type="button" class="icon" aria-label="Zoom out" onClick=${() => zoom(1 / ZOOM)}>−</button>
    <button type="button" class="icon" aria-label="Zoom in" onClick=${() => zoom(ZOOM)}>+</button>
    <label class="scrub"><span class="hidden">Scrub back in time</span>
      <input type="range" disabled=${view.start >= view.end} min=${Math.min(view.start, view.end)} max=${view.end} step="1" value=${view.right} onInput=${scrub} /></label>
  </div>`
}
