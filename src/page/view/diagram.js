// The space-time diagram: one lifeline per client and replica, arrows between them. An arrow that is chosen, by
// pointer or by keyboard, tells its story below. Whoever drags it, turns the wheel or steps moves the whole page in time.

import { eventBefore } from '../live/tape.js'
import { cut } from '../model/arrow-labels.js'
import { replicasOf } from '../model/cards.js'
import { layoutArrows, layoutBands, layoutLanes, TOP } from '../model/diagram-layout.js'
import { causeOf } from '../model/history.js'
import { count } from '../model/say.js'
import { storyOf } from '../model/story.js'
import { layoutTicks, toX } from '../model/time-axis.js'
import { html, useRef } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { Chapters } from './chapters.js'
import { useWidth } from './cluster.js'
import { Arrows, Bands, Lifelines, Marks, Playhead, Ticks } from './diagram-parts.js'
import { saveAsSvg } from './save-svg.js'
import { TimeControls, timeHandles, viewOf } from './timeline.js'

/** @import { Moment } from '../live/playback.js' */
/** @import { Session } from '../live/session.js' */
/** @import { Item, LabEvent } from '../model/types' */
/** @import { Window } from './timeline.js' */

const LABELS_PX = 82
/** Closer than so, not every lane has its name. */
const NAME_PX = 14

/**
 * @param {{ session: Session, window: Window, setWindow: (window: Window) => void, chosen: Item | null,
 *   choose: (item: Item | null) => void, search: string }} props
 */
export function DiagramView({ session, window, setWindow, chosen, choose, search }) {
  useRedraw(session)
  const { model, whole, past } = session
  const { history } = whole
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  const width = Math.max(120, useWidth(box) - LABELS_PX)
  const view = viewOf(session, window, width, chosen)
  const lanes = layoutLanes(
    history,
    replicasOf(model).map(({ id }) => id),
  )
  const { arrows, marks, leftOut } = layoutArrows(history, whole.nowMs, view, lanes)
  const time = layoutTicks(history, view, whole.nowMs)
  const nowX = past ? toX(model.nowMs, model.history.slot, view) : time.endX
  const bands = layoutBands(history, time.endX, view, lanes)
  const height = TOP + lanes.lanes.length * lanes.laneH + 6
  const named = Math.ceil(NAME_PX / lanes.laneH)
  const open = (/** @type {number} */ ms) =>
    choose(history.items.find(({ atMs }) => atMs === ms) ?? null)
  const tell = (/** @type {LabEvent | undefined} */ event) =>
    choose((event && itemOf(session.whole.history, event)) ?? null)
  const step = (/** @type {1 | -1} */ by) => tell(session.lookOn(by))
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') return session.lookNow()
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return
    event.preventDefault()
    step(event.key === 'ArrowRight' ? 1 : -1)
  }
  const show = (/** @type {{ chapter: Moment[], place: number }} */ { chapter, place }) => {
    session.lookAt(chapter, place)
    tell(eventBefore(chapter, place, 'message'))
  }
  const head = html`<${Playhead} nowX=${nowX} width=${width} height=${height} isPast=${past !== null} />`
  const hold = () => setWindow({ pxPerMs: view.pxPerMs, right: view.right })
  return html`<section class="region diagram" aria-labelledby="diagram-title">
    <div class="region-head">
      <h2 id="diagram-title">Space and time</h2>
      <${Chapters} session=${session} show=${show} />
      <div class="actions">
        <${TimeControls} session=${session} view=${view} set=${setWindow} />
        <button type="button" onClick=${() => saveAsSvg(box.current?.querySelector('svg') ?? null)}>Save as SVG</button>
      </div>
    </div>
    <div class="canvas" ref=${box} tabindex="0" role="group" onKeyDown=${onKeyDown} ...${timeHandles(session, view, LABELS_PX, hold)}
      aria-label="Space-time diagram. Left and right arrow keys go from one thing that happened to the next; Escape goes back to now.">
      <svg width=${width + LABELS_PX} height=${height} viewBox=${`0 0 ${width + LABELS_PX} ${height}`} aria-hidden="true">
        <svg x=${LABELS_PX} y="0" width=${width} height=${height}>
          <${Ticks} time=${time} height=${height} open=${open} />
          <${Bands} bands=${bands} />
          <${Lifelines} history=${history} view=${view} lanes=${lanes.lanes} endX=${time.endX} />
          ${!past && head}
          <${Arrows} arrows=${arrows} chosen=${chosen} choose=${choose} search=${search} />
          <${Marks} marks=${marks} lanes=${lanes.lanes} chosen=${chosen} choose=${choose} height=${height} />
          ${past && head}
        </svg>
        ${lanes.lanes
          .filter((_, i) => i % named === 0)
          .map(
            (
              lane,
            ) => html`<text key=${lane.name} class=${`lane ${lane.replica === model.leader ? 'leads' : ''}`}
          x="0" y=${lane.y + 4}>${cut(lane.label, 11)}</text>`,
          )}
      </svg>
    </div>
    <${Story} item=${chosen} cause=${chosen && causeOf(history, chosen)} choose=${choose} step=${step} leftOut=${leftOut} dropped=${history.dropped} />
  </section>`
}

/** What an event is the beginning, or the end, of. @param {import('../model/types').History} history @param {LabEvent} event */
function itemOf({ items }, event) {
  return items.findLast((item) => {
    if (item.item === 'mark') return item.id === event.id
    if (item.item === 'operation') return 'request' in event && item.request === event.request
    return 'message' in event && item.id === event.message
  })
}

/** @param {{ item: Item | null, cause: Item | null, choose: (item: Item) => void, step: (by: 1 | -1) => void, leftOut: number, dropped: number }} props */
function Story({ item, cause, choose, step, leftOut, dropped }) {
  const notes = [
    leftOut > 0 && `${count(leftOut, 'arrow')} left out: zoom in to see them.`,
    dropped > 0 && 'The oldest have been dropped.',
  ].filter(Boolean)
  return html`<div class="story">
    <button type="button" class="icon" aria-label="What happened before" onClick=${() => step(-1)}>‹</button>
    <button type="button" class="icon" aria-label="What happened next" onClick=${() => step(1)}>›</button>
    <p aria-live="polite">${item ? storyOf(item) : 'Click an arrow, a read or a fault: it tells its story. Drag to look back.'}</p>
    ${cause && html`<button type="button" onClick=${() => choose(cause)}>Show its cause</button>`}
    ${notes.length > 0 && html`<p class="notes">${notes.join(' ')}</p>`}
  </div>`
}
