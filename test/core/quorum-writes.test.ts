// Stories of quorum writes: every way one can end, and who is told what.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { testCluster } from '../tools/cluster.ts'

describe('a quorum write is acknowledged', () => {
  test.each([
    [1, 0],
    [2, 200],
    [3, 500],
    [4, 800],
  ])('at w=%i of 4 after %i ms', (w, ms) => {
    const lab = testCluster({ followers: 3 })
    const write = lab.writeWithQuorum('a', '1', { w })
    lab.advance(2_000)
    expect(write.atUs).toBe(ms * 1_000)
    expect(write.value.acknowledgedBy).toEqual([0, 1, 2, 3].slice(0, w))
  })

  test.each([
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 3],
  ])('with %i followers by a majority of %i unless said otherwise', (followers, w) => {
    const lab = testCluster({ followers })
    const write = lab.writeWithQuorum('a', '1')
    lab.advance(2_000)
    expect(write.value.w).toBe(w)
    expect(write.value.acknowledgedBy).toHaveLength(w)
  })

  test('once, though acknowledgements go on coming in', () => {
    const lab = testCluster({ followers: 4 })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.idle()
    expect([write.replies, write.value.acknowledgedBy]).toEqual([1, [0, 1]])
  })

  test('together with earlier ones by a single acknowledgement', () => {
    const lab = testCluster({ followers: 1 })
    // The first copy comes last, so the follower applies all three at once.
    lab.hold(0, 1, { copies: 1 })
    const writes = ['1', '2', '3'].map((value) => lab.writeWithQuorum('a', value, { w: 2 }))
    lab.advance(500)
    lab.release(0, 1)
    expect(lab.heard('acknowledgement-received')).toMatchObject([{ appliedOffset: 3 }])
    expect(writes.map(({ said }) => said)).toEqual(['1', '2', '3'])
  })

  test('by no earlier incarnation once the leader has heard of the newer one', () => {
    const lab = testCluster({ followers: 2 })
    lab.link(1, 0, { latency: '5s' })
    lab.hold(0, 2)
    const write = lab.writeWithQuorum('a', '1', { w: 2, timeoutUs: 10_000_000 })
    lab.advance(300)
    lab.link(1, 0, { latency: null })
    lab.crash(1)
    lab.hold(0, 1)
    lab.restart(1)
    lab.advance(11_000)
    expect(write.said).toBe('quorum-timeout')
  })

  test('by an earlier incarnation too, for the data was there', () => {
    const lab = testCluster({ followers: 1, latency: 'replicate=100ms;acknowledge=200ms' })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(150)
    lab.crash(1)
    lab.restart(1)
    lab.advance(150)
    expect(write.value.acknowledgedBy).toEqual([0, 1])
  })

  test('never by a repair that ran ahead of the log', () => {
    const lab = testCluster({ followers: 1 })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(100)
    expect(lab.readWithRepair('a').value.repaired).toEqual([1])
    expect([lab.values('a'), write.said]).toEqual([['1', '1'], 'waiting'])
    lab.advance(100)
    expect(write.said).toBe('1')
  })
})

describe('a quorum write is refused before anything is written', () => {
  test('when w is more than all replicas', () => {
    const lab = testCluster()
    const { problem } = lab.writeWithQuorum('a', '1', { w: 4 })
    expect(problem).toMatchObject({ code: 'quorum-impossible', outcome: 'not-applied' })
    expect(lab.positions()).toEqual(['1:0', '1:0', '1:0'])
  })

  test('when fewer than w can be reached from the leader', () => {
    const lab = testCluster()
    lab.crash(1)
    lab.cut(2, 0)
    const { problem } = lab.writeWithQuorum('a', '1', { w: 2 })
    expect(problem).toMatchObject({ code: 'quorum-unavailable', outcome: 'not-applied' })
    expect(problem.facts).toEqual({ required: 2, reachable: [0] })
    expect(lab.values('a')).toEqual([null, null, null])
  })

  test('but not because followers are paused, held or slow: nobody can tell these from late', () => {
    const lab = testCluster()
    lab.pause(1)
    lab.hold(0, 2)
    expect(lab.writeWithQuorum('a', '1', { w: 3 }).said).toBe('waiting')
  })

  test('when nobody leads', () => {
    const lab = testCluster()
    lab.crash(0)
    const { problem } = lab.writeWithQuorum('a', '1')
    expect(problem).toMatchObject({ code: 'no-leader', outcome: 'not-applied' })
  })
})

describe('a quorum write that waits ends', () => {
  test('by its time-out, and survives all the same', () => {
    const lab = testCluster({ quorumTimeoutMs: 400 })
    lab.hold(0, 1)
    const write = lab.writeWithQuorum('a', '1', { w: 3 })
    lab.advance(399)
    expect(write.said).toBe('waiting')
    lab.advance(1)
    expect(write.problem).toMatchObject({ code: 'quorum-timeout', outcome: 'unknown' })
    expect(write.problem.facts).toEqual({
      version: '1.1',
      required: 3,
      acknowledgedBy: [0],
      missing: [1, 2],
    })
    lab.release(0, 1)
    lab.advance(100)
    expect(lab.values('a')).toEqual(['1', '1', '1'])
    expect(write.replies).toBe(1)
  })

  test('by a time-out of its own', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 3, timeoutMs: 300 })
    lab.advance(1_000)
    expect([write.said, write.atUs]).toEqual(['quorum-timeout', 300_000])
  })

  test('by the crash of its leader', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(100)
    lab.crash(0, { keepData: true })
    expect(write.problem).toMatchObject({ code: 'replica-down', outcome: 'unknown' })
    expect(write.atUs).toBe(100_000)
  })

  test('when its leader learns of a newer epoch, not before', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.hold(0, 2)
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.failover({ to: 1 })
    lab.advance(199)
    expect(write.said).toBe('waiting')
    lab.advance(1)
    expect(write.problem).toMatchObject({ code: 'leader-changed', outcome: 'unknown' })
  })

  test('when its deposed leader is made leader again', () => {
    const lab = testCluster({ latency: 'replicate=1s' })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.failover({ to: 1, force: true })
    lab.failover({ to: 0 })
    expect(write.said).toBe('leader-changed')
  })

  test('by a reset', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.reset()
    expect(write.problem).toMatchObject({ code: 'cluster-reset', outcome: 'unknown' })
  })

  test('without a word when its client left, and is written all the same', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.abandon(write)
    lab.idle()
    expect([write.replies, lab.values('a')]).toEqual([0, ['1', '1', '1']])
  })
})

describe('between a client and its leader', () => {
  test('a held link lets the write arrive later, with its answer', () => {
    const lab = testCluster()
    lab.hold(API, 0)
    const write = lab.write('a', '1')
    lab.advance(500)
    expect([write.said, lab.values('a')[0]]).toEqual(['waiting', null])
    lab.release(API, 0)
    expect([write.said, lab.values('a')[0]]).toEqual(['1', '1'])
  })

  test('a paused leader takes the write when it runs on, though the client gave up', () => {
    const lab = testCluster({ quorumTimeoutMs: 500 })
    lab.pause(0)
    const write = lab.write('a', '1')
    lab.advance(600)
    expect(write.problem).toMatchObject({ code: 'replica-timeout', outcome: 'unknown' })
    lab.resume(0)
    expect(lab.values('a')[0]).toBe('1')
  })

  test('a cut loses the write, and nobody is told before the time-out', () => {
    const lab = testCluster({ quorumTimeoutMs: 500 })
    lab.cut(API, 0)
    const write = lab.write('a', '1')
    lab.advance(500)
    expect([write.said, lab.values('a')[0]]).toEqual(['replica-timeout', null])
  })

  test('a cut on the way back loses the answer of a write that was applied', () => {
    const lab = testCluster({ quorumTimeoutMs: 500 })
    lab.cut(0, API)
    const write = lab.writeWithQuorum('a', '1', { w: 1 })
    lab.advance(500)
    expect(write.problem).toMatchObject({ code: 'replica-timeout', outcome: 'unknown' })
    expect(lab.values('a')[0]).toBe('1')
  })

  test('a crash of the leader breaks the connection of what had queued at it', () => {
    const lab = testCluster()
    lab.pause(0)
    const write = lab.write('a', '1')
    lab.crash(0)
    expect(write.problem).toMatchObject({ code: 'replica-down', outcome: 'unknown' })
  })

  test('a doubled request is served once', () => {
    const lab = testCluster()
    lab.hold(API, 0)
    lab.link(API, 0, { duplicateRatio: 1 })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.release(API, 0)
    expect([lab.log(0), write.said]).toEqual([['1.1'], 'waiting'])
    lab.advance(200)
    expect(write.value.acknowledgedBy).toEqual([0, 1])
  })
})
