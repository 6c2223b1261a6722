// Requests that have no answer yet. A server that shuts down must answer them, and must not wait for them.

export interface Waiter {
  /** The server goes: answer now, with what can be said. */
  shutDown(): void
}

export class WaitingRoom {
  readonly #waiting = new Set<Waiter>()
  #closed = false

  get size(): number {
    return this.#waiting.size
  }

  /** Once true, nothing new is begun. */
  get closed(): boolean {
    return this.#closed
  }

  enter(waiter: Waiter): void {
    this.#waiting.add(waiter)
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter)
  }

  close(): void {
    this.#closed = true
    for (const waiter of [...this.#waiting]) waiter.shutDown()
    this.#waiting.clear()
  }
}
