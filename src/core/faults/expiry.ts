// Faults that expire: one pending expiry a thing, replaced by a newer fault on it and cancelled by
// the counterpart verb.

import type { Due, Timeline } from '../timeline.ts'
import type { Microseconds } from '../units.ts'

export class Expiries {
  readonly #timeline: Timeline
  readonly #pending = new Map<string, { readonly due: Due; readonly atUs: Microseconds }>()

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  /** @param thing what the fault is on, e.g. `replica 1` */
  plan(thing: string, afterUs: Microseconds | undefined, expire: () => void): void {
    this.cancel(thing)
    if (afterUs === undefined) return
    const due = this.#timeline.schedule(afterUs, () => {
      this.#pending.delete(thing)
      expire()
    })
    this.#pending.set(thing, { due, atUs: this.#timeline.now() + afterUs })
  }

  cancel(thing: string): void {
    const pending = this.#pending.get(thing)
    if (pending) this.#timeline.cancel(pending.due)
    this.#pending.delete(thing)
  }

  /** How long until the fault on a thing expires; undefined when it will not. */
  remainingUs(thing: string): Microseconds | undefined {
    const pending = this.#pending.get(thing)
    return pending && pending.atUs - this.#timeline.now()
  }

  cancelAll(): void {
    for (const { due } of this.#pending.values()) this.#timeline.cancel(due)
    this.#pending.clear()
  }
}
