// The marks that travel along the links: one per message, where it is at the shown instant. Messages that take
// no time are shown as a short echo. Draws a bounded number and says how many it left out.

import { cut } from '../model/arrow-labels.js'
import { pointAt } from '../model/cluster-layout.js'
import { LABEL_H, labelWidth, placeLabels } from '../model/label-places.js'
import { sayMs } from '../model/say.js'
import { svg } from './svg.js'

/** @import { Session } from '../live/session.js' */
/** @import { Box } from '../model/cluster-layout.js' */
/** @import { Around, Placed } from '../model/label-places.js' */
/** @import { LabEvent, Message, Model, Node } from '../model/types' */
/** @typedef {(from: Node, to: Node) => readonly (readonly [number, number])[]} Ways */

const MARKS_MAX = 120
const LABELS_MAX = 6
const ECHOES_MAX = 24
const NARROW = 620
const ECHO_MS = 420
/** Held marks wait before the gate, queued ones at the door. */
const GATE = 0.72
const DOOR = 0.96
/** Here it was lost. */
const LOST = 0.62
const LOST_AMONG = 200

/** @typedef {{ element: Element, tag: Element, look: string, text: string, x: number, y: number }} Drawn */
/** @typedef {{ element: Element, from: Node, to: Node, startMs: number }} Ghost */

export class Marks {
  #session
  #layer
  #more
  /** @type {Map<number, Drawn>} */
  #drawn = new Map()
  /** @type {Set<Ghost>} */
  #ghosts = new Set()
  /** Where labels stood in the last frame, by message. @type {Map<number, number>} */
  #places = new Map()
  #stop

  /** @param {Session} session @param {SVGElement} layer @param {HTMLElement} more */
  constructor(session, layer, more) {
    this.#session = session
    this.#layer = layer
    this.#more = more
    this.#stop = session.onEvent((event) => this.#hear(event))
  }

  end() {
    this.#stop()
  }

  /**
   * @param {number} wallMs
   * @param {Ways} ways
   * @param {{ chips: readonly Box[], written: readonly Box[], h: number }} around
   * @returns {boolean} whether something still moves by itself
   */
  draw(wallMs, ways, { chips, written, h }) {
    const { messages, leftOut } = this.#chosen()
    const seen = new Set()
    /** @type {Map<string, number>} */
    const queues = new Map()
    const w = messages.length > 0 ? this.#layer.clientWidth : 0
    for (const message of messages) {
      // Nobody is drawn whom it goes to.
      if (ways(message.from, message.to).length === 0) continue
      seen.add(message.id)
      this.#place(message, ways, queues, messages.length > LABELS_MAX ? null : w < NARROW)
    }
    for (const [id, { element }] of this.#drawn) {
      if (seen.has(id)) continue
      element.remove()
      this.#drawn.delete(id)
    }
    this.#placeLabels({ room: { w, h }, taken: chips, written })
    this.#more.hidden = leftOut === 0
    if (leftOut > 0) this.#more.textContent = `and ${leftOut} more on their way, not drawn`
    for (const ghost of this.#ghosts) this.#moveGhost(ghost, wallMs, ways)
    return this.#ghosts.size > 0
  }

  /** Of too many every so-manieth, told by its number, so that the same marks are drawn from frame to frame. */
  #chosen() {
    const { model } = this.#session
    const messages = [...model.messages.values()].filter(({ fate }) => fate !== 'early')
    // What was lost is seen to be until it would have arrived.
    for (const item of model.history.items.slice(-LOST_AMONG))
      if (item.item === 'message' && item.fate === 'lost' && model.nowMs < item.dueMs)
        messages.push(item)
    const stride = Math.ceil(messages.length / MARKS_MAX)
    if (stride <= 1) return { messages, leftOut: 0 }
    const drawn = messages.filter(({ id }) => id % stride === 0).slice(0, MARKS_MAX)
    return { messages: drawn, leftOut: messages.length - drawn.length }
  }

  /**
   * @param {Message} message
   * @param {Ways} ways
   * @param {Map<string, number>} queues
   * @param {boolean | null} narrow whether labels are to be short; null where there are none
   */
  #place(message, ways, queues, narrow) {
    const { model } = this.#session
    const { nowMs } = model
    const fate = fateOf(message, model)
    const drawn = this.#drawn.get(message.id) ?? this.#make(message)
    const name = `${message.from}>${message.to}`
    const gone =
      message.dueMs > message.atMs ? (nowMs - message.atMs) / (message.dueMs - message.atMs) : 1
    const stop = fate === 'held' ? GATE : DOOR
    let fraction = Math.max(0, fate === 'lost' ? LOST : gone)
    if (fraction >= stop && (fate === 'held' || fraction >= 1)) {
      const place = queues.get(name) ?? 0
      queues.set(name, place + 1)
      fraction = stop - Math.min(place, 12) * 0.045
    }
    const [x, y] = pointAt(ways(message.from, message.to), fraction)
    drawn.element.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`)
    const kind = fate === 'lost' ? '' : message.kind
    const look = `mark ${kind} ${fate}${message.request !== null && message.record ? ' repair' : ''}`
    if (look !== drawn.look) {
      drawn.look = look
      drawn.element.setAttribute('class', look)
    }
    drawn.text = narrow === null ? '' : labelOf(message, fate, nowMs, narrow)
    drawn.x = x
    drawn.y = y
  }

  /** @param {Around} around */
  #placeLabels(around) {
    const wanted = [...this.#drawn]
      .filter(([, { text }]) => text !== '')
      .map(([id, { x, y, text }]) => ({ id, x, y, w: labelWidth(text) }))
    const placed = placeLabels(wanted, around, this.#places)
    this.#places.clear()
    for (const [id, drawn] of this.#drawn) {
      const where = placed.get(id)
      drawTag(drawn, where)
      if (where) this.#places.set(id, where.place)
    }
  }

  /** @param {Message} message */
  #make(message) {
    const element = markOf(message.kind)
    element.setAttribute('data-message', String(message.id))
    const tag = svg('g')
    tag.append(svg('rect', { height: LABEL_H, rx: 4 }), svg('text', { 'text-anchor': 'middle' }))
    element.append(tag)
    this.#layer.append(element)
    const drawn = { element, tag, look: '', text: '', x: 0, y: 0 }
    this.#drawn.set(message.id, drawn)
    return drawn
  }

  /** @param {LabEvent} event */
  #hear(event) {
    if (document.hidden || !this.#session.playback.glides || this.#ghosts.size >= ECHOES_MAX) return
    // What is long over is not acted out again.
    if (event.atMs < this.#session.playback.shownMs - 2000) return
    if (event.type === 'write-applied') return this.#addGhost('copy', 'api', event.replica, '')
    if (event.type !== 'message-sent' || event.dueMs !== event.atMs) return
    const { kind, from, to, record, request } = event
    this.#addGhost(kind, from, to, record && request !== null ? ' repair' : '')
  }

  /** @param {Message['kind']} kind @param {Node} from @param {Node} to @param {string} look */
  #addGhost(kind, from, to, look) {
    const element = markOf(kind)
    element.setAttribute('class', `mark ghost ${kind}${look}`)
    this.#layer.append(element)
    this.#ghosts.add({ element, from, to, startMs: performance.now() })
    this.#session.wake()
  }

  /** @param {Ghost} ghost @param {number} wallMs @param {Ways} ways */
  #moveGhost(ghost, wallMs, ways) {
    const done = Math.max(0, (wallMs - ghost.startMs) / ECHO_MS)
    const way = ways(ghost.from, ghost.to)
    if (done >= 1 || way.length === 0) {
      ghost.element.remove()
      this.#ghosts.delete(ghost)
      return
    }
    const [x, y] = pointAt(way, done)
    ghost.element.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`)
    ghost.element.setAttribute('opacity', String(1 - Math.max(0, done - 0.7)))
  }
}

/** Held, lost, or due and not taken, for its receiver is paused. @param {Message} message @param {Model} model */
function fateOf({ fate, dueMs, to }, { nowMs, view }) {
  const waits = fate === 'travelling' && dueMs <= nowMs
  return waits && view?.replicas.find(({ id }) => id === to)?.state === 'paused' ? 'queued' : fate
}

/** @param {Message} message @param {string} fate @param {number} nowMs @param {boolean} narrow */
function labelOf(message, fate, nowMs, narrow) {
  const key = message.record && !narrow ? cut(message.record.key, 14) : ''
  if (message.kind === 'announcement') return ''
  const leftMs = Math.ceil(message.dueMs - nowMs)
  const when = leftMs > 0 ? sayMs(leftMs) : ''
  return `${key} ${fate === 'travelling' ? when : fate}`.trim()
}

/** @param {Drawn} drawn @param {Placed | undefined} where */
function drawTag({ tag, text }, where) {
  const [ground, label] = tag.children
  if (label && label.textContent !== text) label.textContent = text
  tag.setAttribute('class', where ? `tag${where.covers ? ' covers' : ''}` : 'tag none')
  if (!where) return
  tag.setAttribute('transform', `translate(${where.dx} ${where.dy})`)
  ground?.setAttribute('x', String(-where.w / 2))
  ground?.setAttribute('y', String(-where.h / 2))
  ground?.setAttribute('width', String(where.w))
  label?.setAttribute('y', '4')
}

/** Kinds differ in shape, not in colour alone. @param {Message['kind']} kind */
function markOf(kind) {
  const group = svg('g')
  const shape = {
    copy: () => svg('circle', { r: 6.5 }),
    snapshot: () => svg('rect', { x: -6, y: -6, width: 12, height: 12, rx: 2 }),
    acknowledgement: () => svg('path', { d: 'M-5 0l3.6 4L5.5 -4' }),
    announcement: () => svg('circle', { r: 4 }),
    request: () => svg('path', { d: 'M-4 -5l9 5l-9 5z' }),
    response: () => svg('path', { d: 'M4 -5l-9 5l9 5z' }),
  }[kind]()
  group.append(shape)
  return group
}
