// How many versions behind a read is, in the leader's topology: one look at the log at a moment that no write has chosen.
// Each follower has a prefix of the log; so has the set of writes that W replicas have acknowledged. What
// lies between the two, of the key that is read, is what the read misses.

import type { FarCopies } from './backlog.ts'
import type { Stream } from './draw.ts'
import { type SampledRow, sampledRows } from './exact.ts'
import type { LeaderDraws } from './log-order.ts'
import { type ForecastSettings, VERSIONS_BEHIND } from './settings.ts'
import type { Tally } from './tally.ts'

/** Nobody asks for more. */
const COUNT_MAX = Math.max(...VERSIONS_BEHIND)

export class BehindSampler {
  readonly #draws: LeaderDraws
  readonly #tally: Tally
  readonly #rows: readonly SampledRow[]
  readonly #keys: number
  /** Of the writes before the read, newest first, as far as they are drawn one by one. */
  readonly #ages: number[] = []
  /** By place among them: how many newer ones are of the key. */
  readonly #newer: number[] = []
  readonly #lands: number[] = []
  /** Per replica the versions of the key that it lacks, and per follower those it has not acknowledged. */
  readonly #lacks: Float64Array
  readonly #unacknowledged: Float64Array
  readonly #needsCommits: boolean

  constructor(settings: ForecastSettings, draws: LeaderDraws, tally: Tally) {
    this.#draws = draws
    this.#tally = tally
    this.#rows = sampledRows(settings).behind
    this.#keys = settings.keys
    this.#lacks = new Float64Array(draws.followers + 1)
    this.#unacknowledged = new Float64Array(draws.followers)
    this.#needsCommits = draws.w.some((w) => w > 1)
  }

  look(): void {
    const draws = this.#draws
    this.#drawWrites()
    draws.drawRead()
    for (let i = 0; i < draws.followers; i++) this.#drawFollower(i)
    this.#unacknowledged.sort()
    const { behind } = this.#tally
    const ks = VERSIONS_BEHIND.length
    for (const row of this.#rows) {
      const unacknowledged = row.w === 1 ? 0 : (this.#unacknowledged[row.w - 2] as number)
      const missed = draws.along(row, this.#lacks) - unacknowledged
      for (let i = 0; i < ks && missed >= (VERSIONS_BEHIND[i] as number); i++) {
        const at = row.index * ks + i
        behind[at] = (behind[at] as number) + 1
      }
    }
  }

  #drawWrites(): void {
    const draws = this.#draws
    const { writes, gapUs } = draws.arrivals
    this.#ages.length = 0
    this.#newer.length = 0
    let ageUs = writes === 'even' ? draws.bits.unit() * gapUs : draws.gap()
    // Even writes reach one phase further, so that the far part begins at its own whole gaps.
    const endUs = writes === 'even' ? ageUs + draws.nearUs : draws.nearUs
    let newer = 0
    for (; ageUs <= endUs; ageUs += draws.gap()) {
      this.#ages.push(ageUs)
      this.#newer.push(newer)
      if (this.#keys === 1 || draws.bits.unit() * this.#keys < 1) newer++
    }
    this.#newer.push(newer)
  }

  #drawFollower(i: number): void {
    const ages = this.#ages
    const lands = this.#lands
    const copies = this.#draws.copies[i] as Stream
    const servedUs = this.#draws.requests[i + 1] as number
    let blocker = -1
    for (let j = 0; j < ages.length; j++) {
      lands[j] = copies.next() - (ages[j] as number)
      if ((lands[j] as number) > servedUs) blocker = j
    }
    const { far, exponential } = this.#draws
    const phase = this.#draws.arrivals.writes === 'even' ? (ages[0] ?? 0) : 0
    const farLands = (far[i] as FarCopies).landing(exponential.next(), phase) - phase
    const near = this.#newer[ages.length] as number
    const isFar = farLands > servedUs
    const beyondNear = farLands > 0 ? near + this.#further(i, (isFar ? servedUs : 0) + phase) : near
    this.#lacks[i + 1] = isFar ? beyondNear : (this.#newer[blocker + 1] as number)
    if (!this.#needsCommits) return
    this.#unacknowledged[i] = farLands > 0 ? beyondNear : this.#unacknowledgedNear()
  }

  /** Of the key, from the near part to the oldest copy that holds a follower up, that copy included. */
  #further(i: number, us: number): number {
    const { far, bits, exponential, arrivals } = this.#draws
    const gaps = (far[i] as FarCopies).oldestLate(bits.unit(), us) / arrivals.gapUs
    let count = this.#keys === 1 || bits.unit() * this.#keys < 1 ? 1 : 0
    if (arrivals.writes === 'even' && this.#keys === 1) return count + Math.round(gaps)
    for (let sum = exponential.next(); sum < gaps / this.#keys; sum += exponential.next()) {
      count++
      if (count >= COUNT_MAX) break
    }
    return count
  }

  /** Of the key: newer than the last write that this follower's acknowledgements, those that came in, cover. */
  #unacknowledgedNear(): number {
    const lands = this.#lands
    const newer = this.#newer
    let latest = Number.NEGATIVE_INFINITY
    let covered = newer[this.#ages.length] as number
    let arrived = false
    for (let j = this.#ages.length - 1; j >= 0; j--) {
      if ((lands[j] as number) >= latest) {
        latest = lands[j] as number
        arrived = latest + this.#draws.acknowledgements.next() <= 0
      }
      if (arrived) covered = newer[j] as number
    }
    return covered
  }
}
