// The lessons: a list of stories, and the one that is being told. Every story comes from the server; adding one
// changes nothing here.

import { get, send } from '../live/api.js'
import { LessonRun } from '../live/lesson-run.js'
import { goTo, onPlace, placeNow } from '../live/place.js'
import { isStale, sayAnswer } from '../model/answer.js'
import { post } from '../model/calls.js'
import { showText } from '../model/say.js'
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js'
import { CurlLine, useRedraw } from './bits.js'

/** @import { Shown } from '../live/lesson-run.js' */
/** @import { Session } from '../live/session.js' */
/** @import { ShelfJson } from '../model/types' */

/**
 * The lesson that the page's address names, at the step that it names; or why there is none.
 * @param {Session} session
 */
export function useLesson(session) {
  const [run, setRun] = useState(/** @type {LessonRun | string} */ (''))
  useEffect(() => {
    let [told, current] = /** @type {[string?, LessonRun?]} */ ([])
    const follow = async () => {
      const { lesson, scenario, step } = placeNow()
      const asked = scenario ?? lesson
      if (asked === told) return current?.turnTo(Number(step))
      told = asked
      current?.leave()
      if (current && !asked) session.show()
      current = undefined
      setRun('')
      if (!asked) return
      const { ok, body } = await storyAt({ lesson, scenario })
      if (asked !== told) return
      if (!ok) return setRun(body.detail)
      current = new LessonRun(session, body)
      setRun(current)
      await current.start(Number(step))
    }
    void follow()
    addEventListener('dragover', (event) => event.preventDefault())
    addEventListener('drop', async (event) => {
      event.preventDefault()
      const text = await event.dataTransfer?.files[0]?.text()
      if (text === undefined) return
      begin({})
      setRun(await play(text))
    })
    return onPlace(() => void follow())
  }, [session])
  return run
}

/** @param {{ readonly [name: string]: string | undefined }} place */
export function storyAt({ lesson, scenario: packed }) {
  if (packed) return send(post('/stories', { packed }))
  return get(`/stories/${encodeURIComponent(lesson ?? '')}`)
}

/** @param {{ lesson?: string, scenario?: string }} which */
function begin({ lesson, scenario }) {
  goTo({ lesson, scenario, step: undefined, tab: 'lessons' })
}

/** @param {string} text of a scenario @returns what is wrong with it, if anything is */
export async function play(text) {
  const { ok, body } = await send(post('/stories', { scenario: text }))
  if (ok) begin({ scenario: body.packed })
  return ok ? '' : String(body.detail)
}

/** @param {{ session: Session, run: LessonRun | string }} props */
export function LessonsView({ session, run }) {
  useRedraw(session)
  const [{ stories, broken }, setShelf] = useState(
    /** @type {ShelfJson} */ ({ stories: [], broken: [] }),
  )
  useEffect(() => {
    const look = () => void get('/stories').then(({ ok, body }) => ok && setShelf(body))
    look()
    // Whoever writes one comes back from an editor.
    addEventListener('focus', look)
    return () => removeEventListener('focus', look)
  }, [session.status])
  if (run instanceof LessonRun) return html`<${Lesson} run=${run} stories=${stories} />`
  return html`<div class="lessons">
    <p class="soft">Each is told in a lab of its own, with the clock stopped, and asks what will happen before it does.</p>
    ${run && html`<p class="astray" role="alert">${run}</p>`}
    <ol>
      ${stories.map(
        ({ name, title }, i) => html`<li key=${name}>
        <button type="button" data-story=${name} onClick=${() => begin({ lesson: name })}>
          <span class="number">${i + 1}</span> <span>${title}</span>
        </button>
      </li>`,
      )}
    </ol>
    ${broken.map(({ file, message }) => html`<p key=${file} class="astray">${file}: ${message}</p>`)}
  </div>`
}

/** @param {{ run: LessonRun, stories: ShelfJson['stories'] }} props */
function Lesson({ run, stories }) {
  const { story, at, shown, late, pause } = run
  const next = stories[stories.findIndex(({ name }) => name === story.name) + 1]
  const foot = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  useEffect(() => foot.current?.scrollIntoView({ block: 'nearest' }), [at, shown.length, pause])
  // On a phone it lies over the foot of the picture, whose head is to be seen.
  useEffect(() => void (innerWidth <= 620 && scrollTo(0, 0)), [at])
  const again = () => (at === 0 ? void run.start() : goTo({ step: undefined }))
  const forward = () => {
    run.next()
    goTo({ step: String(run.at + 1) })
  }
  return html`<div class="lesson" data-pause=${pause}>
    <div class="lesson-head">
      <button type="button" class="icon" aria-label="A step back" disabled=${at === 0}
        onClick=${() => goTo({ step: String(at) })}>‹</button>
      <p class="soft">Step ${at + 1} of ${story.steps.length}</p>
      <progress value=${at + (pause === 'end' ? 1 : 0)} max=${story.steps.length} aria-label="How far the lesson is"></progress>
      <button type="button" class="quiet" onClick=${() => begin({})}>All lessons</button>
    </div>
    <h2>${story.title}</h2>
    ${at === 0 && html`<p>${story.summary.slice(story.title.length).replace(/^[.:!?\s]+/, '')}</p>`}
    <div class="parts" aria-live="polite">
      ${shown.map((one, i) => html`<${Part} key=${`${at}-${i}`} one=${one} run=${run} />`)}
      ${late.map((one, i) => html`<${Part} key=${i} one=${one} run=${run} />`)}
    </div>
    <div class="lesson-foot" ref=${foot}>
      ${pause === 'run' && html`<button type="button" class="primary" onClick=${() => run.run()}>Do it</button>`}
      ${pause === 'next' && html`<button type="button" class="primary" onClick=${forward}>Next</button>`}
      ${
        pause === 'astray' &&
        html`<p class="astray" role="alert">${run.trouble}</p>
        <button type="button" class="primary" onClick=${again}>Start again</button>`
      }
      ${pause === 'busy' && html`<button type="button" disabled>Watch…</button>`}
      ${
        pause === 'end' &&
        html`<p>That was the lesson. The cluster is as it left it, and yours: write, read, break things.</p>
        ${next && html`<button type="button" class="primary" onClick=${() => begin({ lesson: next.name })}>Next lesson</button>`}
        <button type="button" onClick=${again}>Once more</button>`
      }
    </div>
  </div>`
}

/** @param {{ one: Shown, run: LessonRun }} props */
function Part({ one, run }) {
  const { part } = one
  switch (part.kind) {
    case 'sentence':
    case 'remark':
      return html`<p class=${part.kind}>${part.text}</p>`
    case 'question':
      return html`<${Question} one=${one} run=${run} />`
    case 'command':
      return html`<${Command} one=${one} part=${part} />`
  }
}

/** @param {{ one: Shown, run: LessonRun }} props */
function Question({ one, run }) {
  if (one.part.kind !== 'question') return null
  const { text, choices } = one.part.question
  const { chosen } = one
  // The cluster answers first; then it is said who was right.
  const told = chosen !== null && run.pause !== 'busy'
  const verdict = (/** @type {number} */ i) =>
    !told ? '' : choices[i]?.isRight ? 'right' : chosen === i ? 'wrong' : ''
  return html`<fieldset class="question">
    <legend>${text}</legend>
    ${choices.map(
      (choice, i) => html`<button key=${i} type="button" disabled=${chosen !== null}
      class=${`choice ${chosen === i ? 'chosen' : ''} ${verdict(i)}`} onClick=${() => run.choose(i)}>
      ${choice.text}<span class="verdict">${verdict(i) === 'right' ? ' ✓' : verdict(i) === 'wrong' ? ' ✕' : ''}</span>
    </button>`,
    )}
    ${told && html`<p class="told">${choices[chosen]?.isRight ? 'You saw it coming.' : 'Not this time.'}</p>`}
  </fieldset>`
}

/** @param {{ one: Shown, part: Extract<Shown['part'], { kind: 'command' }> }} props */
function Command({ one, part }) {
  const { answer, state } = one
  const tone =
    answer === null ? state : !answer.ok ? 'failed' : isStale(answer.body) ? 'stale' : 'ok'
  return html`<div class=${`command ${tone}`}>
    <code>${showText(part.source)}</code>
    ${answer === null && part.goesOn && state === 'done' && html`<p class="answer">waits for its answer</p>`}
    ${answer !== null && html`<p class="answer">${sayAnswer(answer)}</p>`}
    ${part.call && html`<details><summary>by curl</summary><${CurlLine} call=${part.call} /></details>`}
  </div>`
}
