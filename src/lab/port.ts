// The cluster's verbs as promises. A call becomes its command at once, so calls arrive in the order they are made;
// the answer comes at the simulated instant at which the callback of the core is called.

import type { Cluster } from '../core/cluster.ts'
import { problem, type Reply } from '../core/errors.ts'
import { ViewRenderer } from '../core/output/render-views.ts'
import { camelCase } from '../core/text/say.ts'
import type { ActVerb, AnswerOf, RequestVerb } from '../core/verbs/table.ts'
import type { Ticket } from '../core/verbs.ts'
import { CallSite, LabError, labError } from './error.ts'
import { commandOf, type Given, say, WrongCall } from './given.ts'
import { WatchedPromise } from './watched-promise.ts'

/** Of the calls that nobody awaited, so many are told one by one. */
const TOLD_MAX = 10
/** So many failed calls are kept, until it is looked which of them have been awaited by now. */
const FAILED_MAX = 1_000

interface Call {
  readonly words: string
  readonly promise: WatchedPromise<unknown>
  readonly error?: unknown
}

interface Waiting extends Call {
  readonly ticket: Ticket
  readonly reject: (error: LabError) => void
}

export class Port {
  readonly cluster: Cluster
  readonly render: ViewRenderer
  readonly #waiting = new Set<Waiting>()
  #failed: Call[] = []
  #answers = 0
  #isClosed = false

  constructor(cluster: Cluster) {
    this.cluster = cluster
    this.render = new ViewRenderer(cluster)
  }

  /** Requests that were answered so far. */
  get answers(): number {
    return this.#answers
  }

  /** Requests that wait for an answer. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** A verb that is answered when simulated time has brought it. */
  ask<V extends RequestVerb, T>(
    verb: V,
    [targets, options]: readonly [Given, unknown?],
    render: (answer: AnswerOf<V>) => T,
  ): Promise<T> {
    const words = wordsOf(verb, targets)
    return this.promise(words, (resolve, reject, promise) => {
      const command = commandOf(verb, targets, options)
      let waiting: Waiting | undefined
      let isOver = false
      const ticket = this.cluster.ask<V>(command, (reply) => {
        isOver = true
        this.#answers++
        if (waiting) this.#waiting.delete(waiting)
        if (reply.ok) resolve(render(reply.value))
        else reject(labError(reply.problem, this.seed))
      })
      if (isOver) return
      waiting = { words, promise: promise(), ticket, reject }
      this.#waiting.add(waiting)
    })
  }

  /** A verb that acts at the present instant. */
  act<V extends ActVerb, T>(
    verb: V,
    [targets, options]: readonly [Given, unknown?],
    render: (answer: AnswerOf<V>) => T,
  ): Promise<T> {
    return this.promise(wordsOf(verb, targets), (resolve) => {
      const command = commandOf(verb, targets, options)
      resolve(render(this.valueOf(this.cluster.act<V>(command))))
    })
  }

  /**
   * A promise of this lab's. One that is refused at once is rejected like any other promise, so nobody can overlook it;
   * what fails later, while time moves, may be looked at later, and is told of at the end if it never was.
   */
  promise<T>(
    words: string,
    start: (
      resolve: (value: T | PromiseLike<T>) => void,
      reject: (error: LabError) => void,
      promise: () => WatchedPromise<T>,
    ) => void,
  ): Promise<T> {
    const { promise, resolve, reject } = deferred<T>()
    const site = new CallSite()
    const fail = (error: unknown) => {
      const told = error instanceof WrongCall ? this.wrong(words, error) : error
      reject(site.shownIn(told))
      return told
    }
    try {
      this.mustBeOpen()
      const failLater = (error: unknown) => {
        this.#keepFailed({ words, promise, error: fail(error) })
      }
      start(resolve, failLater, () => promise)
    } catch (error) {
      fail(error)
      return promise
    }
    return promise.handled()
  }

  /** @throws LabError where there is nothing to see */
  valueOf<T>(reply: Reply<T>): T {
    if (reply.ok) return reply.value
    throw labError(reply.problem, this.seed)
  }

  /** @throws LabError for what is wrong with a look */
  look<T>(call: string, action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw error instanceof WrongCall ? this.wrong(call, error) : error
    }
  }

  /** @param words the call, as it was made */
  wrong(words: string, { faults }: WrongCall): LabError {
    const [call = ''] = words.split(' ')
    return labError(problem('invalid-request', sayFaults(call, faults)), this.seed)
  }

  cannotListen(why: string): LabError {
    const outcome = 'not-applied'
    return new LabError({ code: 'port-unavailable', outcome, detail: why, seed: this.seed })
  }

  get seed(): number {
    return this.cluster.options.seed
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** @throws LabError once the lab is closed */
  mustBeOpen(): void {
    if (this.#isClosed) throw this.#closed()
  }

  /** Whoever waits is answered; from then on nothing is begun. */
  close(): void {
    this.#isClosed = true
    for (const { ticket, reject } of this.#waiting) {
      ticket.abandon()
      reject(this.#closed('unknown'))
    }
    this.#waiting.clear()
  }

  /** The calls that failed, and nobody looked. */
  unseen(): string[] {
    const unseen = this.#unseen()
    const more = unseen.length - TOLD_MAX
    return [
      ...unseen.slice(0, TOLD_MAX).map(({ words, error }) => `${words} (${codeOf(error)})`),
      ...(more > 0 ? [`${more} more`] : []),
    ]
  }

  #closed(outcome: 'not-applied' | 'unknown' = 'not-applied'): LabError {
    const detail =
      outcome === 'unknown'
        ? 'The lab was closed while this call waited for its answer: move time before you close it.'
        : 'The lab is closed: begin nothing after close(), and start another lab.'
    return new LabError({ code: 'lab-closed', outcome, detail, seed: this.seed })
  }

  #keepFailed(call: Call): void {
    this.#failed.push(call)
    if (this.#failed.length > FAILED_MAX) this.#failed = this.#unseen().slice(0, FAILED_MAX / 2)
  }

  #unseen(): Call[] {
    return this.#failed.filter(({ promise }) => !promise.isAwaited)
  }
}

/** `hold: forMs must be …` */
export function sayFaults(call: string, faults: readonly string[]): string {
  const said = faults.join('; ')
  return `${call}: ${said}${said.endsWith('?') ? '' : '.'}`
}

function codeOf(error: unknown): string {
  return error instanceof LabError ? error.code : String(error)
}

/** A verb by its method. */
const METHODS: Readonly<Record<string, string>> = { clock: 'setClock' }

function wordsOf(verb: string, { client: _, value: __, ...targets }: Given): string {
  return [METHODS[verb] ?? camelCase(verb), ...Object.values(targets).map(say)].join(' ')
}

function deferred<T>() {
  let resolve: (value: T | PromiseLike<T>) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new WatchedPromise<T>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}
