// What a forecast foretells, measured: the same settings on the real cluster in virtual time. Writes come as the forecast
// has them; of some of them every route is read at each of the times after the acknowledgement, and at
// moments that no write has chosen reads are asked how many versions they miss. What comes of it is counted
// into the tally of the forecast, so that both become the same table.

import { bisect } from '../analysis/forecast/backlog.ts'
import { beyond, type Delay, meanUs } from '../analysis/forecast/delay.ts'
import { type Chunk, chunksOf } from '../analysis/forecast/forecast.ts'
import {
  type ForecastSettings,
  type Route,
  routesOf,
  VERSIONS_BEHIND,
  writeGapUs,
} from '../analysis/forecast/settings.ts'
import type { Histogram, Tally } from '../analysis/forecast/tally.ts'
import { BOUNDS } from '../core/bounds.ts'
import { Cluster } from '../core/cluster.ts'
import type { Reply } from '../core/errors.ts'
import { drawUs, type LatencySpec } from '../core/latency.ts'
import type { StalenessJson } from '../core/nodes.ts'
import { Random, SEED_MAX } from '../core/random.ts'
import type { StoredRecord } from '../core/record.ts'
import type { QuorumReadReply, ReadReply } from '../core/verbs.ts'

/** A chunk takes about as long as one of a forecast. */
export const chunkOf = chunksOf(250)

/** How seldom a copy may still be on its way: between two writes that are looked at, and from before the first. */
const LATE = { apart: 0.1, before: 0.001 } as const
const WRITES_APART_MAX = 20_000
const WRITES_BEFORE_MAX = 20_000
/** Quantiles that stand for measured delays where there are more. */
const SAMPLES_KEPT = 1_000

/** Why these settings cannot be measured, if so. */
export function unmeasurable(settings: ForecastSettings): string | undefined {
  if (settings.topology !== 'leader') {
    return 'the simulated cluster has a leader: a leaderless forecast cannot be measured on it'
  }
  if (settings.legs.replicate.some((delay) => meanUs(delay) === Number.POSITIVE_INFINITY)) {
    return 'a delay without a mean never lets the copies catch up, so that nothing steady is there to measure'
  }
  if (writesUntil(settings, LATE.apart) <= WRITES_APART_MAX) return undefined
  return 'so many copies are on their way at any time that measuring takes too long: lower the rate'
}

/** Counts `count` writes, and as many looks, for each W. The same settings and chunk come to the same. */
export function runChunk(settings: ForecastSettings, { from, count }: Chunk, tally: Tally): void {
  const random = Random.fromSeed(settings.seed).fork(`measured from ${from}`)
  for (let i = 0; i < settings.w.length; i++) new Run(settings, i, count, random, tally).run()
  tally.trials += count
  tally.looks += count
}

/** After how many writes a copy is still on its way as seldom as is said. */
function writesUntil(settings: ForecastSettings, late: number): number {
  const gapUs = writeGapUs(settings)
  const { replicate } = settings.legs
  const seldom = (us: number) => replicate.every((one) => beyond(one, us) <= late * gapUs)
  return 1 + Math.ceil(bisect(seldom, 0, BOUNDS.clockUsMax) / gapUs)
}

/** One of the writes whose freshness is looked at. */
interface Sampled {
  readonly record: StoredRecord
  readonly dueUs: number
}

/** What a read came to. */
interface Seen {
  readonly records: readonly (StoredRecord | null)[]
  readonly versions: number
}

/** One W: a cluster of its own, which waits for so many acknowledgements at each write. */
class Run {
  readonly #settings: ForecastSettings
  readonly #w: number
  readonly #count: number
  readonly #tally: Tally
  readonly #cluster: Cluster
  readonly #routes: readonly Route[]
  /** The place of the first of its rows in the table. */
  readonly #firstRow: number
  readonly #followers: readonly number[]
  readonly #arrivals: Random
  readonly #choices: Random
  readonly #apart: number
  /** Per time: the writes to be read so long after they were acknowledged; and how many of them are done. */
  readonly #sampled: readonly Sampled[][]
  readonly #done: number[]
  #writes: number
  #writeUs = 0
  #lookUs: number
  #looks = 0
  #unanswered = 0

  constructor(
    settings: ForecastSettings,
    wIndex: number,
    count: number,
    random: Random,
    tally: Tally,
  ) {
    this.#settings = settings
    this.#w = settings.w[wIndex] as number
    this.#count = count
    this.#tally = tally
    this.#cluster = clusterOf(settings, random)
    this.#routes = routesOf(settings)
    this.#firstRow = wIndex * this.#routes.length
    this.#followers = Array.from({ length: settings.replicas - 1 }, (_, i) => i + 1)
    this.#arrivals = random.fork('writes')
    this.#choices = random.fork('choices')
    this.#apart = writesUntil(settings, LATE.apart)
    this.#sampled = settings.atUs.map(() => [])
    this.#done = settings.atUs.map(() => 0)
    this.#writes = -Math.min(writesUntil(settings, LATE.before), WRITES_BEFORE_MAX)
    this.#lookUs = -this.#writes * writeGapUs(settings)
  }

  /** Step by step, since an acknowledgement may ask for a read before the next write. */
  run(): void {
    const cluster = this.#cluster
    while (!this.#isDone()) {
      const ownUs = Math.ceil(Math.min(this.#writeUs, this.#lookUs, ...this.#readsUs()))
      const dueUs = cluster.nextDueUs()
      if (dueUs !== undefined && dueUs <= ownUs) cluster.runTo(dueUs, BOUNDS.advanceEventsMax)
      else {
        cluster.runTo(ownUs, BOUNDS.advanceEventsMax)
        this.#act(ownUs)
      }
    }
  }

  #isDone(): boolean {
    const count = this.#count
    return (
      this.#looks === count && this.#unanswered === 0 && this.#done.every((done) => done === count)
    )
  }

  #readsUs(): number[] {
    return this.#sampled.map((writes, i) => writes[this.#done[i] as number]?.dueUs ?? Infinity)
  }

  #act(nowUs: number): void {
    const { atUs, writes } = this.#settings
    const gapUs = writeGapUs(this.#settings)
    if (this.#writeUs <= nowUs) {
      this.#write()
      this.#writeUs += writes === 'even' ? gapUs : drawUs(exponential(gapUs), this.#arrivals)
    }
    for (let i = 0; i < atUs.length; i++) {
      const next = this.#sampled[i]?.[this.#done[i] as number]
      if (next && next.dueUs <= nowUs) this.#readAt(i, next)
    }
    if (this.#lookUs <= nowUs) {
      if (this.#looks < this.#count) this.#look()
      this.#lookUs += drawUs(exponential(gapUs * this.#apart), this.#arrivals)
    }
  }

  #write(): void {
    const { atUs, keys } = this.#settings
    const place = this.#writes++
    const isSampled = place >= 0 && place % this.#apart === 0 && place < this.#count * this.#apart
    const writtenUs = this.#cluster.nowUs
    const key = `k${this.#choices.int(keys)}`
    this.#cluster.writeWithQuorum({ key, value: '', w: this.#w }, (reply) => {
      if (!isSampled || !reply.ok) return
      const { nowUs } = this.#cluster
      const { record } = reply.value
      for (const [i, us] of atUs.entries()) this.#sampled[i]?.push({ record, dueUs: nowUs + us })
      const wIndex = this.#settings.w.indexOf(this.#w)
      ;(this.#tally.writes[wIndex] as Histogram).add(nowUs - writtenUs)
    })
  }

  #readAt(atIndex: number, { record }: Sampled): void {
    const times = this.#settings.atUs.length
    this.#done[atIndex] = (this.#done[atIndex] as number) + 1
    this.#routes.forEach((route, i) => {
      const issuedUs = this.#cluster.nowUs
      this.#read(route, record.key, ({ records }) => {
        // One leader writes all versions, so that their offsets order them.
        const isFresh = records.every((seen) => seen !== null && seen.offset >= record.offset)
        if (isFresh) addOne(this.#tally.fresh, (this.#firstRow + i) * times + atIndex)
        if (this.#firstRow === 0 && atIndex === 0) this.#addLatency(route, issuedUs)
      })
    })
  }

  #addLatency(route: Route, issuedUs: number): void {
    const { r } = this.#settings
    const place = {
      leader: -1,
      follower: -1,
      'any-follower': r.length,
      'every-follower': r.length + 1,
    }
    const i = route.kind === 'quorum' ? r.indexOf(route.r) : place[route.kind]
    this.#tally.reads[i]?.add(this.#cluster.nowUs - issuedUs)
  }

  #look(): void {
    this.#looks++
    const key = `k${this.#choices.int(this.#settings.keys)}`
    this.#routes.forEach((route, i) => {
      this.#read(route, key, ({ versions }) => {
        VERSIONS_BEHIND.forEach((k, j) => {
          if (versions < k) return
          addOne(this.#tally.behind, (this.#firstRow + i) * VERSIONS_BEHIND.length + j)
        })
      })
    })
  }

  #read(route: Route, key: string, then: (seen: Seen) => void): void {
    const cluster = this.#cluster
    const followers = this.#followers
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
        return void cluster.readWithQuorum({ key, r: route.r, repair: 'false' }, done)
    }
  }
}

function clusterOf({ replicas, legs, keys }: ForecastSettings, random: Random): Cluster {
  const { acknowledge, request, respond } = legs
  return new Cluster({
    followers: replicas - 1,
    seed: random.fork('cluster').int(SEED_MAX + 1),
    latency: {
      replicate: legs.replicate.map(specOf),
      acknowledge: specOf(acknowledge),
      request: specOf(request),
      respond: specOf(respond),
    },
    // A forecast knows no time-outs.
    quorumTimeoutUs: BOUNDS.advanceUsMax,
    waitingMax: BOUNDS.messagesMax,
    keysMax: Math.min(keys, BOUNDS.keysMax),
  })
}

/** Of many samples a cluster draws from equally spaced quantiles. */
function specOf(delay: Delay): LatencySpec {
  if (delay.kind !== 'samples') return delay
  const { sortedUs } = delay
  const length = Math.min(sortedUs.length, SAMPLES_KEPT)
  const parts = Array.from({ length }, (_, i) => {
    const us = sortedUs[Math.floor(((i + 0.5) * sortedUs.length) / length)] as number
    return { weight: 1 / length, latency: { kind: 'constant' as const, us } }
  })
  return { kind: 'mixture', parts }
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

function exponential(meanUs: number): LatencySpec {
  return { kind: 'exponential', meanUs }
}

function addOne(counts: Float64Array, i: number): void {
  counts[i] = (counts[i] as number) + 1
}
