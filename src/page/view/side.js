// Beside the cluster: a desk to try things, a lesson, or what to make of the session. Panels beyond the first are
// loaded when they are opened.

import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { LessonsView } from './lessons.js'
import { TryView } from './try.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../live/lesson-run.js').LessonRun} LessonRun */
/** @typedef {import('../model/types').Operation} Operation */

const TABS = /** @type {const} */ ({ try: 'Try it', lessons: 'Lessons', verdicts: 'Verdicts' })

/** @param {Parameters<typeof import('./verdicts.js').VerdictsView>[0]} props */
function Verdicts(props) {
  const [module, setModule] = useState(/** @type {typeof import('./verdicts.js') | null} */ (null))
  useEffect(() => void import('./verdicts.js').then(setModule), [])
  return module ? html`<${module.VerdictsView} ...${props} />` : html`<p class="soft">Loading…</p>`
}

/**
 * @param {{ session: Session, show: (operation: Operation) => void }} props
 */
export function Side({ session, show }) {
  const [tab, setTab] = useState(/** @type {keyof typeof TABS} */ ('try'))
  const [run, setRun] = useState(/** @type {LessonRun | null} */ (null))
  return html`<section class="region side" aria-label="Try it, or learn">
    <div class="tabs" role="tablist" aria-label="Try it, or learn">
      ${Object.entries(TABS).map(
        ([name, label]) => html`<button key=${name} type="button" role="tab" id=${`tab-${name}`}
        aria-selected=${tab === name} aria-controls="tab-panel" onClick=${() => setTab(/** @type {keyof typeof TABS} */ (name))}>${label}</button>`,
      )}
    </div>
    <div id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${tab}`}>
      ${tab === 'try' && html`<${TryView} session=${session} />`}
      ${tab === 'verdicts' && html`<${Verdicts} session=${session} show=${show} />`}
      ${tab === 'lessons' && html`<${LessonsView} session=${session} run=${run} setRun=${setRun} />`}
    </div>
  </section>`
}
