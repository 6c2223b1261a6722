// What one can do to the part that was clicked: a replica, a link, or the cluster as a whole. It hides nothing of the
// picture, and stays until one is done with it: what happens is seen meanwhile.

import { get } from '../live/api.js'
import { linkOf, replicasOf } from '../model/cards.js'
import { sayMs, sayText } from '../model/say.js'
import { CLUSTER, linkVerbs, replicaVerbs } from '../model/verbs.js'
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { Fields, recordsOf, VerbForm } from './form.js'

/** @import { Session } from '../live/session.js' */
/** @import { Node } from '../model/types' */
/** @import { Filled } from './form.js' */
/** @typedef {{ message: number, kind: string, record: { key: string, version: string } | null, state: string, dueMs: number }} OnItsWay */
/**
 * @typedef {{ kind: 'replica', id: number } | { kind: 'link', from: number, to: number }
 *   | { kind: 'cluster', verb: 'failover' | 'partition' | 'reset' }} Part
 */
/** @typedef {{ part: Part, anchor: HTMLElement }} Opened */
/** @typedef {(part: Part) => (event: { currentTarget: HTMLElement }) => void} Open */

const GAP = 8
const MESSAGES_SHOWN = 8

/** @param {{ session: Session, part: Part, anchor: HTMLElement, close: () => void }} props */
export function Menu({ session, part, anchor, close }) {
  useRedraw(session)
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  const [values, set] = useState(/** @type {Record<string, string>} */ ({}))
  const props = { session, filled: { values, set } }
  useEffect(() => {
    const { current } = box
    if (!current) return undefined
    current.showPopover()
    place(current, anchor.closest('.card') ?? anchor)
    current.focus()
    anchor.setAttribute('aria-expanded', 'true')
    return () => anchor.removeAttribute('aria-expanded')
  }, [])
  const onToggle = (/** @type {ToggleEvent} */ { newState }) => newState === 'closed' && close()
  return html`<div ref=${box} class="menu" popover="auto" tabindex="-1" role="dialog" onToggle=${onToggle} aria-labelledby="menu-title">
    <div class="menu-head">
      <h2 id="menu-title">${titleOf(session, part)}</h2>
      <button type="button" class="quiet" onClick=${() => box.current?.hidePopover()}>Close</button>
    </div>
    ${part.kind === 'replica' && html`<${ReplicaMenu} ...${props} id=${part.id} />`}
    ${part.kind === 'link' && html`<${LinkMenu} ...${props} part=${part} />`}
    ${part.kind === 'cluster' && html`<${ClusterMenu} ...${props} verb=${part.verb} />`}
  </div>`
}

/**
 * As high as its part and beside the picture, of which it hides nothing; where all stands in one column, below the part.
 * @param {HTMLElement} box
 * @param {Element} anchor
 */
function place(box, anchor) {
  const at = anchor.getBoundingClientRect()
  const side = /** @type {Element} */ (document.querySelector('.side')).getBoundingClientRect()
  const [left, top] =
    side.left > at.left ? [side.right - box.offsetWidth, at.top] : [at.left, at.bottom + GAP]
  const within = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.max(GAP, Math.min(value, most - GAP))
  box.style.left = `${within(left, innerWidth - box.offsetWidth) + scrollX}px`
  box.style.top = `${within(top, innerHeight - box.offsetHeight) + scrollY}px`
}

/** @param {Session} session @param {Part} part */
function titleOf({ model }, part) {
  if (part.kind === 'link') return `Link between ${part.from} and ${part.to}`
  if (part.kind === 'cluster') return part.verb.replace(/^./, (first) => first.toUpperCase())
  const replica = replicasOf(model)[part.id]
  return `Replica ${part.id}, ${replica?.role}${replica?.state === 'running' ? '' : `, ${replica?.state}`}`
}

/** @param {{ session: Session, filled: Filled, id: number }} props */
function ReplicaMenu({ session, filled: { values, set }, id }) {
  const { model } = session
  const record = values.record ?? recordsOf(model, id)[0] ?? ''
  const filled = { values: { ...values, record }, set }
  return replicaVerbs(id, replicasOf(model)[id]?.state).map(
    (verb, i) =>
      html`<${VerbForm} key=${i} session=${session} verb=${verb} filled=${filled} id=${id} />`,
  )
}

/** @param {{ session: Session, filled: Filled, part: { from: number, to: number } }} props */
function LinkMenu({ session, filled: { values, set }, part }) {
  const filled = { values: { from: `${part.from}`, towards: `${part.to}`, ...values }, set }
  const [from, to] = [nodeOf(filled.values.from), nodeOf(filled.values.towards)]
  const link = linkOf(session.model, from, to)
  const isHeld = link?.state === 'held' || Boolean(link?.holding)
  return html`<${Fields} session=${session} names=${['from', 'towards']} filled=${filled} />
    <${OnTheirWay} session=${session} from=${from} to=${to} />
    ${linkVerbs(from, to, { isCut: link?.state === 'cut', isHeld }).map(
      (verb, i) => html`<${VerbForm} key=${i} session=${session} verb=${verb} filled=${filled} />`,
    )}`
}

/** @param {string} text @returns {Node} */
function nodeOf(text) {
  return text === 'api' ? text : Number(text)
}

/**
 * What the server has on a link, asked anew whenever something has happened.
 * @param {{ session: Session, from: Node, to: Node }} props
 */
function OnTheirWay({ session, from, to }) {
  const { model } = session
  const [{ body }, setAnswer] = useState(/** @type {{ body: any }} */ ({ body: null }))
  useEffect(
    () => void get(`/links/${from}/${to}`).then(setAnswer),
    [from, to, model.view?.lastEvent],
  )
  /** @type {readonly OnItsWay[]} */
  const messages = body?.onTheirWay ?? []
  if (!body?.latency) return html`<p role="status">${body?.detail}</p>`
  return html`<div class="details">
    <p>${body.state}, latency ${body.latency}, loss ${body.lossRatio}, duplicates ${body.duplicateRatio}; on their way: ${messages.length || 'nothing'}</p>
    <ul>${messages.slice(0, MESSAGES_SHOWN).map(
      ({ message, kind, record, state, dueMs }) => html`<li key=${message}>
        ${kind}${record && ` of ${sayText(record.key)} (${record.version})`}: ${state === 'held' ? 'held' : `due in ${sayMs(Math.max(0, dueMs - model.nowMs))}`}</li>`,
    )}</ul>
  </div>`
}

/** @param {{ session: Session, filled: Filled, verb: keyof typeof CLUSTER }} props */
function ClusterMenu({ session, filled: { values, set }, verb }) {
  const { says, verbs } = CLUSTER[verb]
  const { leader } = session.model
  const others = replicasOf(session.model).filter(({ id }) => id !== leader)
  const groups = `${leader} | ${others.map(({ id }) => id).join(',')}`
  return html`<p>${says}</p>
    ${verbs.map((one) => html`<${VerbForm} key=${one.label} session=${session} verb=${one} filled=${{ values: { groups, ...values }, set }} />`)}`
}
