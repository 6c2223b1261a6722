// The layers of the space-time diagram: the axis, bands of lag, lifelines with their states, arrows, marks of faults.

import { TOP } from '../model/diagram-layout.js'
import { count, sayMs } from '../model/say.js'
import { place } from '../model/time-axis.js'
import { html } from '../vendor/preact-htm.js'

/** @typedef {import('../model/types').Model} Model */
/** @typedef {import('../model/types').Item} Item */
/** @typedef {import('../model/types').Mark} Mark */
/** @typedef {import('../model/diagram-layout.js').Lane} Lane */
/** @typedef {import('../model/diagram-layout.js').Arrow} Arrow */
/** @typedef {import('../model/time-axis.js').View} View */

/**
 * @param {{ time: ReturnType<typeof import('../model/time-axis.js').layoutTicks>, width: number, height: number,
 *   open: (ms: number) => void }} props
 */
export function Ticks({ time, width, height, open }) {
  const { ticks, knots, nowX } = time
  return html`<g class="axis">
    ${time.open && html`<rect class="opened" x=${time.open.x} y=${TOP - 4} width=${time.open.w} height=${height - TOP}><title>One instant: what happened at once stands side by side.</title></rect>`}
    ${ticks.map(
      ({ ms, x }) => html`<g key=${ms}>
      <line class="tick" x1=${x} x2=${x} y1=${TOP - 6} y2=${height} />
      <text class="tick-label" x=${x + 3} y="13">${tickLabel(ms)}</text>
    </g>`,
    )}
    ${knots.map(
      ({ ms, x, count: n }) => html`<g key=${`knot ${ms}`} class="knot" onClick=${() => open(ms)}>
      <circle cx=${x} cy=${TOP - 4} r="6.5" /><text x=${x} y=${TOP - 0.5} text-anchor="middle">${n}</text>
      <title>${count(n, 'thing')} happened at this instant: click to look into it.</title>
    </g>`,
    )}
    ${
      nowX < width &&
      html`<rect class="future" x=${nowX} y=${TOP - 6} width=${width - nowX} height=${height - TOP + 6} />
      <line class="now-line" x1=${nowX} x2=${nowX} y1=${TOP - 6} y2=${height} />`
    }
  </g>`
}

/** @param {{ bands: ReturnType<typeof import('../model/diagram-layout.js').layoutBands> }} props */
export function Bands({ bands }) {
  return html`<g class="bands">${bands.map(
    ({ id, versions, x, y, w, h }) => html`<rect x=${x} y=${y} width=${w} height=${h}>
      <title>Replica ${id} lags ${count(versions, 'version')}</title></rect>`,
  )}</g>`
}

/**
 * @param {{ model: Model, view: View, lanes: readonly Lane[], nowX: number }} props
 */
export function Lifelines({ model, view, lanes, nowX }) {
  const left = view.right - view.width
  const byReplica = new Map(lanes.map((lane) => [lane.replica, lane]))
  return html`<g class="lifelines">
    ${lanes.map((lane) => html`<line key=${lane.name} class="life" x1="0" x2=${Math.min(view.width, nowX)} y1=${lane.y} y2=${lane.y} />`)}
    ${model.history.spans.map((span) => {
      const lane = byReplica.get(span.replica)
      if (!lane || (span.role === 'follower' && span.state === 'running')) return null
      const x1 = place(span.atMs, span.slot, view) - left
      const x2 = span.endMs === null ? nowX : place(span.endMs, span.endSlot, view) - left
      if (x2 < 0 || x1 > view.width) return null
      return html`<line class=${`life ${span.role} ${span.state}`} x1=${Math.max(-4, x1)} x2=${Math.min(view.width + 4, x2)} y1=${lane.y} y2=${lane.y} />`
    })}
  </g>`
}

/**
 * @param {{ arrows: readonly Arrow[], chosen: Item | null, choose: (item: Item) => void }} props
 */
export function Arrows({ arrows, chosen, choose }) {
  return html`<g class="arrows">${arrows.map((arrow) => html`<${ArrowShape} arrow=${arrow} chosen=${arrow.of === chosen} choose=${choose} />`)}</g>`
}

/**
 * @param {{ arrow: Arrow, chosen: boolean, choose: (item: Item) => void }} props
 */
function ArrowShape({ arrow, chosen, choose }) {
  const { of, look, x1, y1, x2, y2, open } = arrow
  const waits = look.includes(' wait ')
  if (waits && x2 - x1 < 2) return null
  const line = { x1, y1, x2, y2 }
  const d = `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}`
  return html`<g class=${`arrow ${look}${chosen ? ' chosen' : ''}${open ? ' open' : ''}`} onClick=${() => choose(of)}>
    <path class="hit" d=${d} />
    <path class="shaft" d=${d} />
    ${!waits && html`<path class="tip" d=${tipOf(line, look.includes('lost'))} />`}
    ${look.includes('answer stale') && html`<circle class="flag" cx=${x2} cy=${y2} r="7" /><text class="flag-text" x=${x2} y=${y2 + 3.5} text-anchor="middle">!</text>`}
  </g>`
}

/**
 * The head of an arrow; a lost one ends in a cross.
 * @param {{ x1: number, y1: number, x2: number, y2: number }} line
 * @param {boolean} lost
 */
function tipOf({ x1, y1, x2, y2 }, lost) {
  if (lost) return `M${x2 - 4} ${y2 - 4}l8 8M${x2 + 4} ${y2 - 4}l-8 8`
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const ux = (x2 - x1) / length
  const uy = (y2 - y1) / length
  const [bx, by] = [x2 - ux * 8, y2 - uy * 8]
  return `M${x2.toFixed(1)} ${y2.toFixed(1)}L${(bx - uy * 3.6).toFixed(1)} ${(by + ux * 3.6).toFixed(1)}L${(bx + uy * 3.6).toFixed(1)} ${(by - ux * 3.6).toFixed(1)}Z`
}

/**
 * @param {{ marks: readonly { of: Mark, x: number }[], lanes: readonly Lane[], chosen: Item | null,
 *   choose: (item: Item) => void, height: number }} props
 */
export function Marks({ marks, lanes, chosen, choose, height }) {
  return html`<g class="faults">${marks.map(({ of, x }) => {
    const touched = lanes.filter(
      (lane) => lane.replica !== null && of.replicas.includes(lane.replica),
    )
    const ys = touched.length > 0 ? touched.map((lane) => lane.y) : [TOP]
    return html`<g key=${of.id} class=${`fault ${of.type}${of === chosen ? ' chosen' : ''}`} onClick=${() => choose(of)}>
      ${touched.length !== 1 && html`<line class="fault-line" x1=${x} x2=${x} y1=${Math.min(...ys)} y2=${touched.length > 0 ? Math.max(...ys) : height} />`}
      ${ys.map((y) => html`<path class="diamond" d=${`M${x} ${y - 6}l6 6l-6 6l-6 -6z`} />`)}
      <title>${of.told[0]?.text}</title>
    </g>`
  })}</g>`
}

/** @param {number} ms */
function tickLabel(ms) {
  return ms >= 10_000 && ms % 1000 === 0 ? `${ms / 1000} s` : sayMs(ms)
}
