// What one can do to the part that was clicked: a replica, a link, or the cluster as a whole. A dialog, so that
// focus, Escape and screen readers need no code of ours. Each action stands beside its curl command.

import { clusterCalls, linkCall, replicaCall, setLinkCall } from '../model/calls.js'
import { linkOf, replicasOf, rowsOf } from '../model/cards.js'
import { seatOf } from '../model/nodes.js'
import { showText } from '../model/say.js'
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js'
import { ActRow } from './bits.js'
import { PartitionMenu } from './partition.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').Replica} Replica */
/**
 * @typedef {{ kind: 'replica', id: number } | { kind: 'link', from: number, to: number }
 *   | { kind: 'cluster', verb: 'failover' | 'partition' | 'reset' }} Part
 */

/**
 * @param {{ session: Session, part: Part, open: (part: Part) => void, close: () => void }} props
 */
export function Menu({ session, part, open, close }) {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null))
  useEffect(() => {
    const { current } = dialog
    if (current && !current.open) current.showModal()
  }, [])
  const onClick = (/** @type {MouseEvent} */ event) => {
    // The backdrop is the dialog itself; whatever is in it lies in the box.
    if (event.target === dialog.current) close()
  }
  return html`<dialog ref=${dialog} class="menu" onClose=${close} onClick=${onClick} aria-labelledby="menu-title">
    <div class="menu-box">
      <div class="menu-head">
        <h2 id="menu-title">${titleOf(session, part)}</h2>
        <button type="button" class="quiet" onClick=${close}>Close</button>
      </div>
      ${part.kind === 'replica' && html`<${ReplicaMenu} session=${session} id=${part.id} open=${open} close=${close} />`}
      ${part.kind === 'link' && html`<${LinkMenu} session=${session} part=${part} close=${close} />`}
      ${part.kind === 'cluster' && html`<${ClusterMenu} session=${session} verb=${part.verb} close=${close} />`}
    </div>
  </dialog>`
}

/**
 * @param {Session} session
 * @param {Part} part
 */
function titleOf({ model }, part) {
  if (part.kind === 'link') return `Link between ${part.from} and ${part.to}`
  if (part.kind === 'cluster')
    return { failover: 'Failover', partition: 'Partition', reset: 'Reset' }[part.verb]
  const replica = replicasOf(model)[part.id]
  return `Replica ${part.id}, ${replica?.role}${replica?.state === 'running' ? '' : `, ${replica?.state}`}`
}

/**
 * @param {{ value: string, set: (text: string) => void }} props
 */
function ForMs({ value, set }) {
  return html`<label class="field">
    <span>For how long (ms)</span>
    <input type="number" min="1" value=${value} placeholder="until undone"
      onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => set(event.target.value)} />
  </label>`
}

/** @param {string} text */
function msOf(text) {
  return text === '' ? undefined : Number(text)
}

/**
 * @param {{ session: Session, id: number, open: (part: Part) => void, close: () => void }} props
 */
function ReplicaMenu({ session, id, open, close }) {
  const { model } = session
  const [forText, setFor] = useState('')
  const replica = /** @type {Replica} */ (replicasOf(model)[id])
  const seat = seatOf(model)
  const forMs = msOf(forText)
  const act = (
    /** @type {string} */ label,
    /** @type {import('../model/types').Call} */ call,
    kind = '',
  ) => html`<${ActRow} session=${session} call=${call} label=${label} kind=${kind} done=${close} />`
  return html`
    ${replica.state === 'running' && act('Pause', replicaCall(id, 'pause', { forMs }))}
    ${replica.state === 'paused' && act('Resume', replicaCall(id, 'resume'), 'primary')}
    ${replica.state === 'crashed' && act('Restart', replicaCall(id, 'restart'), 'primary')}
    ${replica.state !== 'crashed' && act('Crash, keep data', replicaCall(id, 'crash', { keepData: true, forMs }))}
    ${replica.state !== 'crashed' && act('Crash, lose data', replicaCall(id, 'crash', { forMs }))}
    ${replica.state !== 'crashed' && html`<${ForMs} value=${forText} set=${setFor} />`}
    ${id !== seat && act('Make it the leader', clusterCalls.failover({ to: id }))}
    ${id !== seat && act('… though it lags', clusterCalls.failover({ to: id, force: true }))}
    <${Forget} session=${session} replica=${replica} close=${close} />
    ${
      id !== seat &&
      html`<p class="links-of">
      <button type="button" onClick=${() => open({ kind: 'link', from: seat, to: id })}>The link from ${seat}…</button>
    </p>`
    }`
}

/**
 * @param {{ session: Session, replica: Replica, close: () => void }} props
 */
function Forget({ session, replica, close }) {
  const rows = rowsOf(session.model, replica, replica.rows.length)
  const keys = rows.filter(({ version }) => version !== null).map(({ key }) => key)
  const [chosen, setKey] = useState('')
  const key = chosen || keys[0]
  if (key === undefined || replica.state === 'crashed') return null
  return html`<div class="group">
    <label class="field">
      <span>A record to lose silently</span>
      <select value=${key} onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => setKey(event.target.value)}>
        ${keys.map((one) => html`<option key=${one} value=${one}>${showText(one)}</option>`)}
      </select>
    </label>
    <${ActRow} session=${session} call=${replicaCall(replica.id, 'forget', { key })} label="Forget" done=${close} />
  </div>`
}

/**
 * @param {{ session: Session, part: { from: number, to: number }, close: () => void }} props
 */
function LinkMenu({ session, part, close }) {
  const { model } = session
  const [back, setBack] = useState(false)
  const [forText, setFor] = useState('')
  const [from, to] = back ? [part.to, part.from] : [part.from, part.to]
  const link = linkOf(model, from, to)
  const forMs = msOf(forText)
  const act = (
    /** @type {string} */ label,
    /** @type {import('../model/types').Call} */ call,
    kind = '',
  ) => html`<${ActRow} session=${session} call=${call} label=${label} kind=${kind} done=${close} />`
  const isCut = link?.state === 'cut'
  const isHeld = link?.state === 'held' || Boolean(link?.holding)
  return html`
    <fieldset class="direction">
      <legend>Direction</legend>
      ${[false, true].map(
        (one) => html`<label key=${String(one)}>
        <input type="radio" name="direction" checked=${back === one} onChange=${() => setBack(one)} />
        ${one ? `${part.to} to ${part.from}: acknowledgements` : `${part.from} to ${part.to}: copies`}
      </label>`,
      )}
    </fieldset>
    ${isCut ? act('Heal', linkCall(from, to, 'heal'), 'primary') : act('Cut', linkCall(from, to, 'cut', { forMs }))}
    ${isHeld && act('Release', linkCall(from, to, 'release'), 'primary')}
    ${!isHeld && act('Hold', linkCall(from, to, 'hold', { forMs }))}
    ${!isHeld && !back && act('Hold the next copy', linkCall(from, to, 'hold', { copies: 1, forMs }))}
    <${ForMs} value=${forText} set=${setFor} />
    <${Slow} session=${session} from=${from} to=${to} close=${close} />`
}

/**
 * @param {{ session: Session, from: number, to: number, close: () => void }} props
 */
function Slow({ session, from, to, close }) {
  const [latency, setLatency] = useState('2000ms')
  const [loss, setLoss] = useState('0.3')
  const onInput =
    (/** @type {(text: string) => void} */ set) =>
    (/** @type {{ target: HTMLInputElement }} */ event) =>
      set(event.target.value)
  return html`<div class="group">
    <label class="field"><span>Latency</span>
      <input value=${latency} onInput=${onInput(setLatency)} placeholder="exponential(50ms)" /></label>
    <${ActRow} session=${session} call=${setLinkCall(from, to, { latency })} label="Set latency" done=${close} />
    <label class="field"><span>Loss, 0 to 1</span>
      <input type="number" min="0" max="1" step="0.1" value=${loss} onInput=${onInput(setLoss)} /></label>
    <${ActRow} session=${session} call=${setLinkCall(from, to, { lossRatio: Number(loss) })} label="Set loss" done=${close} />
    <${ActRow} session=${session} label="As usual" done=${close}
      call=${setLinkCall(from, to, { latency: null, lossRatio: 0, duplicateRatio: 0 })} />
  </div>`
}

/**
 * @param {{ session: Session, verb: 'failover' | 'partition' | 'reset', close: () => void }} props
 */
function ClusterMenu({ session, verb, close }) {
  const act = (
    /** @type {string} */ label,
    /** @type {import('../model/types').Call} */ call,
    kind = '',
  ) => html`<${ActRow} session=${session} call=${call} label=${label} kind=${kind} done=${close} />`
  switch (verb) {
    case 'failover': {
      const { model } = session
      const others = replicasOf(model)
        .map(({ id }) => id)
        .filter((id) => id !== seatOf(model))
        .slice(0, 12)
      return html`
        <p>Makes a follower the leader of a new epoch. Writes that it has not got are lost.</p>
        ${act('To the best follower', clusterCalls.failover(), 'primary')}
        ${others.map((id) => act(`To replica ${id}`, clusterCalls.failover({ to: id })))}`
    }
    case 'partition':
      return html`<${PartitionMenu} session=${session} close=${close} />`
    case 'reset':
      return html`
        <p>Back to the start: no records, no faults, replica 0 leads.</p>
        ${act('Reset everything', clusterCalls.reset(), 'primary')}
        ${act('Keep the faults', clusterCalls.reset('faults'))}
        ${act('Keep the data', clusterCalls.reset('data'))}`
  }
}
