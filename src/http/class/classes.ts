// The classes of a server: at most one for each lab. Whoever has the link of one reads its lab below `/follow/TOKEN/`, and
// votes; a class goes on under its link when its presenter moves to another lab.

import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { escapeActing } from '../../core/text/say.ts'
import type { EventHub } from '../event-hub.ts'
import { type HttpProblem, httpProblem } from '../problems.ts'
import { Classroom } from './classroom.ts'

/** To be read off a wall and typed on a phone: no letter looks like another. Fifty bits. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const TOKEN_LENGTH = 10
/** Votes of a whole class come within a second or two. */
const TELL_EVERY_MS = 100

/** What this file must know of a lab. */
export interface Taught {
  readonly id: string
  /** What stands before its paths. */
  readonly base: string
  readonly events: Pick<EventHub, 'tell' | 'dismiss' | 'followers'>
}

export interface OpenClass<L extends Taught> {
  readonly token: string
  readonly digest: Buffer
  readonly room: Classroom
  readonly lab: L
}

export class Classes<L extends Taught> {
  /** By the id of their lab. */
  readonly #open = new Map<string, OpenClass<L>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()

  of({ id }: Taught): OpenClass<L> | undefined {
    return this.#open.get(id)
  }

  /**
   * Opens a class for a lab, or finds the one that is open.
   * @param token of a class that moves here, or begins again after a restart of the server
   */
  open(lab: L, token?: string): OpenClass<L> | HttpProblem {
    const here = this.of(lab)
    if (here && (token === undefined || token === here.token)) return here
    if (here) {
      const path = `${lab.base}/class`
      const detail = `This lab has a class of another link. End it with DELETE ${path}.`
      return httpProblem('wrong-state', detail, { remedies: [{ method: 'DELETE', path }] })
    }
    const before = token === undefined ? undefined : this.find(token)
    if (before) this.close(before.lab)
    const chosen = token ?? newToken()
    const room = before?.room ?? new Classroom()
    const opened = { token: chosen, digest: digestOf(chosen), room, lab }
    this.#open.set(lab.id, opened)
    this.tell(lab)
    return opened
  }

  /** The class of this link. Every one is compared with it, in the same time whatever is wrong. */
  find(token: string): OpenClass<L> | undefined {
    const digest = digestOf(token.toLowerCase())
    let found: OpenClass<L> | undefined
    for (const one of this.#open.values()) if (timingSafeEqual(digest, one.digest)) found = one
    return found
  }

  /** Its followers' streams end. */
  close(lab: Taught): void {
    clearTimeout(this.#timers.get(lab.id))
    this.#timers.delete(lab.id)
    if (!this.#open.delete(lab.id)) return
    lab.events.tell('class', 'null')
    lab.events.dismiss()
  }

  /** What all see of it; null where none is open. */
  view(lab: Taught) {
    const open = this.of(lab)
    return open ? { ...open.room.view(), followers: lab.events.followers } : null
  }

  /** The same, as the stream has it; undefined where there is nothing to tell. */
  message(lab: Taught): string | undefined {
    const view = this.view(lab)
    return view ? escapeActing(JSON.stringify(view)) : undefined
  }

  /** Tells all who read the lab's stream, at once. */
  tell(lab: Taught): void {
    clearTimeout(this.#timers.get(lab.id))
    this.#timers.delete(lab.id)
    const message = this.message(lab)
    if (message !== undefined) lab.events.tell('class', message)
  }

  /** Tells them soon, with what else comes meanwhile. */
  tellSoon(lab: Taught): void {
    if (!this.of(lab) || this.#timers.has(lab.id)) return
    this.#timers.set(lab.id, setTimeout(() => this.tell(lab), TELL_EVERY_MS).unref())
  }
}

function newToken(): string {
  return Array.from({ length: TOKEN_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export function noClass({ base }: Taught): HttpProblem {
  const path = `${base}/class`
  const detail = `No class is open for this lab. POST ${path} opens one.`
  return httpProblem('class-not-found', detail, { remedies: [{ method: 'POST', path }] })
}

export function classNotFound(): HttpProblem {
  const detail = 'There is no class by this link: it has ended, or the link has a slip in it.'
  return httpProblem('class-not-found', `${detail} Ask whoever gave it to you.`)
}
