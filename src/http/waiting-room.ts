// Requests that have no answer yet. A server that shuts down must answer them, and must not wait for them; nor may a
// lab that ends leave them waiting.

import type { HttpProblem } from './problems.ts'

export interface Waiter {
  /** No answer will come: say this one at once. */
  giveUp(problem: HttpProblem): void
}

/** Why nothing new is begun. */
export interface Closure {
  /** For those who wait. */
  readonly farewell: HttpProblem
  /** For those who come. */
  readonly refusal: HttpProblem
}

export class WaitingRoom {
  readonly #waiting = new Set<Waiter>()
  #closed: Closure | undefined

  get size(): number {
    return this.#waiting.size
  }

  /** Once there, nothing new is begun. */
  get closed(): Closure | undefined {
    return this.#closed
  }

  enter(waiter: Waiter): void {
    this.#waiting.add(waiter)
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter)
  }

  close(closure: Closure): void {
    this.#closed = closure
    for (const waiter of [...this.#waiting]) waiter.giveUp(closure.farewell)
    this.#waiting.clear()
  }
}
