// A lesson of one's own: written, or made of what was just done; checked by the server, played, shared as a link and
// saved as a file. Loaded when it is opened.

import { base, send } from '../live/api.js'
import { placeNow } from '../live/place.js'
import { post } from '../model/calls.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { copyText, saveFile } from './bits.js'
import { play, storyAt } from './lessons.js'

/** What was written stays while other panels are open. */
let draft = ''

export function EditorView() {
  const [text, setText] = useState(draft)
  const [says, say] = useState('')
  draft = text
  const check = async () => {
    const { ok, body } = await send(post('/stories', { scenario: text }))
    say(ok ? 'All lines hold.' : body.detail)
    return ok && `${location.origin}/#scenario=${body.packed}`
  }
  const share = async () => {
    const link = await check()
    if (link) say((await copyText(link)) ? 'The link is copied.' : link)
  }
  const takeSession = async () => {
    const session = await (await fetch(`${base()}/scenario`)).text()
    setText(`# What I just did.\n${session.replace(/^(#|max-|start |clock ).*\n/gm, '')}`)
  }
  useEffect(() => {
    // An example, unless there is one at hand or somebody writes already.
    const { lesson = 'too-early-read', scenario } = placeNow()
    const show = (/** @type {string} */ example = '') => setText(draft || example)
    if (draft === '') void storyAt({ lesson, scenario }).then(({ body }) => show(body.scenario))
  }, [])
  const button = (/** @type {string} */ label, /** @type {() => unknown} */ act) =>
    html`<button type="button" class=${label === 'Play' ? 'primary' : ''} onClick=${act}>${label}</button>`
  return html`<div class="editor">
    <textarea aria-label="A scenario" rows="18" spellcheck="false" value=${text}
      onInput=${(/** @type {{ target: HTMLTextAreaElement }} */ { target }) => setText(target.value)}></textarea>
    <p class="told" role="status">${says}</p>
    <div class="actions">
      ${button('Play', async () => say(await play(text)))}
      ${button('Check', check)}
      ${button('Copy a link', share)}
      ${button('Save', () => saveFile(text, 'text/plain', 'my.scenario'))}
      ${button('What I just did', takeSession)}
    </div>
  </div>`
}
