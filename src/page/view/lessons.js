// The lessons: a list of stories, and the one that is being told. Every story comes from the server; adding one
// changes nothing here.

import { endLab, get, send } from '../live/api.js'
import { LessonRun } from '../live/lesson-run.js'
import { isStale, sayAnswer } from '../model/answer.js'
import { replicasOf } from '../model/cards.js'
import { showText } from '../model/say.js'
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js'
import { CurlLine, useRedraw } from './bits.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').StorySummary} StorySummary */
/** @typedef {import('../live/lesson-run.js').Shown} Shown */

/** The lesson that this page was opened for. */
export function lessonAsked() {
  return /^#lesson=([\w-]+)$/.exec(location.hash)?.[1]
}

/**
 * @param {{ session: Session, run: LessonRun | null, setRun: (run: LessonRun | null) => void }} props
 */
export function LessonsView({ session, run, setRun }) {
  useRedraw(session)
  const [stories, setStories] = useState(/** @type {readonly StorySummary[] | null} */ (null))
  useEffect(() => {
    void get('/stories').then(({ ok, body }) => ok && setStories(body.stories))
  }, [session.status])
  const tell = async (/** @type {string} */ name) => {
    const { ok, body } = await get(`/stories/${name}`)
    if (!ok) return
    const next = new LessonRun(session, body)
    setRun(next)
    await next.start()
  }
  /** In a lab of its own, so that nobody else's hands are in it; here, where there is no room for one. */
  const begin = async (/** @type {string} */ name) => {
    run?.leave()
    const { ok, body } = await get(`/stories/${name}`)
    const lab = ok
      ? await send({ method: 'POST', path: '/labs', body: { scenario: body.head } })
      : null
    if (lab?.ok) open(`${lab.body.url}/#lesson=${name}`, '_self')
    else await tell(name)
  }
  const leave = () => {
    run?.leave()
    setRun(null)
    if (!lessonAsked()) return
    endLab()
    open('/', '_self')
  }
  useEffect(() => {
    const asked = lessonAsked()
    if (asked && run === null) void tell(asked)
  }, [])
  if (run)
    return html`<${Lesson} session=${session} run=${run} begin=${begin} leave=${leave} stories=${stories ?? []} />`
  if (stories === null) return html`<p class="soft">Loading the lessons…</p>`
  return html`<div class="lessons">
    <p class="soft">Each sets the cluster up, stops the clock, and asks what will happen before it does.</p>
    <ol>
      ${stories.map(
        ({ name, title }, i) => html`<li key=${name}>
        <button type="button" data-story=${name} onClick=${() => begin(name)}>
          <span class="number">${i + 1}</span> <span>${title}</span>
        </button>
      </li>`,
      )}
    </ol>
  </div>`
}

/**
 * @param {{ session: Session, run: LessonRun, begin: (name: string) => void, leave: () => void,
 *   stories: readonly StorySummary[] }} props
 */
function Lesson({ session, run, begin, leave, stories }) {
  const { story, at, shown, pause } = run
  const next = stories[stories.findIndex(({ name }) => name === story.name) + 1]
  const foot = /** @type {{ current: HTMLElement | null }} */ (useRef(null))
  useEffect(() => foot.current?.scrollIntoView({ block: 'nearest' }), [at, shown.length, pause])
  // On a phone it lies over the foot of the picture, whose head is to be seen.
  useEffect(() => void (innerWidth <= 620 && scrollTo(0, 0)), [at])
  return html`<div class="lesson" data-pause=${pause}>
    <div class="lesson-head">
      <p class="soft">Step ${at + 1} of ${story.steps.length}</p>
      <progress value=${at + (pause === 'end' ? 1 : 0)} max=${story.steps.length} aria-label="How far the lesson is"></progress>
      <button type="button" class="quiet" onClick=${leave}>All lessons</button>
    </div>
    <h2>${story.title}</h2>
    ${at === 0 && html`<${Opening} session=${session} run=${run} />`}
    <div class="parts" aria-live="polite">
      ${shown.map((one, i) => html`<${Part} key=${`${at}-${i}`} one=${one} run=${run} />`)}
    </div>
    <div class="lesson-foot" ref=${foot}>
      ${pause === 'run' && html`<button type="button" class="primary" onClick=${() => run.run()}>Do it</button>`}
      ${pause === 'next' && html`<button type="button" class="primary" onClick=${() => run.next()}>Next</button>`}
      ${
        pause === 'astray' &&
        html`<p class="astray" role="alert">This is not the story's answer: something else moved the cluster. Start again.</p>
        <button type="button" class="primary" onClick=${() => begin(story.name)}>Start again</button>`
      }
      ${pause === 'busy' && html`<button type="button" disabled>Watch…</button>`}
      ${
        pause === 'end' &&
        html`<p>That was the lesson. The cluster is as it left it, and yours: write, read, break things.</p>
        ${next && html`<button type="button" class="primary" onClick=${() => begin(next.name)}>Next lesson</button>`}
        <button type="button" onClick=${() => begin(story.name)}>Once more</button>`
      }
    </div>
  </div>`
}

/** @param {{ session: Session, run: LessonRun }} props */
function Opening({ session, run }) {
  const { summary, title, followers, options } = run.story
  const have = replicasOf(session.model).length - 1
  const rest = summary.slice(title.length).replace(/^[.\s]+/, '')
  const flags = lessonAsked() ? [] : options.map((option) => `--${option}`)
  if (have !== followers) flags.unshift(`--followers ${followers}`)
  return html`
    ${rest && html`<p>${rest}</p>`}
    ${
      flags.length > 0 &&
      html`<p class="unfit">Told word by word only by a server that was started with
      <code>${flags.join(' ')}</code>; this one was not, and its answers may differ.</p>`
    }`
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

/**
 * @param {{ one: Shown, part: Extract<Shown['part'], { kind: 'command' }> }} props
 */
function Command({ one, part }) {
  const { answer, state } = one
  const tone =
    answer === null ? state : !answer.ok ? 'failed' : isStale(answer.body) ? 'stale' : 'ok'
  return html`<div class=${`command ${tone}`}>
    <code>${showText(part.source)}${part.goesOn ? ' &' : ''}</code>
    ${answer !== null && html`<p class="answer">${sayAnswer(answer)}</p>`}
    ${part.call && html`<details><summary>by curl</summary><${CurlLine} call=${part.call} /></details>`}
  </div>`
}
