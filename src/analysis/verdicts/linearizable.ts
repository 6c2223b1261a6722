// Linearizable, key by key: zones where each read is known to belong to one write, the search for the rest; and
// with versions whether the order that the system claims is such an order. What is stale is measured on
// the way, since the same clusters tell.

import { sayText } from '../../core/text/say.ts'
import { type Clustered, clusterKey } from './clusters.ts'
import { type Budget, decide, type Job } from './decide.ts'
import { conflictInOrder, inVersionOrder, leastK, type StaleRead, staleReads } from './in-order.ts'
import { sayConflict } from './say.ts'
import { movesOf } from './search.ts'
import { type Case, CONSISTENT, undecided, type Verdict, witnessOf } from './verdict.ts'
import { type Conflict, leastDelta, smallestConflict, zonesOf } from './zones.ts'

const NEVER = Number.POSITIVE_INFINITY

export interface Linearity {
  readonly linearizable: Verdict
  readonly inOrder: Verdict
  /** The least Δ in ms; infinite where none helps, null where it is not known. */
  readonly deltaMs: number | null
  /** The least k; infinite where none helps, null without versions. */
  readonly k: number | null
  readonly stale: readonly StaleRead[]
  /** Whether every key's reads could be told fresh from stale. */
  readonly isStalenessWhole: boolean
}

/** @param inMs the same case with milliseconds for instants, in which Δ is measured */
export function linearity(one: Case, inMs: Case, budget: Budget): Linearity {
  const pass = new Pass(one, inMs)
  for (const [key, indices] of one.byKey) pass.key(key, indices)
  return pass.finish(budget)
}

class Pass {
  readonly #one: Case
  readonly #inMs: Case
  readonly #jobs: Job[] = []
  readonly #stale: StaleRead[] = []
  #best: Conflict | undefined
  #bestInOrder: Conflict | undefined
  #whyNotInOrder: string | undefined
  #deltaMs = 0
  #k: number | null = 1
  #isWhole = true

  constructor(one: Case, inMs: Case) {
    this.#one = one
    this.#inMs = inMs
  }

  key(key: string, indices: readonly number[]): void {
    const found = clusterKey(this.#one, indices)
    if (found.kind === 'repeats') {
      this.#isWhole = false
      this.#notInOrder(`${on(key)} has operations without a version of their own`)
      this.#jobs.push({ key, moves: movesOf(this.#one, indices) })
      return
    }
    if (found.kind === 'impossible') {
      const ops = found.ops.filter((op) => op >= 0)
      this.#conflict({ ops, pairs: [], need: NEVER })
      this.#inOrderConflict({ ops, pairs: [], need: NEVER })
      this.#isWhole = false
      return
    }
    this.#zones(found, indices)
    this.#order(found, key)
    for (const read of staleReads(this.#one, found)) this.#stale.push(read)
  }

  #zones(found: Clustered, indices: readonly number[]): void {
    const zones = zonesOf(found, this.#one.isPartial)
    if (!('sorted' in zones)) return this.#conflict(zones)
    const conflict = smallestConflict(zones)
    if (!conflict) return
    this.#conflict(conflict)
    const measured = clusterKey(this.#inMs, indices)
    const inMs = measured.kind === 'clusters' && zonesOf(measured, this.#one.isPartial)
    const delta = inMs && 'sorted' in inMs ? leastDelta(inMs) : NEVER
    this.#deltaMs = Math.max(this.#deltaMs, delta)
  }

  #order(found: Clustered, key: string): void {
    if (found.by !== 'version')
      return this.#notInOrder(`${on(key)} has operations without a version`)
    const sorted = inVersionOrder(found)
    const conflict = conflictInOrder(found.table, sorted)
    if (conflict) this.#inOrderConflict(conflict)
    if (this.#k !== null) {
      this.#k = Math.max(this.#k, leastK(this.#one, found, sorted))
    }
  }

  #conflict(conflict: Conflict): void {
    if (conflict.need === NEVER) this.#deltaMs = NEVER
    this.#best = smaller(this.#best, conflict)
  }

  #inOrderConflict(conflict: Conflict): void {
    this.#k = conflict.pairs.length === 0 ? NEVER : this.#k
    this.#bestInOrder = smaller(this.#bestInOrder, conflict)
  }

  #notInOrder(why: string): void {
    this.#whyNotInOrder ??= why
    this.#k = null
  }

  finish(budget: Budget): Linearity {
    const one = this.#one
    const searched = this.#search(budget)
    const linearizable = this.#best ? this.#violated(this.#best) : searched
    const inOrder = this.#bestInOrder
      ? this.#violated(this.#bestInOrder)
      : this.#whyNotInOrder !== undefined && one.operations.length > 0
        ? undecided(this.#whyNotInOrder)
        : CONSISTENT
    const isMeasured = searched.verdict === 'consistent'
    return {
      linearizable,
      inOrder,
      deltaMs: isMeasured || this.#deltaMs === NEVER ? this.#deltaMs : null,
      k: this.#k,
      stale: this.#stale,
      isStalenessWhole: this.#isWhole,
    }
  }

  /** What zones could not decide; all the rest is known by then. */
  #search(budget: Budget): Verdict {
    if (this.#jobs.length === 0) return CONSISTENT
    const [{ key }] = this.#jobs as [Job]
    if (this.#one.isPartial) {
      return undecided(`values repeat on ${on(key)}, and what was written before is not known`)
    }
    const { violated, undecided: left } = decide(
      this.#jobs,
      this.#one.model === 'append' ? '' : null,
      budget,
    )
    if (violated) return this.#violated({ ops: violated.ops, pairs: [], need: NEVER })
    if (left.length === 0) return CONSISTENT
    const count = `${left.length} of ${this.#one.byKey.size}`
    return undecided(
      `the budget was spent on ${count} keys whose values repeat, ${on(left[0] ?? '')} among them`,
    )
  }

  #violated(conflict: Conflict): Verdict {
    const witness = witnessOf(this.#one, conflict.ops)
    return { verdict: 'violated', why: sayConflict(this.#one, conflict), witness }
  }
}

function smaller(a: Conflict | undefined, b: Conflict): Conflict {
  return a && new Set(a.ops).size <= new Set(b.ops).size ? a : b
}

function on(key: string): string {
  return key === '' ? 'the key' : `key ${sayText(key)}`
}
