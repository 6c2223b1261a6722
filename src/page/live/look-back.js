// A look at the past: the first moments of a chapter, shown to a model of its own by what shows the present. Where it
// comes to rest the server's exact view takes the place of the last one that was received. Whoever wants to do something
// there is offered a lab of his own, which begins with that past.

import { clockCalls } from '../model/calls.js'
import { applyMoment, applyView, createModel } from '../model/state.js'
import { base, get, send } from './api.js'
import { ROWS } from './connections.js'
import { eventBefore, replay } from './tape.js'

/** @import { Call, Model } from '../model/types' */
/** @import { Moment } from './playback.js' */
/** @import { Session } from './session.js' */

const REST_MS = 150
/** So long the first answer is waited for in a lab whose time stands still. */
const ANSWER_MS = 400

export class LookBack {
  model = createModel()
  /** @type {Moment[]} */
  chapter = []
  place = 0
  /** What somebody wanted to do. @type {Call | null} */
  wanted = null
  /** Why there is no lab for it. */
  problem = ''
  #session
  /** @type {Model | undefined} */
  #whole
  /** @type {number | undefined} */
  #rest

  /** @param {Session} session */
  constructor(session) {
    this.#session = session
  }

  get isOfPresent() {
    return this.chapter === this.#session.tape.chapters.at(-1)
  }

  /** All of the chapter, for the diagram. */
  get whole() {
    if (this.isOfPresent) return this.#session.live
    this.#whole ??= replay(this.chapter)
    return this.#whole
  }

  /** @param {Moment[]} chapter @param {number} place @param {number} nowMs */
  show(chapter, place, nowMs) {
    if (chapter !== this.chapter) this.#whole = undefined
    if (chapter !== this.chapter || place < this.place || nowMs < this.model.nowMs) {
      this.model = createModel()
      this.place = 0
    }
    for (const moment of chapter.slice(this.place, place)) applyMoment(this.model, moment)
    this.chapter = chapter
    this.place = place
    const first = chapter.find(({ view }) => view)?.view ?? this.#session.live.view
    if (!this.model.view && first) applyView(this.model, first)
    this.model.nowMs = nowMs
    this.wanted = null
    this.end()
    this.#rest = setTimeout(() => this.#seeExactly(), REST_MS)
  }

  end() {
    clearTimeout(this.#rest)
  }

  /** @param {Call} call */
  refuse(call) {
    this.wanted = call
    this.problem = ''
    this.#session.changed()
    return { ok: false, status: 0, body: { detail: 'What is past stays as it was.' } }
  }

  /** Does what was wanted where nobody else is. */
  async branch() {
    const last = eventBefore(this.chapter, this.place)
    const from = base().split('/').at(-1) || 'root'
    const body = { from, event: last?.id, clock: 'manual' }
    const { ok, body: lab } = await send({ method: 'POST', path: '/labs', body }, '')
    if (!ok || !this.wanted) {
      this.problem = lab.detail ?? ''
      return this.#session.changed()
    }
    const ms = this.model.nowMs - (last?.atMs ?? 0)
    if (ms > 0) await send(clockCalls.advance(Math.floor(ms * 1000) / 1000), lab.url)
    const patience = new Promise((done) => setTimeout(done, ANSWER_MS))
    await Promise.race([send(this.wanted, lab.url), patience])
    open(`${lab.url}/`, '_self')
  }

  async #seeExactly() {
    const { model, chapter, place } = this
    const { nowMs } = model
    const last = eventBefore(chapter, place)
    if (!last) return
    // Between two events the server says what there is by then, of the present chapter.
    const isBetween = this.isOfPresent && nowMs > last.atMs
    const when = isBetween ? { at: Math.floor(nowMs * 1000) / 1000 } : { event: last.id }
    const { ok, body } = await get('/cluster', { ...when, records: ROWS })
    if (!ok || this.model !== model || this.place !== place || model.nowMs !== nowMs) return
    applyView(model, body)
    this.#session.changed()
  }
}
