// Writes a second of the simulated cluster in virtual time, without HTTP, against a bare event queue that does
// nothing but the same number of events; and what a write costs with more keys and more followers.

import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import { Due, Timeline } from '../../src/core/timeline.ts'
import { BareQueue } from './bare-queue.ts'
import { bestRates } from './rates.ts'
import { nanoseconds, perSecond, type Row } from './table.ts'

const WRITES = 100_000
/** Simulated time between two writes: 7,000 copies to two followers are on their way at any moment. */
const STEP_US = 100
const KEY_COUNTS = [10, 1_000, 1_000_000]
const FOLLOWER_COUNTS = [2, 4, 8, 16, 32]
/** The copies' default latencies. */
const DELAYS_US = [200_000, 500_000]

export async function benchCore(): Promise<Row[]> {
  const events = eventsPerWrite()
  const [silent = 0, heard = 0, timeline = 0, queue = 0] = bestRates([
    () => writeMany(new Cluster(), 1_000, WRITES),
    () => writeMany(heardCluster(), 1_000, WRITES),
    () => turnTimeline(WRITES, events),
    () => turnBareQueue(WRITES, events),
  ])
  const against = (rate: number, what: string) =>
    `${perSecond(rate)} by ${what}, ${events} events each`
  return [
    {
      what: 'core writes, 2 followers',
      ratio: silent / timeline,
      aim: '300,000/s',
      measured: perSecond(silent),
      limit: against(timeline, 'the bare timeline'),
    },
    {
      what: 'core writes, 2 followers',
      ratio: silent / queue,
      measured: perSecond(silent),
      limit: against(queue, 'a bare binary heap'),
    },
    {
      what: 'core writes, every event heard',
      ratio: heard / silent,
      measured: perSecond(heard),
      limit: `${perSecond(silent)} with nobody listening`,
    },
    ...keyRows(),
    ...followerRows(),
  ]
}

/**
 * How the cost of a write follows the number of keys; beside it a bare Map for each replica. One size
 * after the other: a million keys on the heap would slow down the collector for all of them.
 */
function keyRows(): Row[] {
  const costs = KEY_COUNTS.map((keys) => {
    const cluster = new Cluster()
    fillKeys(cluster, keys)
    const maps = [0, 1, 2].map(() => new Map<string, object>())
    for (let i = 0; i < keys; i++) for (const map of maps) map.set(keyOf(i), {})
    const [writes = 0, sets = 0] = bestRates([
      () => writeMany(cluster, keys, WRITES),
      () => setMany(maps, keys, WRITES),
    ])
    return { keys, write: 1e9 / writes, bare: 1e9 / sets }
  })
  const least = costs[0]?.write ?? Number.NaN
  return costs.map(({ keys, write, bare }) => ({
    what: `cost of a write, ${keys.toLocaleString('en-US')} keys`,
    ratio: write / least,
    aim: 'flat',
    measured: nanoseconds(write),
    limit: `${nanoseconds(least)} at 10 keys; three bare Maps take ${nanoseconds(bare)}`,
  }))
}

function followerRows(): Row[] {
  const costs = bestRates(
    FOLLOWER_COUNTS.map((followers) => {
      const latency = sameLatency(followers)
      const writes = (WRITES * 2) / followers
      return () => writeMany(new Cluster({ followers, latency }), 1_000, writes)
    }),
  ).map((rate) => 1e9 / rate)
  const perFollower = (costs[0] ?? Number.NaN) / (FOLLOWER_COUNTS[0] ?? 1)
  return FOLLOWER_COUNTS.map((followers, i) => {
    const cost = costs[i] ?? Number.NaN
    return {
      what: `cost of a write, ${followers} followers`,
      ratio: cost / followers / perFollower,
      aim: 'linear: ≤ 1',
      measured: nanoseconds(cost),
      limit: `${nanoseconds(cost / followers)} a follower; ${nanoseconds(perFollower)} with 2`,
    }
  })
}

/** Not the default, by which 32 followers would be ten seconds apart. */
function sameLatency(followers: number): ClusterOptions['latency'] {
  const replicate = Array.from({ length: followers }, (_, i) => ({
    kind: 'constant' as const,
    us: 200_000 + 10_000 * i,
  }))
  const none = { kind: 'constant', us: 0 } as const
  return { replicate, acknowledge: none, request: none, respond: none }
}

function heardCluster(): Cluster {
  const cluster = new Cluster()
  cluster.listen(() => undefined)
  return cluster
}

function ignore(): void {}

/** One write every `STEP_US`, keys in a scattered order. */
function writeMany(cluster: Cluster, keys: number, writes: number): number {
  let nowUs = cluster.nowUs
  for (let i = 0; i < writes; i++) {
    const key = keyOf(scatter(i, keys))
    cluster.write({ key, value: 'Jessica' }, ignore)
    nowUs += STEP_US
    cluster.runTo(nowUs, 1_000)
  }
  cluster.advance({ to: 'idle' })
  return writes
}

function fillKeys(cluster: Cluster, keys: number): void {
  for (let i = 0; i < keys; i++) {
    cluster.write({ key: keyOf(i), value: 'Jessica' }, ignore)
    if (i % 100_000 === 0) cluster.advance({ to: 'idle' })
  }
  cluster.advance({ to: 'idle' })
}

function setMany(maps: readonly Map<string, object>[], keys: number, writes: number): number {
  for (let i = 0; i < writes; i++) {
    const key = keyOf(scatter(i, keys))
    const record = { key }
    for (const map of maps) map.set(key, record)
  }
  return writes
}

/** Multiplying by an odd number visits every key in an order that caches do not foresee. */
function scatter(i: number, keys: number): number {
  return (Math.imul(i, 0x9e3779b1) >>> 0) % keys
}

function keyOf(i: number): string {
  return `user:${i}`
}

class Nothing extends Due {
  override fire(): void {}
}

/** Steps of the timeline that one write to two followers takes. */
function eventsPerWrite(): number {
  const { step } = Timeline.prototype
  let steps = 0
  Timeline.prototype.step = function counted(this: Timeline) {
    const stepped = step.call(this)
    if (stepped) steps++
    return stepped
  }
  try {
    return writeMany(new Cluster(), 10, 1_000) && Math.round(steps / 1_000)
  } finally {
    Timeline.prototype.step = step
  }
}

function turnTimeline(writes: number, events: number): number {
  const timeline = new Timeline()
  let nowUs = 0
  for (let i = 0; i < writes; i++) {
    for (let n = 0; n < events; n++) timeline.scheduleDue(DELAYS_US[n % 2] as number, new Nothing())
    nowUs += STEP_US
    timeline.advanceTo(nowUs, 1_000)
  }
  timeline.advanceTo(nowUs + 1_000_000, Number.MAX_SAFE_INTEGER)
  return writes
}

function turnBareQueue(writes: number, events: number): number {
  const queue = new BareQueue()
  let nowUs = 0
  for (let i = 0; i < writes; i++) {
    for (let n = 0; n < events; n++) queue.push(nowUs + (DELAYS_US[n % 2] as number), ignore)
    nowUs += STEP_US
    queue.runTo(nowUs)
  }
  queue.runTo(nowUs + 1_000_000)
  return writes
}
