// A class: what its presenter shows beside the lab, and how those who follow him vote. Counting is all it does; whom a
// link lets in, and who is told, is classes.ts's affair.

import { BOUNDS } from '../../core/bounds.ts'
import { type HttpProblem, httpProblem, invalidRequest } from '../problems.ts'

export interface AskedQuestion {
  readonly text: string
  readonly choices: readonly string[]
  /** Votes are taken. */
  readonly open: boolean
  /** The right choice, once it may be known. */
  readonly right: number | null
}

/** Where the presenter stands. */
export interface Shown {
  readonly lesson: string | null
  readonly step: number
  readonly steps: number
  readonly caption: string
  readonly question: AskedQuestion | null
}

export interface Vote {
  /** A random id, which whoever follows keeps for the length of the class. */
  readonly voter: string
  /** The number of the question that is meant. */
  readonly question: number
  readonly choice: number
}

const NOTHING_YET: Shown = { lesson: null, step: 0, steps: 0, caption: '', question: null }

export class Classroom {
  #shown = NOTHING_YET
  /** Of the question that was asked last, from 1. */
  #number = 0
  readonly #votes = new Map<string, number>()

  /** Votes stay with the question for which they were cast; another one begins without. */
  show(shown: Shown): void {
    if (sameness(shown) !== sameness(this.#shown)) {
      this.#votes.clear()
      if (shown.question) this.#number++
    }
    this.#shown = shown
  }

  /**
   * Counts a vote, in place of an earlier one by the same voter.
   * @param base what stands before the paths of whoever votes
   * @returns why it does not count
   */
  vote({ voter, question, choice }: Vote, base: string): HttpProblem | undefined {
    const asked = this.#shown.question
    if (!asked?.open || question !== this.#number) {
      const path = `${base}/class`
      const detail = `Question ${question} takes no votes. GET ${path} says what is asked now.`
      return httpProblem('wrong-state', detail, { remedies: [{ method: 'GET', path }] })
    }
    if (choice >= asked.choices.length) {
      const detail = `There is no choice ${choice}: they are 0 to ${asked.choices.length - 1}.`
      return invalidRequest([{ in: 'body', field: 'choice', message: detail }])
    }
    if (!this.#votes.has(voter) && this.#votes.size >= BOUNDS.classFollowersMax) return classFull()
    this.#votes.set(voter, choice)
    return undefined
  }

  view() {
    const { question, ...where } = this.#shown
    if (!question) return { ...where, question }
    const votes = question.choices.map(() => 0)
    for (const choice of this.#votes.values()) votes[choice] = (votes[choice] ?? 0) + 1
    return { ...where, question: { number: this.#number, ...question, votes } }
  }
}

/** What tells one question from another; whether it is open, and what is right, does not. */
function sameness({ lesson, step, question }: Shown): string {
  return JSON.stringify([lesson, step, question && [question.text, question.choices]])
}

export function classFull(): HttpProblem {
  const detail = `The class is full: ${BOUNDS.classFollowersMax} follow it already.`
  return httpProblem('class-full', `${detail} Look on with a neighbour.`)
}
