// Takes a learner through one story, in a lab of its own and by the public API: sentences, a question before what
// it asks for, then the calls, then what they have shown. Which story it is makes no difference here. A step back is
// told from the start again, in another lab.

/** @import { Story, StoryPart } from '../model/types' */
/** @import { Answer } from './api.js' */
/** @import { Session } from './session.js' */
/** @typedef {Extract<StoryPart, { kind: 'command' }>} CommandPart */
/** @typedef {{ part: StoryPart, chosen: number | null, answer: Answer | null, state: 'ahead' | 'running' | 'done' }} Shown */
/** @typedef {'run' | 'question' | 'next' | 'end' | 'busy' | 'astray'} Pause */

/** Time is the lesson's own, so an answer is there at once; one that is not will never come. */
const PATIENCE_MS = 20_000

const ASTRAY = "This is not the story's answer: something else moved the cluster. Start again."

export class LessonRun {
  story
  /** The step on show. */
  at = 0
  /** @type {Shown[]} */
  shown = []
  /** Answers to what an earlier step began. @type {Shown[]} */
  late = []
  /** @type {Pause} */
  pause = 'busy'
  /** Why it cannot go on, where it is astray. */
  trouble = ''
  #session
  /** Which telling it is; whatever belongs to an earlier one is over. */
  #telling = 0

  /** @param {Session} session @param {Story} story */
  constructor(session, story) {
    this.#session = session
    this.story = story
  }

  /** @param {number} step from 1; anything else is the first */
  #placeOf(step) {
    return Math.min(Math.max(1, Math.floor(step) || 1), this.story.steps.length) - 1
  }

  /** @param {number} step */
  async turnTo(step) {
    if (this.#placeOf(step) !== this.at) await this.start(step)
  }

  /** Begins in a fresh lab, and does what comes before a step. @param {number} step */
  async start(step = 1) {
    const telling = ++this.#telling
    const { steps, head: scenario } = this.story
    this.at = this.#placeOf(step)
    this.trouble = ''
    this.shown = []
    this.late = []
    this.#set('busy')
    const body = { scenario, clock: 'manual' }
    const lab = await this.#session.act({ method: 'POST', path: '/labs', body }, '')
    if (this.#telling !== telling) return
    if (lab.ok) this.#session.show(lab.body.url)
    else this.trouble = `There is no lab for it. ${lab.body.detail}`
    for (const part of steps.slice(0, this.at).flat()) {
      if (this.#goesOn(telling)) await this.#perform(shownOf(part), telling)
    }
    if (this.#telling === telling) this.#beginStep()
  }

  leave() {
    this.#telling++
  }

  /** @param {number} telling */
  #goesOn(telling) {
    return this.#telling === telling && this.trouble === ''
  }

  next() {
    if (this.pause !== 'next') return
    this.at++
    this.#beginStep()
  }

  /** @param {number} choice */
  async choose(choice) {
    const question = this.shown.at(-1)
    if (this.pause !== 'question' || question?.part.kind !== 'question') return
    question.chosen = choice
    this.#reveal()
    await this.run()
  }

  /** Does what is on show and has not been done. */
  async run() {
    if (this.pause !== 'run') return
    this.#session.lookNow()
    const telling = this.#telling
    this.#set('busy')
    for (const shown of this.shown) {
      if (shown.state !== 'ahead' || !this.#goesOn(telling)) continue
      await this.#perform(shown, telling)
      await this.#session.caughtUp()
    }
    if (this.#telling === telling) this.#reveal()
  }

  #beginStep() {
    this.shown = []
    this.late = []
    this.#reveal()
  }

  /** Shows what comes next, up to where the learner is asked for something. */
  #reveal() {
    const parts = this.story.steps[this.at] ?? []
    for (let part = parts[this.shown.length]; part; part = parts[this.shown.length]) {
      const isCommand = part.kind === 'command'
      if (!isCommand && this.shown.at(-1)?.state === 'ahead') return this.#set('run')
      this.shown.push(shownOf(part))
      if (part.kind === 'question') return this.#set('question')
    }
    if (this.shown.at(-1)?.state === 'ahead') return this.#set('run')
    this.#set(this.at < this.story.steps.length - 1 ? 'next' : 'end')
  }

  /** @param {Pause} pause */
  #set(pause) {
    this.pause = this.trouble ? 'astray' : pause
    this.#session.changed()
  }

  /** @param {Shown} shown @param {number} telling */
  async #perform(shown, telling) {
    if (shown.part.kind !== 'command') return
    const { call, goesOn, meanwhile } = shown.part
    shown.state = call ? 'running' : 'done'
    if (!call) return
    this.#session.changed()
    const answering = this.#session
      .act(call)
      .then((answer) => this.#telling === telling && this.#hear(shown, answer))
    if (meanwhile) await Promise.race([this.#session.act(meanwhile), answering])
    if (!goesOn) await Promise.race([answering, pass(PATIENCE_MS)])
    if (this.#telling !== telling) return
    if (!goesOn && shown.answer === null) this.trouble = ASTRAY
    shown.state = 'done'
    this.#session.changed()
  }

  /** @param {Shown} shown @param {Answer} answer */
  #hear(shown, answer) {
    shown.answer = answer
    if (!this.shown.includes(shown)) this.late.push(shown)
    // Somebody else has moved the cluster, or its clock: nothing that follows would be as it is told.
    if (!isTold(/** @type {CommandPart} */ (shown.part).told, answer.body)) this.trouble = ASTRAY
    this.#set(this.pause)
  }
}

/** @param {StoryPart} part @returns {Shown} */
function shownOf(part) {
  return { part, chosen: null, answer: null, state: part.kind === 'command' ? 'ahead' : 'done' }
}

/** @param {Readonly<Record<string, unknown>>} told @param {any} body */
function isTold(told, body) {
  // A refusal where there was none is another answer too.
  const all = { code: undefined, ...told }
  return Object.entries(all).every(
    ([name, value]) => JSON.stringify(body?.[name]) === JSON.stringify(value),
  )
}

/** @param {number} ms */
function pass(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
