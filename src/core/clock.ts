// How simulated time is to move: by the wall clock at some rate, not at all, or from event to event while somebody
// waits. It only says so; a pacer does it (ports.ts).

import type { ClockMode } from './nodes.ts'

export interface ClockSetting {
  readonly mode: ClockMode
  /** Simulated seconds a second; without meaning unless `real`. */
  readonly rate: number
}

export class Clock {
  readonly #atStart: ClockSetting
  #now: ClockSetting
  /** What `resume` goes back to. */
  #running: ClockSetting

  constructor(atStart: ClockSetting) {
    this.#atStart = atStart
    this.#now = atStart
    this.#running = runningOf(atStart)
  }

  get mode(): ClockMode {
    return this.#now.mode
  }

  get rate(): number {
    return this.#now.rate
  }

  set(setting: ClockSetting): void {
    this.#now = setting
    const { mode, rate } = setting
    // A rate given while time stands still is for when it goes on.
    this.#running = { mode: mode === 'manual' ? this.#running.mode : mode, rate }
  }

  /** The setting that makes time stand still. */
  paused(): ClockSetting {
    return { mode: 'manual', rate: this.rate }
  }

  /** The setting it had before it stood still. */
  resumed(): ClockSetting {
    return this.#running
  }

  restart(): void {
    this.#now = this.#atStart
    this.#running = runningOf(this.#atStart)
  }
}

function runningOf({ mode, rate }: ClockSetting): ClockSetting {
  return mode === 'manual' ? { mode: 'real', rate } : { mode, rate }
}
