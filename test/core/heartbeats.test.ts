// Stories of automatic failover and of the write guard: both live on heartbeats, and both are off by default.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

describe('automatic failover', () => {
  test('is off unless asked for: the cluster waits', () => {
    const lab = testCluster()
    lab.crash(0)
    lab.advance(3_600_000)
    expect(lab.cluster.view().leader).toBeNull()
  })

  test('deposes a leader that api has not heard of for too long', () => {
    const lab = testCluster({ autoFailoverMs: 1_000 })
    lab.write('a', '1')
    lab.advance(600)
    lab.crash(0)
    lab.advance(1_250)
    expect(lab.cluster.view()).toMatchObject({ leader: 1, epoch: 2 })
    expect(lab.heard('leader-elected')).toMatchObject([{ reason: 'suspected', from: 0, to: 1 }])
    const [failover] = lab.cluster.failovers()
    expect(failover?.leaderlessUs).toBeGreaterThanOrEqual(750_000)
    expect(failover?.leaderlessUs).toBeLessThanOrEqual(1_250_000)
  })

  test('leaves a leader alone that is heard of', () => {
    const lab = testCluster({ autoFailoverMs: 1_000 })
    lab.advance(60_000)
    expect(lab.cluster.view().epoch).toBe(1)
    expect(lab.heard('leader-suspected')).toEqual([])
  })

  test.each([
    ['paused', 'pause'],
    ['cut off from api', 'cut'],
  ] as const)('deposes one that is %s, for nobody can tell', (_, verb) => {
    const lab = testCluster({ autoFailoverMs: 1_000 })
    if (verb === 'pause') lab.pause(0)
    else lab.cut(0, API)
    lab.advance(2_000)
    expect(lab.cluster.view()).toMatchObject({ leader: 1, epoch: 2 })
  })

  test('does not undo itself: the deposed leader follows when it returns', () => {
    const lab = testCluster({ autoFailoverMs: 1_000 })
    lab.write('a', 'lost')
    lab.cut(0, 1, { forMs: 1_000 })
    lab.cut(0, 2, { forMs: 1_000 })
    lab.crash(0, { keepData: true, forMs: 5_000 })
    lab.advance(10_000)
    expect(lab.cluster.view()).toMatchObject({ leader: 1, epoch: 2 })
    expect(lab.positions()).toEqual(['2:0', '2:0', '2:0'])
  })

  test('waits for somebody to promote', () => {
    const lab = testCluster({ autoFailoverMs: 1_000, followers: 1 })
    lab.crash(0)
    lab.crash(1)
    lab.advance(10_000)
    expect(lab.cluster.view().leader).toBeNull()
    lab.restart(1)
    lab.advance(2_000)
    expect(lab.cluster.view().leader).toBe(1)
  })

  test.each([
    ['frozen', (lab: TestCluster, id: number) => lab.pause(id)],
    ['unheard', (lab: TestCluster, id: number) => lab.link(id, API, { lossRatio: 1 })],
  ] as const)('passes over the %s until somebody is heard of', (_, silence) => {
    const lab = testCluster({ autoFailoverMs: 1_000, followers: 3 })
    lab.write('a', '1')
    lab.advance(2_000)
    silence(lab, 1)
    silence(lab, 2)
    lab.crash(0)
    lab.advance(60_000)
    expect(lab.cluster.view()).toMatchObject({ leader: 3, epoch: 4 })
  })

  test('orders whoever was tried longest ago, where nobody was heard of', () => {
    const lab = testCluster({ autoFailoverMs: 1_000, followers: 3 })
    for (const id of [1, 2, 3]) lab.pause(id)
    lab.crash(0)
    lab.advance(10_000)
    lab.resume(3)
    lab.advance(4_000)
    expect(lab.cluster.view().leader).toBe(3)
  })

  test('gives a new leader time to be heard', () => {
    const lab = testCluster({ autoFailoverMs: 1_000, latency: 'respond=200ms' })
    lab.failover()
    lab.advance(10_000)
    expect(lab.cluster.view().epoch).toBe(2)
  })

  test('keeps quiet: heartbeats are no events, and never keep the cluster busy', () => {
    const lab = testCluster({ autoFailoverMs: 1_000 })
    lab.advance(10_000)
    expect(lab.events).toEqual([])
    expect(lab.idle().nowUs).toBe(10_000_000)
  })
})

describe('the write guard', () => {
  test('refuses writes while too few followers are in reach', () => {
    const lab = testCluster({ minFollowersToWrite: 2 })
    expect(lab.write('a', '1').said).toBe('1')
    lab.crash(1)
    expect(lab.write('a', '2').problem).toMatchObject({
      code: 'too-few-followers',
      outcome: 'not-applied',
      facts: { required: 2, followers: [2] },
    })
    expect(lab.log(0)).toEqual(['1.1'])
    lab.restart(1)
    lab.advance(1_000)
    expect(lab.write('a', '2').said).toBe('2')
  })

  test('goes by the last acknowledgement, so a paused follower is out of reach after a while', () => {
    const lab = testCluster({ minFollowersToWrite: 2, minFollowersMaxLagUs: 3_000_000 })
    lab.pause(1)
    lab.advance(2_000)
    expect(lab.write('a', '1').said).toBe('1')
    lab.advance(2_000)
    expect(lab.write('a', '2').said).toBe('too-few-followers')
    lab.resume(1)
    expect(lab.write('a', '3').said).toBe('3')
  })

  test('counts for a new leader only who has acknowledged to it', () => {
    const lab = testCluster({ minFollowersToWrite: 1 })
    lab.write('a', '1')
    lab.advance(1_000)
    lab.pause(2)
    lab.advance(60_000)
    lab.crash(0)
    lab.failover()
    expect(lab.write('a', '2').said).toBe('too-few-followers')
    lab.resume(2)
    lab.advance(1_000)
    expect(lab.write('a', '2').said).toBe('2')
  })

  test('lets an idle cluster be written to, however short its bound', () => {
    const lab = testCluster({
      minFollowersToWrite: 2,
      minFollowersMaxLagUs: 400_000,
      latency: '1ms',
    })
    for (let i = 0; i < 20; i++) {
      lab.advance(777)
      expect(lab.write('a', `${i}`).said).toBe(`${i}`)
    }
  })
})
