// Requests of one connection are begun in the order they came. Node hands out pipelined requests as soon as
// it has their headers, and a write's body is read later: the read behind it would overtake. Answers need
// no care, for Node sends those in order by itself.

import type { IncomingMessage } from 'node:http'

/** Requests that may wait behind one body. A connection brings more only on purpose. */
const WAITING_MAX = 1_000

export class Turns {
  /** For each connection on which a body is being read: what came behind it. */
  readonly #behind = new WeakMap<object, (() => void)[]>()

  /** Begins a request now, or once those before it on its connection have begun. False: too many wait. */
  take(req: IncomingMessage, begin: () => void): boolean {
    const behind = this.#behind.get(req.socket)
    if (!behind) begin()
    else if (behind.length < WAITING_MAX) behind.push(begin)
    else return false
    return true
  }

  /** A request's body is being read: who comes behind it waits. @returns what ends that, called once */
  hold(req: IncomingMessage): () => void {
    const { socket } = req
    const behind: (() => void)[] = []
    this.#behind.set(socket, behind)
    return () => {
      this.#behind.delete(socket)
      while (behind.length > 0) {
        const begin = behind.shift()
        begin?.()
        // It has a body of its own, and the others wait for that now.
        const next = this.#behind.get(socket)
        if (next) return void next.push(...behind.splice(0))
      }
    }
  }
}
