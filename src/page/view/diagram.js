// The space-time diagram: one lifeline per client and replica, arrows between them. An arrow that is chosen, by
// pointer or by keyboard, tells its story below.

import { replicasOf } from '../model/cards.js'
import { layoutArrows, layoutBands, layoutLanes, TOP } from '../model/diagram-layout.js'
import { seatOf } from '../model/nodes.js'
import { count, showText } from '../model/say.js'
import { storyOf } from '../model/story.js'
import { layoutTicks } from '../model/time-axis.js'
import { html, useRef } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { useWidth } from './cluster.js'
import { Arrows, Bands, Lifelines, Marks, Ticks } from './diagram-parts.js'
import { saveAsSvg } from './save-svg.js'
import { TimeControls, viewOf } from './timeline.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').Item} Item */
/** @typedef {import('./timeline.js').Window} Window */

const LABELS_PX = 82
/** Closer than so, not every lane has its name. */
const NAME_PX = 14

/**
 * @param {{ session: Session, window: Window, setWindow: (window: Window) => void, chosen: Item | null,
 *   choose: (item: Item | null) => void }} props
 */
export function DiagramView({ session, window, setWindow, chosen, choose }) {
  useRedraw(session)
  const { model } = session
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  const width = Math.max(120, useWidth(box) - LABELS_PX)
  const view = viewOf(model, window, width, chosen)
  const lanes = layoutLanes(model.history, idsOf(model))
  const { arrows, marks, leftOut } = layoutArrows(model.history, model.nowMs, view, lanes)
  const time = layoutTicks(model.history, view, model.nowMs)
  const bands = layoutBands(model.history, time.nowX, view, lanes)
  const height = TOP + lanes.lanes.length * lanes.laneH + 6
  const named = Math.ceil(NAME_PX / lanes.laneH)
  const items = [...new Set([...marks.map(({ of }) => of), ...arrows.map(({ of }) => of)])]
  const open = (/** @type {number} */ ms) =>
    choose(model.history.items.find(({ atMs }) => atMs === ms) ?? null)
  const step = (/** @type {number} */ by) => choose(neighbour(items, chosen, by))
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    step(by)
  }
  return html`<section class="region diagram" aria-labelledby="diagram-title">
    <div class="region-head">
      <h2 id="diagram-title">Space and time</h2>
      <div class="actions">
        <${TimeControls} view=${view} window=${window} set=${setWindow} />
        <button type="button" onClick=${() => saveAsSvg(box.current?.querySelector('svg') ?? null)}>Save as SVG</button>
      </div>
    </div>
    <div class="canvas" ref=${box} tabindex="0" role="group" onKeyDown=${onKeyDown}
      aria-label="Space-time diagram. Left and right arrow keys go from story to story.">
      <svg width=${width + LABELS_PX} height=${height} viewBox=${`0 0 ${width + LABELS_PX} ${height}`} aria-hidden="true">
        <svg x=${LABELS_PX} y="0" width=${width} height=${height}>
          <${Ticks} time=${time} width=${width} height=${height} open=${open} />
          <${Bands} bands=${bands} />
          <${Lifelines} model=${model} view=${view} lanes=${lanes.lanes} nowX=${time.nowX} />
          <${Arrows} arrows=${arrows} chosen=${chosen} choose=${choose} />
          <${Marks} marks=${marks} lanes=${lanes.lanes} chosen=${chosen} choose=${choose} height=${height} />
        </svg>
        ${lanes.lanes
          .filter((_, i) => i % named === 0)
          .map(
            (
              lane,
            ) => html`<text key=${lane.name} class=${`lane ${lane.replica === seatOf(model) ? 'leads' : ''}`}
          x="0" y=${lane.y + 4}>${shorten(showText(lane.label))}</text>`,
          )}
      </svg>
    </div>
    <${Story} item=${chosen} step=${step} leftOut=${leftOut} dropped=${model.history.dropped} />
  </section>`
}

/** @param {Session['model']} model */
function idsOf(model) {
  return replicasOf(model).map(({ id }) => id)
}

/** @param {string} label */
function shorten(label) {
  return label.length > 11 ? `${label.slice(0, 10)}…` : label
}

/**
 * @param {Item[]} items
 * @param {Item | null} chosen
 * @param {number} by
 */
function neighbour(items, chosen, by) {
  const inTime = [...items].sort((a, b) => a.atMs - b.atMs || a.slot - b.slot || rank(a) - rank(b))
  const at = chosen === null ? -1 : inTime.indexOf(chosen)
  if (at === -1) return (by > 0 ? inTime[0] : inTime.at(-1)) ?? null
  return inTime[Math.min(inTime.length - 1, Math.max(0, at + by))] ?? null
}

/** The question comes before the messages that it causes. @param {Item} item */
function rank(item) {
  return item.item === 'operation' ? 0 : 1
}

/**
 * @param {{ item: Item | null, step: (by: number) => void, leftOut: number, dropped: number }} props
 */
function Story({ item, step, leftOut, dropped }) {
  const notes = [
    leftOut > 0 && `${count(leftOut, 'arrow')} left out: zoom in to see them.`,
    dropped > 0 && 'The oldest have been dropped.',
  ].filter(Boolean)
  return html`<div class="story">
    <button type="button" class="icon" aria-label="The story before" onClick=${() => step(-1)}>‹</button>
    <button type="button" class="icon" aria-label="The next story" onClick=${() => step(1)}>›</button>
    <p aria-live="polite">${item ? storyOf(item) : 'Click an arrow, a read or a fault: it tells its story.'}</p>
    ${notes.length > 0 && html`<p class="notes">${notes.join(' ')}</p>`}
  </div>`
}
