// Stories of reads that wait for their repairs: what they may return, what ends them, and what replicas of
// different epochs say to a repair.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { describeProblem } from '../../src/core/output/describe-problem.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

/** Everybody has `old`; `new` is with the leader alone; a repair of replica 1 is under way, due in 50 ms. */
function repairUnderWay(how: { readonly r?: number; readonly replicas?: readonly number[] } = {}) {
  const lab = testCluster()
  lab.writeWithQuorum('k', 'old', { w: 3 })
  lab.idle()
  lab.hold(0, 1)
  lab.hold(0, 2)
  lab.link(API, 1, { latency: '100ms' })
  lab.writeWithQuorum('k', 'new', { w: 2, timeoutMs: 10_000 })
  const read = lab.readWithQuorum('k', { r: 2, replicas: [0, 1], ...how })
  lab.advance(150)
  expect([read.said, lab.values('k')[1]]).toEqual(['waiting', 'old'])
  return { lab, read }
}

function nextRead(lab: TestCluster): string {
  const read = lab.readWithQuorum('k', { r: 2, replicas: [1, 2] })
  lab.advance(250)
  return read.said
}

describe('a quorum read whose repair fails', () => {
  test('has no answer when the replica it would repair crashes', () => {
    const { lab, read } = repairUnderWay()
    lab.crash(1, { keepData: true, forMs: 100 })
    lab.advance(100)
    expect(read.problem).toMatchObject({
      code: 'quorum-unavailable',
      facts: { required: 2, version: '1.2', heldBy: [0], missing: [1], down: [1] },
    })
    expect(read.atUs).toBe(lab.cluster.nowUs - 50_000)
    expect(lab.heard('read-failed')).toMatchObject([{ answer: null }])
    expect(nextRead(lab)).toBe('old')
  })

  test('times out when the repair is lost', () => {
    const { lab, read } = repairUnderWay()
    lab.cut(API, 1, { forMs: 100 })
    lab.advance(1_849)
    expect(read.said).toBe('waiting')
    lab.advance(1)
    expect(describeProblem(read.problem)).toBe(
      'Version 1.2 was found, but r=2 replicas must hold it before it is returned: replica 1 did not confirm in time to have it. Bring back what is missing, or read with repair=false to see what is found.',
    )
    expect(read.problem.code).toBe('quorum-timeout')
    expect(nextRead(lab)).toBe('old')
  })

  test('times out when the repair is stuck, and the repair counts for later reads once it lands', () => {
    const { lab, read } = repairUnderWay()
    lab.pause(1)
    lab.advance(1_850)
    expect(read.said).toBe('quorum-timeout')
    expect(read.problem.remedies).toEqual([{ verb: 'resume', replica: 1 }])
    lab.resume(1)
    expect(nextRead(lab)).toBe('new')
  })

  test('times out when only the confirmation is lost', () => {
    const { lab, read } = repairUnderWay()
    lab.cut(1, API)
    lab.advance(1_850)
    expect([read.said, lab.values('k')[1]]).toEqual(['quorum-timeout', 'new'])
  })
})

describe('a late answer to a quorum read', () => {
  /** `1` is with replicas 0 and 2; replica 1 is asked within 100 ms, and one more within 150. */
  function lateOne(late: number): TestCluster {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.write('k', '1')
    lab.advance(500)
    lab.hold(0, 2)
    lab.link(API, 1, { latency: '100ms' })
    lab.link(API, late, { latency: '150ms' })
    return lab
  }

  test('counts where it holds the record', () => {
    const lab = lateOne(2)
    const read = lab.readWithQuorum('k', { r: 2 })
    lab.advance(110)
    lab.pause(1)
    lab.advance(40)
    expect([read.said, read.value.repaired, read.atUs]).toEqual(['1', [], 650_000])
    expect(read.value.answers.map(({ replica }) => replica)).toEqual([0, 1, 2])
  })

  test('is repaired where it lacks it, and so makes up for a replica that crashed', () => {
    const lab = lateOne(2)
    lab.write('k', '2')
    const read = lab.readWithQuorum('k', { r: 2 })
    lab.advance(110)
    lab.crash(1)
    lab.advance(189)
    expect(read.said).toBe('waiting')
    lab.advance(1)
    expect([read.said, read.value.repaired]).toEqual(['2', [2]])
  })

  test('wins where it is newer, and that is what must be held then', () => {
    const lab = lateOne(0)
    const read = lab.readWithQuorum('k', { r: 2 })
    lab.advance(110)
    expect(read.said).toBe('waiting')
    lab.write('k', '2')
    lab.advance(40)
    expect([read.said, read.value.repaired]).toEqual(['2', [2]])
    expect(lab.values('k')).toEqual(['2', null, '2'])
    lab.advance(100)
    expect(lab.values('k')).toEqual(['2', '2', '2'])
  })

  test('is not waited for once nobody else can be', () => {
    const lab = lateOne(2)
    lab.write('k', '2')
    const read = lab.readWithQuorum('k', { r: 2 })
    lab.advance(110)
    lab.crash(1)
    lab.crash(2)
    lab.advance(89)
    expect(read.said).toBe('waiting')
    lab.advance(1)
    expect([read.said, read.problem.facts.down]).toEqual(['quorum-unavailable', [1, 2]])
  })
})

describe('read-with-repair', () => {
  test('leaves out of `repaired` who was down when its repair came, and answers all the same', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.write('k', '1')
    lab.link(API, 1, { latency: '100ms' })
    const read = lab.readWithRepair('k')
    lab.advance(110)
    lab.crash(1, { keepData: true, forMs: 50 })
    lab.advance(90)
    expect([read.said, read.value.repaired, read.atUs]).toEqual(['1', [2], 200_000])
  })

  test('gives the repairs of those that answered in time as long again', () => {
    const lab = testCluster({ quorumTimeoutMs: 300 })
    lab.hold(0, 1)
    lab.write('k', '1')
    lab.link(API, 1, { latency: '250ms' })
    lab.pause(2)
    const read = lab.readWithRepair('k')
    lab.advance(549)
    expect(read.said).toBe('waiting')
    lab.advance(1)
    expect(read.value.repaired).toEqual([1])
  })
})

describe('a repair of a record of another epoch', () => {
  test('tells a deposed leader, which takes no further write', () => {
    const lab = testCluster({ followers: 1 })
    lab.partition([[0], [1]])
    lab.failover({ to: 1 })
    lab.write('k', 'new')
    expect(lab.readWithRepair('k').value.repaired).toEqual([0])
    expect(lab.write('k', 'mine', { replica: 0 }).said).toBe('not-leader')
    expect(lab.positions()).toEqual(['2:0', '2:1'])
  })

  /** Its leader alone has a record, and a failover ends that while the repair of the next leader is under way. */
  function deadOnArrival(how: 'readWithRepair' | 'readWithQuorum') {
    const lab = testCluster()
    lab.write('k', 'live')
    lab.idle()
    lab.partition([[0], [1, 2]])
    lab.write('k', 'dead')
    lab.link(API, 1, { latency: '100ms' })
    const read =
      how === 'readWithRepair' ? lab.readWithRepair('k') : lab.readWithQuorum('k', { r: 3 })
    lab.advance(110)
    lab.failover({ to: 1 })
    return { lab, read }
  }

  test.each(['readWithRepair', 'readWithQuorum'] as const)(
    'is refused where it is dead by now, and %s is decided again',
    (how) => {
      const { lab, read } = deadOnArrival(how)
      expect([read.said, lab.values('k')]).toEqual(['waiting', ['dead', 'live', 'dead']])
      lab.advance(90)
      expect(read.said).toBe('live')
      expect(lab.values('k')).toEqual(['live', 'live', 'live'])
    },
  )
})
