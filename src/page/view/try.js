// Writes and reads by hand: choose a verb, fill in what it takes, see the curl command, send it, read the answer.

import { sayAnswer } from '../model/answer.js'
import { curlOf, urlOf } from '../model/curl.js'
import { showText } from '../model/say.js'
import { callOf, DATA } from '../model/verbs.js'
import { html, useState } from '../vendor/preact-htm.js'
import { CurlLine, useRedraw } from './bits.js'
import { Fields, Said } from './form.js'

/** @import { Session } from '../live/session.js' */
/** @import { Verb } from '../model/verbs.js' */

/** @param {{ session: Session }} props */
export function TryView({ session }) {
  useRedraw(session)
  const [verb, setVerb] = useState(/** @type {Verb} */ (DATA[0]))
  const [values, set] = useState(
    /** @type {Record<string, string>} */ ({ key: 'user:1', value: 'Jessica', replica: '1' }),
  )
  const call = callOf(verb, values)
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault()
    void session.act(call)
  }
  return html`<form class="try" onSubmit=${submit}>
    <div class="verbs" role="radiogroup" aria-label="Verb">
      ${DATA.map(
        (one) => html`<label key=${one.path} class=${one === verb ? 'chosen' : ''}>
        <input type="radio" name="verb" value=${one.path.slice(1)} checked=${one === verb} onChange=${() => setVerb(one)} />
        ${one.label}
      </label>`,
      )}
    </div>
    <p class="says">${verb.says}</p>
    <${Fields} session=${session} names=${verb.fields} filled=${{ values, set }} />
    <${CurlLine} call=${call} />
    <p class="send"><button type="submit" class="primary">${verb.label}</button></p>
    <${LastCalls} session=${session} shown=${curlOf(call, '')} />
  </form>`
}

/**
 * What was done last, here or by any other button, its command unless it stands above already; and what else still
 * waits, or was answered behind it.
 * @param {{ session: Session, shown: string }} props
 */
function LastCalls({ session: { calls }, shown }) {
  const [last, ...earlier] = calls
  if (!last) return null
  const { call, answer } = last
  return html`<div class="last" aria-label="The last call and its answer" role="group">
    <${Said} answer=${answer} />
    ${curlOf(call, '') !== shown && html`<${CurlLine} call=${call} label="The last call by curl" />`}
    ${answer && html`<details><summary>The whole answer</summary><pre tabindex="0">${showText(JSON.stringify(answer.body, null, 2))}</pre></details>`}
    ${
      earlier.length > 0 &&
      html`<ul class="earlier" aria-label="Calls before it">
      ${earlier.map(
        ({ id, call, answer }) => html`<li key=${id}>
          <code>${showText(urlOf(call))} ${showText(JSON.stringify(call.body ?? '')).slice(0, 80)}</code>
          ${answer ? sayAnswer(answer) : 'waits'}</li>`,
      )}
    </ul>`
    }
  </div>`
}
