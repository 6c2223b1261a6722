// The file against the real cluster: after whatever befell it, a restart from the file knows exactly what
// the newest leader knew. The dumb twin of all the epochs is the leader itself.

import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cluster } from '../../../src/core/cluster.ts'
import { formatVersion } from '../../../src/core/version.ts'
import { pinned } from '../../tools/pinned.ts'
import { linesOf, open, reopen, START, tempPath } from './fixture.ts'

const REPLICAS = 4

function newCluster(logEntriesMax = 1_000): Cluster {
  const clock = { mode: 'manual', rate: 1 } as const
  return new Cluster({ followers: REPLICAS - 1, seed: 1, startTimeMs: START, clock, logEntriesMax })
}

/** What a replica holds: versions by key. */
function stored(cluster: Cluster, replica: number): Map<string, string> {
  const page = cluster.replicaRecords(replica, 0, 1_000)
  if (!page.ok) throw new Error('no such replica')
  return new Map(page.value.records.map((record) => [record.key, formatVersion(record)]))
}

const replica = fc.nat({ max: REPLICAS - 1 })
const end = fc.integer({ min: -1, max: REPLICAS - 1 })
const ends = fc.tuple(end, end).filter(([from, to]) => from !== to)
const key = fc.constantFrom('a', 'b', 'c', 'd')
const ignore = () => {}

/** Anything that may change who knows which log; writes and time most of all. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(key, fc.option(replica))
      .map(([key, at]) => ({ verb: 'write' as const, key, at })),
  },
  { weight: 2, arbitrary: key.map((key) => ({ verb: 'read-with-repair' as const, key })) },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(0, 100, 250, 700, 2_500)
      .map((ms) => ({ verb: 'advance' as const, ms })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.option(replica), fc.boolean())
      .map(([to, force]) => ({ verb: 'failover' as const, to, force })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(replica, fc.boolean())
      .map(([id, keepData]) => ({ verb: 'crash' as const, id, keepData })),
  },
  { weight: 3, arbitrary: replica.map((id) => ({ verb: 'restart' as const, id })) },
  { weight: 2, arbitrary: ends.map(([from, to]) => ({ verb: 'cut' as const, from, to })) },
  { weight: 2, arbitrary: ends.map(([from, to]) => ({ verb: 'hold' as const, from, to })) },
  { weight: 2, arbitrary: fc.constant({ verb: 'heal' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('nothing', 'faults', 'data')
      .map((keep) => ({ verb: 'reset' as const, keep: keep as 'data' })),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

let count = 0

function take(cluster: Cluster, step: Step): void {
  switch (step.verb) {
    case 'write': {
      const to = step.at === null ? {} : { replica: step.at }
      cluster.write({ key: step.key, value: String(++count), ...to }, ignore)
      return
    }
    case 'read-with-repair':
      cluster.readWithRepair({ key: step.key }, ignore)
      return
    case 'advance':
      cluster.advance({ us: step.ms * 1_000 })
      return
    case 'failover':
      cluster.failover({ force: step.force, ...(step.to !== null && { to: step.to }) })
      return
    case 'crash':
      cluster.crash(step.id, { keepData: step.keepData })
      return
    case 'restart':
      cluster.restart(step.id)
      return
    case 'cut':
      cluster.cut(step.from, step.to, {})
      return
    case 'hold':
      cluster.hold(step.from, step.to, {})
      return
    case 'heal':
      cluster.healAll()
      for (const { from, to } of cluster.view().links) cluster.release(from, to)
      return
    case 'reset':
      cluster.reset(step.keep)
      return
    default:
      step satisfies never
  }
}

/** After which all replicas know the same log, and compaction has its chance. */
const CALM: readonly Step[] = [
  { verb: 'heal' },
  ...[0, 1, 2, 3].map((id) => ({ verb: 'restart' as const, id })),
  ...(['a', 'a', 'b', 'a', 'b'] as const).map((key) => ({ verb: 'write' as const, key, at: null })),
  { verb: 'advance', ms: 2_500 },
  // Now the followers lag.
  { verb: 'write', key: 'a', at: null },
  ...([0, 0, 0] as const).map((ms) => ({ verb: 'advance' as const, ms })),
]

/** Two lives on one file. @returns how often it was compacted in use */
async function liveTwice(
  lives: readonly (readonly Step[])[],
  compactBytesMin?: number,
): Promise<number> {
  const path = tempPath()
  let compacted = 0
  for (const life of lives) {
    const compacting = compactBytesMin !== undefined && { compactBytesMin, say: () => compacted++ }
    const { restored, file } = open(path, { replicas: REPLICAS, ...compacting })
    const cluster = newCluster(compactBytesMin === undefined ? 1_000 : 3)
    file.attach(cluster)
    if (restored) cluster.restore(restored)
    for (const step of life) {
      take(cluster, step)
      // Compaction goes on between the turns, and in as many of them as it likes.
      if (compacting && step.verb === 'advance') await new Promise((go) => setImmediate(go))
    }
    const { leader, epoch } = cluster.view()
    const expected = leader === null ? undefined : stored(cluster, leader)
    await file.close()
    const again = (await reopen(path, REPLICAS)).restored
    expect(again?.epoch, 'no epoch is issued twice').toBeGreaterThanOrEqual(epoch)
    if (leader === null) continue
    expect(again?.leader).toBe(leader)
    const latest = again?.records.map((it) => [it.key, formatVersion(it)] as const)
    expect(new Map(latest)).toEqual(expected)
  }
  return compacted
}

test('after any run, the file knows what the newest leader knows', async () => {
  const steps = fc.array(step, { maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(steps, fc.array(step, { maxLength: 20 }), async (...lives) => {
      await liveTwice(lives)
    }),
    pinned(60),
  )
})

test('so it does when it was compacted on the way, and logs are short', async () => {
  const steps = fc.array(step, { maxLength: 100, size: 'max' })
  let compacted = 0
  await fc.assert(
    fc.asyncProperty(steps, fc.array(step, { maxLength: 20 }), async (...lives) => {
      const calmed = lives.map((life) =>
        life.flatMap((step, i) => (i % 10 === 9 ? [step, ...CALM] : [step])),
      )
      compacted += await liveTwice(calmed, 500)
    }),
    pinned(30),
  )
  expect(compacted).toBeGreaterThan(5)
})

test('after a reset the file tells the time as the answers do', async () => {
  const path = tempPath()
  const { file } = open(path)
  const cluster = newCluster()
  file.attach(cluster)
  cluster.advance({ us: 60_000_000 })
  cluster.reset('nothing')
  cluster.write({ key: 'a', value: '1' }, ignore)
  await file.close()
  const timestamp = new Date(START + 60_000).toISOString()
  expect(linesOf(path).at(-1)).toMatchObject({ type: 'write', timestamp })
})

test('what a client saw before the disk had it is never given out again', async () => {
  const path = tempPath()
  const { file } = open(path)
  const cluster = newCluster()
  file.attach(cluster)
  for (let i = 0; i < 100; i++) cluster.failover({})
  cluster.write({ key: 'a', value: '1' }, ignore)
  // A crash in this very turn: all that is on disk is what could not wait.
  const afterwards = tempPath()
  writeFileSync(afterwards, readFileSync(path))
  const { epoch } = cluster.view()
  expect(epoch).toBe(101)
  const { restored } = open(afterwards)
  expect(restored).toMatchObject({ leader: 0, records: [] })
  expect(restored?.epoch).toBeGreaterThanOrEqual(epoch)
})

test('where no number can be set aside, nobody takes over', () => {
  const cluster = newCluster()
  cluster.reservedBy({ reserve: (epoch) => epoch <= 2 })
  expect(cluster.failover({}).ok).toBe(true)
  expect(cluster.failover({})).toMatchObject({ ok: false, problem: { code: 'wrong-state' } })
  cluster.reset('nothing')
  expect(cluster.failover({}).ok).toBe(true)
  expect(cluster.failover({}).ok).toBe(false)
})
