// Lag over time and stale reads per second, under the diagram and on its time scale.

import { lagMsOf, replicasOf } from '../model/cards.js'
import { layoutLag, layoutReads } from '../model/chart-layout.js'
import { count, sayMs } from '../model/say.js'
import { html, useRef, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { useWidth } from './cluster.js'
import { viewOf } from './timeline.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('./timeline.js').Window} Window */

const LABELS_PX = 82
const LAG_H = 74
const READS_H = 46

/** @param {{ session: Session, window: Window }} props */
export function ChartsView({ session, window }) {
  useRedraw(session)
  const { model } = session
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  const [unit, setUnit] = useState(/** @type {'versions' | 'ms'} */ ('versions'))
  const width = Math.max(120, useWidth(box) - LABELS_PX)
  const view = viewOf(model, window, width)
  const lag = layoutLag(model, view, unit, LAG_H)
  const reads = layoutReads(model, view, READS_H)
  return html`<section class="region charts" aria-labelledby="charts-title">
    <div class="region-head">
      <h2 id="charts-title">Lag over time</h2>
      <${Legend} session=${session} lines=${lag.lines} leftOut=${lag.leftOut} />
      <div class="actions" role="group" aria-label="Unit of lag">
        ${['versions', 'ms'].map(
          (one) => html`<button key=${one} type="button" aria-pressed=${unit === one}
          onClick=${() => setUnit(/** @type {'versions' | 'ms'} */ (one))}>${one}</button>`,
        )}
      </div>
    </div>
    <div class="canvas" ref=${box}>
      <svg class="lag-chart" width=${width + LABELS_PX} height=${LAG_H} role="img" aria-label=${sayLags(model)}>
        <text class="scale" x="0" y="14">${lag.top} ${unit}</text>
        <text class="scale" x="0" y=${LAG_H - 4}>0</text>
        <svg x=${LABELS_PX} y="0" width=${width} height=${LAG_H}>
          <line class="base" x1="0" x2=${width} y1=${LAG_H - 3} y2=${LAG_H - 3} />
          ${lag.lines.map(({ replica, look, d }) => html`<path key=${replica} class=${`lag-line look-${look}`} d=${d} />`)}
        </svg>
      </svg>
      <svg class="reads-chart" width=${width + LABELS_PX} height=${READS_H} role="img"
        aria-label="Reads per second, the stale ones marked">
        <text class="scale" x="0" y="12">stale reads/s</text>
        <svg x=${LABELS_PX} y="0" width=${width} height=${READS_H}>
          <line class="base" x1="0" x2=${width} y1=${READS_H - 3} y2=${READS_H - 3} />
          ${reads.bars.map(
            ({ x, w, all, stale, text }) => html`<g>
            <rect class="bar" x=${x - w / 2} y=${READS_H - 3 - all} width=${w} height=${all}><title>${text}</title></rect>
            <rect class="bar stale" x=${x - w / 2} y=${READS_H - 3 - stale} width=${w} height=${stale}><title>${text}</title></rect>
          </g>`,
          )}
        </svg>
      </svg>
    </div>
  </section>`
}

/**
 * @param {{ session: Session, lines: readonly { replica: number, look: number }[], leftOut: number }} props
 */
function Legend({ lines, leftOut }) {
  return html`<ul class="legend">
    ${lines.map(
      ({ replica, look }) => html`<li key=${replica}>
      <svg width="22" height="8" aria-hidden="true"><path class=${`lag-line look-${look}`} d="M0 4H22" /></svg> replica ${replica}
    </li>`,
    )}
    ${leftOut > 0 && html`<li>${leftOut} more not drawn</li>`}
  </ul>`
}

/** @param {Session['model']} model */
function sayLags(model) {
  const followers = replicasOf(model).filter(({ id }) => model.history.lag.has(id))
  const lags = followers.slice(0, 12).map((one) => {
    const ms = one.lagVersions === 0 ? '' : `, ${sayMs(lagMsOf(model, one))}`
    return `replica ${one.id} lags ${count(one.lagVersions, 'version')}${ms}`
  })
  return lags.length > 0 ? `Lag now: ${lags.join('; ')}` : 'Lag over time: nothing yet'
}
