// The columns of a forecast from what clients saw: by hand, and against the core's own count of stale reads.

import { describe, expect, test } from 'vitest'
import { observe, sayObserved } from '../../../src/analysis/forecast/observed.ts'
import { EMPTY_HISTORY, type Operation } from '../../../src/analysis/history/operation.ts'
import { HistoryRecording } from '../../../src/analysis/history/recording.ts'
import { Cluster } from '../../../src/core/cluster.ts'
import { DEFAULT_OPTIONS } from '../../../src/core/options.ts'
import { Random } from '../../../src/core/random.ts'
import { parseLatencyFlag, withLegs } from '../../../src/core/text/latency-legs.ts'

const ignore = () => {}

function op(what: Partial<Operation> & Pick<Operation, 'kind' | 'calledMs'>): Operation {
  const { calledMs } = what
  return { client: 'a', key: 'k', value: 'v', returnedMs: calledMs, outcome: 'ok', ...what }
}

describe('by hand', () => {
  const operations = [
    op({ kind: 'read', calledMs: 0, value: null, replica: 1 }),
    op({ kind: 'write', calledMs: 5, returnedMs: 10, version: '1.1' }),
    op({ kind: 'write', calledMs: 20, version: '1.2' }),
    op({ kind: 'write', calledMs: 30, returnedMs: null, outcome: 'unknown', version: '1.3' }),
    op({ kind: 'read', calledMs: 25, returnedMs: 27, version: '1.1', replica: 1 }),
    op({ kind: 'read', calledMs: 40, value: null, replica: 1 }),
    op({ kind: 'read', calledMs: 60, version: '1.3', replica: 2 }),
    op({ kind: 'read', calledMs: 70, key: 'other', version: '1.1', replica: 2 }),
    op({ kind: 'read', calledMs: 80, outcome: 'failed', replica: 2 }),
  ]
  const observed = observe({ ...EMPTY_HISTORY, operations }, [0, 10, 50])

  test('reads are counted by who answered, and by the time since the newest acknowledgement', () => {
    const [one, two, all] = observed.rows
    expect(observed.rows.map(({ reads, count }) => [reads, count])).toEqual([
      ['replica 1', 2],
      ['replica 2', 1],
      ['all reads', 3],
    ])
    expect(one?.fresh.map(({ count, chance }) => [count, chance])).toEqual([
      [1, 0],
      [1, 0],
      [0, null],
    ])
    expect(two?.fresh.map(({ chance }) => chance)).toEqual([null, 1, null])
    expect(one?.versionsBehind.slice(0, 3)).toEqual([
      { k: 1, chance: 1 },
      { k: 2, chance: 0.5 },
      { k: 3, chance: 0 },
    ])
    expect(all?.latencyMs).toEqual({ p50: 0, p99: 2, p999: 2 })
  })

  test('what tells nothing is left out, and counted', () => {
    expect(observed.leftOut).toBe(2)
    expect(observed.writes).toEqual({ count: 2, latencyMs: { p50: 0, p99: 5, p999: 5 } })
  })

  test('a person reads it as a table', () => {
    const lines = sayObserved(observed).split('\n')
    expect(lines[0]).toMatch(/^reads by +reads +t=0-10ms +t=10-50ms +t=50\+ms +k=1/)
    expect(lines[1]).toMatch(/^replica 1 +2 +0\.000 of 1 +0\.000 of 1 +- +1\.000 +0\.500/)
    expect(sayObserved(observe(EMPTY_HISTORY, [0]))).toContain('Writes acknowledged: 0')
  })
})

test.each([1, 2, 3, 4])('each read misses as many versions as the core says, seed %d', (seed) => {
  const legs = parseLatencyFlag('replicate=exponential(80ms),exponential(300ms)')
  if (!legs.ok) throw new Error(legs.message)
  const latency = withLegs(DEFAULT_OPTIONS.latency, legs.value)
  const cluster = new Cluster({ seed, latency })
  const history = new HistoryRecording({ operationsMax: 10_000, bytesMax: 1e9 })
  const missed = new Map<string, number[]>()
  cluster.listen((event) => {
    history.hear(event)
    if (event.type !== 'read-completed' && event.type !== 'read-failed') return
    const { answer } = event
    if (!answer) return
    const name = `replica ${answer.replica}`
    missed.set(name, [...(missed.get(name) ?? []), answer.staleness.versions])
  })
  const random = Random.fromSeed(seed)
  // The first write is there before anybody reads: reads before it are left out.
  for (const key of ['a', 'b']) cluster.write({ key, value: '0' }, ignore)
  cluster.advance({ us: 1 })
  for (let i = 0; i < 2_000; i++) {
    const key = random.int(2) === 0 ? 'a' : 'b'
    if (random.int(3) === 0) cluster.write({ key, value: String(i) }, ignore)
    else cluster.followerRead({ key, replica: random.int(3) }, ignore)
    cluster.advance({ us: random.int(40_000) })
  }
  const { rows, leftOut } = observe(history.history(), [0])
  expect(leftOut).toBe(0)
  for (const [name, all] of missed) {
    const row = rows.find(({ reads }) => reads === name)
    expect(row?.count).toBe(all.length)
    for (const { k, chance } of row?.versionsBehind ?? []) {
      expect(chance).toBe(all.filter((n) => n >= k).length / all.length)
    }
  }
  expect([...missed.values()].flat().some((n) => n >= 5)).toBe(true)
})
