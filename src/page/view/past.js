// Over the page while somebody looks back: when that was, and the ways out of it.

import { curlOf } from '../model/curl.js'
import { sayClock } from '../model/say.js'
import { html } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'

/** @import { Session } from '../live/session.js' */

/** @param {{ session: Session }} props */
export function PastBar({ session }) {
  useRedraw(session)
  const { past } = session
  if (!past) return null
  const { wanted, problem, model } = past
  const what = wanted && curlOf(wanted, '').replace(/^curl /, '')
  return html`<div class="pill past" role="status">
    ${
      wanted
        ? html`<p>What is past stays as it was. Do this, <code>${what}</code>, in a lab of your own that goes on from here?</p>
      <button type="button" class="primary" onClick=${() => past.branch()}>In a lab of my own</button>`
        : html`<p>The page shows ${sayClock(model.nowMs)}.</p>`
    }
    ${problem && html`<p class="problem">${problem}</p>`}
    <button type="button" onClick=${() => session.lookNow()}>Back to now</button>
  </div>`
}
