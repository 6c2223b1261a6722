// The layers of the space-time diagram: the axis, bands of lag, lifelines with their states, arrows, marks of faults.

import { finds, labelArrows } from '../model/arrow-labels.js'
import { TOP } from '../model/diagram-layout.js'
import { count, sayMs } from '../model/say.js'
import { toX } from '../model/time-axis.js'
import { html, useState } from '../vendor/preact-htm.js'

/** @import { Arrow, Lane } from '../model/diagram-layout.js' */
/** @import { View } from '../model/time-axis.js' */
/** @import { History, Item, Mark } from '../model/types' */

/**
 * @param {{ time: ReturnType<typeof import('../model/time-axis.js').layoutTicks>, height: number,
 *   open: (ms: number) => void }} props
 */
export function Ticks({ time, height, open }) {
  const { ticks, knots } = time
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
  </g>`
}

/**
 * What lies ahead of what is on show; while somebody looks back, it has happened and is veiled.
 * @param {{ nowX: number, width: number, height: number, isPast: boolean }} props
 */
export function Playhead({ nowX, width, height, isPast }) {
  if (nowX >= width) return null
  return html`<g class=${isPast ? 'playhead past' : 'playhead'}>
    <rect class="future" x=${nowX} y=${TOP - 6} width=${width - nowX} height=${height - TOP + 6} />
    <line class="now-line" x1=${nowX} x2=${nowX} y1=${TOP - 6} y2=${height} />
    ${isPast && html`<path class="head" d=${`M${nowX - 6} ${TOP - 12}h12l-6 8z`} />`}
  </g>`
}

/** @param {{ bands: ReturnType<typeof import('../model/diagram-layout.js').layoutBands> }} props */
export function Bands({ bands }) {
  return html`<g class="bands">${bands.map(
    ({ id, versions, x, y, w, h }) => html`<rect x=${x} y=${y} width=${w} height=${h}>
      <title>Replica ${id} lags ${count(versions, 'version')}</title></rect>`,
  )}</g>`
}

/** @param {{ history: History, view: View, lanes: readonly Lane[], endX: number }} props */
export function Lifelines({ history, view, lanes, endX }) {
  const byReplica = new Map(lanes.map((lane) => [lane.replica, lane]))
  return html`<g class="lifelines">
    ${lanes.map((lane) => html`<line key=${lane.name} class="life" x1="0" x2=${Math.min(view.width, endX)} y1=${lane.y} y2=${lane.y} />`)}
    ${history.spans.map((span) => {
      const lane = byReplica.get(span.replica)
      if (!lane || (span.role === 'follower' && span.state === 'running')) return null
      const x1 = toX(span.atMs, span.slot, view)
      const x2 = span.endMs === null ? endX : toX(span.endMs, span.endSlot, view)
      if (x2 < 0 || x1 > view.width) return null
      return html`<line class=${`life ${span.role} ${span.state}`} x1=${Math.max(-4, x1)} x2=${Math.min(view.width + 4, x2)} y1=${lane.y} y2=${lane.y} />`
    })}
  </g>`
}

/** @param {{ arrows: readonly Arrow[], chosen: Item | null, choose: (item: Item) => void, search: string }} props */
export function Arrows({ arrows, chosen, choose, search }) {
  const [hovered, hover] = useState(/** @type {Item | null} */ (null))
  const labels = labelArrows(arrows)
  const finding = (/** @type {Item} */ of) => search === '' || finds(of, search)
  return html`<g class="arrows" onPointerLeave=${() => hover(null)}>
    ${arrows.map((arrow) => html`<${ArrowShape} arrow=${arrow} chosen=${arrow.of === chosen} choose=${choose} hover=${hover} dim=${!finding(arrow.of)} />`)}
    ${arrows.map(({ of }, i) => {
      const { x = 0, y = 0, angle = 0, text, roomy } = labels[i] ?? {}
      if (!text || !finding(of) || !(roomy || of === hovered || of === chosen)) return null
      return html`<text class="label" text-anchor="middle" transform=${`translate(${at(x, y)}) rotate(${angle.toFixed(1)})`}>${text}</text>`
    })}
  </g>`
}

/**
 * @param {{ arrow: Arrow, chosen: boolean, choose: (item: Item) => void, hover: (item: Item) => void, dim: boolean }} props
 */
function ArrowShape({ arrow, chosen, choose, hover, dim }) {
  const { of, look, x1, y1, x2, y2, open, wait } = arrow
  const waits = look.includes(' wait ')
  if (waits && x2 - x1 < 2) return null
  const bend = wait ? `L${at(wait.x, wait.y)}L${at(x2, wait.y)}` : ''
  const d = `M${at(x1, y1)}${bend}L${at(x2, y2)}`
  const tail = wait ? { x: x2, y: wait.y } : { x: x1, y: y1 }
  const isStuck = wait !== null && open
  return html`<g class=${`arrow ${look}${chosen ? ' chosen' : ''}${open ? ' open' : ''}${dim ? ' dim' : ''}`} onClick=${() => choose(of)} onPointerEnter=${() => hover(of)}>
    <path class="hit" d=${d} />
    <path class="shaft" d=${d} />
    ${!waits && !isStuck && html`<path class="tip" d=${tipOf(tail, x2, y2, look.includes('lost'))} />`}
    ${
      wait &&
      (look.includes('gate')
        ? html`<path class="gate" d=${`M${at(wait.x - 2.5, wait.y - 6)}v12m5 0v-12`} />`
        : html`<circle class="door" cx=${wait.x} cy=${wait.y} r="4.5" />`)
    }
    ${look.includes('answer stale') && html`<circle class="flag" cx=${x2} cy=${y2} r="7" /><text class="flag-text" x=${x2} y=${y2 + 3.5} text-anchor="middle">!</text>`}
  </g>`
}

/** @param {number} x @param {number} y */
function at(x, y) {
  return `${x.toFixed(1)} ${y.toFixed(1)}`
}

/**
 * The head of an arrow; a lost one ends in a cross.
 * @param {{ x: number, y: number }} tail
 * @param {number} x
 * @param {number} y
 * @param {boolean} lost
 */
function tipOf(tail, x, y, lost) {
  if (lost) return `M${x - 4} ${y - 4}l8 8M${x + 4} ${y - 4}l-8 8`
  const length = Math.hypot(x - tail.x, y - tail.y) || 1
  const ux = (x - tail.x) / length
  const uy = (y - tail.y) / length
  const [bx, by] = [x - ux * 8, y - uy * 8]
  return `M${at(x, y)}L${at(bx - uy * 3.6, by + ux * 3.6)}L${at(bx + uy * 3.6, by - ux * 3.6)}Z`
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
