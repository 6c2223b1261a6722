// What a forecast foretells, measured: the same settings on the real cluster in virtual time. Writes come as the forecast
// has them. At a moment that no write has chosen, reads along every route are asked how many versions they miss;
// then a write is read along every route at each of the times after its acknowledgement. What comes of it is
// counted into the tally of the forecast, so that both become the same table.

import { bisect } from '../analysis/forecast/backlog.ts'
import { beyond, meanUs } from '../analysis/forecast/delay.ts'
import { type Chunk, chunksOf } from '../analysis/forecast/forecast.ts'
import {
  type ForecastSettings,
  type Route,
  routesOf,
  type Trouble,
  VERSIONS_BEHIND,
  writeGapUs,
} from '../analysis/forecast/settings.ts'
import type { Tally } from '../analysis/forecast/tally.ts'
import { BOUNDS } from '../core/bounds.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Reply } from '../core/errors.ts'
import { drawUs } from '../core/latency.ts'
import type { StalenessJson } from '../core/nodes.ts'
import { Random } from '../core/random.ts'
import type { StoredRecord } from '../core/record.ts'
import type { QuorumReadReply, ReadReply } from '../core/verbs.ts'
import { measuredCluster } from './measured-cluster.ts'

/** Where these chunks lie, for threads that run them. */
export const MEASURING = import.meta.url

/** A chunk takes about as long as one of a forecast. */
export const chunkOf = chunksOf(100)

/**
 * How many copies may still be on their way, on average, from before the first write of a trial. So few that even a
 * chance of one in ten thousand shows; where tails are heavy and that takes long, more.
 */
const LATE = 1e-6
const LATE_MOST = 0.001
const WRITES_BEFORE = 300
/** What a partition lasts of the times looked at; and so many writes come at once. */
const CUT_PART = 0.5
const BURST = 10
const WRITES_BEFORE_MAX = 20_000
/** So many trials find a chance to within 0.01. */
const TRIALS_MAX = 2_500

/**
 * What has to be measured to see whether a forecast holds.
 * @param under what it takes for granted and is not so: a tenth of all copies lost, the followers cut off from the
 * leader for half of the times looked at, writes that come ten at once, quorum reads that repair
 */
export function measuringOf(asked: ForecastSettings, under?: Trouble): ForecastSettings {
  const trials = Math.min(asked.trials, TRIALS_MAX)
  return { ...asked, by: 'measuring', trials, ...(under && { under }) }
}

/** Why these settings cannot be measured, if so. */
export function unmeasurable(settings: ForecastSettings): string | undefined {
  if (settings.topology !== 'leader') {
    return 'the simulated cluster has a leader: a leaderless forecast cannot be measured on it'
  }
  if (settings.legs.replicate.some((delay) => meanUs(delay) === Number.POSITIVE_INFINITY)) {
    return 'a delay without a mean never lets the copies catch up, so that nothing steady is there to measure'
  }
  const most = WRITES_BEFORE_MAX * writeGapUs(settings)
  if (settings.legs.replicate.every((delay) => meanUs(delay) <= most / 10)) return undefined
  return 'so many copies are on their way at any time that measuring takes too long: lower the rate'
}

/**
 * Each trial is a cluster of its own for each W: what holds up one would hold up the next in the same cluster too, and
 * chance would seem smaller than it is. The same settings and chunk come to the same.
 */
export function runChunk(settings: ForecastSettings, { from, count }: Chunk, tally: Tally): void {
  const beforeUs = settledAfterUs(settings)
  for (let trial = from; trial < from + count; trial++) {
    const random = Random.fromSeed(settings.seed).fork(`measured ${trial}`)
    settings.w.forEach((_, i) => {
      new Trial(settings, i, beforeUs, random, tally).run()
    })
  }
  tally.trials += count
  tally.looks += count
}

/** After how long hardly any copy of the writes before is still on its way. */
function settledAfterUs(settings: ForecastSettings): number {
  const gapUs = writeGapUs(settings)
  const { replicate } = settings.legs
  const until = (late: number) =>
    bisect(
      (us) => replicate.every((one) => beyond(one, us) <= late * gapUs),
      0,
      WRITES_BEFORE_MAX * gapUs,
    )
  return Math.min(until(LATE), Math.max(until(LATE_MOST), WRITES_BEFORE * gapUs))
}

/** What a read came to: a record of each replica that has to be fresh, and the most versions that one of them misses. */
interface Seen {
  readonly records: readonly (StoredRecord | null)[]
  readonly versions: number
}

/** One W, a look at a moment that no write has chosen, and reads after the next write. */
class Trial {
  readonly #settings: ForecastSettings
  readonly #wIndex: number
  readonly #tally: Tally
  readonly #cluster: Cluster
  readonly #routes: readonly Route[]
  /** The place of the first of its rows in the table. */
  readonly #firstRow: number
  readonly #followers: readonly number[]
  readonly #arrivals: Random
  readonly #choices: Random
  #writeUs: number
  #lookUs: number
  #sampled = false
  /** The write whose freshness is looked at, and when it was acknowledged; how many of the times are over. */
  #acknowledged: { readonly record: StoredRecord; readonly atUs: number } | undefined
  #times = 0
  #unanswered = 0
  #written = 0

  constructor(
    settings: ForecastSettings,
    wIndex: number,
    beforeUs: number,
    random: Random,
    tally: Tally,
  ) {
    this.#settings = settings
    this.#wIndex = wIndex
    this.#tally = tally
    this.#cluster = measuredCluster(settings, random)
    this.#routes = routesOf(settings)
    this.#firstRow = wIndex * this.#routes.length
    this.#followers = Array.from({ length: settings.replicas - 1 }, (_, i) => i + 1)
    this.#arrivals = random.fork('writes')
    this.#choices = random.fork('choices')
    const gapUs = writeGapUs(settings)
    this.#writeUs = settings.writes === 'even' ? this.#arrivals.float() * gapUs : this.#gapUs()
    this.#lookUs = beforeUs
  }

  /** From instant to instant, since an acknowledgement may ask for a read before the next write. */
  run(): void {
    const cluster = this.#cluster
    const times = this.#settings.atUs.length
    while (this.#times < times || this.#unanswered > 0) {
      const readUs = this.#readUs()
      const ownUs = Math.ceil(Math.min(this.#writeUs, this.#lookUs, readUs))
      const dueUs = cluster.nextDueUs() ?? Infinity
      cluster.runTo(Math.min(dueUs, ownUs), BOUNDS.advanceEventsMax)
      if (dueUs <= ownUs) continue
      if (readUs <= ownUs) this.#readEverywhere()
      else if (this.#lookUs <= ownUs) this.#look()
      else this.#writeNext()
    }
  }

  #writeNext(): void {
    this.#write()
    this.#writeUs += this.#gapUs()
  }

  #gapUs(): number {
    const { under } = this.#settings
    if (under === 'bursts' && ++this.#written % BURST !== 0) return 0
    const meanUs = writeGapUs(this.#settings) * (under === 'bursts' ? BURST : 1)
    const isEven = this.#settings.writes === 'even'
    return isEven ? meanUs : drawUs({ kind: 'exponential', meanUs }, this.#arrivals)
  }

  #readUs(): number {
    const us = this.#settings.atUs[this.#times]
    return this.#acknowledged && us !== undefined ? this.#acknowledged.atUs + us : Infinity
  }

  #write(): void {
    const cluster = this.#cluster
    const { keys, w } = this.#settings
    const isSampled = this.#lookUs === Infinity && !this.#sampled
    this.#sampled ||= isSampled
    const writtenUs = cluster.nowUs
    const how = { key: `k${this.#choices.int(keys)}`, value: '', w: w[this.#wIndex] as number }
    cluster.writeWithQuorum(how, (reply) => {
      if (!isSampled || !reply.ok) return
      this.#acknowledged = { record: reply.value.record, atUs: cluster.nowUs }
      this.#tally.writes[this.#wIndex]?.add(cluster.nowUs - writtenUs)
      if (this.#settings.under === 'partition') this.#cutOff()
    })
  }

  /** The copies of the write that is looked at do not get through for a while. */
  #cutOff(): void {
    const forUs = Math.max(1, Math.round((this.#settings.atUs.at(-1) ?? 0) * CUT_PART))
    const groups = [[0], [...this.#followers]]
    this.#cluster.partition(groups, { forUs })
  }

  #readEverywhere(): void {
    const { record } = this.#acknowledged as { readonly record: StoredRecord }
    const { atUs } = this.#settings
    const time = this.#times++
    this.#routes.forEach((route, i) => {
      const issuedUs = this.#cluster.nowUs
      this.#ask(route, record.key, ({ records }) => {
        // One leader writes all versions, so that their offsets order them.
        const isFresh = records.every((seen) => seen !== null && seen.offset >= record.offset)
        if (isFresh) addOne(this.#tally.fresh, (this.#firstRow + i) * atUs.length + time)
        if (this.#wIndex === 0 && time === 0) this.#addLatency(route, issuedUs)
      })
    })
  }

  #addLatency(route: Route, issuedUs: number): void {
    const { r } = this.#settings
    const { reads } = this.#tally
    const us = this.#cluster.nowUs - issuedUs
    if (route.kind === 'quorum') reads[r.indexOf(route.r)]?.add(us)
    if (route.kind === 'any-follower') reads[r.length]?.add(us)
    if (route.kind === 'every-follower') reads[r.length + 1]?.add(us)
  }

  #look(): void {
    this.#lookUs = Infinity
    const key = `k${this.#choices.int(this.#settings.keys)}`
    this.#routes.forEach((route, i) => {
      this.#ask(route, key, ({ versions }) => {
        VERSIONS_BEHIND.forEach((k, j) => {
          if (versions < k) return
          addOne(this.#tally.behind, (this.#firstRow + i) * VERSIONS_BEHIND.length + j)
        })
      })
    })
    // The next of Poisson writes would follow a gap longer than most, the one that the look fell into. A further one
    // at any moment finds what every write finds.
    if (this.#settings.writes === 'poisson') this.#write()
  }

  #ask(route: Route, key: string, then: (seen: Seen) => void): void {
    const cluster = this.#cluster
    const followers = this.#followers
    const repair = this.#settings.under === 'repair' ? 'async' : 'false'
    this.#unanswered++
    const done = (reply: Reply<ReadReply | QuorumReadReply>) => {
      this.#unanswered--
      then(seenIn(reply, route))
    }
    switch (route.kind) {
      case 'leader':
        return void cluster.read({ key }, done)
      case 'follower':
        return void cluster.followerRead({ key, replica: route.replica }, done)
      case 'any-follower': {
        const replica = 1 + this.#choices.int(followers.length)
        return void cluster.followerRead({ key, replica }, done)
      }
      case 'every-follower': {
        const r = followers.length
        return void cluster.readWithQuorum({ key, replicas: followers, r, repair: 'false' }, done)
      }
      case 'quorum':
        return void cluster.readWithQuorum({ key, r: route.r, repair }, done)
    }
  }
}

function seenIn(reply: Reply<ReadReply | QuorumReadReply>, { kind }: Route): Seen {
  if (!reply.ok) {
    const staleness = reply.problem.facts.staleness as StalenessJson | undefined
    return { records: [null], versions: staleness?.versions ?? 0 }
  }
  const { record, staleness } = reply.value
  if (kind !== 'every-follower' || !('answers' in reply.value)) {
    return { records: [record], versions: staleness.versions }
  }
  const { answers } = reply.value
  return {
    records: answers.map((answer) => answer.record),
    versions: Math.max(...answers.map((answer) => answer.staleness.versions)),
  }
}

function addOne(counts: Float64Array, i: number): void {
  counts[i] = (counts[i] as number) + 1
}
