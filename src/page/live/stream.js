// What a lab's event stream says, each event once. The stream comes by way of the browser's connections, where any tab
// may have it begin anew: what was heard before is passed over. The ids tell which run of the server speaks.

import { base, listen } from './api.js'

/** @import { LabEvent, ViewJson } from '../model/types' */

/**
 * Views come behind the events that they include; `lost` says why there is no stream, '' when the server is away; and
 * once `restarted`, nothing that was heard counts any more.
 * @typedef {{ heard(event: LabEvent): void, viewed(view: ViewJson): void,
 *   taught(course: import('../model/types').CourseJson | null): void, opened(): void, lost(why: string): void, restarted(): void }} StreamListener
 */

export class Stream {
  #listener
  #tell
  #run = ''
  #number = 0

  /** @param {StreamListener} listener */
  constructor(listener) {
    this.#listener = listener
    this.#tell = listen(({ lost, told = [] }) => {
      if (lost !== undefined) return listener.lost(lost)
      listener.opened()
      for (const { event, id = '', data } of told) if (data) this.#hear(event, id, JSON.parse(data))
    })
  }

  /** @param {boolean} [isOther] the lab on show is another than before */
  open(isOther) {
    if (isOther) [this.#run, this.#number] = ['', 0]
    const after = this.#run === '' ? '0' : `${this.#run}-${this.#number}`
    this.#tell({ open: { path: base(), after } })
  }

  close() {
    this.#tell({})
  }

  /** @param {string | undefined} type of a message that is no event @param {string} id @param {any} data */
  #hear(type, id, data) {
    if (type === 'missed') {
      // What was dropped before anybody could hear it is history that nobody has.
      if (this.#number > 0 && data.toId > this.#number) this.#startOver()
      return
    }
    if (type === 'class') return this.#listener.taught(data)
    const [run = '', number] = (type === 'view' ? data.lastEvent : id).split('-')
    if (this.#run !== '' && run !== this.#run) this.#startOver()
    this.#run = run
    if (type === 'view') return this.#listener.viewed(data)
    if (Number(number) <= this.#number) return
    this.#number = Number(number)
    this.#listener.heard(data)
  }

  #startOver() {
    this.#number = 0
    this.#listener.restarted()
  }
}
