// Stories of two leaders at once, and of the ledger that tells what it cost.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

function ledger(lab: TestCluster) {
  return lab.cluster.failovers().map(({ lost, survived, epoch, reason, leaderlessUs }) => ({
    epoch,
    reason,
    leaderlessMs: leaderlessUs / 1_000,
    lost: lost.map(({ record, acknowledgedBy }) => `${record.value} by ${acknowledgedBy}`),
    survived: survived.map(({ record, acknowledgedBy }) => `${record.value} by ${acknowledgedBy}`),
  }))
}

describe('split brain', () => {
  test('shows two leaders, each acknowledging writes, and is resolved by a heal', () => {
    const lab = testCluster()
    lab.partition([
      [0, 2],
      [1, API],
    ])
    lab.failover({ to: 1 })
    const roles = () => lab.cluster.view().replicas.map(({ role, epoch }) => `${role} ${epoch}`)
    expect(roles()).toEqual(['leader 1', 'leader 2', 'follower 1'])
    lab.write('a', 'new side')
    lab.healAll()
    lab.idle()
    expect(roles()).toEqual(['follower 2', 'leader 2', 'follower 2'])
  })

  test('loses even a w=2 write of the old side', () => {
    const lab = testCluster()
    lab.partition([[0, 2], [1]])
    lab.failover({ to: 1 })
    const write = lab.writeWithQuorum('a', 'old side', { w: 2, replica: 0 })
    lab.advance(500)
    expect(write.value.acknowledgedBy).toEqual([0, 2])
    lab.healAll()
    lab.idle()
    expect(lab.values('a')).toEqual([null, null, null])
    expect(ledger(lab)).toMatchObject([{ lost: ['old side by 0,2'] }])
  })

  test('lets no dead version win a read; the repair tells its leader, which gives it up', () => {
    const lab = testCluster()
    lab.write('a', 'both')
    lab.idle()
    lab.partition([[0], [1, 2]])
    lab.write('a', 'dead')
    lab.failover({ to: 1 })
    lab.advance(500)
    const { record, repaired } = lab.readWithRepair('a').value
    expect([record.value, repaired]).toEqual(['both', [0]])
    expect(lab.values('a')).toEqual(['both', 'both', 'both'])
  })

  test('sends a write that is addressed to a follower to whoever leads', () => {
    const lab = testCluster()
    const { problem } = lab.write('a', '1', { replica: 2 })
    expect(problem).toMatchObject({
      code: 'not-leader',
      outcome: 'not-applied',
      facts: { replica: 2, leader: 0 },
    })
  })

  test('ends one side at a time when three of them think they lead', () => {
    const lab = testCluster({ followers: 4 })
    lab.partition([[0], [1], [2, 3, 4, API]])
    lab.healAll()
    lab.partition([[0], [1], [2, 3, 4]])
    lab.failover({ to: 1 })
    lab.failover({ to: 2 })
    for (const replica of [0, 1, 2]) lab.write('a', `by ${replica}`, { replica })
    const leaders = () => lab.cluster.view().replicas.filter(({ role }) => role === 'leader').length
    expect(leaders()).toBe(3)
    lab.healAll()
    lab.idle()
    expect([leaders(), lab.values('a')]).toEqual([1, Array(5).fill('by 2')])
    expect(ledger(lab)).toMatchObject([{ lost: ['by 0 by 0'] }, { lost: ['by 1 by 1'] }])
  })
})

describe('the ledger', () => {
  test('lists what was acknowledged and lost, by whom it had been acknowledged', () => {
    const lab = testCluster()
    lab.write('a', 'everywhere')
    lab.idle()
    lab.write('b', 'on two')
    lab.advance(200)
    lab.write('c', 'on one')
    lab.crash(0)
    lab.failover({ to: 2, force: true })
    expect(ledger(lab)).toEqual([
      {
        epoch: 2,
        reason: 'forced',
        leaderlessMs: 0,
        lost: ['on two by 0,1', 'on one by 0'],
        survived: [],
      },
    ])
    expect(lab.cluster.failovers()[0]?.lostWorkUs).toBe(200_000)
  })

  test('loses nothing at w=2 when the most advanced follower takes over', () => {
    const lab = testCluster()
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(200)
    expect(write.said).toBe('1')
    lab.crash(0)
    lab.failover()
    lab.idle()
    expect([ledger(lab)[0]?.lost, lab.read('a').said]).toEqual([[], '1'])
  })

  test('lists what nobody acknowledged and survived all the same', () => {
    const lab = testCluster({ quorumTimeoutMs: 300 })
    lab.hold(0, 2)
    const write = lab.writeWithQuorum('a', '1', { w: 3 })
    lab.advance(300)
    expect(write.said).toBe('quorum-timeout')
    lab.crash(0)
    lab.failover({ to: 1 })
    expect(ledger(lab)).toMatchObject([{ lost: [], survived: ['1 by 0,1'] }])
  })

  test('counts the time without a leader', () => {
    const lab = testCluster()
    lab.advance(1_000)
    lab.crash(0)
    lab.advance(750)
    lab.failover()
    expect(ledger(lab)).toMatchObject([{ leaderlessMs: 750 }])
    expect(lab.cluster.failovers()[0]?.atUs).toBe(1_750_000)
  })

  test('adds what the deposed leader goes on to acknowledge', () => {
    const lab = testCluster()
    lab.partition([[0], [1, 2]])
    lab.failover({ to: 1 })
    expect(ledger(lab)).toMatchObject([{ lost: [] }])
    lab.write('a', 'too late', { replica: 0 })
    expect(ledger(lab)).toMatchObject([{ lost: ['too late by 0'] }])
  })

  test('does not call lost what a repair carried over into the new epoch', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.write('a', 'repaired')
    lab.readWithRepair('a')
    lab.crash(0)
    lab.failover({ to: 1 })
    lab.idle()
    expect([ledger(lab)[0]?.lost, lab.read('a').said]).toEqual([[], 'repaired'])
  })

  test('does not call lost what was written again and again under new versions', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1)
    lab.write('a', '1')
    lab.advance(50)
    lab.readWithRepair('a')
    lab.failover()
    expect(lab.read('a').value.record).toMatchObject({
      ...{ epoch: 2, offset: 1, origin: { epoch: 1, offset: 1 }, writtenUs: 0 },
    })
    // Replica 0 leads with the log of epoch 1, in which the first version lives.
    lab.failover()
    lab.release(0, 1)
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1'])
    expect(ledger(lab).map(({ lost, survived }) => [lost, survived])).toEqual([
      [[], []],
      [[], []],
    ])
  })

  test('charges the failover that ended the last of its versions, under the first', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.hold(0, 2)
    lab.hold(1, 2)
    lab.hold(1, 0)
    lab.write('a', '1')
    lab.readWithRepair('a')
    lab.crash(0, { keepData: false })
    lab.failover({ to: 1 })
    lab.crash(1, { keepData: false })
    lab.crash(2, { keepData: false })
    lab.restart(2)
    lab.failover({ to: 2 })
    expect(ledger(lab).map(({ lost }) => lost)).toEqual([[], ['1 by 0']])
    expect(lab.cluster.failovers()[1]?.lost[0]?.record).toMatchObject({ epoch: 1, offset: 1 })
  })

  test('takes back that a write survived, once all who had it are lost', () => {
    const lab = testCluster({ quorumTimeoutMs: 300 })
    lab.hold(0, 1)
    lab.hold(0, 2)
    lab.hold(1, 2)
    lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(300)
    lab.readWithRepair('a')
    lab.crash(0, { keepData: false })
    lab.failover({ to: 1 })
    expect(ledger(lab).map(({ survived }) => survived)).toEqual([['1 by 0']])
    lab.crash(1, { keepData: false })
    lab.crash(2, { keepData: false })
    lab.restart(2)
    lab.failover({ to: 2 })
    expect(ledger(lab).map(({ lost, survived }) => [lost, survived])).toEqual([
      [[], []],
      [[], []],
    ])
  })

  test('does not call lost what the newest leader has, whoever led without it in between', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.idle()
    lab.partition([[0, 1], [2]])
    lab.crash(2)
    lab.restart(2)
    lab.failover({ to: 2, force: true })
    expect(ledger(lab)[0]?.lost).toEqual(['1 by 0,1,2'])
    lab.failover({ to: 1 })
    lab.healAll()
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1', '1'])
    expect(ledger(lab).map(({ lost }) => lost)).toEqual([[], []])
  })

  test('charges a loss to the first failover whose log lacks it', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(200)
    lab.failover({ to: 2, force: true })
    lab.advance(1_000)
    lab.failover({ to: 1 })
    expect(ledger(lab).map(({ lost }) => lost)).toEqual([['1 by 0,1'], []])
  })
})
