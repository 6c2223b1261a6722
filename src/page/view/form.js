// A verb as a form: the fields that it takes, the button, the same by curl, and what was answered. The answer stands where
// the action was, and so does the focus.

import { isStale, sayAnswer } from '../model/answer.js'
import { replicasOf, rowsOf } from '../model/cards.js'
import { showText } from '../model/say.js'
import { callOf, FIELDS } from '../model/verbs.js'
import { html, useState } from '../vendor/preact-htm.js'
import { CurlLine } from './bits.js'

/** @import { Session } from '../live/session.js' */
/** @import { Answer } from '../live/api.js' */
/** @import { Verb } from '../model/verbs.js' */
/** @typedef {{ values: Readonly<Record<string, string>>, set: (values: Record<string, string>) => void }} Filled */

/**
 * @param {{ session: Session, names: readonly string[], filled: Filled, id?: number }} props `id` of whose records there are
 */
export function Fields({ session, names, filled: { values, set }, id }) {
  return html`<div class="fields">
    ${names.map((name) => {
      const { label, hint, isNumber, choices } = FIELDS[name] ?? { label: name }
      const given = {
        value: values[name] ?? '',
        onInput: (/** @type {{ target: HTMLInputElement }} */ { target }) =>
          set({ ...values, [name]: target.value }),
      }
      return html`<label key=${name} class=${`field ${name}`}>
        <span>${label}</span>
        ${
          choices
            ? html`<select ...${given}>
              ${hint && html`<option value="">${hint}</option>`}
              ${optionsOf(session, choices, id).map((one) => html`<option key=${one} value=${one}>${showText(one)}</option>`)}
            </select>`
            : html`<input ...${given} type=${isNumber ? 'number' : 'text'} step="any" placeholder=${hint ?? ''}
              autocomplete="off" spellcheck="false" />`
        }
      </label>`
    })}
  </div>`
}

/** @param {Session} session @param {import('../model/verbs.js').Choices} choices @param {number} [id] */
function optionsOf({ model }, choices, id) {
  if (choices === 'records') return recordsOf(model, id)
  const ids = replicasOf(model).map((one) => String(one.id))
  if (choices === 'nodes') return [...ids, 'api']
  return choices === 'replicas' ? ids : choices
}

/** Keys of which a replica has a record. @param {import('../model/types').Model} model @param {number} [id] */
export function recordsOf(model, id) {
  const replica = replicasOf(model).find((one) => one.id === id)
  const rows = replica ? rowsOf(model, replica, replica.rows.length) : []
  return rows.filter(({ version }) => version !== null).map(({ key }) => key)
}

/** @param {{ session: Session, verb: Verb, filled?: Filled, id?: number }} props */
export function VerbForm({ session, verb, filled = { values: {}, set: () => {} }, id }) {
  const { label, fields = [], isMain } = verb
  const [answer, setAnswer] = useState(/** @type {Answer | null | undefined} */ (undefined))
  const call = callOf(verb, filled.values)
  const act = async (/** @type {Event} */ event) => {
    event.preventDefault()
    setAnswer(null)
    setAnswer(await session.act(call))
  }
  return html`<form class="verb" onSubmit=${act}>
    <button type="submit" class=${isMain ? 'primary' : ''}>${label}</button>
    <${Fields} session=${session} names=${fields} filled=${filled} id=${id} />
    <${CurlLine} call=${call} label=${`${label}, by curl`} />
    ${answer !== undefined && html`<${Said} answer=${answer} />`}
  </form>`
}

/** What was answered, in a line; null: nothing yet. @param {{ answer: Answer | null }} props */
export function Said({ answer }) {
  const [tone, text] = answer
    ? [answer.ok ? (isStale(answer.body) ? 'stale' : 'ok') : 'failed', sayAnswer(answer)]
    : ['waiting', 'Waiting for the answer: time may have to move on.']
  return html`<p class=${`answer ${tone}`} role=${tone === 'failed' ? 'alert' : 'status'}>${text}</p>`
}
