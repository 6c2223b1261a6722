// The lab's own kind of replication: a leader that applies at once and counts as the first acknowledgement, followers
// that apply in log order and then acknowledge. The core does the same one event at a time; here one trial is
// a write, the writes before it that may hold it up, and the later ones whose acknowledgements cover it.

import type { Random } from '../../core/random.ts'
import { FarCopies, nearUs, type WriteProcess } from './backlog.ts'
import { type Delay, NO_DELAY } from './delay.ts'
import { Bits, Stream, unitExponential } from './draw.ts'
import { type SampledRow, sampledRows } from './exact.ts'
import { type ForecastSettings, type Row, writeGapUs } from './settings.ts'
import type { Tally } from './tally.ts'

/** All that a trial or a look draws from, and the read that both of them end in. */
export class LeaderDraws {
  readonly w: readonly number[]
  readonly r: readonly number[]
  readonly followers: number
  readonly arrivals: WriteProcess
  /** Writes up to this age are drawn one by one. */
  readonly nearUs: number
  readonly copies: readonly Stream[]
  readonly acknowledgements: Stream
  /** Acknowledgements take no chance: then none of a later copy can overtake one's own. */
  readonly acknowledgesInOrder: boolean
  readonly far: readonly FarCopies[]
  readonly exponential: Stream
  readonly bits: Bits
  /** Per replica, leader first. */
  readonly requests: Float64Array
  readonly answers: Float64Array
  /** Replicas in the order in which they answer; of equals the lower number first, as in the core. */
  readonly order: Int32Array
  /** Per row that a follower is drawn for. */
  anyFollower = 1
  readonly #request: Stream
  readonly #respond: Stream

  constructor(settings: ForecastSettings, random: Random) {
    const { legs, replicas } = settings
    this.w = settings.w
    this.r = settings.r
    this.followers = replicas - 1
    this.arrivals = { writes: settings.writes, gapUs: writeGapUs(settings) }
    const { gapUs, writes } = this.arrivals
    const near = nearUs(legs.replicate, this.arrivals)
    // Of even writes, whole gaps are near.
    this.nearUs = writes === 'even' ? Math.ceil(near / gapUs) * gapUs : near
    const farUs = writes === 'even' ? this.nearUs + gapUs : this.nearUs
    const stream = (name: string, delay: Delay) => new Stream(delay, random.fork(name))
    this.copies = legs.replicate.map((delay, i) => stream(`replicate ${i + 1}`, delay))
    this.far = legs.replicate.map((delay) => new FarCopies(delay, this.arrivals, farUs))
    this.acknowledgements = stream('acknowledge', legs.acknowledge)
    this.acknowledgesInOrder = legs.acknowledge.kind === 'constant'
    this.exponential = unitExponential(random.fork('gaps'))
    this.bits = new Bits(random.fork('choices'))
    this.requests = new Float64Array(replicas)
    this.answers = new Float64Array(replicas)
    this.order = new Int32Array(replicas)
    this.#request = stream('request', legs.request ?? NO_DELAY)
    this.#respond = stream('respond', legs.respond ?? NO_DELAY)
  }

  gap(): number {
    const { writes, gapUs } = this.arrivals
    return writes === 'even' ? gapUs : this.exponential.next() * gapUs
  }

  drawRead(): void {
    const { requests, answers, order } = this
    for (let i = 0; i < requests.length; i++) {
      const request = this.#request.next()
      const answer = request + this.#respond.next()
      requests[i] = request
      answers[i] = answer
      let at = i
      while (at > 0 && (answers[order[at - 1] as number] as number) > answer) {
        order[at] = order[at - 1] as number
        at--
      }
      order[at] = i
    }
    this.anyFollower = 1 + Math.floor(this.bits.unit() * this.followers)
  }

  /** Of a figure per replica that is the less the better: what a read along this row gets. */
  along({ route }: Row, figures: Float64Array): number {
    switch (route.kind) {
      case 'leader':
        return figures[0] as number
      case 'follower':
        return figures[route.replica] as number
      case 'any-follower':
        return figures[this.anyFollower] as number
      case 'every-follower': {
        let worst = figures[1] as number
        for (let i = 2; i < figures.length; i++) worst = Math.max(worst, figures[i] as number)
        return worst
      }
      case 'quorum': {
        let best = Number.POSITIVE_INFINITY
        for (let i = 0; i < route.r; i++) {
          best = Math.min(best, figures[this.order[i] as number] as number)
        }
        return best
      }
    }
  }
}

export class LogOrderSampler {
  readonly #draws: LeaderDraws
  readonly #tally: Tally
  readonly #rows: readonly SampledRow[]
  /** Since the write, per replica: from when on it can be read there; from when on a request sees it. */
  readonly #visible: Float64Array
  readonly #seen: Float64Array
  /** Per follower. */
  readonly #acknowledged: Float64Array
  /** By W − 1. */
  readonly #commits: Float64Array
  readonly #needsCommits: boolean

  constructor(settings: ForecastSettings, draws: LeaderDraws, tally: Tally) {
    this.#rows = sampledRows(settings).fresh
    this.#draws = draws
    this.#tally = tally
    this.#visible = new Float64Array(draws.followers + 1)
    this.#seen = new Float64Array(draws.followers + 1)
    this.#acknowledged = new Float64Array(draws.followers)
    this.#commits = new Float64Array(draws.followers + 1)
    this.#needsCommits = draws.w.some((w) => w > 1)
  }

  trial(): void {
    const draws = this.#draws
    const tally = this.#tally
    this.#drawVisible()
    if (this.#needsCommits) this.#drawCommits()
    draws.drawRead()
    const visible = this.#visible
    const seen = this.#seen
    for (let i = 0; i < seen.length; i++) {
      seen[i] = (visible[i] as number) - (draws.requests[i] as number)
    }
    for (const row of this.#rows) {
      const from = draws.along(row, seen)
      const commit = this.#commits[row.w - 1] as number
      // What is never visible is never fresh, even of a write that is never acknowledged.
      tally.addFresh(row.index, from === Number.POSITIVE_INFINITY ? from : from - commit)
    }
    this.#tallyLatencies()
  }

  #tallyLatencies(): void {
    const { w, r, answers, order, anyFollower } = this.#draws
    const { writes, reads } = this.#tally
    for (let i = 0; i < w.length; i++) writes[i]?.add(this.#commits[(w[i] as number) - 1] as number)
    for (let i = 0; i < r.length; i++) {
      reads[i]?.add(answers[order[(r[i] as number) - 1] as number] as number)
    }
    let last = 0
    for (let i = 1; i < answers.length; i++) last = Math.max(last, answers[i] as number)
    reads[r.length]?.add(answers[anyFollower] as number)
    reads[r.length + 1]?.add(last)
  }

  /** Log order: the latest landing among a follower's copy of the write and all its earlier copies. */
  #drawVisible(): void {
    const { copies, far, exponential, nearUs: endUs } = this.#draws
    const visible = this.#visible
    for (let i = 0; i < copies.length; i++) visible[i + 1] = (copies[i] as Stream).next()
    for (let ageUs = this.#draws.gap(); ageUs <= endUs; ageUs += this.#draws.gap()) {
      for (let i = 0; i < copies.length; i++) {
        const lands = (copies[i] as Stream).next() - ageUs
        if (lands > (visible[i + 1] as number)) visible[i + 1] = lands
      }
    }
    for (let i = 0; i < far.length; i++) {
      const landing = (far[i] as FarCopies).landing(exponential.next(), visible[i + 1] as number)
      visible[i + 1] = landing
    }
  }

  /** Ascending: the leader at once, then the followers as their acknowledgements come in. */
  #drawCommits(): void {
    const commits = this.#commits
    const acknowledged = this.#acknowledged
    this.#drawAcknowledgements()
    for (let i = 0; i < acknowledged.length; i++) {
      const us = acknowledged[i] as number
      let at = i + 1
      while (at > 1 && (commits[at - 1] as number) > us) {
        commits[at] = commits[at - 1] as number
        at--
      }
      commits[at] = us
    }
  }

  /**
   * A follower acknowledges whenever it has applied something, and then for all it has. So a later copy's
   * acknowledgement may be the first to arrive; an early copy has none of its own.
   */
  #drawAcknowledgements(): void {
    const { copies, acknowledgements, acknowledgesInOrder } = this.#draws
    const acknowledged = this.#acknowledged
    const visible = this.#visible
    let latest = 0
    for (let i = 0; i < copies.length; i++) {
      const us = (visible[i + 1] as number) + acknowledgements.next()
      acknowledged[i] = us
      if (us > latest) latest = us
    }
    if (acknowledgesInOrder) return
    const applied = this.#seen
    applied.set(visible)
    for (let sentUs = this.#draws.gap(); sentUs < latest; sentUs += this.#draws.gap()) {
      latest = 0
      for (let i = 0; i < copies.length; i++) {
        if (sentUs < (acknowledged[i] as number)) this.#overtake(i, sentUs, applied)
        latest = Math.max(latest, acknowledged[i] as number)
      }
    }
  }

  #overtake(follower: number, sentUs: number, applied: Float64Array): void {
    const { copies, acknowledgements } = this.#draws
    const lands = sentUs + (copies[follower] as Stream).next()
    if (lands < (applied[follower + 1] as number)) return
    applied[follower + 1] = lands
    const us = lands + acknowledgements.next()
    if (us < (this.#acknowledged[follower] as number)) this.#acknowledged[follower] = us
  }
}
