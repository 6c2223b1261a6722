// Linearizable or not where values repeat: a search over the orders in which operations may have taken effect, with
// a memory of what has been tried (J. Wing and C. Gong, 1993; G. Lowe's memo, 2017). It runs in slices, so
// that many keys can take turns. What reads the present state is put in order at once: that is never wrong.

import type { Operation } from '../history/operation.ts'
import type { Case } from './case.ts'

export type Step = 'read' | 'write' | 'append' | 'cas' | 'not'

/** An operation as the search sees it. */
export interface Move {
  readonly op: number
  /** `not`: the state is anything but `a`. */
  readonly step: Step
  readonly start: number
  /** Infinite: it may never have happened. */
  readonly end: number
  /** What it reads, expects, writes or appends. */
  readonly a: string | null
  /** What a cas sets. */
  readonly b: string | null
}

/** One key's operations in the order of their calls, without those that say nothing. */
export function movesOf(one: Case, indices: Int32Array): Move[] {
  const moves: Move[] = []
  for (const op of indices) {
    const operation = one.operations[op] as Operation
    const [start, end] = [one.start[op] as number, one.end[op] as number]
    const move = moveOf(one, operation)
    if (move) moves.push({ op, start, end, ...move })
  }
  return moves.sort((x, y) => x.start - y.start || x.op - y.op)
}

function moveOf(one: Case, operation: Operation): Pick<Move, 'step' | 'a' | 'b'> | undefined {
  const { kind, outcome, value, from = null, seen } = operation
  // Of an append model the beginning is the empty text.
  const text = one.model === 'append' ? (value ?? '') : value
  if (kind === 'read') return outcome === 'ok' ? { step: 'read', a: text, b: null } : undefined
  if (kind === 'cas' && outcome === 'failed') {
    if (one.failedCas === 'never') return undefined
    return seen === undefined
      ? { step: 'not', a: from, b: null }
      : { step: 'read', a: seen, b: null }
  }
  if (outcome === 'failed') return undefined
  if (kind === 'cas') return { step: 'cas', a: from, b: value }
  if (kind === 'append') return { step: 'append', a: value ?? '', b: null }
  return { step: 'write', a: kind === 'delete' ? null : text, b: null }
}

interface Frame {
  readonly state: number
  /** Moves made so far, before this frame's choice. */
  readonly trail: number
  /** The last place of all that have been made, plus one. */
  readonly frontier: number
  readonly choices: readonly number[]
  next: number
}

/** What one remembered state takes, besides its text. */
const MEMO_BYTES = 60

export class Search {
  readonly #moves: readonly Move[]
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #texts: (string | null)[] = []
  readonly #ids = new Map<string | null, number>()
  readonly #memo = new Set<string>()
  readonly #frames: Frame[] = []
  readonly #trail: number[] = []
  #definite: number
  #verdict: 'consistent' | 'violated' | undefined
  bytes = 0
  steps = 0
  /** The end that no order gets beyond: by then it has gone wrong. */
  stuckAt = Number.NEGATIVE_INFINITY

  constructor(moves: readonly Move[], initial: string | null) {
    this.#moves = moves
    const n = moves.length
    // A ring of places: n is its head.
    this.#next = Int32Array.from({ length: n + 1 }, (_, i) => (i === n ? 0 : i + 1))
    this.#previous = Int32Array.from({ length: n + 1 }, (_, i) => (i === 0 ? n : i - 1))
    if (n === 0) this.#next[0] = this.#previous[0] = 0
    this.#definite = moves.filter((move) => move.end < Number.POSITIVE_INFINITY).length
    this.#enter(this.#idOf(initial), 0)
  }

  /** @returns undefined when so many steps, or bytes in all, were not enough */
  run(steps: number, bytesMax: number): 'consistent' | 'violated' | undefined {
    const until = this.steps + steps
    while (this.#verdict === undefined && this.steps < until && this.bytes <= bytesMax) this.#step()
    return this.#verdict
  }

  #step(): void {
    this.steps++
    const frame = this.#frames.at(-1)
    if (!frame) {
      this.#verdict = 'violated'
      return
    }
    this.#undoTo(frame.trail)
    const choice = frame.choices[frame.next++]
    if (choice === undefined) {
      this.#frames.pop()
      return
    }
    const state = this.#after(frame.state, this.#moves[choice] as Move)
    this.#take(choice)
    const mayBeMissing = (this.#moves[choice] as Move).end === Number.POSITIVE_INFINITY
    this.#enter(state, Math.max(frame.frontier, choice + 1), mayBeMissing)
  }

  /**
   * Puts in order what can be at once, and begins to choose among the rest.
   * @param needsUse the move before may be missing: it is of use only if what comes next sees what it did
   */
  #enter(state: number, frontier: number, needsUse = false): void {
    let last = frontier
    const before = this.#trail.length
    for (let taken = this.#takeReads(state); taken > 0; taken = this.#takeReads(state)) {
      last = Math.max(last, taken)
    }
    if (this.#definite === 0) {
      this.#verdict = 'consistent'
      return
    }
    const mustUse = needsUse && this.#trail.length === before
    const [choices, deadline] = this.#choices(state, mustUse)
    const memo = `${mustUse ? '!' : ''}${this.#memoOf(state, last)}`
    if (this.#memo.has(memo)) return
    this.#memo.add(memo)
    this.bytes += MEMO_BYTES + memo.length
    if (deadline > this.stuckAt) this.stuckAt = deadline
    this.#frames.push({ state, trail: this.#trail.length, frontier: last, choices, next: 0 })
  }

  /** @returns one more than the last place it took; 0 for none */
  #takeReads(state: number): number {
    const text = this.#texts[state]
    let taken = 0
    let deadline = Number.POSITIVE_INFINITY
    for (let i = this.#first; i < this.#moves.length; i = this.#next[i] as number) {
      const { step, start, end, a } = this.#moves[i] as Move
      if (start > deadline) break
      if ((step === 'read' && a === text) || (step === 'not' && a !== text)) {
        this.#take(i)
        taken = i + 1
      } else if (end < deadline) deadline = end
    }
    return taken
  }

  /** What may come next, by the urgency of its end; and the first end that must not pass without it. */
  #choices(state: number, mustUse: boolean): [choices: number[], deadline: number] {
    const choices: number[] = []
    let deadline = Number.POSITIVE_INFINITY
    for (let i = this.#first; i < this.#moves.length; i = this.#next[i] as number) {
      const { step, start, end, a } = this.#moves[i] as Move
      if (start > deadline) break
      if (end < deadline) deadline = end
      if (step === 'append' || (step === 'write' && !mustUse)) choices.push(i)
      else if (step === 'cas' && this.#texts[state] === a) choices.push(i)
    }
    return [this.#distinct(choices), deadline]
  }

  /** The most urgent first; of several that do the same only the most urgent, for any order does with that. */
  #distinct(choices: number[]): number[] {
    const move = (i: number) => this.#moves[i] as Move
    choices.sort((x, y) => (move(x).end < move(y).end ? -1 : move(x).end > move(y).end ? 1 : x - y))
    const done = new Set<string>()
    return choices.filter((i) => {
      const { step, a, b } = move(i)
      const does = `${step} ${a?.length} ${a} ${b}`
      if (done.has(does)) return false
      done.add(does)
      return true
    })
  }

  get #first(): number {
    return this.#moves.length === 0 ? 0 : (this.#next[this.#moves.length] as number)
  }

  #take(i: number): void {
    const [before, after] = [this.#previous[i] as number, this.#next[i] as number]
    this.#next[before] = after
    this.#previous[after] = before
    this.#trail.push(i)
    if ((this.#moves[i] as Move).end < Number.POSITIVE_INFINITY) this.#definite--
  }

  /** In reverse, so that each finds its neighbours as it left them. */
  #undoTo(length: number): void {
    while (this.#trail.length > length) {
      const i = this.#trail.pop() as number
      this.#next[this.#previous[i] as number] = i
      this.#previous[this.#next[i] as number] = i
      if ((this.#moves[i] as Move).end < Number.POSITIVE_INFINITY) this.#definite++
    }
  }

  /** The state, and which moves below the frontier are still to be made. */
  #memoOf(state: number, frontier: number): string {
    let memo = `${state};${frontier}`
    for (let i = this.#first; i < frontier; i = this.#next[i] as number) memo += `,${i}`
    return memo
  }

  #after(state: number, { step, a, b }: Move): number {
    if (step === 'append') return this.#idOf(`${this.#texts[state] ?? ''}${a}`)
    return this.#idOf(step === 'cas' ? b : a)
  }

  #idOf(text: string | null): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#texts.push(text) - 1
    this.#ids.set(text, id)
    this.bytes += MEMO_BYTES + (text?.length ?? 0)
    return id
  }
}
