// The chapters of the lab, from reset to reset: each test of a suite is one. Picking one shows its first stale read, or
// how it ended.

import { get } from '../live/api.js'
import { count } from '../model/say.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'

/** @import { Moment } from '../live/playback.js' */
/** @import { Session } from '../live/session.js' */

/** @typedef {{ number: number, firstEvent: string | null, lastEvent: string | null, isOver: boolean, staleReads: number, firstStaleRead: string | null }} Chapter */

/** @param {{ session: Session, show: (found: { chapter: Moment[], place: number }) => void }} props */
export function Chapters({ session, show }) {
  const [all, setAll] = useState(/** @type {readonly Chapter[]} */ ([]))
  const load = () => void get('/chapters').then(({ ok, body }) => ok && setAll(body.chapters))
  useEffect(load, [session.tape.chapters.length, session.status])
  if (all.length < 2) return null
  const id = session.past?.chapter.find(({ event }) => event)?.event?.id ?? Number.POSITIVE_INFINITY
  const on = all.findLast(({ firstEvent }) => numberOf(firstEvent) <= id) ?? all.at(-1)
  // A page that came late has not heard of all of them.
  const heard = session.tape.chapters[0]?.find(({ event }) => event)?.event?.id ?? 0
  const pick = (/** @type {{ target: HTMLSelectElement }} */ { target }) => {
    const chapter = all.find(({ number }) => number === Number(target.value))
    const found = session.tape.find(numberOf(chapter?.firstStaleRead ?? chapter?.lastEvent ?? null))
    if (chapter?.isOver === false) session.lookNow()
    else if (found) show(found)
  }
  return html`<label><span class="hidden">Chapter, from reset to reset</span>
    <select class="chapters" value=${on?.number} onChange=${pick} onFocus=${load}>
      ${all.map(
        ({
          number,
          staleReads,
          isOver,
          lastEvent,
        }) => html`<option key=${number} value=${number} disabled=${numberOf(lastEvent) < heard}>
        ${isOver ? 'test' : 'now, test'} ${number}${staleReads > 0 && ` · ${count(staleReads, 'stale read')}`}</option>`,
      )}
    </select></label>`
}

/** An event's number in the stream. @param {string | null} id */
function numberOf(id) {
  return Number(id?.split('-').at(-1))
}
