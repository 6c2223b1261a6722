// A wall clock that only the test moves, so that the README's server runs on real time, as its reader's
// does, and still does the same to the millisecond every time.

import type { Wait, Wall } from '../../src/runtime/pacer.ts'

interface Timer {
  readonly dueMs: number
  readonly action: () => void
}

export class HandWall implements Wall {
  #nowMs = 0
  #timers: readonly Timer[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, action: () => void): Wait {
    const timer = { dueMs: this.#nowMs + ms, action }
    this.#timers = [...this.#timers, timer]
    const cancel = () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
    return { cancel, keepAlive: () => undefined }
  }

  soon(action: () => void): Wait {
    return this.after(0, action)
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    while (this.#next() !== undefined && (this.#next() as Timer).dueMs <= untilMs) this.passToNext()
    this.#nowMs = untilMs
  }

  /** To the moment of the next timer, and fires it. */
  passToNext(): void {
    const next = this.#next()
    if (!next) throw new Error('nothing will ever happen: no timer is outstanding')
    this.#timers = this.#timers.filter((other) => other !== next)
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    next.action()
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0]
  }
}
