// Takes a learner through one story, on the live cluster and by the public API: sentences, a question before what
// it asks for, then the calls, then what they have shown. Which story it is makes no difference here.

import { clockCalls, clusterCalls } from '../model/calls.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../model/types').Story} Story */
/** @typedef {import('../model/types').StoryPart} StoryPart */
/** @typedef {import('../model/types').Call} Call */
/** @typedef {import('./api.js').Answer} Answer */
/** @typedef {Extract<StoryPart, { kind: 'command' }>} CommandPart */
/** @typedef {{ part: StoryPart, chosen: number | null, answer: Answer | null, state: 'ahead' | 'running' | 'done' }} Shown */
/** @typedef {'run' | 'question' | 'next' | 'end' | 'busy' | 'astray'} Pause */

/** So long a call may take before time is moved on for it. */
const PATIENCE_MS = 120
/** Time is moved so far where nothing is known to be due. */
const STEP_MS = 50
const STEPS_MAX = 400

export class LessonRun {
  story
  /** The step on show. */
  at = 0
  /** @type {Shown[]} */
  shown = []
  /** @type {Pause} */
  pause = 'busy'
  #session
  #left = false
  /** An answer was not the story's. */
  #isAstray = false

  /**
   * @param {Session} session
   * @param {Story} story
   */
  constructor(session, story) {
    this.#session = session
    this.story = story
  }

  /** Sets the cluster up: everything back to the start, the clock's mode too; then time by hand. */
  async start() {
    this.at = 0
    this.#session.lookNow()
    this.#set('busy')
    await this.#session.act(clusterCalls.reset())
    await this.#session.act(clockCalls.set({ mode: 'manual' }))
    this.#beginStep()
  }

  leave() {
    this.#left = true
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
    this.#set('busy')
    for (const shown of this.shown) {
      if (shown.state !== 'ahead' || this.#left || this.#isAstray) continue
      await this.#perform(shown)
    }
    if (!this.#left) this.#reveal()
  }

  #beginStep() {
    this.shown = []
    this.#reveal()
  }

  /** Shows what comes next, up to where the learner is asked for something. */
  #reveal() {
    const parts = this.story.steps[this.at] ?? []
    for (let part = parts[this.shown.length]; part; part = parts[this.shown.length]) {
      const isCommand = part.kind === 'command'
      const before = this.shown.at(-1)
      if (!isCommand && before?.state === 'ahead') return this.#set('run')
      this.shown.push({ part, chosen: null, answer: null, state: isCommand ? 'ahead' : 'done' })
      if (part.kind === 'question') return this.#set('question')
    }
    if (this.shown.at(-1)?.state === 'ahead') return this.#set('run')
    this.#set(this.at < this.story.steps.length - 1 ? 'next' : 'end')
  }

  /** @param {Pause} pause */
  #set(pause) {
    this.pause = this.#isAstray ? 'astray' : pause
    this.#session.changed()
  }

  /** @param {Shown} shown */
  async #perform(shown) {
    const part = /** @type {CommandPart} */ (shown.part)
    const { call, goesOn } = part
    shown.state = 'running'
    this.#session.changed()
    if (call) {
      const answering = this.#session.act(call).then((answer) => {
        shown.answer = answer
        // Somebody else has moved the cluster, or its clock: nothing that follows would be as it is told.
        if (!isTold(part.told, answer.body)) this.#isAstray = true
        if (this.#isAstray && this.pause !== 'busy') this.#set('astray')
        this.#session.changed()
      })
      if (goesOn) await pass(PATIENCE_MS)
      else await this.#seeThrough(shown, answering)
    }
    // Time is the lesson's own, whatever the lab began with.
    if (call?.path === '/reset') await this.#session.act(clockCalls.set({ mode: 'manual' }))
    await this.#settle()
    shown.state = 'done'
    this.#session.changed()
  }

  /**
   * A story's line runs until it is answered; time is moved for it if it must.
   * @param {Shown} shown
   * @param {Promise<void>} answering
   */
  async #seeThrough(shown, answering) {
    await Promise.race([answering, pass(PATIENCE_MS)])
    for (let i = 0; i < STEPS_MAX && shown.answer === null && !this.#left; i++) {
      await this.#settle()
      await this.#session.act(clockCalls.advance(this.#nextDueInMs()))
      await Promise.race([answering, pass(PATIENCE_MS / 4)])
    }
  }

  #nextDueInMs() {
    const { model } = this.#session
    let inMs = STEP_MS
    for (const { fate, dueMs } of model.messages.values()) {
      if (fate === 'travelling' && dueMs > model.nowMs) inMs = Math.min(inMs, dueMs - model.nowMs)
    }
    return Math.ceil(inMs * 1000) / 1000
  }

  /** Until the page shows what has happened. */
  async #settle() {
    await pass(40)
    for (let i = 0; i < 40 && !this.#session.playback.still; i++) await pass(40)
  }
}

/**
 * @param {Readonly<Record<string, unknown>>} told
 * @param {any} body
 */
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
