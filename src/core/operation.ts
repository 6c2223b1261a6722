// One request under way: a write or a read. It ends exactly once, with a reply, or silently when its client
// left. What both kinds share is here; what they do is in writes.ts and reads.ts.

import { type Done, failed, type Problem, problem, type Reply } from './errors.ts'
import type { System } from './system.ts'
import type { Due } from './timeline.ts'
import type { Microseconds } from './units.ts'
import type { Ticket } from './verbs.ts'

/** The requests that wait for an answer; bounded by `waitingMax`. */
export class OpenOperations {
  readonly #open = new Set<Operation<never>>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#open.size
  }

  /** Why no further request may wait, if so. */
  full(): Problem | undefined {
    if (this.#open.size < this.#max) return undefined
    const detail = `${this.#max} requests are waiting already. Try again when some were answered, advance the clock if it stands still, or start with a higher --max-waiting.`
    return problem('too-many-waiting', detail, { waitingMax: this.#max })
  }

  add(operation: Operation<never>): void {
    this.#open.add(operation)
  }

  delete(operation: Operation<never>): void {
    this.#open.delete(operation)
  }

  /** Ends all of them; used by reset. */
  failAll(reason: Problem): void {
    for (const operation of [...this.#open]) operation.fail(reason)
  }
}

export class Operation<T> implements Ticket {
  readonly #system: System
  readonly #open: OpenOperations
  readonly #done: Done<T>
  readonly request: number
  /** Told how it ended, before the client is; undefined when the client left. */
  readonly #ended: (reply: Reply<T> | undefined) => void
  #timer: Due | undefined
  #settled = false

  constructor(
    system: System,
    open: OpenOperations,
    done: Done<T>,
    ended: (reply: Reply<T> | undefined) => void,
  ) {
    this.#system = system
    this.#open = open
    this.#done = done
    this.#ended = ended
    this.request = system.nextRequest()
    open.add(this as unknown as Operation<never>)
  }

  get settled(): boolean {
    return this.#settled
  }

  /** What to do when it has not ended by then. A second call, once the first is over, waits again. */
  timeOutAfter(us: Microseconds, timedOut: () => void): void {
    if (this.#settled) return
    this.#timer = this.#system.timeline.schedule(us, timedOut)
  }

  settle(reply: Reply<T>): void {
    if (!this.#close()) return
    this.#ended(reply)
    this.#done(reply)
  }

  fail(reason: Problem): void {
    this.settle(failed(reason))
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.#close()) this.#ended(undefined)
  }

  #close(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#open.delete(this as unknown as Operation<never>)
    if (this.#timer) this.#system.timeline.cancel(this.#timer)
    return true
  }
}
