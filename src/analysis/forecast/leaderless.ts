// The paper's model, WARS: a write and a read go to all N replicas, each with delays of its own. One trial gives, for
// every R and W at once, from when on after the acknowledgement a read is fresh. How many versions behind a
// read is, is looked at apart: there the writes before the last count too.

import type { Random } from '../../core/random.ts'
import { Bits, Stream, unitExponential } from './draw.ts'
import { type SampledRow, sampledRows } from './exact.ts'
import { type ForecastSettings, VERSIONS_BEHIND, writeGapUs } from './settings.ts'
import type { Histogram, Tally } from './tally.ts'

/** Older writes than so many are not looked at: who lacks them all is behind by more than the table asks. */
const WRITES_SEEN_MAX = 1_000

export class LeaderlessSampler {
  readonly #settings: ForecastSettings
  readonly #tally: Tally
  readonly #replicate: readonly Stream[]
  readonly #acknowledge: Stream
  readonly #request: Stream
  readonly #respond: Stream
  readonly #bits: Bits
  readonly #gaps: Stream
  readonly #n: number
  readonly #behind: readonly SampledRow[]
  /** Per row whose freshness is sampled: its place in the table, W − 1 and R − 1. */
  readonly #row: Int32Array
  readonly #w: Int32Array
  readonly #r: Int32Array
  /** Acknowledgements, ascending. */
  readonly #commits: Float64Array
  /** Answers, ascending; beside each the delay by which its replica was too late for it, and the replica. */
  readonly #answers: Float64Array
  readonly #late: Float64Array
  readonly #from: Int32Array
  readonly #requests: Float64Array
  /** The data centres of this trial's writer and reader. */
  #writer = 0
  #reader = 0

  constructor(settings: ForecastSettings, random: Random, tally: Tally) {
    const { legs, replicas } = settings
    this.#settings = settings
    this.#tally = tally
    const { fresh, behind } = sampledRows(settings)
    this.#behind = behind
    this.#row = Int32Array.from(fresh, ({ index }) => index)
    this.#w = Int32Array.from(fresh, ({ w }) => w - 1)
    this.#r = Int32Array.from(fresh, firstAnswers)
    this.#replicate = legs.replicate.map((delay, i) => {
      return new Stream(delay, random.fork(`replicate ${i}`))
    })
    this.#acknowledge = new Stream(legs.acknowledge, random.fork('acknowledge'))
    this.#request = new Stream(legs.request, random.fork('request'))
    this.#respond = new Stream(legs.respond, random.fork('respond'))
    this.#bits = new Bits(random.fork('choices'))
    this.#gaps = unitExponential(random.fork('gaps'))
    this.#n = replicas
    this.#commits = new Float64Array(replicas)
    this.#answers = new Float64Array(replicas)
    this.#late = new Float64Array(replicas)
    this.#from = new Int32Array(replicas)
    this.#requests = new Float64Array(replicas)
  }

  trial(): void {
    const n = this.#n
    const tally = this.#tally
    this.#drawCentres()
    this.#drawWrite()
    this.#drawRead()
    const commits = this.#commits
    const answers = this.#answers
    const late = this.#late
    for (let i = 1; i < n; i++) {
      // From here on: the least of the first so many.
      if ((late[i - 1] as number) < (late[i] as number)) late[i] = late[i - 1] as number
    }
    const { w, r } = this.#settings
    for (let i = 0; i < w.length; i++) {
      ;(tally.writes[i] as Histogram).add(commits[(w[i] as number) - 1] as number)
    }
    for (let i = 0; i < r.length; i++) {
      ;(tally.reads[i] as Histogram).add(answers[(r[i] as number) - 1] as number)
    }
    const rows = this.#w.length
    for (let row = 0; row < rows; row++) {
      const freshFrom =
        (late[this.#r[row] as number] as number) - (commits[this.#w[row] as number] as number)
      tally.addFresh(this.#row[row] as number, freshFrom)
    }
  }

  #drawCentres(): void {
    if (this.#settings.betweenCentresUs === null) return
    this.#writer = Math.floor(this.#bits.unit() * this.#n)
    this.#reader = Math.floor(this.#bits.unit() * this.#n)
  }

  /** Sorts acknowledgements into `#commits`, and leaves each replica's copy in `#late`, by its number. */
  #drawWrite(): void {
    const n = this.#n
    const commits = this.#commits
    const late = this.#late
    const between = this.#settings.betweenCentresUs ?? 0
    for (let i = 0; i < n; i++) {
      let copy = (this.#replicate[i] as Stream).next()
      let acknowledged = copy + this.#acknowledge.next()
      if (between > 0 && i !== this.#writer) {
        copy += between
        acknowledged += 2 * between
      }
      late[i] = copy
      let at = i
      while (at > 0 && (commits[at - 1] as number) > acknowledged) {
        commits[at] = commits[at - 1] as number
        at--
      }
      commits[at] = acknowledged
    }
  }

  /** Sorts answers into `#answers`, and turns `#late` from copies by replica into delays by answer. */
  #drawRead(): void {
    this.#drawAnswers()
    const n = this.#n
    const late = this.#late
    const requests = this.#requests
    for (let i = 0; i < n; i++) {
      const replica = this.#from[i] as number
      requests[i] = (late[replica] as number) - (requests[i] as number)
    }
    late.set(requests)
  }

  /** Fills `#answers`, `#from` and `#requests`, all in the order in which answers arrive. */
  #drawAnswers(): void {
    const n = this.#n
    const answers = this.#answers
    const from = this.#from
    const requests = this.#requests
    const between = this.#settings.betweenCentresUs ?? 0
    for (let i = 0; i < n; i++) {
      let request = this.#request.next()
      let answer = request + this.#respond.next()
      if (between > 0 && i !== this.#reader) {
        request += between
        answer += 2 * between
      }
      let at = i
      while (at > 0 && (answers[at - 1] as number) > answer) {
        answers[at] = answers[at - 1] as number
        from[at] = from[at - 1] as number
        requests[at] = requests[at - 1] as number
        at--
      }
      answers[at] = answer
      from[at] = i
      requests[at] = request
    }
    if (this.#settings.readsTo === 'r') this.#askInTurn()
  }

  /** Asked alone, the first R are drawn, not the fastest; a read is over with the last of their answers. */
  #askInTurn(): void {
    const columns = [this.#answers, this.#from, this.#requests]
    for (let i = this.#n - 1; i > 0; i--) {
      const j = Math.floor(this.#bits.unit() * (i + 1))
      for (const column of columns) {
        const kept = column[i] as number
        column[i] = column[j] as number
        column[j] = kept
      }
    }
    const answers = this.#answers
    for (let i = 1; i < this.#n; i++) {
      if ((answers[i - 1] as number) > (answers[i] as number)) answers[i] = answers[i - 1] as number
    }
  }

  /** One read at a moment that no write has chosen: how many acknowledged versions of its key it misses. */
  look(): void {
    const n = this.#n
    const { keys, writes } = this.#settings
    const gapUs = writeGapUs(this.#settings)
    this.#drawCentres()
    this.#drawAnswers()
    const { from, requests } = { from: [...this.#from], requests: [...this.#requests] }
    // Per place in the order of answers: the newest write that the replica has, from 0.
    const newest = new Int32Array(n).fill(WRITES_SEEN_MAX)
    const acknowledged: Float64Array[] = []
    let missing = n
    let ageUs = 0
    for (let write = 0; write < WRITES_SEEN_MAX && missing > 0; write++) {
      if (writes === 'poisson') ageUs += this.#gaps.next() * gapUs * keys
      else ageUs += gapUs * this.#skipOtherKeys(write === 0)
      if (this.#settings.betweenCentresUs !== null) this.#writer = Math.floor(this.#bits.unit() * n)
      this.#drawWrite()
      acknowledged.push(this.#commits.map((us) => (us <= ageUs ? 1 : 0)))
      for (let i = 0; i < n; i++) {
        const copy = this.#late[from[i] as number] as number
        if (newest[i] !== WRITES_SEEN_MAX || copy > ageUs + (requests[i] as number)) continue
        newest[i] = write
        missing--
      }
    }
    this.#count(newest, acknowledged)
  }

  /** Even writes of all keys: how many gaps lie between two of this one; the first lies anywhere in a gap. */
  #skipOtherKeys(first: boolean): number {
    const { keys } = this.#settings
    let gaps = first ? this.#bits.unit() : 1
    if (keys > 1) gaps += Math.floor(Math.log(this.#bits.unit()) / Math.log1p(-1 / keys))
    return gaps
  }

  #count(newest: Int32Array, acknowledged: readonly Float64Array[]): void {
    const { behind } = this.#tally
    for (let i = 1; i < newest.length; i++) {
      newest[i] = Math.min(newest[i] as number, newest[i - 1] as number)
    }
    for (const row of this.#behind) {
      const seen = newest[firstAnswers(row)] as number
      let missed = 0
      for (let write = 0; write < Math.min(seen, acknowledged.length); write++) {
        missed += acknowledged[write]?.[row.w - 1] ?? 0
      }
      VERSIONS_BEHIND.forEach((k, i) => {
        const at = row.index * VERSIONS_BEHIND.length + i
        if (missed >= k) behind[at] = (behind[at] as number) + 1
      })
    }
  }
}

/** R − 1: where the last of the answers that decide has its place. */
function firstAnswers({ route }: SampledRow): number {
  return route.kind === 'quorum' ? route.r - 1 : 0
}
