// The diagram's window on time, and the playhead in it: how wide a millisecond is, what is in sight, and what moves the
// whole picture to another instant.

import { openedAt, place, timeAt } from '../model/time-axis.js'
import { html } from '../vendor/preact-htm.js'

/** @import { Session } from '../live/session.js' */
/** @import { View } from '../model/time-axis.js' */
/** @import { Item, Model } from '../model/types' */

const ZOOM = 1.6
const PX_PER_MS = { min: 0.0005, max: 20 }
/** Where time stands still there is time to look closely. */
const DEFAULTS = { real: 0.16, manual: 0.5, instant: 0.5 }
/** Room to the right of the present, where copies under way will land. */
const LEAD = 0.3
/** What the pointer may tremble by when it clicks. */
const CLICK_PX = 4
/** Where it was put down. */
let downX = Number.NaN

/**
 * @typedef {object} Window
 * @property {number | null} pxPerMs null until somebody zooms
 * @property {number | null} right where somebody took hold of the picture
 */

/**
 * Open is the instant of what was chosen, or else the present while time stands still.
 * @param {Session} session
 * @param {Window} window
 * @param {number} width
 * @param {Item | null} chosen
 * @returns {View}
 */
export function viewOf({ whole, model, past, live }, window, width, chosen) {
  const { history, clock, nowMs } = whole
  const pxPerMs = window.pxPerMs ?? DEFAULTS[live.clock.mode]
  const focus = chosen?.atMs ?? (clock.mode === 'real' ? -1 : nowMs)
  const scale = { pxPerMs, opened: openedAt(history, focus) }
  const first = history.items[0]
  // A young history begins at the left edge instead of coming in from the right.
  const least = (first ? place(first.atMs, first.slot, scale) - 24 : 0) + width
  const lead = Math.min(leadOf(whole, pxPerMs), width * LEAD)
  const end = Math.max(place(nowMs, history.slot, scale) + lead + 16, least)
  if (!past) return { ...scale, width, right: end }
  const right = window.right ?? end
  const head = place(model.nowMs, model.history.slot, scale)
  if (head <= right - 8 && head >= right - width + 24) return { ...scale, width, right }
  return { ...scale, width, right: Math.min(end, Math.max(least, head + width * 0.4)) }
}

/** @param {Model} model @param {number} pxPerMs */
function leadOf(model, pxPerMs) {
  let dueMs = model.nowMs
  for (const message of model.messages.values()) dueMs = Math.max(dueMs, message.dueMs)
  return (dueMs - model.nowMs) * pxPerMs
}

/**
 * Dragging and the wheel, upon the diagram.
 * @param {Session} session
 * @param {View} view
 * @param {number} labelsPx
 * @param {() => void} hold the picture stays where it is
 */
export function timeHandles(session, view, labelsPx, hold) {
  const { pxPerMs, right, width } = view
  const end = () => {
    downX = Number.NaN
  }
  return {
    onPointerDown: (/** @type {PointerEvent} */ { clientX, button }) => {
      if (button === 0) downX = clientX
    },
    onPointerMove: (/** @type {PointerEvent} */ event) => {
      const { clientX, pointerId } = event
      const canvas = /** @type {HTMLElement} */ (event.currentTarget)
      const drags = canvas.hasPointerCapture(pointerId)
      if (!drags && !(Math.abs(clientX - downX) > CLICK_PX)) return
      if (!drags) canvas.setPointerCapture(pointerId)
      if (!drags) hold()
      const x = clientX - canvas.getBoundingClientRect().left - labelsPx
      session.lookAtTime(timeAt(x + right - width, view))
    },
    onPointerUp: end,
    onPointerCancel: end,
    onWheel: (/** @type {WheelEvent} */ event) => {
      const { deltaX, deltaY, currentTarget, ctrlKey } = event
      const isSideways = Math.abs(deltaX) > Math.abs(deltaY)
      // Whoever passes by on the way down the page does not mean the diagram.
      const isMeant =
        isSideways || session.past !== null || document.activeElement === currentTarget
      if (!isMeant || ctrlKey) return
      event.preventDefault()
      session.lookAtTime(
        (session.seekMs ?? session.model.nowMs) + (isSideways ? deltaX : deltaY) / pxPerMs,
      )
    },
  }
}

/** @param {{ session: Session, view: View, set: (window: Window) => void }} props */
export function TimeControls({ session, view, set }) {
  const { past, model, whole } = session
  const zoom = (/** @type {number} */ factor) => {
    const pxPerMs = Math.min(PX_PER_MS.max, Math.max(PX_PER_MS.min, view.pxPerMs * factor))
    set({ pxPerMs, right: null })
  }
  const fromMs = whole.history.items[0]?.atMs ?? 0
  return html`<div class="time-controls">
    <button type="button" class=${past ? 'primary' : ''} disabled=${!past} onClick=${() => session.lookNow()}>Back to now</button>
    <button type="button" class="icon" aria-label="Zoom out" onClick=${() => zoom(1 / ZOOM)}>−</button>
    <button type="button" class="icon" aria-label="Zoom in" onClick=${() => zoom(ZOOM)}>+</button>
    <label class="scrub"><span class="hidden">Look back in time, in milliseconds</span>
      <input type="range" disabled=${fromMs >= whole.nowMs} min=${fromMs} max=${whole.nowMs} step="any" value=${model.nowMs}
        onInput=${(/** @type {{ target: HTMLInputElement }} */ { target }) => session.lookAtTime(Number(target.value))} /></label>
  </div>`
}
