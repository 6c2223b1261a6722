// The cluster as in the architecture picture: cards for replicas, buttons upon the links between them. What
// moves (copies, roles changing place) is stage.js's; the menus behind the parts are menus.js's.

import { lagMsOf, lookOfLink, replicasOf, rowsOf } from '../model/cards.js'
import { layoutCluster } from '../model/cluster-layout.js'
import { narrate } from '../model/narrate.js'
import { count, sayMs, showText } from '../model/say.js'
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { Stage } from './stage.js'

/** @import { Session } from '../live/session.js' */
/** @import { Model, Replica } from '../model/types' */
/** @import { Open } from './menus.js' */

/** How long a card shows that it was read, in simulated time. */
const NEWS_MS = 1500

/** @param {{ session: Session, open?: Open }} props without `open` there is only to see */
export function ClusterView({ session, open }) {
  useRedraw(session)
  const { model } = session
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  const width = useWidth(box)
  const replicas = replicasOf(model)
  const ids = replicas.map(({ id }) => id)
  const seat = model.leader
  // A projector that shows little leaves room for the caption.
  const rowsMax = document.documentElement.matches('.presenting') && innerHeight < 620 ? 1 : 3
  const layout = layoutCluster({ width, ids, seat, rowsMax })
  useStage(session, box, layout)
  const said = narrate(model)
  const followers = ids.filter((id) => id !== seat)
  const cards = layout.table ? ids.filter((id) => id === seat) : ids
  return html`<section id="cluster" class="region" aria-labelledby="cluster-title" tabindex="-1" data-event=${model.view?.lastEvent}>
    <h2 id="cluster-title" class="hidden">Cluster</h2>
    <div class="region-head narrated">
      <p class=${`narration ${said.tone}`}>${said.text}</p>
    </div>
    <div class=${`stage ${layout.wide ? 'wide' : 'narrow'} ${layout.compact ? 'compact' : ''}`} ref=${box}>
      <svg class="links" aria-hidden="true"></svg>
      ${layout.wide && ids.length > 0 && html`<div class="api" data-node="api" aria-hidden="true"><span>clients</span></div>`}
      ${replicas
        .filter(({ id }) => cards.includes(id))
        .map(
          (one) => html`<${Card} key=${one.id} model=${model} replica=${one}
        rows=${one.id === seat ? 3 : layout.rows} open=${open} />`,
        )}
      ${!layout.table && followers.map((id) => html`<${LinkChip} key=${`${seat}-${id}`} model=${model} from=${seat} to=${id} open=${open} />`)}
      ${layout.table && html`<${Followers} model=${model} ids=${followers} place=${layout.table} open=${open} />`}
      <svg class="marks" aria-hidden="true"></svg>
      <p class="more" hidden></p>
    </div>
    <div class="actions cluster-actions">
      <button type="button" onClick=${open?.({ kind: 'cluster', verb: 'failover' })}>Failover…</button>
      <button type="button" onClick=${open?.({ kind: 'cluster', verb: 'partition' })}>Partition…</button>
      <button type="button" onClick=${open?.({ kind: 'cluster', verb: 'reset' })}>Reset…</button>
    </div>
  </section>`
}

/**
 * Where there are too many for cards.
 * @param {{ model: Model, ids: readonly number[], place: import('../model/cluster-layout.js').Box, open?: Open }} props
 */
function Followers({ model, ids, place, open }) {
  const keys = (model.view?.keys ?? []).slice(0, place.w > 560 ? 2 : 1)
  const [left, top, width, height] = [place.x, place.y, place.w, place.h].map((px) => `${px}px`)
  return html`<div class="followers" style=${{ left, top, width, height }} tabindex="0" role="group" aria-label="Followers">
    <table>
      <thead><tr><th scope="col">Follower</th><th scope="col">Link</th><th scope="col">Lag</th>
        ${keys.map((key) => html`<th key=${key} scope="col">${showText(key)}</th>`)}</tr></thead>
      <tbody>${replicasOf(model)
        .filter(({ id }) => ids.includes(id))
        .map((replica) => {
          const { id, role, state, deposed } = replica
          const rows = rowsOf(model, replica, keys.length)
          return html`<tr key=${id} data-replica=${id} class=${`${state} ${readHere(model, id)}`}>
            <th scope="row"><button type="button" disabled=${!open} onClick=${open?.({ kind: 'replica', id })}>Replica ${id}</button>
              ${deposed ? ' deposed leader' : role === 'leader' ? ' leader' : ''} ${state !== 'running' && html`<span class="state">${state}</span>`}</th>
            <td><${LinkChip} model=${model} from=${model.leader} to=${id} open=${open} /></td>
            <td><${Lag} model=${model} replica=${replica} /></td>
            ${rows.map(({ key, value, version, freshness }) => html`<td key=${key} class=${freshness}>${showText(value ?? '—')} <span class="version">${version ?? freshness}${REMARKS[freshness]}</span></td>`)}
          </tr>`
        })}</tbody>
    </table>
  </div>`
}

/** @param {{ model: Model, replica: Replica, rows: number, open?: Open }} props */
function Card({ model, replica, rows, open }) {
  const { id, role, state, deposed } = replica
  const look = [role, state, deposed ? 'deposed' : '', readHere(model, id)].join(' ')
  const shown = rowsOf(model, replica, rows)
  return html`<article class=${`card ${look}`} data-replica=${id} data-node=${id}
    aria-label=${`Replica ${id}, ${replica.role}, ${replica.state}`}>
    <header>
      <button type="button" class="part" disabled=${!open} onClick=${open?.({ kind: 'replica', id })}
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

/** @param {Model} model @param {number} id */
function readHere({ last, nowMs }, id) {
  if (!last || last.replica !== id || last.verb.startsWith('write')) return ''
  if (nowMs - (last.endMs ?? nowMs) > NEWS_MS) return ''
  return last.stale ? 'read-stale' : last.outcome === 'done' ? 'read-fresh' : ''
}

/** @param {{ model: Model, replica: Replica }} props */
function Lag({ model, replica }) {
  if (replica.id === model.leader)
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

/** @param {{ model: Model, from: number, to: number, open?: Open }} props */
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
    disabled=${!open} onClick=${open?.({ kind: 'link', from, to })}>${text}</button>`
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
