// The log: the events in the very words of the terminal, stale reads among them, with a search that the diagram shares.
// Only the newest lines that it finds are in the document; it follows them until one scrolls up.

import { sayClock } from '../model/say.js'
import { html, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'

/** @import { Session } from '../live/session.js' */
/** @import { LogLine } from '../model/types' */

const LINES_SHOWN = 100

/** @param {{ session: Session, search: string, setSearch: (search: string) => void }} props */
export function LogView({ session, search, setSearch }) {
  useRedraw(session)
  const [all, setAll] = useState(false)
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  /** What stood there when it was scrolled up. */
  const [held, hold] = useState(/** @type {LogLine[] | null} */ (null))
  const { log } = session.model
  const lines = (session.past ? null : held) ?? chosen(log, search.trim().toLowerCase(), all)
  const resetId = log.findLast(({ type }) => type === 'cluster-reset')?.id ?? 0
  useLayoutEffect(() => {
    const { current } = box
    if (current && !held) current.scrollTop = current.scrollHeight
  }, [lines.at(-1)?.id, lines.length, held])
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {}
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 24
    if (isAtEnd === Boolean(held)) hold(isAtEnd ? null : lines)
  }
  const toNewest = () => {
    hold(null)
    box.current?.focus()
  }
  const change = (/** @type {() => void} */ set) => {
    set()
    hold(null)
  }
  return html`<section class="region log" aria-labelledby="log-title">
    <div class="region-head">
      <h2 id="log-title">Log</h2>
      <div class="actions">
        <label class="check"><input type="checkbox" checked=${all} onChange=${() => change(() => setAll(!all))} /> every event</label>
        <label><span class="hidden">Search log and diagram for keys, clients and words</span>
          <input type="search" placeholder="search" value=${search}
            onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => change(() => setSearch(event.target.value))} /></label>
      </div>
    </div>
    <div class="lines" ref=${box} onScroll=${onScroll} tabindex="0" role="log" aria-live="off" aria-label="Log lines">
      <ol>
        ${lines.map((line) => html`<${Line} key=${line.id} line=${line} isBefore=${line.id < resetId} />`)}
      </ol>
    </div>
    ${held && html`<button type="button" class="newest" onClick=${toNewest}>Newest lines ↓</button>`}
    ${lines.length === 0 && html`<p class="empty">${log.length === 0 ? 'Nothing has happened yet.' : 'Nothing is found.'}</p>`}
  </section>`
}

/** @param {readonly LogLine[]} log @param {string} filter @param {boolean} all */
function chosen(log, filter, all) {
  /** @type {LogLine[]} */
  const lines = []
  for (let i = log.length - 1; i >= 0 && lines.length < LINES_SHOWN; i--) {
    const line = log[i]
    if (!line || (line.level === 'debug' && !line.isStale && !all)) continue
    if (filter === '' || `${line.text} ${line.client}`.toLowerCase().includes(filter))
      lines.push(line)
  }
  return lines.reverse()
}

/** @param {{ line: LogLine, isBefore: boolean }} props */
function Line({ line, isBefore }) {
  const [, tag, text] = /^(\[[A-Z -]+\])? ?(.*)$/s.exec(line.text) ?? []
  const look = [line.level, line.isStale && 'stale', isBefore && 'before', line.type]
  return html`<li class=${look.filter(Boolean).join(' ')}>
    <time>${sayClock(line.atMs)}</time>
    <span>${tag && html`<b class="tag">${tag}</b> `}${text}</span>
  </li>`
}
