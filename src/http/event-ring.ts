// The newest events, kept for streams that lag and for readers that come back. Events are numbered without
// gaps while somebody listens, and the ring listens from the app's start to its end, so an event's place
// follows from its id.

import { bytesOfEvent } from '../core/bytes.ts'
import type { ClusterEvent } from '../core/events.ts'

export class EventRing {
  #events: ClusterEvent[] = []
  #bytes = 0
  /** The id of `#events[0]`, or of the event to come. */
  #firstId = 1

  push(event: ClusterEvent): void {
    if (this.#events.length === 0) this.#firstId = event.id
    this.#events.push(event)
    this.#bytes += bytesOfEvent(event)
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#bytes
  }

  /** The oldest id from which on all events together keep no more bytes than that; the newest is always one of them. */
  firstIdWithin(bytesMax: number): number {
    let bytes = 0
    let i = Math.max(this.#events.length - 1, 0)
    while (i > 0) {
      const before = bytesOfEvent(this.#events[i - 1] as ClusterEvent)
      bytes += bytesOfEvent(this.#events[i] as ClusterEvent)
      if (bytes + before > bytesMax) break
      i--
    }
    return this.#firstId + i
  }

  get length(): number {
    return this.#events.length
  }

  get firstId(): number {
    return this.#firstId
  }

  /** The id of the event to come. */
  get nextId(): number {
    return this.#firstId + this.#events.length
  }

  /** The event of this id, unless it was dropped or is yet to come. */
  at(id: number): ClusterEvent | undefined {
    return this.#events[id - this.#firstId]
  }

  dropBefore(id: number): void {
    const count = Math.min(Math.max(id - this.#firstId, 0), this.#events.length)
    // One move of what remains; called once in thousands of pushes.
    for (const event of this.#events.splice(0, count)) this.#bytes -= bytesOfEvent(event)
    this.#firstId += count
  }
}
