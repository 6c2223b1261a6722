// The marks that travel along the links: one per message, where it is at the shown instant. Messages that take
// no time are shown as a short echo, lost ones fall. Draws a bounded number and says how many it left out.

import { pointAt } from '../model/cluster-layout.js'
import { sayMs } from '../model/say.js'
import { svg } from './svg.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').Message} Message */
/** @typedef {import('../model/types').LabEvent} LabEvent */
/** @typedef {import('../model/types').Node} Node */
/** @typedef {(from: Node, to: Node) => readonly (readonly [number, number])[]} Ways */

const MARKS_MAX = 120
const LABELS_MAX = 6
const ECHOES_MAX = 24
const NARROW = 620
const ECHO_MS = 420
const FALL_MS = 1000
/** Held marks wait before the gate, queued ones at the door. */
const GATE = 0.72
const DOOR = 0.96

/** @typedef {{ element: Element, label: Element, look: string, text: string }} Drawn */
/** @typedef {{ element: Element, from: Node, to: Node, startMs: number, lengthMs: number, falls: boolean, at: number }} Ghost */

export class Marks {
  #session
  #layer
  #more
  /** @type {Map<number, Drawn>} */
  #drawn = new Map()
  /** @type {Set<Ghost>} */
  #ghosts = new Set()
  /** @type {Map<string, number>} */
  #counts = new Map()
  #stop

  /**
   * @param {Session} session
   * @param {SVGElement} layer
   * @param {HTMLElement} more
   */
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
   * @returns {boolean} whether something still moves by itself
   */
  draw(wallMs, ways) {
    const { messages, leftOut } = this.#chosen()
    const seen = new Set()
    /** @type {Map<string, number>} */
    const queues = new Map()
    this.#counts.clear()
    for (const message of messages) {
      seen.add(message.id)
      this.#place(message, ways, queues, messages.length <= LABELS_MAX)
    }
    for (const [id, { element }] of this.#drawn) {
      if (seen.has(id)) continue
      element.remove()
      this.#drawn.delete(id)
    }
    this.#more.hidden = leftOut === 0
    if (leftOut > 0) this.#more.textContent = `and ${leftOut} more on their way, not drawn`
    for (const ghost of this.#ghosts) this.#moveGhost(ghost, wallMs, ways)
    return this.#ghosts.size > 0
  }

  /**
   * Those that take time; the others are echoes. Of too many every so-manieth, told by its number, so
   * that the same marks are drawn from frame to frame.
   */
  #chosen() {
    const { model } = this.#session
    const messages = [...model.messages.values()].filter(
      (one) =>
        one.fate === 'held' ||
        (one.fate === 'travelling' && (one.dueMs > one.atMs || isQueued(one, model.nowMs))),
    )
    const stride = Math.ceil(messages.length / MARKS_MAX)
    if (stride <= 1) return { messages, leftOut: 0 }
    const drawn = messages.filter(({ id }) => id % stride === 0).slice(0, MARKS_MAX)
    return { messages: drawn, leftOut: messages.length - drawn.length }
  }

  /**
   * @param {Message} message
   * @param {Ways} ways
   * @param {Map<string, number>} queues
   * @param {boolean} labelled
   */
  #place(message, ways, queues, labelled) {
    const { nowMs } = this.#session.model
    const way = ways(message.from, message.to)
    const drawn = this.#drawn.get(message.id) ?? this.#make(message)
    const name = `${message.from}>${message.to}`
    const above = message.record === null || this.#countOn(name) % 2 === 0
    const gone =
      message.dueMs > message.atMs ? (nowMs - message.atMs) / (message.dueMs - message.atMs) : 1
    const stop = message.fate === 'held' ? GATE : DOOR
    let fraction = Math.max(0, gone)
    if (fraction >= stop && (message.fate === 'held' || fraction >= 1)) {
      const place = queues.get(name) ?? 0
      queues.set(name, place + 1)
      fraction = stop - Math.min(place, 12) * 0.045
    }
    const [x, y] = pointAt(way, fraction)
    drawn.element.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`)
    const look = `mark ${message.kind} ${message.fate}${message.request !== null && message.record ? ' repair' : ''}`
    if (look !== drawn.look) {
      drawn.look = look
      drawn.element.setAttribute('class', look)
    }
    const text = labelled ? labelOf(message, nowMs, this.#layer.clientWidth < NARROW) : ''
    drawn.label.setAttribute('y', above ? '-13' : '29')
    drawn.label.setAttribute('text-anchor', anchorAt(fraction))
    if (text !== drawn.text) {
      drawn.text = text
      drawn.label.textContent = text
    }
  }

  /**
   * Labels of neighbours stand above and below in turn.
   * @param {string} name
   */
  #countOn(name) {
    const count = this.#counts.get(name) ?? 0
    this.#counts.set(name, count + 1)
    return count
  }

  /** @param {Message} message */
  #make(message) {
    const element = markOf(message.kind)
    element.setAttribute('data-message', String(message.id))
    const label = svg('text', { 'text-anchor': 'middle' })
    element.append(label)
    this.#layer.append(element)
    const drawn = { element, label, look: '', text: '' }
    this.#drawn.set(message.id, drawn)
    return drawn
  }

  /** @param {LabEvent} event */
  #hear(event) {
    if (document.hidden || !this.#session.playback.glides || this.#ghosts.size >= ECHOES_MAX) return
    // What is long over is not acted out again.
    if (event.atMs < this.#session.playback.shownMs - 2000) return
    if (event.type === 'message-lost')
      this.#addGhost(event.kind, event.from, event.to, true, ' lost')
    else if (event.type === 'message-sent' && event.dueMs === event.atMs) {
      this.#addGhost(
        event.kind,
        event.from,
        event.to,
        false,
        event.record && event.request !== null ? ' repair' : '',
      )
    } else if (event.type === 'write-applied')
      this.#addGhost('copy', 'api', event.replica, false, '')
  }

  /**
   * @param {Message['kind']} kind
   * @param {Node} from
   * @param {Node} to
   * @param {boolean} falls
   * @param {string} look
   */
  #addGhost(kind, from, to, falls, look) {
    const element = markOf(kind)
    element.setAttribute('class', `mark ghost ${kind}${look}`)
    this.#layer.append(element)
    const lengthMs = falls ? FALL_MS : ECHO_MS
    this.#ghosts.add({ element, from, to, startMs: performance.now(), lengthMs, falls, at: 0.62 })
    this.#session.wake()
  }

  /**
   * @param {Ghost} ghost
   * @param {number} wallMs
   * @param {Ways} ways
   */
  #moveGhost(ghost, wallMs, ways) {
    const done = Math.max(0, (wallMs - ghost.startMs) / ghost.lengthMs)
    const way = ways(ghost.from, ghost.to)
    if (done >= 1 || way.length === 0) {
      ghost.element.remove()
      this.#ghosts.delete(ghost)
      return
    }
    const [x, y] = pointAt(way, ghost.falls ? ghost.at : done)
    const drop = ghost.falls ? done * done * 70 : 0
    ghost.element.setAttribute('transform', `translate(${x.toFixed(1)} ${(y + drop).toFixed(1)})`)
    ghost.element.setAttribute(
      'opacity',
      String(ghost.falls ? 1 - done : 1 - Math.max(0, done - 0.7)),
    )
  }
}

/**
 * Due, and not taken: its receiver is paused.
 * @param {Message} message
 * @param {number} nowMs
 */
function isQueued(message, nowMs) {
  return message.kind === 'copy' && message.dueMs < nowMs
}

/**
 * @param {Message} message
 * @param {number} nowMs
 * @param {boolean} narrow
 */
function labelOf(message, nowMs, narrow) {
  const key = message.record && !narrow ? shorten(message.record.key) : ''
  if (message.kind === 'announcement') return ''
  if (message.fate === 'held') return key
  const leftMs = message.dueMs - nowMs
  return `${key} ${leftMs > 0 ? sayMs(Math.ceil(leftMs)) : 'queued'}`.trim()
}

/** Keeps labels off the cards at both ends. @param {number} fraction */
function anchorAt(fraction) {
  if (fraction > 0.8) return 'end'
  return fraction < 0.16 ? 'start' : 'middle'
}

/** @param {string} key */
function shorten(key) {
  return key.length > 14 ? `${key.slice(0, 13)}…` : key
}

/**
 * Kinds differ in shape, not in colour alone.
 * @param {Message['kind']} kind
 */
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
