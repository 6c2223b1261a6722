// Linearizable, key by key: zones where each read is known to belong to one write, the search for the rest; and
// with versions whether the order that the system claims is such an order. What is stale is measured on
// the way, since the same clusters tell.

import { sayText } from '../../core/text/say.ts'
import { type Case, witnessOf } from './case.ts'
import { type Clustered, Clusters, clusterKey } from './clusters.ts'
import { type Budget, decide, type Job } from './decide.ts'
import {
  conflictInOrder,
  isAgainstTime,
  leastK,
  Orders,
  type StaleRead,
  staleReads,
} from './in-order.ts'

import { sayConflict } from './say.ts'
import { movesOf } from './search.ts'
import { CONSISTENT, undecided, type Verdict } from './verdict.ts'
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

export function linearity(one: Case, budget: Budget): Linearity {
  const pass = new Pass(one)
  for (let key = 0; key < one.keys.size; key++) pass.key(key)
  return pass.finish(budget)
}

class Pass {
  readonly #one: Case
  readonly #table: Clusters
  readonly #orders: Orders
  /** With milliseconds for instants. */
  #tableInMs: Clusters | undefined
  readonly #jobs: Job[] = []
  #best: Conflict | undefined
  #bestInOrder: Conflict | undefined
  #whyNotInOrder: string | undefined
  #deltaMs = 0
  #k: number | null = 1
  #isWhole = true

  constructor(one: Case) {
    this.#one = one
    this.#table = new Clusters(one)
    this.#orders = new Orders(one, this.#table)
  }

  key(key: number): void {
    const found = clusterKey(this.#one, this.#table, key)
    const name = this.#one.keys.names[key] as string
    if (found.kind === 'repeats') {
      this.#isWhole = false
      this.#notInOrder(`${on(name)} has operations without a version of their own`)
      this.#jobs.push({ key: name, moves: movesOf(this.#one, this.#one.keys.members(key)) })
      return
    }
    if (found.kind === 'impossible') {
      const ops = found.ops.filter((op) => op >= 0)
      this.#conflict({ ops, pairs: [], need: NEVER })
      this.#inOrderConflict({ ops, pairs: [], need: NEVER })
      this.#isWhole = false
      return
    }
    this.#zones(found)
    this.#order(found, this.#orders.add(found), name)
  }

  #zones(found: Clustered): void {
    const { isPartial, inMs } = this.#one
    const zones = zonesOf(found, isPartial)
    if (!('sorted' in zones)) return this.#conflict(zones)
    const conflict = smallestConflict(zones)
    if (!conflict) return
    this.#conflict(conflict)
    this.#tableInMs ??= new Clusters(this.#one, inMs)
    const measured = clusterKey(this.#one, this.#tableInMs, found.key)
    const measuredZones = measured.kind === 'clusters' && zonesOf(measured, isPartial)
    const isKnown = measuredZones && 'sorted' in measuredZones
    this.#deltaMs = Math.max(this.#deltaMs, isKnown ? leastDelta(measuredZones) : NEVER)
  }

  #order(found: Clustered, sorted: Int32Array, name: string): void {
    if (this.#one.records.byVersion[found.key] !== 1)
      return this.#notInOrder(`${on(name)} has operations without a version`)
    const conflict = conflictInOrder(found.table, sorted)
    if (conflict) this.#inOrderConflict(conflict)
    if (this.#k !== null && isAgainstTime(found.table, sorted)) this.#k = NEVER
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
      k: this.#k === 1 ? leastK(one, this.#orders) : this.#k,
      stale: staleReads(one, this.#orders),
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
    const count = `${left.length} of ${this.#one.keys.size}`
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
