// Beside the cluster: a desk to try things, a lesson, or what to make of the session. Panels beyond the first are
// loaded when they are opened.

import { goTo } from '../live/place.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { usePlace } from './bits.js'
import { LessonsView, useLesson } from './lessons.js'
import { TryView } from './try.js'

/** @import { Session } from '../live/session.js' */
/** @import { Operation } from '../model/types' */

const TABS = /** @type {const} */ ({
  try: 'Try it',
  lessons: 'Lessons',
  verdicts: 'Verdicts',
  forecast: 'Forecast',
  editor: 'Write',
})

const PANELS = {
  verdicts: async () => (await import('./verdicts.js')).VerdictsView,
  forecast: async () => (await import('./forecast.js')).ForecastView,
  presenter: async () => (await import('./class.js')).PresenterView,
  editor: async () => (await import('./editor.js')).EditorView,
}

/** @param {{ name: keyof typeof PANELS }} props beside those of the panel */
function Panel({ name, ...props }) {
  const [found, setFound] = useState(/** @type {{ View?: unknown }} */ ({}))
  const [says, say] = useState('Loading…')
  useEffect(() => {
    // A server that was started anew may have other files.
    const missing = () => say('The server does not have this any more: load the page again.')
    PANELS[name]().then((View) => setFound({ View }), missing)
  }, [])
  return found.View
    ? html`<${found.View} ...${props} />`
    : html`<p class="soft" role="status">${says}</p>`
}

/** @param {{ session: Session, show: (operation: Operation) => void }} props */
export function Side({ session, show }) {
  const run = useLesson(session)
  const { tab: asked = '', lesson, scenario } = usePlace()
  const tab = Object.hasOwn(TABS, asked) ? asked : lesson || scenario ? 'lessons' : 'try'
  const [presents, present] = useState('class' in sessionStorage)
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const names = Object.keys(TABS)
    const at = names.indexOf(tab)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key]
    const next = to === undefined ? undefined : names.at(to % names.length)
    if (next === undefined) return
    event.preventDefault()
    goTo({ tab: next }, 'replace')
    document.getElementById(`tab-${next}`)?.focus()
  }
  return html`<section class="region side" aria-label="Try it, or learn">
    <div class="tabs" role="tablist" aria-label="Try it, or learn" onKeyDown=${onKeyDown}>
      ${Object.entries(TABS).map(
        ([name, label]) => html`<button key=${name} type="button" role="tab" id=${`tab-${name}`}
        aria-selected=${tab === name} tabindex=${tab === name ? 0 : -1} aria-controls="tab-panel" onClick=${() => goTo({ tab: name }, 'replace')}>${label}</button>`,
      )}
    </div>
    <div id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${tab}`}>
      ${tab === 'try' && html`<${TryView} session=${session} />`}
      ${tab in PANELS && html`<${Panel} key=${tab} name=${tab} session=${session} show=${show} />`}
      ${tab === 'lessons' && html`<${LessonsView} session=${session} run=${run} />`}
    </div>
    ${presents && html`<${Panel} name="presenter" session=${session} run=${typeof run === 'string' ? null : run} end=${() => present(false)} />`}
    ${!presents && tab === 'lessons' && html`<button type="button" class="quiet" onClick=${() => present(true)}>Present to a class</button>`}
  </section>`
}
