// Stories of moving time: by a duration, until all is quiet, until a replica has a version.

import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { Cluster } from '../../src/core/cluster.ts'
import { codeOf } from '../tools/answer.ts'
import { lowered } from '../tools/bound.ts'
import { testCluster } from '../tools/cluster.ts'

describe('advance by a duration', () => {
  test('tells what happened on the way, and where it got', () => {
    const lab = testCluster()
    lab.write('a', '1')
    const reply = lab.must(lab.cluster.advance({ us: 300_000 }))
    expect(reply).toMatchObject({ fromUs: 0, nowUs: 300_000, finished: true, eventsLeftOut: 0 })
    expect(reply.events.map(({ type, atUs }) => [type, atUs])).toContainEqual([
      'copy-applied',
      200_000,
    ])
  })

  test('never overshoots, not by a microsecond', () => {
    const lab = testCluster()
    lab.write('a', '1')
    for (const us of [199_999, 1, 0, 299_999, 1]) {
      const { fromUs, nowUs } = lab.must(lab.cluster.advance({ us }))
      expect(nowUs - fromUs).toBe(us)
    }
    expect(lab.values('a')).toEqual(['1', '1', '1'])
  })

  test('shows a thousand events, and counts the rest', () => {
    const lab = testCluster({ followers: 1 })
    for (let i = 0; i < 1_000; i++) lab.write('a', `${i}`)
    const { events, eventsLeftOut } = lab.must(lab.cluster.advance({ us: 1_000_000 }))
    expect(events).toHaveLength(BOUNDS.advanceEventsShown)
    expect(eventsLeftOut).toBe(2_000)
  })

  test('stops at the bound of one call, and says how far it got', () => {
    lowered('advanceEventsMax', 10_000)
    // A heartbeat every microsecond: an absurd option, but the quickest way to many events.
    const lab = testCluster({ followers: 1, autoFailoverMs: 0.004 })
    const { finished, nowUs } = lab.must(lab.cluster.advance({ us: 1_000_000 }))
    expect(finished).toBe(false)
    expect(nowUs).toBeGreaterThan(1_000)
    expect(nowUs).toBeLessThan(1_000_000)
    expect(lab.must(lab.cluster.advance({ us: 10 }))).toMatchObject({
      finished: true,
      nowUs: nowUs + 10,
    })
  })

  test.each([1e18, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, Number.NaN])(
    'by %d is refused, and nothing moves',
    (us) => {
      const lab = testCluster()
      expect(codeOf(lab.cluster.advance({ us }))).toBe('invalid-request')
      expect(lab.nowMs).toBe(0)
    },
  )

  test('from inside a completion callback does not turn time back', () => {
    const lab = testCluster()
    lab.cluster.writeWithQuorum({ key: 'a', value: '1', w: 2 }, () => {
      lab.cluster.advance({ us: 500_000 })
    })
    lab.cluster.advance({ us: 300_000 })
    lab.watch.check()
    expect(lab.nowMs).toBe(700)
  })
})

describe('advance to idle', () => {
  test('stops as soon as nothing would happen any more', () => {
    const lab = testCluster()
    lab.write('a', '1')
    expect(lab.idle()).toMatchObject({ nowUs: 500_000, finished: true })
    expect(lab.idle()).toMatchObject({ fromUs: 500_000, nowUs: 500_000 })
  })

  test('waits for whoever waits', () => {
    const lab = testCluster({ quorumTimeoutMs: 3_000 })
    lab.pause(1)
    lab.followerRead('a', 1)
    expect(lab.idle().nowUs).toBe(3_000_000)
  })

  test('waits neither for held messages, nor for those that are cut off, nor for heartbeats', () => {
    const lab = testCluster({ autoFailoverMs: 60_000, followers: 3 })
    lab.hold(0, 1)
    lab.cut(0, 2)
    lab.write('a', '1')
    expect(lab.idle().nowUs).toBe(800_000)
    expect(lab.values('a')).toEqual(['1', null, null, '1'])
  })

  test('does not wait for a crashed follower', () => {
    const lab = testCluster()
    lab.crash(1)
    lab.write('a', '1')
    expect(lab.idle().nowUs).toBe(500_000)
  })

  test('gives up at that bound when it never gets quiet', () => {
    lowered('advanceEventsMax', 10_000)
    const cluster = new Cluster({ followers: 1 })
    cluster.setLink(0, 1, { lossRatio: 1 })
    cluster.write({ key: 'a', value: '1' }, () => {})
    expect(cluster.advance({ to: 'idle' })).toMatchObject({ value: { finished: false } })
  })
})

describe('advance until a replica has a version', () => {
  test('stops at that instant', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(20)
    lab.write('a', '2')
    expect(lab.must(lab.until(1, '1.2'))).toMatchObject({ nowUs: 220_000, finished: true })
    expect(lab.must(lab.until(1, '1.1'))).toMatchObject({ fromUs: 220_000, nowUs: 220_000 })
  })

  test('says that the version was lost when a failover has killed it', () => {
    const lab = testCluster()
    lab.partition([[0], [1, 2]])
    lab.write('a', 'lost')
    lab.failover({ to: 1 })
    expect(codeOf(lab.until(2, '1.1'))).toBe('version-lost')
  })

  test('says so at the instant it is lost', () => {
    const lab = testCluster({ autoFailoverMs: 1_000 })
    lab.partition([[0], [1, 2, -1]])
    lab.write('a', 'lost', { replica: 0 })
    lab.advance(10)
    expect(codeOf(lab.until(2, '1.1'))).toBe('version-lost')
    expect(lab.nowMs).toBeLessThan(1_300)
  })

  test('says that it will not get there when nothing more happens by itself', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.write('a', '1')
    const reply = lab.until(1, '1.1')
    expect(reply).toMatchObject({ problem: { code: 'not-reached', facts: { nowMs: 500 } } })
    expect(reply).toMatchObject({ problem: { remedies: [{ verb: 'release', from: 0, to: 1 }] } })
    expect(codeOf(lab.until(2, '1.2'))).toBe('not-reached')
    expect(codeOf(lab.until(2, '7.1'))).toBe('not-reached')
  })

  test('of the leader itself shows no link from it to itself', () => {
    const cluster = new Cluster()
    const how = { until: { replica: 0, version: { epoch: 7, offset: 1 } } }
    expect(cluster.advance(how).ok).toBe(false)
    expect(cluster.view().links.map(({ to }) => to)).toEqual([1, 2])
  })

  test('of a replica that does not exist is refused', () => {
    expect(codeOf(testCluster().until(5, '1.1'))).toBe('invalid-request')
  })

  test('waits for a crashed replica no longer than something happens', () => {
    const lab = testCluster()
    lab.crash(1, { forMs: 3_000 })
    lab.write('a', '1')
    expect(lab.must(lab.until(1, '1.1')).nowUs).toBeGreaterThanOrEqual(3_200_000)
  })
})

test('nobody waits beyond the end of the clock', () => {
  const cluster = new Cluster()
  for (let year = 0; year < 100; year++) cluster.advance({ us: BOUNDS.advanceUsMax })
  let code = ''
  cluster.writeWithQuorum({ key: 'a', value: 'b', w: 3 }, (reply) => {
    code = reply.ok ? '' : reply.problem.code
  })
  expect([code, cluster.waiting]).toEqual(['quorum-timeout', 0])
})

test('a rate given while time stands still is for when it goes on', () => {
  const cluster = new Cluster({ clock: { mode: 'real', rate: 1 } })
  cluster.pauseClock()
  cluster.setClock('manual', 10)
  expect(cluster.resumeClock()).toMatchObject({ value: { mode: 'real', rate: 10 } })
})
