// The cluster as in the architecture picture: cards for replicas, buttons upon the links between them. What
// moves (copies, roles changing place) is stage.js's; the menus behind the parts are menus.js's.

import { lagMsOf, lookOfLink, replicasOf, rowsOf } from '../model/cards.js'
import { layoutCluster } from '../model/cluster-layout.js'
import { narrate } from '../model/narrate.js'
import { seatOf } from '../model/nodes.js'
import { count, sayMs, showText } from '../model/say.js'
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { Stage } from './stage.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').Model} Model */
/** @typedef {import('../model/types').Replica} Replica */
/** @typedef {import('./menus.js').Part} Part */

/** How long a card shows that it was read, in simulated time. */
const NEWS_MS = 1500

/**
 * @param {{ session: Session, open?: (part: Part) => void }} props without `open` there is only to see
 */
export function ClusterView({ session, open }) {
  useRedraw(session)
  const { model } = session
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  const width = useWidth(box)
  const replicas = replicasOf(model)
  const ids = replicas.map(({ id }) => id)
  const seat = seatOf(model)
  // A projector that shows little leaves room for the caption.
  const rowsMax = document.documentElement.matches('.presenting') && innerHeight < 620 ? 1 : 3
  const layout = layoutCluster({ width, ids, seat, rowsMax })
  useStage(session, box, layout)
  const shown = ids.filter((id) => layout.boxes.has(id))
  const followers = shown.filter((id) => id !== seat)
  return html`<section id="cluster" class="region" aria-labelledby="cluster-title" tabindex="-1" data-event=${model.view?.lastEvent}>
    <h2 id="cluster-title" class="hidden">Cluster</h2>
    <div class="region-head narrated">
      <${Narration} model=${model} />
    </div>
    <div class=${`stage ${layout.wide ? 'wide' : 'narrow'}`} ref=${box}>
      <svg class="links" aria-hidden="true"></svg>
      ${layout.wide && ids.length > 0 && html`<div class="api" data-node="api" aria-hidden="true"><span>clients</span></div>`}
      ${replicas
        .filter(({ id }) => shown.includes(id))
        .map(
          (one) => html`<${Card} key=${one.id} model=${model} replica=${one}
        rows=${one.id === seat ? 3 : layout.rows} open=${open} />`,
        )}
      ${followers.map((id) => html`<${LinkChip} key=${`${seat}-${id}`} model=${model} from=${seat} to=${id} open=${open} />`)}
      <svg class="marks" aria-hidden="true"></svg>
      <p class="more" hidden></p>
    </div>
    <div class="actions cluster-actions">
      <button type="button" onClick=${() => open?.({ kind: 'cluster', verb: 'failover' })}>Failover…</button>
      <button type="button" onClick=${() => open?.({ kind: 'cluster', verb: 'partition' })}>Partition…</button>
      <button type="button" onClick=${() => open?.({ kind: 'cluster', verb: 'reset' })}>Reset…</button>
    </div>
    ${layout.leftOut.length > 0 && html`<${LeftOut} model=${model} ids=${layout.leftOut} />`}
  </section>`
}

/** @param {{ model: Model }} props */
function Narration({ model }) {
  const { tone, text } = narrate(model)
  return html`<p class=${`narration ${tone}`}>${text}</p>`
}

/** @param {{ model: Model, ids: readonly number[] }} props */
function LeftOut({ model, ids }) {
  const lags = replicasOf(model).filter(({ id }) => ids.includes(id))
  const most = lags.reduce((worst, one) => (one.lagVersions > worst.lagVersions ? one : worst))
  return html`<p class="left-out">
    And ${count(ids.length, 'follower')} more, not drawn; the one furthest behind is replica ${most.id},
    by ${count(most.lagVersions, 'version')}.
  </p>`
}

/**
 * @param {{ model: Model, replica: Replica, rows: number, open?: (part: Part) => void }} props
 */
function Card({ model, replica, rows, open }) {
  const { id, role, state, deposed } = replica
  const look = [role, state, deposed ? 'deposed' : '', readHere(model, id)].join(' ')
  const shown = rowsOf(model, replica, rows)
  return html`<article class=${`card ${look}`} data-replica=${id} data-node=${id}
    aria-label=${`Replica ${id}, ${replica.role}, ${replica.state}`}>
    <header>
      <button type="button" class="part" disabled=${!open} onClick=${() => open?.({ kind: 'replica', id })}
        aria-label=${`Replica ${id}: crash, pause and more`}>Replica ${id}</button>
      ${replica.state !== 'running' && html`<span class="state">${replica.state}</span>`}
      <span class="role">${deposed ? 'deposed leader' : replica.role}</span>
    </header>
    <p class="facts">
      <span>epoch ${replica.epoch}</span> <span>offset ${replica.appliedOffset}</span>
    </p>
    <p class="facts"><${Lag} model=${model} replica=${replica} /></p>
    ${rows > 0 && html`<ul class="records">${shown.map((row) => html`<${Row} key=${row.key} row=${row} />`)}</ul>`}
  </article>`
}

/**
 * @param {Model} model
 * @param {number} id
 */
function readHere({ last, nowMs }, id) {
  if (!last || last.replica !== id || last.verb.startsWith('write')) return ''
  if (nowMs - (last.endMs ?? nowMs) > NEWS_MS) return ''
  return last.stale ? 'read-stale' : last.outcome === 'done' ? 'read-fresh' : ''
}

/** @param {{ model: Model, replica: Replica }} props */
function Lag({ model, replica }) {
  if (replica.id === seatOf(model))
    return html`<span class="lag none">${count(replica.keys, 'key')}</span>`
  const { lagVersions, lagAtLeast } = replica
  if (lagVersions === 0) return html`<span class="lag none">no lag</span>`
  const ms = `${lagAtLeast ? 'at least ' : ''}${sayMs(lagMsOf(model, replica))}`
  return html`<span class="lag behind">lags ${count(lagVersions, 'version')}, ${ms}</span>`
}

/** What stands behind a version that is not what clients were told. */
const REMARKS = /** @type {Readonly<Record<string, string>>} */ ({
  stale: ' stale',
  ahead: ' not acknowledged',
  lost: ' lost',
})

/** @param {{ row: ReturnType<typeof rowsOf>[number] }} props */
function Row({ row }) {
  const { key, value, version, freshness } = row
  return html`<li class=${freshness}>
    <span class="key" title=${showText(key)}>${showText(key)}</span>
    <span class="value" title=${value && showText(value)}>${value === null ? '—' : showText(value) || '(empty)'}</span>
    <span class="version">${version ?? freshness}${REMARKS[freshness]}</span>
  </li>`
}

/**
 * @param {{ model: Model, from: number, to: number, open?: (part: Part) => void }} props
 */
function LinkChip({ model, from, to, open }) {
  const there = lookOfLink(model, from, to)
  const back = lookOfLink(model, to, from)
  const worst =
    [there, back].find((one) => one.state === 'cut') ?? (there.state === 'up' ? back : there)
  const words = [
    there.state === 'up' || there.state === 'lossy' ? spaced(there.latency) : there.state,
  ]
  if (there.state === 'lossy') words.push('lossy')
  if (there.waiting > 0) words.push(`${there.waiting} waiting`)
  else if (there.travelling > 3) words.push(`${there.travelling} on their way`)
  if (back.state !== 'up' && there.state !== back.state) words.push(`back ${back.state}`)
  const text = words.filter(Boolean).join(' · ') || 'link'
  return html`<button type="button" class=${`chip ${worst.state}`} data-chip=${`${from}>${to}`}
    aria-label=${`Link from ${from} to ${to}: ${text}. Cut, hold, slow and more`}
    disabled=${!open} onClick=${() => open?.({ kind: 'link', from, to })}>${text}</button>`
}

/** @param {string} latency `200ms` as it stands in sentences */
function spaced(latency) {
  return /^[\d.]+m?s$/.test(latency)
    ? latency.replace(/(?=m?s$)/, ' ')
    : latency.length > 16
      ? 'random'
      : latency
}

/** @param {{ current: HTMLElement | null }} box */
export function useWidth(box) {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const watch = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)))
    watch.observe(element)
    setWidth(Math.floor(element.clientWidth))
    return () => watch.disconnect()
  }, [])
  return width
}

/**
 * @param {Session} session
 * @param {{ current: HTMLElement | null }} box
 * @param {ReturnType<typeof layoutCluster>} layout
 */
function useStage(session, box, layout) {
  const stage = /** @type {{ current: Stage | null }} */ (useRef(null))
  useEffect(() => {
    if (box.current) stage.current = new Stage(session, box.current)
    return () => stage.current?.end()
  }, [session])
  useLayoutEffect(() => stage.current?.aim(layout))
}
