// What must be said over everything else: that the server is away, or does not serve this page; and, for those who listen instead of looking,
// what there is to see.

import { narrate } from '../model/narrate.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'

/** @import { Session } from '../live/session.js' */

const SPEAK_MS = 1200

/** @param {{ session: Session }} props */
export function Notices({ session }) {
  useRedraw(session)
  const { status, why, model } = session
  const isLost = status === 'away' || status === 'refused'
  return html`
    ${isLost && html`<p class="away" role="alert">${why || 'The server is away.'} What you see is how it was; this page comes back by itself once the server does.</p>`}
    <${Speaker} text=${isLost ? '' : narrate(model).text} />`
}

/** Speaks only when things have been calm for a moment. @param {{ text: string }} props */
function Speaker({ text }) {
  const [spoken, speak] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => speak(text), SPEAK_MS)
    return () => clearTimeout(timer)
  }, [text])
  return html`<p class="hidden" role="status" aria-live="polite">${spoken}</p>`
}
