// Small parts that several views use: redrawing, the curl line with its copy button, buttons that act.

import { base } from '../live/api.js'
import { onPlace, placeNow } from '../live/place.js'
import { sayAnswer } from '../model/answer.js'
import { curlOf } from '../model/curl.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'

/** @import { Session } from '../live/session.js' */
/** @import { Call } from '../model/types' */

/** Draws the calling view again whenever the session has changed. @param {Session} session */
export function useRedraw(session) {
  const [, setCount] = useState(0)
  useEffect(() => session.subscribe(() => setCount((n) => n + 1)), [session])
}

/** What the page's address says, now and whenever it says something else. */
export function usePlace() {
  const [, setCount] = useState(0)
  useEffect(() => onPlace(() => setCount((n) => n + 1)), [])
  return placeNow()
}

/** A command and the button that copies it. @param {{ call: Call, label?: string }} props */
export function CurlLine({ call, label = 'The same by curl' }) {
  const [copied, setCopied] = useState(false)
  const command = curlOf(call, location.origin + base())
  const copy = async () => {
    if (await copyText(command)) {
      setCopied(true)
      setTimeout(() => setCopied(false), 1500)
    }
  }
  return html`<div class="curl">
    <code tabindex="0" role="group" aria-label=${label}>${command}</code>
    <button type="button" class="quiet" onClick=${copy} aria-label="Copy the command">
      ${copied ? 'Copied' : 'Copy'}
    </button>
  </div>`
}

/** Where the browser does not trust the page with the clipboard, the old way still works. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}

/** @param {string} text @param {string} type @param {string} name */
export function saveFile(text, type, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/**
 * Buttons that send one call each; their tooltips are the commands that do the same. What was refused is said beside them.
 * @param {Session} session
 */
export function useActs(session) {
  const [refused, setRefused] = useState('')
  const act = async (/** @type {Call} */ call) => {
    setRefused('')
    const answer = await session.act(call)
    if (!answer.ok) setRefused(sayAnswer(answer))
  }
  const button = (
    /** @type {Call} */ call,
    /** @type {string} */ label,
    /** @type {string} */ name = label,
  ) =>
    html`<button type="button" class=${name === label ? '' : 'icon'} title=${curlOf(call, location.origin + base())}
      aria-label=${name} onClick=${() => act(call)}>${label}</button>`
  const refusal = refused && html`<p class="answer failed" role="alert">${refused}</p>`
  return { act, button, refusal }
}
