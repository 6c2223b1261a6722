// Reads of a follower that is far behind: what is on its way to it, and how stale it is, must not take longer the more
// there is of it. Beside each the same read of the leader, which is never behind.

import { Cluster } from '../../src/core/cluster.ts'
import { bestRates } from './rates.ts'
import { nanoseconds, type Row } from './table.ts'

const BEHIND = 100_000
const READS = 1_000
const COST_NS_MAX = 100_000

type Step = (cluster: Cluster) => void
type Story = readonly [what: string, keys: number, before: Step, after?: Step]

const STORIES: readonly Story[] = [
  ['all copies travelling', 1_000, slow],
  ['all copies held', 1_000, (cluster) => cluster.hold(0, 1, {})],
  ['the first copy held', 1_000, holdFirst],
  ['one key', 1, slow],
  ['each key once', BEHIND, slow],
  ['its leader has crashed', 1_000, slow, crash],
  ['another leads, unheard of yet', 1_000, slow, failOver],
]

export async function benchBehind(): Promise<Row[]> {
  return STORIES.map(([what, keys, before, after]) => {
    const cluster = new Cluster()
    before(cluster)
    for (let i = 0; i < BEHIND; i++) {
      cluster.write({ key: `user:${i % keys}`, value: 'Jessica' }, ignore)
    }
    // What is late is late by now; a slow copy takes an hour.
    cluster.advance({ us: 1_000_000 })
    after?.(cluster)
    const [follower = 0, leader = 0] = bestRates([
      () => readMany(cluster, 1, keys),
      () => readMany(cluster, 0, keys),
    ]).map((rate) => 1e9 / rate)
    return {
      what: `read of a follower ${BEHIND.toLocaleString('en-US')} entries behind: ${what}`,
      ratio: follower / COST_NS_MAX,
      // Without a leader nobody keeps count of what is on its way: all of it is looked through.
      ...(after ? {} : { aim: '≤ 1' }),
      measured: nanoseconds(follower),
      limit: `${nanoseconds(COST_NS_MAX)} at most; of the leader ${nanoseconds(leader)}`,
    }
  })
}

function slow(cluster: Cluster): void {
  cluster.setLink(0, 1, { latency: '60m' })
}

function holdFirst(cluster: Cluster): void {
  cluster.hold(0, 1, { copies: 1 })
}

function crash(cluster: Cluster): void {
  cluster.crash(0, {})
}

function failOver(cluster: Cluster): void {
  cluster.failover({ to: 2 })
}

/** Each after one more write, as it goes where others write. */
function readMany(cluster: Cluster, replica: number, keys: number): number {
  let reads = 0
  const began = performance.now()
  while (reads < READS && performance.now() - began < 500) {
    const key = `user:${(reads++ * 7_919) % keys}`
    cluster.write({ key, value: 'Maria' }, ignore)
    cluster.followerRead({ key, replica }, ignore)
  }
  return reads
}

function ignore(): void {}
