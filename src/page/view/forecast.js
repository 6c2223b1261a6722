// What a configuration would cost: sliders, the curve and the table of a forecast, and beside them what the simulated
// cluster comes to with the same settings. Both are the server's; nothing is reckoned here. Loaded when it is opened.

import { send } from '../live/api.js'
import { replicasOf } from '../model/cards.js'
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js'
import { CurlLine } from './bits.js'

/** @import { Session } from '../live/session.js' */
/** @import { PredictionJson } from '../model/types' */
/** @typedef {PredictionJson['rows'][number]} Row */
/** `latency` is the mean of a copy's way in ms, 0 the lab's own; `rate` is writes a second. @typedef {{ followers: number, w: number, r: number, latency: number, rate: number }} Settings */

/** Measuring one takes as long as foretelling many. */
const TRIALS = { forecast: 20_000, measure: 1_000 }
const SHAPE = { w: 320, h: 150, left: 30, bottom: 20, top: 8 }
/** Times to look at, as parts of the mean latency. */
const STEPS = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5]
const OWN_MS = 400
const LINES_SHOWN = 6
/** What the cluster may be measured under. */
const UNDER = {
  'as it is': 'as the forecast assumes',
  loss: 'with a tenth of all copies lost',
  partition: 'with a partition after the write',
  bursts: 'with writes ten at once',
  repair: 'with quorum reads that repair',
}

/** @param {Settings} settings */
function callOf({ followers, w, r, latency, rate }, measure = '') {
  const mean = latency || OWN_MS
  const at = STEPS.map((step) => Math.round(step * mean * 10) / 10).join(',')
  const body = {
    ...(latency > 0 && { followers, latency: `replicate=exponential(${latency}ms)` }),
    ...{ w, r, rate: `${rate}/s`, at: `${at}ms`, trials: TRIALS[measure ? 'measure' : 'forecast'] },
    ...(measure && { measure: measure === 'as it is' || measure }),
  }
  return { method: /** @type {const} */ ('POST'), path: '/predictions', body }
}

/** @param {{ session: Session }} props */
export function ForecastView({ session }) {
  const own = Math.max(1, replicasOf(session.model).length - 1)
  const [settings, set] = useState(
    /** @type {Settings} */ ({ followers: own, w: 1, r: 1, latency: 100, rate: 20 }),
  )
  const followers = settings.latency === 0 ? own : settings.followers
  const n = followers + 1
  const asked = { ...settings, followers, w: Math.min(settings.w, n), r: Math.min(settings.r, n) }
  const { answer, fault } = useForecast(asked)
  const [measured, setMeasured] = useState(/** @type {PredictionJson | 'asking' | null} */ (null))
  const [under, setUnder] = useState('as it is')
  const asking = JSON.stringify(asked)
  useEffect(() => setMeasured(null), [asking, under])
  const measure = async () => {
    setMeasured('asking')
    const { ok, body } = await send(callOf(asked, under))
    setMeasured(ok ? body : null)
  }
  const slider = (
    /** @type {keyof Settings} */ name,
    /** @type {string} */ label,
    /** @type {readonly [number, number]} */ [min, max],
  ) => html`<label class="field slider">
    <span>${label}</span> <b>${name === 'latency' && asked.latency === 0 ? 'as this lab' : asked[name]}</b>
    <input type="range" min=${min} max=${max} value=${asked[name]} aria-label=${label}
      onInput=${(/** @type {{ target: HTMLInputElement }} */ { target }) => set({ ...settings, [name]: Number(target.value) })} />
  </label>`
  const found = measured === 'asking' ? null : measured
  return html`<div class="forecast">
    ${asked.latency > 0 && slider('followers', 'Followers', [1, 6])}
    ${slider('w', 'W, acknowledgements of a write', [1, n])}
    ${slider('r', 'R, answers of a quorum read', [1, n])}
    ${slider('latency', 'Mean way of a copy, ms', [0, 500])}
    ${slider('rate', 'Writes a second', [1, 200])}
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    ${answer && html`<${Curve} rows=${answer.rows} measured=${found?.measured?.rows ?? []} />`}
    ${answer && html`<${Table} rows=${answer.rows} />`}
    <label class="field"><span>Measured</span>
      <select value=${under} onChange=${(/** @type {{ target: HTMLSelectElement }} */ { target }) => setUnder(target.value)}>
        ${Object.entries(UNDER).map(([name, words]) => html`<option key=${name} value=${name}>${words}</option>`)}
      </select></label>
    <p><button type="button" disabled=${measured === 'asking' || !answer} onClick=${measure}>
      ${measured === 'asking' ? 'Measuring…' : 'Measure on a simulated cluster'}</button></p>
    ${found?.measured && html`<p class=${found.measured.agrees || under !== 'as it is' ? 'soft' : 'fault'} role="status">${found.measured.verdict}</p>`}
    ${answer && html`<ul class="soft">${answer.assumptions.map((one) => html`<li key=${one}>${one}</li>`)}</ul>`}
    <${CurlLine} call=${callOf(asked)} />
  </div>`
}

/** The forecast for these settings: one is asked for at a time, the newest next. @param {Settings} settings */
function useForecast(settings) {
  const [state, setState] = useState(
    /** @type {{ answer?: PredictionJson, fault?: string }} */ ({}),
  )
  const wanted = /** @type {{ current: Settings }} */ (useRef(settings))
  wanted.current = settings
  const isAsking = useRef(false)
  const text = JSON.stringify(settings)
  useEffect(() => {
    const ask = async () => {
      if (isAsking.current) return
      isAsking.current = true
      const asked = JSON.stringify(wanted.current)
      const { ok, body } = await send(callOf(wanted.current))
      isAsking.current = false
      if (asked !== JSON.stringify(wanted.current)) return void ask()
      // What stood there before is better than nothing, while it is told what is wrong.
      setState((before) => (ok ? { answer: body } : { ...before, fault: body.detail }))
    }
    void ask()
  }, [text])
  return state
}

/** @param {{ rows: readonly Row[], measured: readonly Row[] }} props */
function Curve({ rows, measured }) {
  const { w, h, left, bottom, top } = SHAPE
  const shown = rows.slice(0, LINES_SHOWN)
  const most = Math.max(1, ...shown.flatMap(({ fresh }) => fresh.map(({ atMs }) => atMs)))
  const x = (/** @type {number} */ ms) => left + (ms / most) * (w - left - 8)
  const y = (/** @type {number} */ chance) => top + (1 - chance) * (h - top - bottom)
  const path = (/** @type {Row} */ { fresh }) =>
    fresh
      .map(
        ({ atMs, chance }, i) =>
          `${i === 0 ? 'M' : 'L'}${x(atMs).toFixed(1)} ${y(chance).toFixed(1)}`,
      )
      .join('')
  return html`<svg class="curve" viewBox=${`0 0 ${w} ${h}`} role="img"
    aria-label="Chance that a read sees a write, by the time since its acknowledgement; the table has the figures">
    ${[0, 0.5, 1].map(
      (
        part,
      ) => html`<g key=${part}><line class="base" x1=${left} x2=${w - 8} y1=${y(part)} y2=${y(part)} />
      <text class="scale" x="0" y=${y(part) + 4}>${part * 100} %</text></g>`,
    )}
    <text class="scale" x=${left} y=${h - 4}>0</text>
    <text class="scale" x=${w - 8} y=${h - 4} text-anchor="end">${most} ms</text>
    ${shown.map((row, i) => html`<path key=${row.reads} class=${`lag-line look-${i}`} d=${path(row)} />`)}
    ${measured.slice(0, LINES_SHOWN).map(({ reads, fresh }, i) =>
      fresh.map(({ atMs, chance, standardError }) => {
        const off = 2 * (standardError ?? 0)
        return html`<g key=${`${reads} ${atMs}`} class=${`measured look-${i}`}>
          <line x1=${x(atMs)} x2=${x(atMs)} y1=${y(Math.min(1, chance + off))} y2=${y(Math.max(0, chance - off))} />
          <circle cx=${x(atMs)} cy=${y(chance)} r="2.5" />
        </g>`
      }),
    )}
  </svg>`
}

/** @param {{ rows: readonly Row[] }} props */
function Table({ rows }) {
  const middle = rows[0]?.fresh[3]?.atMs ?? 0
  return html`<table>
    <thead><tr><th scope="col">Reads go to</th><th scope="col">fresh after ${middle} ms</th><th scope="col">99.9 % after</th><th scope="col">write p99</th></tr></thead>
    <tbody>${rows.slice(0, LINES_SHOWN).map(
      (row, i) => html`<tr key=${row.reads}>
      <th scope="row"><svg width="18" height="8" aria-hidden="true"><path class=${`lag-line look-${i}`} d="M0 4H18" /></svg> ${row.reads}${row.strict ? ', strict' : ''}</th>
      <td>${sayChance(row.fresh[3]?.chance)}</td>
      <td>${sayTime(row.freshWithin.find(({ goal }) => goal === 0.999)?.ms)}</td>
      <td>${sayTime(row.writeLatencyMs.p99)}</td>
    </tr>`,
    )}</tbody>
  </table>`
}

/** @param {number | undefined} chance */
function sayChance(chance) {
  return chance === undefined ? '' : `${Number((chance * 100).toPrecision(4))} %`
}

/** @param {number | null | undefined} ms */
function sayTime(ms) {
  return ms === null || ms === undefined ? 'never' : `${Number(ms.toPrecision(3))} ms`
}
