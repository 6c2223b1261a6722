// What the page was shown, kept so that it can be shown again: events and views in the order they came, by chapter.
// A place in a chapter is how many of its moments had been shown. Bounded.

import { applyMoment, createModel } from '../model/state.js'

/** @import { Moment } from './playback.js' */

const MOMENTS_KEPT = 20_000
/** Views are large, and between two of them there are still the events. */
const VIEWS_KEPT = 500

export class Tape {
  /** The present one is the last. @type {Moment[][]} */
  chapters = [[]]
  #moments = 0
  /** @type {Moment[]} */
  #views = []

  /** @param {Moment} moment */
  add(moment) {
    const { chapters } = this
    if (moment.event?.type === 'cluster-reset' && this.#moments > 0) chapters.push([])
    chapters.at(-1)?.push(moment)
    this.#moments++
    if (moment.view && this.#views.push(moment) > VIEWS_KEPT) {
      for (const [i, one] of this.#views.entries()) if (i % 2 === 0) one.view = undefined
      this.#views = this.#views.filter(({ view }) => view)
    }
    while (this.#moments > MOMENTS_KEPT) {
      // Who looks at a chapter keeps it as it was.
      const dropped = chapters.shift() ?? []
      if (chapters.length === 0) chapters.push(dropped.slice(dropped.length >> 1))
      this.#moments = chapters.reduce((sum, { length }) => sum + length, 0)
    }
  }

  /** The chapter and the place behind an event; undefined where it is not kept. @param {number} id */
  find(id) {
    for (const chapter of this.chapters) {
      const i = chapter.findLastIndex(({ event }) => event?.id === id)
      if (i >= 0) return { chapter, place: i + 1 }
    }
    return undefined
  }
}

/** Behind all that had happened by a time. @param {readonly Moment[]} chapter @param {number} ms */
export function placeOf(chapter, ms) {
  return Math.max(1, chapter.findLastIndex(({ atMs }) => atMs <= ms) + 1)
}

/** The next place between two things that happened, or the one before. @param {readonly Moment[]} chapter @param {number} place @param {1 | -1} by */
export function step(chapter, place, by) {
  const isBetween = (/** @type {number} */ at) =>
    (chapter[at]?.event?.group ?? 'message') !== 'message'
  let next = place + by
  while (next > 1 && next < chapter.length && !isBetween(next)) next += by
  return Math.min(chapter.length, Math.max(1, next))
}

/** The last thing that happened before a place. @param {readonly Moment[]} chapter @param {number} place @param {string} [but] a group of events that does not count */
export function eventBefore(chapter, place, but) {
  return chapter.slice(0, place).findLast(({ event }) => event && event.group !== but)?.event
}

/** @param {readonly Moment[]} chapter */
export function replay(chapter) {
  const model = createModel()
  for (const moment of chapter) applyMoment(model, moment)
  return model
}
