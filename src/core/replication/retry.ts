// Sending again what the network is known to have dropped: after 200 ms, doubling to 1 s. Nothing is
// scheduled while the other side is out of reach, so that a cut link costs nothing and a cluster that
// waits for a heal is idle; `wake` takes the rhythm up again where it would have been.

import type { Due, Timeline } from '../timeline.ts'
import { type Microseconds, US_PER_MS } from '../units.ts'

const FIRST_DELAY_US = 200 * US_PER_MS
const LAST_DELAY_US = 1_000 * US_PER_MS

/** The wait before attempt `attempt` (from 0) is made again. */
export function retryDelayUs(attempt: number): Microseconds {
  return Math.min(FIRST_DELAY_US * (1 << Math.min(attempt, 10)), LAST_DELAY_US)
}

export class Retry {
  readonly #timeline: Timeline
  readonly #mayTry: () => boolean
  readonly #again: () => void
  #attempt = 0
  /** When to try again; undefined when nothing is owed. */
  #atUs: Microseconds | undefined
  #timer: Due | undefined

  constructor(timeline: Timeline, mayTry: () => boolean, again: () => void) {
    this.#timeline = timeline
    this.#mayTry = mayTry
    this.#again = again
  }

  get pending(): boolean {
    return this.#atUs !== undefined
  }

  /** When it will try again, if it is going to by itself. */
  get dueUs(): Microseconds | undefined {
    return this.#timer && this.#atUs
  }

  /** Something was dropped. While a retry is owed already, it will serve for this too. */
  fail(): void {
    if (this.#atUs !== undefined) return
    this.#atUs = this.#timeline.now() + retryDelayUs(this.#attempt++)
    this.wake()
  }

  /** The other side may be in reach again. */
  wake(): void {
    if (this.#atUs === undefined || this.#timer !== undefined || !this.#mayTry()) return
    const now = this.#timeline.now()
    while (this.#atUs < now) this.#atUs += retryDelayUs(this.#attempt++)
    this.#timer = this.#timeline.schedule(this.#atUs - now, () => this.#fire())
  }

  /** Something went through: the next drop starts with the short wait again. What is owed stays owed. */
  succeed(): void {
    if (this.#atUs === undefined) this.#attempt = 0
  }

  /** Nothing is owed any more. */
  cancel(): void {
    this.#attempt = 0
    if (this.#timer) this.#timeline.cancel(this.#timer)
    this.#timer = undefined
    this.#atUs = undefined
  }

  #fire(): void {
    this.#timer = undefined
    if (!this.#mayTry()) return
    this.#atUs = undefined
    this.#again()
  }
}
