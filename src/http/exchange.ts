// One request and its answer. An exchange ends once, by what comes first: the verb's reply, the client's
// leaving, or the server's. It knows nothing of single routes; they call `wait`, `reply` or `answer`.

import type { Request, Response } from 'express'
import type { Done, Problem, Reply } from '../core/errors.ts'
import type { Durability } from '../core/ports.ts'
import type { Ticket } from '../core/verbs.ts'
import type { Context } from './context.ts'
import { BadRequest, type HttpProblem, httpProblem, PROBLEMS } from './problems.ts'
import {
  sendJson,
  sendLines,
  sendNothing,
  sendProblem,
  sendStreamHead,
  sendText,
} from './respond.ts'

/**
 * `none`: asking changes nothing. `repair`: a read that may write. `command`: it is there to change
 * something, and its problems say what became of it. The last two are closed to other pages.
 */
type Effect = 'none' | 'repair' | 'command'

/** What a route says about its answers. */
export interface AnswerFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With parameters as OpenAPI writes them: `/replicas/{id}`. */
  readonly path: string
  readonly effect: Effect
  /** Its answer waits for the write-ahead file, and it is refused once that failed. */
  readonly durable?: boolean
  /** It honours `Prefer: return=minimal`. */
  readonly minimal?: boolean
  /** Of a good answer, where it is not 200; these two come with the header `Location`. */
  readonly status?: 201 | 308
}

/** What of something that is under way. */
type Waiting = Pick<Ticket, 'abandon'>

export class Exchange {
  readonly context: Context
  readonly req: Request
  readonly res: Response
  readonly #route: AnswerFacts
  readonly #beganMs = performance.now()
  #ended = false
  /** It has been left waiting, and is known to the waiting room. */
  #parked = false
  #ticket: Waiting | undefined

  constructor(context: Context, route: AnswerFacts, req: Request, res: Response) {
    this.context = context
    this.req = req
    this.res = res
    this.#route = route
  }

  /** Calls a verb that may take simulated time, and answers when it ends. */
  wait<T>(start: (done: Done<T>) => Waiting, render: (value: T) => unknown): void {
    this.hold(() => start((reply) => this.reply(reply, render)))
  }

  /** Begins what answers later; it is called off if the client leaves, or the server ends. */
  hold(begin: () => Waiting): void {
    const ticket = begin()
    if (!this.#ended) this.#park(ticket)
  }

  /** Answers with a verb's reply, which on durable routes waits for the write-ahead file. */
  reply<T>(reply: Reply<T>, render: (value: T) => unknown): void {
    if (this.#ended) return
    const { durability } = this.context
    if (!reply.ok) this.decline(reply.problem)
    else if (!this.#route.durable || !durability) this.#render(reply.value, render)
    else this.#renderOnceDurable(durability, reply.value, render)
  }

  #renderOnceDurable<T>(durability: Durability, value: T, render: (value: T) => unknown): void {
    durability.whenDurable((error) => {
      if (this.#ended) return
      if (error) this.refuse(writeAheadFailed())
      else this.#render(value, render)
    })
    if (!this.#ended) this.#park(undefined)
  }

  /** Rendering runs inside the timeline, which a bug of ours must not stop. */
  #render<T>(value: T, render: (value: T) => unknown): void {
    try {
      this.answer(render(value))
    } catch (error) {
      this.fail(error)
    }
  }

  answer(body: unknown): void {
    const minimal = this.#route.minimal && prefersMinimal(this.req)
    this.#end(minimal ? 204 : 200)
    if (minimal) sendNothing(this.res, { 'Preference-Applied': 'return=minimal' })
    else sendJson(this.res, body)
  }

  /** Answers that what was asked for is elsewhere: made there just now, or to be asked for there. */
  answerAt(location: string, body: unknown): void {
    const { status = 200 } = this.#route
    this.#end(status)
    sendJson(this.res, body, status, { Location: location })
  }

  answerText(
    type: string,
    text: string | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): void {
    this.#end(200)
    sendText(this.res, 200, type, text, headers)
  }

  /** Answers with lines that are made as they are sent: all of them at once might not fit into memory. */
  answerLines(type: string, lines: Iterable<string>): void {
    this.#end(200)
    sendLines(this.req, this.res, type, lines)
  }

  /** Answers with a stream that goes on until somebody ends it. */
  stream(open: (res: Response) => void): void {
    this.#end()
    sendStreamHead(this.res)
    if (this.req.method === 'HEAD') this.res.end()
    else open(this.res)
  }

  /** Answers with a problem of the core's, in the words of HTTP. */
  decline(problem: Problem): void {
    this.refuse(this.context.inHttp(problem))
  }

  refuse(problem: HttpProblem): void {
    this.#end(PROBLEMS[problem.code].status)
    this.context.metrics.problem(problem.code)
    sendProblem(this.res, problem, this.#route.effect === 'command')
  }

  /** A bad request is the client's; anything else that was thrown is a bug, and is reported as one. */
  fail(error: unknown): void {
    if (error instanceof BadRequest) {
      this.refuse(error.problem)
      return
    }
    this.context.reportBug(error)
    this.refuse(internalError())
  }

  giveUp(problem: HttpProblem): void {
    if (this.#ended) return
    this.#ticket?.abandon()
    this.refuse(problem)
  }

  #park(ticket: Waiting | undefined): void {
    this.#ticket ??= ticket
    if (this.#parked) return
    this.#parked = true
    this.context.waitingRoom.enter(this)
    this.res.once('close', () => this.#clientLeft())
  }

  #clientLeft(): void {
    if (this.#ended) return
    this.#ticket?.abandon()
    this.#end()
  }

  /** @param status what is answered; none where nobody hears it, or where the answer goes on */
  #end(status?: number): void {
    if (status !== undefined && !this.#ended) this.#measure(status)
    this.#ended = true
    if (this.#parked) this.context.waitingRoom.leave(this)
  }

  #measure(status: number): void {
    const seconds = (performance.now() - this.#beganMs) / 1_000
    this.context.metrics.answered(this.#route, status, seconds)
  }
}

function prefersMinimal(req: Request): boolean {
  const { prefer } = req.headers
  return (
    prefer !== undefined && /(^|[,;\s])return\s*=\s*"?minimal"?\s*($|[,;])/i.test(String(prefer))
  )
}

function writeAheadFailed(): HttpProblem {
  const detail =
    'The write is in the cluster, but could not be put into the write-ahead file: it may be gone ' +
    'after a restart. The log says why: see to the file and its disk, then restart the server.'
  return httpProblem('write-ahead-failed', detail)
}

export function internalError(): HttpProblem {
  const detail =
    'This is a bug in the server, not in the request. Its log says more: please report it.'
  return httpProblem('internal-error', detail)
}
