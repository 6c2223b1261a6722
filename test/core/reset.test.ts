// Stories of reset: everything, all but the faults, or all but the data.

import { describe, expect, test } from 'vitest'
import { testCluster } from '../tools/cluster.ts'

describe('a reset', () => {
  test('brings data, faults and clock back to the start', () => {
    const lab = testCluster()
    const fresh = lab.cluster.view()
    lab.write('a', '1')
    lab.failover()
    lab.cut(0, 1)
    lab.crash(2)
    lab.link(0, 1, { lossRatio: 0.5 })
    lab.advance(1_000)
    lab.reset()
    expect(lab.cluster.view()).toEqual(fresh)
    expect(lab.values('a')).toEqual([null, null, null])
    expect(lab.cluster.failovers()).toEqual([])
  })

  test('lets timestamps begin at its own instant, and again after the next one', () => {
    const { cluster } = testCluster({ startTimeMs: 1_000 })
    cluster.advance({ us: 2_500_900 })
    cluster.reset('nothing')
    expect(cluster.startTimeMs).toBe(3_500)
    cluster.advance({ us: 1_000_000 })
    cluster.reset('nothing')
    expect(cluster.startTimeMs).toBe(4_500)
  })

  test('that keeps something lets time go on as it was counted', () => {
    const { cluster } = testCluster({ startTimeMs: 1_000 })
    cluster.advance({ us: 2_000_000 })
    cluster.reset('faults')
    cluster.reset('data')
    expect([cluster.startTimeMs, cluster.nowUs]).toEqual([1_000, 2_000_000])
  })

  test('draws the same chances again', () => {
    const lab = testCluster({ latency: 'exponential(100ms)', seed: 5 })
    const run = () => {
      for (let i = 0; i < 10; i++) lab.write('a', `${i}`)
      lab.idle()
      return lab.nowMs
    }
    const first = run()
    lab.reset()
    expect(run()).toBe(first)
  })

  test('ends whoever waits, and answers before it is told', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 3 })
    lab.pause(1)
    const read = lab.followerRead('a', 1)
    lab.reset()
    expect([write.said, read.said]).toEqual(['cluster-reset', 'cluster-reset'])
    expect(write.problem.outcome).toBe('unknown')
    const types = lab.events.map(({ type }) => type)
    expect(types.indexOf('write-failed')).toBeLessThan(types.indexOf('cluster-reset'))
    expect(lab.cluster.waiting).toBe(0)
  })

  test('from inside a completion callback ends the advance that led to it', () => {
    const lab = testCluster()
    lab.cluster.writeWithQuorum({ key: 'a', value: '1', w: 2 }, () => lab.reset())
    lab.cluster.advance({ us: 1_000_000 })
    lab.watch.check()
    expect([lab.nowMs, lab.positions()]).toEqual([0, ['1:0', '1:0', '1:0']])
    expect(lab.events.at(-1)?.type).toBe('cluster-reset')
  })

  test('sends away who asks again from inside its answer, so that nobody waits for ever', () => {
    const lab = testCluster()
    const said: string[] = []
    lab.cluster.writeWithQuorum({ key: 'a', value: '1', w: 3 }, () => {
      lab.cluster.writeWithQuorum({ key: 'a', value: '2', w: 3 }, (reply) => {
        said.push(reply.ok ? 'ok' : `${reply.problem.code}, ${reply.problem.outcome}`)
      })
    })
    lab.reset()
    expect([said, lab.cluster.waiting]).toEqual([['cluster-reset, not-applied'], 0])
  })

  test('leaves nothing of the earlier life on its way', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.pause(1, { forMs: 300 })
    lab.reset()
    lab.advance(1_000)
    expect([lab.values('a'), lab.view(1).state]).toEqual([[null, null, null], 'running'])
    expect(lab.heard('replica-resumed')).toEqual([])
  })
})

describe('a reset that keeps the faults', () => {
  test('forgets the data, and goes on from the present', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(700)
    lab.pause(1)
    lab.cut(0, 2)
    lab.hold(2, 0, { copies: 3 })
    lab.link(1, 2, { lossRatio: 0.5, latency: '1s' })
    const links = lab.cluster.view().links
    lab.reset('faults')
    expect(lab.nowMs).toBe(700)
    expect(lab.values('a')).toEqual([null, null, null])
    expect(lab.view(1).state).toBe('paused')
    expect(lab.cluster.view().links).toEqual(links)
  })

  test('undoes what was to undo itself when it would have', () => {
    const lab = testCluster()
    lab.pause(1, { forMs: 500 })
    lab.cut(0, 2, { forMs: 300 })
    lab.link(0, 1, { lossRatio: 1, forMs: 400 })
    lab.advance(100)
    lab.reset('faults')
    lab.advance(200)
    expect(lab.must(lab.cluster.linkView(0, 2)).state).toBe('up')
    expect(lab.view(1).state).toBe('paused')
    lab.advance(200)
    expect(lab.view(1).state).toBe('running')
    expect(lab.must(lab.cluster.linkView(0, 1)).lossRatio).toBe(0)
  })

  test('goes back to the settings that last when those that pass are over', () => {
    const lab = testCluster()
    lab.link(0, 1, { latency: '50ms', lossRatio: 1 })
    lab.link(0, 1, { latency: null, lossRatio: 0, forMs: 300 })
    lab.reset('faults')
    expect(lab.must(lab.cluster.linkView(0, 1))).toMatchObject({ latency: '200ms', lossRatio: 0 })
    lab.advance(300)
    expect(lab.must(lab.cluster.linkView(0, 1))).toMatchObject({ latency: '50ms', lossRatio: 1 })
  })

  test('keeps a partition one that heals as a whole', () => {
    const lab = testCluster()
    lab.partition([[0], [1, 2]], { forMs: 300 })
    lab.reset('faults')
    lab.advance(300)
    expect(lab.cluster.view().links.every(({ state }) => state === 'up')).toBe(true)
  })
})

describe('a reset that keeps the data', () => {
  test('mends every fault, and lets the followers catch up', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.cut(0, 2)
    lab.crash(1, { keepData: true })
    lab.hold(0, 1)
    lab.link(0, 2, { lossRatio: 1, latency: '60m' })
    lab.write('a', '2')
    lab.reset('data')
    expect(lab.cluster.view().links.every(({ state }) => state === 'up')).toBe(true)
    expect(lab.view(1).state).toBe('running')
    lab.advance(2_000)
    expect(lab.values('a')).toEqual(['2', '2', '2'])
  })

  test('ends whoever waits all the same', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 3 })
    lab.reset('data')
    expect(write.said).toBe('cluster-reset')
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1', '1'])
  })
})

test('a leader that a reset finds crashed leads again when its time is up', () => {
  const { cluster } = testCluster()
  cluster.crash(0, { forUs: 1_000_000 })
  cluster.failover({})
  cluster.reset('faults')
  cluster.advance({ us: 3_000_000 })
  expect(cluster.view().leader).toBe(0)
})
