// Moves what moves in the cluster view, frame by frame: cards that change place, links that follow them, and
// a mark for each message on its way. Draws straight into two SVG layers; preact never looks in there.

import { lookOfLink } from '../model/cards.js'
import { wayOf } from '../model/cluster-layout.js'
import { writtenOn } from '../model/label-places.js'
import { Marks } from './marks.js'
import { pathOf, svg } from './svg.js'

/** @import { Session } from '../live/session.js' */
/** @import { Box, ClusterLayout } from '../model/cluster-layout.js' */
/** @import { Node } from '../model/types' */

/** Long enough to follow who goes where. */
const MOVE_MS = 1100
const ARC = 70

export class Stage {
  #session
  #box
  #links
  #marks
  /** @type {ClusterLayout | undefined} */
  #layout
  /** @type {Map<Node, { from: Box, to: Box, startMs: number }>} */
  #moves = new Map()
  /** @type {Map<string, SVGPathElement>} */
  #paths = new Map()
  /** Where chips stand. @type {Box[]} */
  #chips = []
  #stop
  #drawnChanges = -1

  /** @param {Session} session @param {HTMLElement} box */
  constructor(session, box) {
    this.#session = session
    this.#box = box
    this.#links = /** @type {SVGElement} */ (box.querySelector('svg.links'))
    const layer = /** @type {SVGElement} */ (box.querySelector('svg.marks'))
    const more = /** @type {HTMLElement} */ (box.querySelector('p.more'))
    this.#marks = new Marks(session, layer, more)
    this.#stop = session.onFrame((wallMs) => this.#frame(wallMs))
  }

  end() {
    this.#stop()
    this.#marks.end()
  }

  /** @param {ClusterLayout} layout where everything should be */
  aim(layout) {
    const isFirst = this.#layout === undefined || this.#layout.boxes.size < 3
    if (isFirst || this.#layout?.wide !== layout.wide) this.#moves.clear()
    const { leader } = this.#session.model
    const resized = this.#layout?.boxes.get(leader)?.w !== layout.boxes.get(leader)?.w
    this.#layout = layout
    this.#box.style.height = `${layout.height}px`
    const now = performance.now()
    for (const [node, to] of layout.boxes) {
      const move = this.#moves.get(node)
      if (!move || resized) this.#moves.set(node, { from: to, to, startMs: 0 })
      else if (move.to.x !== to.x || move.to.y !== to.y || move.to.h !== to.h) {
        this.#moves.set(node, { from: this.#at(move, now), to, startMs: now })
      }
    }
    for (const node of this.#moves.keys()) if (!layout.boxes.has(node)) this.#moves.delete(node)
    this.#drawnChanges = -1
    this.#session.wake()
  }

  /** @param {{ from: Box, to: Box, startMs: number }} move @param {number} now @returns {Box} */
  #at({ from, to, startMs }, now) {
    const done = this.#session.playback.glides ? Math.min(1, (now - startMs) / MOVE_MS) : 1
    if (done === 1) return to
    const eased = done < 0.5 ? 4 * done * done * done : 1 - (2 - 2 * done) ** 3 / 2
    const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * eased
    // Who goes left passes above, who goes right below, so that nobody hides behind another.
    const arc = Math.sin(Math.PI * eased) * ARC * Math.sign(to.x - from.x)
    return { x: mix(from.x, to.x), y: mix(from.y, to.y) + arc, w: to.w, h: mix(from.h, to.h) }
  }

  /** @param {number} wallMs */
  #frame(wallMs) {
    if (!this.#layout) return false
    const now = performance.now()
    /** @type {Map<Node, Box>} */
    const boxes = new Map()
    let moving = false
    for (const [node, move] of this.#moves) {
      const box = this.#at(move, now)
      boxes.set(node, box)
      moving ||= box !== move.to
    }
    const layout = { ...this.#layout, boxes }
    const { model } = this.#session
    if (moving || this.#drawnChanges !== model.changes) {
      this.#drawnChanges = model.changes
      this.#placeParts(boxes)
      this.#drawLinks(layout)
    }
    const ways = (/** @type {Node} */ from, /** @type {Node} */ to) =>
      wayOf(layout, from, to, model.leader)
    const written = [...new Set(boxes.values())].flatMap(writtenOn)
    const around = { chips: this.#chips, written, h: layout.height }
    return this.#marks.draw(wallMs, ways, around) || moving
  }

  /** @param {Map<Node, Box>} boxes */
  #placeParts(boxes) {
    for (const part of this.#box.querySelectorAll('[data-node]')) {
      const { style, dataset } = /** @type {HTMLElement} */ (part)
      const box = boxes.get(dataset.node === 'api' ? 'api' : Number(dataset.node))
      if (!box) continue
      style.transform = `translate(${box.x}px, ${box.y}px)`
      style.width = `${box.w}px`
      style.height = `${box.h}px`
    }
  }

  /** @param {ClusterLayout} layout */
  #drawLinks(layout) {
    const { model } = this.#session
    const seat = model.leader
    const seen = new Set()
    for (const [from, to] of this.#linksToDraw(layout, seat)) {
      const name = `${from}>${to}`
      seen.add(name)
      let path = this.#paths.get(name)
      if (!path) {
        path = /** @type {SVGPathElement} */ (svg('path', { 'data-link': name }))
        this.#paths.set(name, path)
        this.#links.append(path)
      }
      const { state } = lookOfLink(model, from, to)
      path.setAttribute('class', `link ${state}${from === 'api' || to === 'api' ? ' of-api' : ''}`)
      path.setAttribute('d', pathOf(wayOf(layout, from, to, seat)))
    }
    for (const [name, path] of this.#paths) {
      if (seen.has(name)) continue
      path.remove()
      this.#paths.delete(name)
    }
    this.#placeChips(layout, seat)
  }

  /**
   * Those of all who lead, and any other that is not as usual or has somebody on it.
   * @param {ClusterLayout} layout
   * @param {number} seat
   * @returns {[Node, Node][]}
   */
  #linksToDraw({ boxes, wide, table }, seat) {
    const { model } = this.#session
    /** @type {Map<string, [Node, Node]>} */
    const links = new Map()
    const add = (/** @type {Node} */ from, /** @type {Node} */ to) => {
      if (boxes.has(from) && boxes.has(to)) links.set(`${from}>${to}`, [from, to])
    }
    if (table) {
      // All stand in one place, and what each link is like is told there.
      const first = [...boxes.keys()].find((id) => id !== 'api' && id !== seat) ?? seat
      return [
        ['api', seat],
        [seat, first],
        [first, seat],
      ]
    }
    const deposed = (model.view?.replicas ?? []).filter((replica) => replica.deposed)
    for (const leader of [seat, ...deposed.map(({ id }) => id)]) {
      for (const id of boxes.keys()) if (id !== 'api' && id !== leader) add(leader, id)
      for (const id of boxes.keys()) if (id !== 'api' && id !== leader) add(id, leader)
      if (wide) add('api', leader)
    }
    for (const { from, to } of model.view?.links ?? [])
      if (lookOfLink(model, from, to).state !== 'up') add(from, to)
    for (const { from, to, atMs, dueMs } of model.messages.values()) if (dueMs > atMs) add(from, to)
    return [...links.values()]
  }

  /** @param {ClusterLayout} layout @param {number} seat */
  #placeChips(layout, seat) {
    const chips = /** @type {HTMLElement[]} */ ([
      ...this.#box.querySelectorAll(':scope > [data-chip]'),
    ])
    // All sizes are asked for before anything moves, so that the browser lays out once.
    const sizes = chips.map(({ offsetWidth: w, offsetHeight: h }) => ({ w, h }))
    this.#chips = []
    for (const [i, { style, dataset }] of chips.entries()) {
      const to = Number(dataset.chip?.split('>')[1])
      const way = wayOf(layout, seat, to, seat)
      const [a, b] = [way.at(-2), way.at(-1)]
      const card = layout.boxes.get(to)
      const { w, h } = sizes[i] ?? { w: 0, h: 0 }
      if (!a || !b || !card) continue
      // On a phone there is room only above the card, beside the trunks.
      const [x, y] = layout.wide
        ? [(a[0] + b[0] - w) / 2, (a[1] + b[1] - h) / 2 + 5]
        : [card.x + 6, card.y - 13 - h / 2]
      style.transform = `translate(${x}px, ${y}px)`
      this.#chips.push({ x, y, w, h })
    }
  }
}
