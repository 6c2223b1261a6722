// A class: for its presenter the lesson in large type, the keys of a clicker, the link by which others follow and how
// they vote; for those who follow, on their phones, his lab and what he asks. Loaded when it is needed.

import { base, send } from '../live/api.js'
import { html, useEffect, useState } from '../vendor/preact-htm.js'
import { useRedraw } from './bits.js'
import { ClusterView } from './cluster.js'

/** @import { Session } from '../live/session.js' */
/** @import { LessonRun } from '../live/lesson-run.js' */

addEventListener('keydown', (event) => {
  const { key, target } = event
  const onward = [' ', 'ArrowRight', 'PageDown'].includes(key)
  const way = onward ? '.primary:enabled' : '[aria-label="A step back"]'
  const button = document.querySelector(`.presenting .side ${way}`)
  if (!(button instanceof HTMLElement && (onward || /^(ArrowLeft|PageUp)$/.test(key)))) return
  // Whoever types, or has gone to another button, does not mean the lesson.
  if (/** @type {Element} */ (target).matches('input, select, textarea, button, dialog *')) return
  event.preventDefault()
  button.click()
})

/** @param {{ session: Session, run: LessonRun | null, end: () => void }} props */
export function PresenterView({ session, run, end }) {
  useRedraw(session)
  const [link, setLink] = useState(/** @type {any} */ (null))
  const shown = shownOf(run)
  const asked = shown.question
  const poll = session.course?.question
  const votes = asked && poll?.text === asked.text ? poll.votes : []
  const count = votes.reduce((sum, one) => sum + one, 0)
  const most = count > 0 ? votes.indexOf(Math.max(...votes)) : -1
  const choose = (/** @type {number} */ choice) => void run?.choose(choice)
  const follow = async () => {
    const token = sessionStorage.class || undefined
    const { body } = await send({ method: 'POST', path: '/class', body: { token } })
    if (body.token) sessionStorage.class = body.token
    setLink(body)
  }
  const leave = () => {
    void send({ method: 'DELETE', path: '/class' })
    sessionStorage.removeItem('class')
    end()
  }
  useEffect(() => {
    sessionStorage.class ??= ''
    document.documentElement.classList.add('presenting')
    return () => document.documentElement.classList.remove('presenting')
  }, [])
  // Each telling of a lesson has a lab of its own: the class goes along.
  useEffect(() => void (sessionStorage.class && follow()), [base()])
  useEffect(() => {
    document.querySelector('.side .primary')?.scrollIntoView({ block: 'nearest' })
    if (link?.token) void send({ method: 'PUT', path: '/class', body: shown })
  }, [link, JSON.stringify(shown)])
  return html`
    ${asked?.open && html`<${Poll} asked=${asked} votes=${votes} choose=${choose} />`}
    ${asked?.open && html`<button type="button" class="primary" onClick=${() => choose(most)}>Do it</button>`}
    ${asked && asked.right !== null && count > 0 && html`<p class="told">${votes[asked.right]} of ${count} saw it coming.</p>`}
    <div class="class-foot">
      ${link?.token && html`<strong>${link.links[0].replace('http://', '')}</strong> ${session.course?.followers ?? 0} follow`}
      ${!link && html`<button type="button" onClick=${follow}>Let others follow</button>`}
      <button type="button" class="quiet" onClick=${leave}>End</button>
      ${link && html`<p class="soft" role="status">${link.reach ?? link.detail}</p>`}
    </div>`
}

/** What a class is shown of a lesson. @param {LessonRun | null} run */
function shownOf(run) {
  const { story, at = -1, shown = [], pause } = run ?? {}
  const last = shown.findLast(({ part }) => part.kind === 'question')
  const { text = '', choices = [] } = last?.part.kind === 'question' ? last.part.question : {}
  const isTold = last?.chosen !== null && pause !== 'busy'
  const right = isTold ? choices.findIndex(({ isRight }) => isRight) : null
  const said = choices.map((one) => one.text)
  const asked = { text, choices: said, open: last?.chosen === null, right }
  const told = shown.flatMap(({ part }) => ('text' in part ? part.text : [])).join('\n')
  const caption = story ? told.slice(0, 4000) : 'The presenter is about to begin.'
  const where = { lesson: story?.title ?? null, step: at + 1, steps: story?.steps.length ?? 0 }
  return { ...where, caption, question: last ? asked : null }
}

/** @param {{ session: Session }} props */
export function FollowView({ session }) {
  useRedraw(session)
  const { course } = session
  const [cast, setCast] = useState({ text: '', choice: -1 })
  const asked = course?.question
  const vote = async (/** @type {number} */ choice) => {
    // Drawn for this tab: some share a browser.
    sessionStorage.voter ??= crypto.getRandomValues(new Uint32Array(4)).join('-')
    const body = { voter: sessionStorage.voter, question: asked?.number, choice }
    const { ok } = await send({ method: 'POST', path: '/class/vote', body })
    if (ok) setCast({ text: asked?.text ?? '', choice })
  }
  return html`<main class="following">
    <${ClusterView} session=${session} />
    <section class="region side lesson" aria-label="The class" aria-live="polite">
      ${course?.lesson && html`<p class="soft">Step ${course.step} of ${course.steps}</p><h2>${course.lesson}</h2>`}
      <p class="caption">${course ? course.caption : 'Waiting for the presenter: the class goes on in a moment, or it is over.'}</p>
      ${asked && html`<${Poll} asked=${asked} votes=${asked.open ? [] : asked.votes} mine=${cast.text === asked.text ? cast.choice : -1} choose=${vote} />`}
    </section>
  </main>`
}

/**
 * @param {{ asked: import('../model/types').Asked, votes: readonly number[], mine?: number,
 *   choose: (choice: number) => void }} props
 */
function Poll({ asked: { text, choices, open, right }, votes, mine, choose }) {
  const most = Math.max(1, ...votes)
  const look = (/** @type {number} */ i) => (right === i ? 'right' : mine === i ? 'chosen' : '')
  const choice = (/** @type {string} */ said, /** @type {number} */ i) =>
    html`<button key=${i} type="button" disabled=${!open} aria-pressed=${mine === i} class=${`choice ${look(i)}`}
      style=${{ '--share': String((votes[i] ?? 0) / most) }} onClick=${() => choose(i)}>
      ${said}${right === i && ' ✓'} <b>${votes[i]}</b></button>`
  return html`<fieldset class="question poll"><legend>${text}</legend>${choices.map(choice)}</fieldset>`
}
