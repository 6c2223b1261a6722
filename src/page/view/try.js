// Writes and reads by hand: choose a verb, fill in what it takes, see the curl command, send it, read the answer.

import { isStale, sayAnswer } from '../model/answer.js'
import { dataCall } from '../model/calls.js'
import { replicasOf } from '../model/cards.js'
import { curlOf } from '../model/curl.js'
import { showText } from '../model/say.js'
import { html, useState } from '../vendor/preact-htm.js'
import { CurlLine, useRedraw } from './bits.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/calls.js').DataVerb} DataVerb */
/** @typedef {import('../model/calls.js').DataFields} DataFields */
/** @typedef {{ target: HTMLInputElement }} Input */

/** @type {Readonly<Record<DataVerb, { label: string, says: string, fields: readonly (keyof DataFields)[] }>>} */
const VERBS = {
  write: {
    label: 'Write',
    says: 'The leader answers at once; copies leave for the followers.',
    fields: ['key', 'value', 'client'],
  },
  'write-with-quorum': {
    label: 'Quorum write',
    says: 'Answers when W replicas have acknowledged.',
    fields: ['key', 'value', 'w', 'timeoutMs', 'client'],
  },
  read: { label: 'Read', says: 'Asks the leader.', fields: ['key', 'client'] },
  'follower-read': {
    label: 'Follower read',
    says: 'Asks one replica, which may be stale.',
    fields: ['key', 'replica', 'client'],
  },
  'read-with-repair': {
    label: 'Repair read',
    says: 'Asks all, and gives the newest record to those that lack it.',
    fields: ['key', 'client'],
  },
  'read-with-quorum': {
    label: 'Quorum read',
    says: 'The newest of the first R answers.',
    fields: ['key', 'r', 'repair', 'client'],
  },
}

const LABELS = {
  key: 'Key',
  value: 'Value',
  w: 'W',
  timeoutMs: 'Time-out (ms)',
  r: 'R',
  replica: 'Replica',
  repair: 'Repair',
  client: 'Client',
}

const HINTS = /** @type {Readonly<Record<string, string>>} */ ({
  w: 'majority',
  r: 'majority',
  timeoutMs: '2000',
})

/** @param {{ session: Session }} props */
export function TryView({ session }) {
  useRedraw(session)
  const [verb, setVerb] = useState(/** @type {DataVerb} */ ('write'))
  const [fields, setFields] = useState(
    /** @type {DataFields} */ ({
      key: 'user:1',
      value: 'Jessica',
      w: '',
      timeoutMs: '',
      r: '',
      replica: '1',
      repair: '',
      client: 'default',
    }),
  )
  const call = dataCall(verb, fields)
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault()
    void session.act(call)
  }
  return html`<form class="try" onSubmit=${submit}>
    <div class="verbs" role="radiogroup" aria-label="Verb">
      ${Object.entries(VERBS).map(
        ([name, { label }]) => html`<label key=${name} class=${name === verb ? 'chosen' : ''}>
        <input type="radio" name="verb" value=${name} checked=${name === verb} onChange=${() => setVerb(/** @type {DataVerb} */ (name))} />
        ${label}
      </label>`,
      )}
    </div>
    <p class="says">${VERBS[verb].says}</p>
    <div class="fields">
      ${VERBS[verb].fields.map(
        (name) => html`<${Field} key=${name} session=${session} name=${name}
        value=${fields[name]} set=${(/** @type {string} */ text) => setFields({ ...fields, [name]: text })} />`,
      )}
    </div>
    <${CurlLine} call=${call} />
    <p class="send"><button type="submit" class="primary">${VERBS[verb].label}</button></p>
    <${LastCall} session=${session} shown=${curlOf(call, '')} />
  </form>`
}

/**
 * @param {{ session: Session, name: keyof DataFields, value: string, set: (text: string) => void }} props
 */
function Field({ session, name, value, set }) {
  const onInput = (/** @type {Input} */ { target }) => set(target.value)
  const choices = choicesOf(session, name)
  const isNumber = name === 'w' || name === 'r' || name === 'timeoutMs'
  return html`<label class=${`field ${name}`}>
    <span>${LABELS[name]}</span>
    ${
      choices
        ? html`<select value=${value} onChange=${onInput}>${choices.map((one) => html`<option key=${one} value=${one}>${one || 'blocking'}</option>`)}</select>`
        : html`<input type=${isNumber ? 'number' : 'text'} min=${isNumber ? 1 : undefined} value=${value} placeholder=${HINTS[name] ?? ''}
          autocomplete="off" spellcheck="false" onInput=${onInput} />`
    }
  </label>`
}

/**
 * @param {Session} session
 * @param {keyof DataFields} name
 */
function choicesOf({ model }, name) {
  if (name === 'replica') return replicasOf(model).map(({ id }) => String(id))
  return name === 'repair' ? ['', 'async', 'off'] : undefined
}

/**
 * What was done last, here or by any other button; its command unless it stands above already.
 * @param {{ session: Session, shown: string }} props
 */
function LastCall({ session, shown }) {
  const { last } = session
  if (!last) return null
  const { call, answer } = last
  const tone =
    answer === null ? 'waiting' : answer.ok ? (isStale(answer.body) ? 'stale' : 'ok') : 'failed'
  return html`<div class=${`last ${tone}`} aria-label="The last call and its answer" role="group">
    <p class="answer">${answer === null ? 'Waiting for the answer: time may have to move on.' : sayAnswer(answer)}</p>
    ${curlOf(call, '') !== shown && html`<${CurlLine} call=${call} label="The last call by curl" />`}
    ${answer !== null && html`<details><summary>The whole answer</summary><pre tabindex="0">${showText(JSON.stringify(answer.body, null, 2))}</pre></details>`}
  </div>`
}
