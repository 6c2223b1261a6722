// One request under way: a write or a read. It ends exactly once, with a reply, or silently when its client
// left. What both kinds share is here; what they do is in writes.ts and reads.ts.

import { BOUNDS } from '../bounds.ts'
import { advise, type Done, failed, type Problem, problem, type Reply } from '../errors.ts'
import type { Parts } from '../parts.ts'
import { count } from '../text/say.ts'
import type { Due } from '../timeline.ts'
import type { Microseconds } from '../units.ts'
import type { Ticket } from '../verbs.ts'

interface Waiting {
  fail(reason: Problem): void
}

/** The requests that wait for an answer; bounded by `waitingMax`. */
export class OpenOperations {
  readonly #open = new Set<Waiting>()
  readonly #max: number
  /** Why everybody is being sent away, while that is so. */
  #closing: Problem | undefined

  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#open.size
  }

  /** Why no further request may wait, if so. */
  full(): Problem | undefined {
    if (this.#closing) return this.#closing
    if (this.#open.size < this.#max) return undefined
    const detail = `${count(this.#max, 'request is', 'requests are')} waiting already. Ask again once some have been answered, or advance the clock if it stands still.`
    const crowded = problem('too-many-waiting', detail, { waitingMax: this.#max })
    return advise(crowded, { setting: 'max-waiting', change: 'raise' })
  }

  add(operation: Waiting): void {
    this.#open.add(operation)
  }

  delete(operation: Waiting): void {
    this.#open.delete(operation)
  }

  /** Ends all of them; used by reset. */
  failAll(reason: Problem): void {
    // A client that asks again from inside its answer would never get one: the cluster it asks is about to end.
    this.#closing = { ...reason, outcome: 'not-applied' }
    for (const operation of [...this.#open]) operation.fail(reason)
    this.#closing = undefined
  }
}

export abstract class Operation<T> implements Ticket {
  readonly #parts: Parts
  readonly #open: OpenOperations
  readonly #done: Done<T>
  readonly request: number
  #timer: Due | undefined
  #settled = false
  /** Of what it keeps while it waits. */
  protected readonly bytes: number = 0

  constructor(parts: Parts, open: OpenOperations, done: Done<T>) {
    this.#parts = parts
    this.#open = open
    this.#done = done
    this.request = parts.nextRequest()
  }

  /** Told how it ended, before the client is; undefined when the client left. */
  protected abstract ended(reply: Reply<T> | undefined): void

  get settled(): boolean {
    return this.#settled
  }

  /**
   * It was begun, and waits unless it has ended by then. What to do when it has not ended in time is
   * the caller's to say; a second call, once the first time is over, waits again.
   */
  waitFor(us: Microseconds, timedOut: () => void): void {
    if (this.#settled) return
    if (!this.#timer) this.#parts.waitingBytes += this.bytes
    this.#open.add(this)
    // The clock has an end, and nobody may wait beyond it.
    const leftUs = Math.max(0, BOUNDS.clockUsMax - this.#parts.now)
    this.#timer = this.#parts.timeline.schedule(Math.min(us, leftUs), timedOut)
  }

  settle(reply: Reply<T>): void {
    if (!this.#close()) return
    this.ended(reply)
    this.#done(reply)
  }

  fail(reason: Problem): void {
    this.settle(failed(reason))
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.#close()) this.ended(undefined)
  }

  #close(): boolean {
    if (this.#settled) return false
    this.#settled = true
    if (this.#timer) {
      this.#open.delete(this)
      this.#parts.waitingBytes -= this.bytes
      this.#parts.timeline.cancel(this.#timer)
    }
    return true
  }
}
