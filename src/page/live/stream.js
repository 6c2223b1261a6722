// The event stream, kept open. When it breaks it comes back with the last event's id, and asks for that
// event once more: if it is not the same, another server answers and its ids begin again.

import { BASE } from './api.js'

/** @typedef {import('../model/types').LabEvent} LabEvent */
/** @typedef {import('../model/types').ViewJson} ViewJson */

/**
 * @typedef {object} StreamListener
 * @property {(event: LabEvent) => void} heard
 * @property {(view: ViewJson) => void} viewed behind the events that it includes
 * @property {() => void} opened
 * @property {() => void} lost the server went away
 * @property {() => void} restarted nothing that was heard counts any more
 * @property {() => void} missed events were dropped before they could be sent
 */

/** Rows of each replica in a view: what the largest cards and the menus have room for. */
const ROWS = 12
const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 4000

export class Stream {
  /** @type {EventSource | undefined} */
  #source
  #listener
  #lastId = 0
  #lastData = ''
  /** The next message should be the last one again. */
  #checks = false
  #retryMs = RETRY_MS_MIN
  /** @type {number | undefined} */
  #retry

  /** @param {StreamListener} listener */
  constructor(listener) {
    this.#listener = listener
  }

  open() {
    this.close()
    const afterId = Math.max(0, this.#lastId - 1)
    this.#checks = this.#lastId > 0
    const source = new EventSource(`${BASE}/events?lastEventId=${afterId}&views=${ROWS}`)
    this.#source = source
    source.onopen = () => {
      this.#retryMs = RETRY_MS_MIN
      this.#listener.opened()
    }
    source.onmessage = (message) => this.#heard(message)
    source.addEventListener('view', ({ data }) => this.#listener.viewed(JSON.parse(data)))
    source.addEventListener('missed', () => this.#listener.missed())
    source.onerror = () => this.#broken()
  }

  close() {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
  }

  /** Begins anew with the oldest event the server has. */
  startOver() {
    this.#lastId = 0
    this.#lastData = ''
    this.open()
  }

  /** @param {MessageEvent<string>} message */
  #heard({ data, lastEventId }) {
    const id = Number(lastEventId.split('-').at(-1))
    if (this.#checks) {
      this.#checks = false
      if (id === this.#lastId && data === this.#lastData) return
      this.#listener.restarted()
      return
    }
    if (id <= this.#lastId) return this.#listener.restarted()
    this.#lastId = id
    this.#lastData = data
    this.#listener.heard(JSON.parse(data))
  }

  /** The browser would come back by itself, but with a header that hides a restart. */
  #broken() {
    this.close()
    this.#listener.lost()
    this.#retry = setTimeout(() => this.open(), this.#retryMs)
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 1.6)
  }
}
