// Beside the cluster: a desk to try things, or a lesson.

import { html, useState } from '../vendor/preact-htm.js'
import { LessonsView } from './lessons.js'
import { TryView } from './try.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../live/lesson-run.js').LessonRun} LessonRun */

const TABS = /** @type {const} */ ({ try: 'Try it', lessons: 'Lessons' })

/** @param {{ session: Session }} props */
export function Side({ session }) {
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
      ${tab === 'lessons' && html`<${LessonsView} session=${session} run=${run} setRun=${setRun} />`}
    </div>
  </section>`
}
