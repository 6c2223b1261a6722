// Hands events to their listeners, numbered and stamped with simulated time. Where nobody listens, nobody
// pays: senders ask `hasListeners` before they build an event.

import type { ClusterEvent, EventBody, Listener } from './events.ts'
import type { Timeline } from './timeline.ts'

export class Emitter {
  readonly #timeline: () => Timeline
  #listeners: readonly Listener[] = []
  #nextId = 1

  /** @param timeline asked each time, because a reset brings a new one */
  constructor(timeline: () => Timeline) {
    this.#timeline = timeline
  }

  get hasListeners(): boolean {
    return this.#listeners.length > 0
  }

  /** The id of the last event; 0 before the first. */
  get lastId(): number {
    return this.#nextId - 1
  }

  emit(body: EventBody): void {
    if (this.#listeners.length === 0) return
    // The body was made for this call alone, so it may become the event itself.
    const event = body as EventBody & { id: number; atUs: number }
    event.id = this.#nextId++
    event.atUs = this.#timeline().now()
    for (const listener of this.#listeners) listener(event as ClusterEvent)
  }

  listen(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener)
    }
  }
}
