// Which simulated instant the page shows. Where time runs by itself it is estimated between the server's
// words; where time jumps (a step of a frozen clock) the page glides there, so that copies are seen to
// travel. Events wait here until the shown instant reaches theirs. Wall time is handed in.

/** @import { ClockJson, LabEvent, ViewJson } from '../model/types' */
/** @typedef {{ atMs: number, event?: LabEvent, view?: ViewJson | undefined }} Moment */

const GLIDE_MS_MIN = 250
const GLIDE_MS_MAX = 900
/** More than so many waiting are shown at once: nobody can follow them. */
const QUEUE_MAX = 1500

export class Playback {
  shownMs = 0
  /** Whether jumps are shown as motion. */
  glides = true
  /** @type {Moment[]} */
  #queue = []
  /** So many of them are shown at once, whatever their time. */
  #certain = 0
  #runs = false
  /** The last word on the time: simulated, and the wall time it was given at. */
  #told = { simMs: 0, wallMs: 0, rate: 1 }
  #targetMs = 0
  /** @type {{ fromMs: number, toMs: number, startMs: number, lengthMs: number } | undefined} */
  #glide

  get waiting() {
    return this.#queue.length
  }

  /** Nothing moves until somebody says something. */
  get still() {
    return !this.#runs && this.#queue.length === 0 && this.shownMs === this.#targetMs
  }

  /** The latest instant known of. */
  get targetMs() {
    return this.#targetMs
  }

  /** @param {LabEvent} event */
  push(event) {
    this.#queue.push({ atMs: event.atMs, event })
    if (event.type === 'cluster-reset') return this.#beginAgain(event.atMs)
    this.#targetMs = Math.max(this.#targetMs, event.atMs)
  }

  /** A view waits until the events that it includes have been shown. @param {ViewJson} view @param {number} wallMs */
  pushView(view, wallMs) {
    // Of two with nothing in between nobody would see the first.
    if (this.#queue.at(-1)?.view) this.#queue.pop()
    this.#queue.push({ atMs: view.clock.nowMs, view })
    this.told(view.clock, wallMs)
  }

  /** A reset sets simulated time back; whatever was before it has happened. @param {number} atMs */
  #beginAgain(atMs) {
    this.#certain = this.#queue.length
    this.#glide = undefined
    this.#targetMs = atMs
    this.shownMs = atMs
    this.#told = { ...this.#told, simMs: atMs, wallMs: performance.now() }
  }

  /** @param {ClockJson} clock @param {number} wallMs */
  told(clock, wallMs) {
    this.#runs = clock.mode === 'real'
    this.#told = { simMs: clock.nowMs, wallMs, rate: clock.rate }
    this.#targetMs = Math.max(clock.nowMs, this.#queue.at(-1)?.atMs ?? 0)
    // The estimate ran a little ahead of a clock that was stopped.
    if (this.shownMs > this.#targetMs) this.shownMs = this.#targetMs
  }

  /**
   * Mode or rate changed at a known instant.
   * @param {'real' | 'manual' | 'instant'} mode
   * @param {number} rate
   * @param {number} atMs
   * @param {number} wallMs
   */
  changed(mode, rate, atMs, wallMs) {
    this.#runs = mode === 'real'
    this.#told = { simMs: Math.max(atMs, this.#told.simMs), wallMs, rate }
  }

  /** Nobody tells the time any more. */
  halt() {
    this.#runs = false
    this.#targetMs = Math.max(this.shownMs, this.#queue.at(-1)?.atMs ?? 0)
  }

  /** Goes at once to the latest instant known of. */
  snap() {
    this.#glide = undefined
    this.shownMs = this.#targetMs
  }

  forget() {
    this.#queue = []
    this.#certain = 0
    this.#targetMs = 0
    this.shownMs = 0
    this.#glide = undefined
    this.#told = { simMs: 0, wallMs: 0, rate: 1 }
  }

  /** Moves on, and hands out what has now happened. @param {number} wallMs @returns {Moment[]} */
  tick(wallMs) {
    if (this.#runs) this.#run(wallMs)
    else if (!this.glides || this.#queue.length > QUEUE_MAX) this.snap()
    else this.#glideOn(wallMs)
    let count = 0
    while (count < this.#queue.length) {
      const moment = this.#queue[count]
      if (!moment || (count >= this.#certain && moment.atMs > this.shownMs)) break
      count++
    }
    this.#certain = Math.max(0, this.#certain - count)
    return this.#queue.splice(0, count)
  }

  /** @param {number} wallMs */
  #run(wallMs) {
    const { simMs, wallMs: saidMs, rate } = this.#told
    const estimateMs = simMs + Math.max(0, wallMs - saidMs) * rate
    const latestMs = this.#queue.at(-1)?.atMs ?? 0
    // What has happened is certain, whatever the estimate says.
    if (latestMs > estimateMs) this.#told = { simMs: latestMs, wallMs, rate }
    this.shownMs = Math.max(this.shownMs, estimateMs, latestMs)
    this.#targetMs = this.shownMs
    this.#glide = undefined
  }

  /** @param {number} wallMs */
  #glideOn(wallMs) {
    const distanceMs = this.#targetMs - this.shownMs
    if (distanceMs <= 0) {
      this.#glide = undefined
      return
    }
    if (this.#glide?.toMs !== this.#targetMs) {
      const lengthMs = Math.min(GLIDE_MS_MAX, Math.max(GLIDE_MS_MIN, distanceMs * 1.5))
      this.#glide = { fromMs: this.shownMs, toMs: this.#targetMs, startMs: wallMs, lengthMs }
    }
    const { fromMs, toMs, startMs, lengthMs } = this.#glide
    const done = Math.min(1, (wallMs - startMs) / lengthMs)
    this.shownMs = done === 1 ? toMs : fromMs + (toMs - fromMs) * done
  }
}
