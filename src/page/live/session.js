// Holds the page and the server together: the stream feeds the playback with events and views, and the playback the
// model, or, while somebody looks back, the tape does. What draws it subscribes; actions go through `act`, so that the
// curl line always shows what was done last.

import { applyMoment, createModel } from '../model/state.js'
import { send, showLab } from './api.js'
import { LookBack } from './look-back.js'
import { Playback } from './playback.js'
import { Stream } from './stream.js'
import { eventBefore, placeOf, step, Tape } from './tape.js'

/** @import { Call, LabEvent, ViewJson } from '../model/types' */
/** @import { Answer } from './api.js' */
/** @import { Moment } from './playback.js' */
/** @typedef {{ id: number, call: Call, answer: Answer | null, isLate: boolean }} Done */
/** @typedef {'connecting' | 'live' | 'away' | 'refused'} Status */

/** Views other than the moving marks are drawn so often; less so where frames are late. */
const VIEW_MS = { min: 66, max: 400 }
const LATE_FRAME_MS = 45
const CALLS_KEPT = 5

export class Session {
  /** The present. */
  live = createModel()
  tape = new Tape()
  /** What is looked back at. @type {LookBack | null} */
  past = null
  /** The time that is to be looked at next. @type {number | null} */
  seekMs = null
  playback = new Playback()
  /** @type {Status} */
  status = 'connecting'
  /** In the server's words, why it gives this page no stream. */
  why = ''
  /** Until the server's first word, what is heard is history and is not shown as motion. */
  settled = false
  /** What the class that is open is shown. @type {import('../model/types').CourseJson | null} */
  course = null
  /** The last, and before it those that waited longer. @type {readonly Done[]} */
  calls = []
  #called = 0
  /** @type {Set<() => void>} */
  #views = new Set()
  /** @type {Set<(wallMs: number) => boolean>} */
  #frames = new Set()
  /** @type {Set<(event: LabEvent) => void>} */
  #listeners = new Set()
  #stream
  #drawnMs = 0
  #dirty = true
  #asked = false
  #viewMs = VIEW_MS.min
  #frameMs = 0
  /** The last frame asked for this one. */
  #again = false

  constructor() {
    this.#stream = new Stream({
      heard: (event) => this.#hear(event),
      viewed: (view) => this.#see(view),
      taught: (course) => Object.assign(this, { course }).changed(),
      opened: () => this.#setStatus('live'),
      lost: (why) => this.#setStatus(why === '' ? 'away' : 'refused', why),
      restarted: () => this.#startOver(),
    })
  }

  /** What is on show. */
  get model() {
    return this.past?.model ?? this.live
  }

  /** All of its chapter. */
  get whole() {
    return this.past?.whole ?? this.live
  }

  get chapter() {
    return this.past?.chapter ?? this.tape.chapters.at(-1) ?? []
  }

  start() {
    document.addEventListener('visibilitychange', () => this.#watch())
    this.#watch()
  }

  /** @param {() => void} view called when something changed, not more often than one can see */
  subscribe(view) {
    this.#views.add(view)
    return () => this.#views.delete(view)
  }

  /** @param {(wallMs: number) => boolean} frame called for every frame; true asks for another */
  onFrame(frame) {
    this.#frames.add(frame)
    this.wake()
    return () => this.#frames.delete(frame)
  }

  /** @param {(event: LabEvent) => void} listener told of each event as it is shown */
  onEvent(listener) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Sends a call, and shows it with its answer as the last one.
   * @param {Call} call
   * @param {string} [lab] another than that on show
   * @returns {Promise<Answer>}
   */
  async act(call, lab) {
    if (this.past && lab === undefined) return this.past.refuse(call)
    const entry = /** @type {Done} */ ({ id: ++this.#called, call, answer: null, isLate: false })
    const [last] = this.calls
    const earlier = this.calls.filter((one) => one !== last || !one.answer || one.isLate)
    this.calls = [entry, ...earlier].slice(0, CALLS_KEPT)
    this.changed()
    entry.answer = await send(call, lab)
    entry.isLate = this.calls[0] !== entry
    this.changed()
    return entry.answer
  }

  /** @param {Moment[]} chapter @param {number} place @param {number} [ms] the time, unless it is that of the last event there */
  lookAt(chapter, place, ms = eventBefore(chapter, place)?.atMs ?? 0) {
    this.past ??= new LookBack(this)
    this.past.show(chapter, place, ms)
    this.changed()
  }

  /** Once a frame, however fast somebody drags. @param {number} ms in the chapter on show */
  lookAtTime(ms) {
    if (this.seekMs === null) requestAnimationFrame(() => this.#seek(this.seekMs ?? 0))
    this.seekMs = ms
  }

  /** @param {number} ms */
  #seek(ms) {
    this.seekMs = null
    const { chapter } = this
    const isNow = ms >= this.live.nowMs && chapter === this.tape.chapters.at(-1)
    if (isNow) this.lookNow()
    else this.lookAt(chapter, placeOf(chapter, ms), Math.max(0, Math.min(ms, this.whole.nowMs)))
  }

  /** To the next thing that happened, or the one before, and says which it was. @param {1 | -1} by */
  lookOn(by) {
    const { past, chapter } = this
    if (past && past.place + by > chapter.length) this.lookNow()
    else if (past || by < 0)
      this.lookAt(chapter, past ? step(chapter, past.place, by) : chapter.length)
    return eventBefore(chapter, this.past?.place ?? chapter.length, 'message')
  }

  lookNow() {
    this.past?.end()
    this.past = null
    this.changed()
  }

  changed() {
    this.#dirty = true
    this.wake()
  }

  /** Until the page shows what has happened. */
  async caughtUp() {
    for (let i = 0; i === 0 || (i < 40 && !this.playback.still); i++) {
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
  }

  /** @param {string} [lab] the page's own, unless said */
  show(lab) {
    this.calls = []
    showLab(lab)
    this.#startOver()
    this.#stream.open(true)
  }

  /** Forgets everything, for the server begins anew. */
  #startOver() {
    this.lookNow()
    this.live = createModel()
    this.tape = new Tape()
    this.playback.forget()
    this.settled = false
    this.changed()
  }

  /** Asks for a frame, if one can be seen. */
  wake() {
    if (this.#asked || document.hidden) return
    this.#asked = true
    requestAnimationFrame((wallMs) => this.#frame(wallMs))
  }

  /** @param {Status} status @param {string} [why] it was refused */
  #setStatus(status, why = '') {
    if (status === this.status && why === this.why) return
    this.status = status
    this.why = why
    if (status !== 'live') this.playback.halt()
    this.changed()
  }

  /** @param {LabEvent} event */
  #hear(event) {
    if (event.type === 'clock-changed') {
      this.playback.changed(event.mode, event.rate, event.atMs, performance.now())
    }
    this.playback.push(event)
    this.wake()
  }

  /** @param {ViewJson} view */
  #see(view) {
    this.playback.pushView(view, performance.now())
    if (!this.settled) this.#drain()
    this.settled = true
    this.wake()
  }

  /** Applies without motion, for what is history. */
  #drain() {
    this.playback.snap()
    this.#apply(performance.now())
  }

  /** @param {number} wallMs */
  #apply(wallMs) {
    const moments = this.playback.tick(wallMs)
    for (const moment of moments) {
      const { event } = moment
      this.tape.add(moment)
      applyMoment(this.live, moment)
      if (event && this.settled && !this.past)
        for (const listener of this.#listeners) listener(event)
    }
    this.live.nowMs = this.playback.shownMs
    if (moments.length > 0) this.#dirty = true
  }

  /** @param {number} wallMs */
  #frame(wallMs) {
    this.#asked = false
    const { shownMs } = this.playback
    if (this.settled) this.#apply(wallMs)
    if (this.playback.shownMs !== shownMs) this.#dirty = true
    let again = this.settled && !this.playback.still
    this.#pace(wallMs)
    if (this.#dirty && wallMs - this.#drawnMs >= this.#viewMs) {
      this.#dirty = false
      this.#drawnMs = wallMs
      for (const view of this.#views) view()
    }
    for (const frame of this.#frames) again = frame(wallMs) || again
    this.#again = again
    if (again || this.#dirty) this.wake()
  }

  /** A machine that cannot keep up is given less to draw. @param {number} wallMs */
  #pace(wallMs) {
    const isLate = this.#again && wallMs - this.#frameMs > LATE_FRAME_MS
    const next = isLate ? this.#viewMs * 1.4 : this.#viewMs * 0.96
    this.#viewMs = Math.min(VIEW_MS.max, Math.max(VIEW_MS.min, next))
    this.#frameMs = wallMs
  }

  /** A browser has few connections for one server, so a tab that nobody sees gives its own back. */
  #watch() {
    if (document.hidden) return this.#stream.close()
    // What happened meanwhile is history, and not shown as motion.
    this.settled = false
    this.#stream.open()
    this.changed()
  }
}
