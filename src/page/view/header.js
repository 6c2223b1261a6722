// The top line: what this is, whether the server is there, and the clock with all that moves it.

import { clockCalls } from '../model/calls.js'
import { sayClock } from '../model/say.js'
import { html } from '../vendor/preact-htm.js'
import { useActs, useRedraw } from './bits.js'

/** @import { Session } from '../live/session.js' */

const STEPS_MS = [10, 100, 1000]
const RATES = [0.05, 0.1, 0.25, 0.5, 1, 2, 10, 100]
const MODES = { real: 'running', manual: 'by hand', instant: 'instant' }

/** @param {{ session: Session }} props */
export function Header({ session }) {
  useRedraw(session)
  const { model, status } = session
  return html`<header class="top">
    <h1>replication-lab</h1>
    <${Clock} session=${session} />
    <p class=${`status ${status}`} role="status">
      <span class="dot" aria-hidden="true"></span>${{ live: 'live', connecting: 'connecting…', away: 'server away', refused: 'not served' }[status]}
    </p>
    <nav aria-label="More"><a href="docs">API</a> <span class="seed">seed ${model.view?.seed ?? '…'}</span></nav>
  </header>`
}

/** @param {{ session: Session }} props */
function Clock({ session }) {
  const { model } = session
  const { mode, rate } = model.clock
  const runs = mode === 'real'
  const { act, button, refusal } = useActs(session)
  const setMode = (/** @type {{ target: HTMLSelectElement }} */ { target }) =>
    act(clockCalls.set({ mode: target.value }))
  const setRate = (/** @type {{ target: HTMLSelectElement }} */ { target }) =>
    act(clockCalls.set({ rate: Number(target.value) }))
  const rates = RATES.includes(rate) ? RATES : [...RATES, rate].sort((a, b) => a - b)
  return html`<div class="clock" role="group" aria-label="Clock">
    <output class="now" aria-label="Simulated time">${sayClock(model.nowMs)}</output>
    ${runs ? button(clockCalls.pause(), '❚❚', 'Pause time') : button(clockCalls.set({ mode: 'real' }), '▶', 'Let time run')}
    ${STEPS_MS.map((ms) => button(clockCalls.advance(ms), `+${ms < 1000 ? `${ms} ms` : `${ms / 1000} s`}`))}
    ${button(clockCalls.idle(), 'until idle')}
    <label><span class="hidden">Clock mode</span>
      <select value=${mode} onChange=${setMode}>
        ${Object.entries(MODES).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
      </select>
    </label>
    <label><span class="hidden">Rate</span>
      <select value=${String(rate)} onChange=${setRate}>
        ${rates.map((one) => html`<option key=${one} value=${String(one)}>× ${one}</option>`)}
      </select>
    </label>
    <span class="pace">${sayPace(mode, rate)}</span>
    ${refusal}
  </div>`
}

/** Stopped and slow time say so. @param {'real' | 'manual' | 'instant'} mode @param {number} rate */
function sayPace(mode, rate) {
  if (mode === 'manual') return 'Time stands still'
  if (mode === 'instant') return 'Still until somebody waits'
  return rate < 1 ? `${Math.round(1 / rate)} times slower` : ''
}
