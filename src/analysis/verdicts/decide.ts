// Many keys in search at once, in turns with growing budgets, so that a hard key does not hide another's easy
// violation; and what is left of a violation when everything is taken away that it does not need.

import { type Move, Search } from './search.ts'

export interface Budget {
  /** Steps of all searches together; a step takes some microseconds. */
  readonly steps: number
  /** What all searches together may remember, in bytes. */
  readonly bytes: number
}

/** About ten seconds, and a gigabyte with what V8 adds to a string. */
export const DEFAULT_BUDGET: Budget = { steps: 6_000_000, bytes: 400_000_000 }

const FIRST_SLICE = 500
/** For making a witness smaller. */
const SHRINK_STEPS = 200_000
const SHRINK_MOVES_MAX = 3_000

export interface Job {
  readonly key: string
  readonly moves: readonly Move[]
}

export interface Decision {
  readonly violated: { readonly key: string; readonly ops: readonly number[] } | undefined
  /** Keys that the budget did not suffice for, or that were left alone once one was violated. */
  readonly undecided: readonly string[]
}

/** @param initial the state before the first move */
export function decide(jobs: readonly Job[], initial: string | null, budget: Budget): Decision {
  let pending = jobs.map((job) => ({ job, search: new Search(job.moves, initial) }))
  let steps = 0
  let bytes = 0
  for (let slice = FIRST_SLICE; pending.length > 0 && steps < budget.steps; slice *= 4) {
    const left: typeof pending = []
    for (const one of pending) {
      const { search, job } = one
      const before = search.steps
      const bytesBefore = search.bytes
      const sliceSteps = Math.min(slice, budget.steps - steps)
      const verdict = search.run(sliceSteps, bytesBefore + budget.bytes - bytes)
      steps += search.steps - before
      bytes += search.bytes - bytesBefore
      if (verdict === undefined) left.push(one)
      else bytes -= search.bytes
      if (verdict !== 'violated') continue
      const ops = shrink(job.moves, initial, search.stuckAt).map(({ op }) => op)
      const others = pending.filter((other) => other !== one).map((other) => other.job.key)
      return { violated: { key: job.key, ops }, undecided: others }
    }
    if (bytes >= budget.bytes) return { violated: undefined, undecided: keysOf(left) }
    pending = left
  }
  return { violated: undefined, undecided: keysOf(pending) }
}

function keysOf(pending: readonly { readonly job: Job }[]): string[] {
  return pending.map(({ job }) => job.key)
}

/** Fewer moves that cannot be put in order either. */
function shrink(moves: readonly Move[], initial: string | null, stuckAt: number): readonly Move[] {
  let kept: readonly Move[] = upTo(moves, stuckAt)
  let steps = SHRINK_STEPS
  const stillFails = (some: readonly Move[]) => {
    const search = new Search(some, initial)
    const verdict = search.run(steps, Number.POSITIVE_INFINITY)
    steps -= search.steps
    return verdict === 'violated'
  }
  if (kept.length > SHRINK_MOVES_MAX || !stillFails(kept)) return kept
  // Without reads first: once no fact about the state is left, whole values can go.
  for (const unitsOf of [readUnits, valueUnits, readUnits]) {
    kept = without(kept, unitsOf(kept), (some) => steps > 0 && stillFails(some))
  }
  return kept
}

/** What had been called by an instant; what had not returned may still happen, or never. */
function upTo(moves: readonly Move[], instant: number): Move[] {
  return moves.flatMap((move) => {
    if (move.start > instant) return []
    if (move.end <= instant) return [move]
    if (move.step === 'read' || move.step === 'not') return []
    return [{ ...move, end: Number.POSITIVE_INFINITY }]
  })
}

/** Takes away units, in halves, quarters and so on, as long as what is left fails. */
function without(
  moves: readonly Move[],
  units: readonly (readonly Move[])[],
  fails: (some: readonly Move[]) => boolean,
): readonly Move[] {
  let kept = moves
  let left = [...units]
  for (
    let size = Math.ceil(left.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let i = 0; i < left.length; ) {
      const gone = new Set(left.slice(i, i + size).flat())
      const rest = kept.filter((move) => !gone.has(move))
      if (!fails(rest)) i += size
      else {
        kept = rest
        left = [...left.slice(0, i), ...left.slice(i + size)]
      }
    }
  }
  return kept
}

/** Whoever only looks can be left out one by one. */
function readUnits(moves: readonly Move[]): Move[][] {
  return moves.filter(({ step }) => step === 'read' || step === 'not').map((move) => [move])
}

/** A value with everything that has to do with it; an order of the rest stays one without it. */
function valueUnits(moves: readonly Move[]): Move[][] {
  if (moves.some(({ step }) => step === 'append' || step === 'not')) return []
  const groupOf = new Map<string | null, Move[]>()
  for (const move of moves) {
    const group = groupOf.get(move.a) ?? []
    group.push(move)
    groupOf.set(move.a, group)
    if (move.step !== 'cas') continue
    const other = groupOf.get(move.b)
    if (other && other !== group) {
      group.push(...other)
      for (const one of other) {
        groupOf.set(one.a, group)
        if (one.step === 'cas') groupOf.set(one.b, group)
      }
    }
    groupOf.set(move.b, group)
  }
  return [...new Set(groupOf.values())]
}
