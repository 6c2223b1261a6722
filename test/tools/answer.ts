// An answer that may still be on its way: what a verb's completion callback was told, and when. Stories ask
// it for one word (`said`) or for the whole value.

import type { ErrorCode, Problem, Reply } from '../../src/core/errors.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import type { Ticket } from '../../src/core/verbs.ts'

export class Answer<T extends { readonly record: StoredRecord }> {
  #reply: Reply<T> | undefined
  ticket: Ticket | undefined
  replies = 0
  atUs: number | undefined

  take(reply: Reply<T>, atUs: number): void {
    this.#reply = reply
    this.replies++
    this.atUs = atUs
  }

  /** The value that was read or written, a problem's code, or `waiting`. */
  get said(): string {
    if (!this.#reply) return 'waiting'
    return this.#reply.ok ? this.#reply.value.record.value : this.#reply.problem.code
  }

  /** What came back. Fails where nothing did, or a problem. */
  get value(): T {
    if (this.#reply?.ok) return this.#reply.value
    throw new Error(`There is no value: ${this.#reply?.problem.detail ?? 'it is still waiting'}`)
  }

  /** What went wrong. Fails where nothing did. */
  get problem(): Problem {
    if (this.#reply && !this.#reply.ok) return this.#reply.problem
    throw new Error(`There is no problem: it is ${this.said}`)
  }
}

/** What a refused command said; undefined when it was done. */
export function codeOf(reply: Reply<unknown>): ErrorCode | undefined {
  return reply.ok ? undefined : reply.problem.code
}
