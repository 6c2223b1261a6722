// Messages that overtake one another, or come from an earlier life: positions, catch-ups and snapshots must end up right.
// Each of these once left a follower behind for ever, or let it go back; the seeds are those of `npm run swarm` at
// the time.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

function writeMany(lab: TestCluster, count: number): void {
  for (let i = 0; i < count; i++) lab.write(`k${i}`, `v${i}`)
}

/**
 * Two replicas, the log of both too short to go back: replica 0, deposed, has given up a record whose older
 * version nobody can look up any more. A snapshot by the new leader, replica 1, is on its way to it.
 */
function waitingForSnapshot(): TestCluster {
  const lab = testCluster({ followers: 1, logEntriesMax: 4, latency: '10ms' })
  lab.write('a', 'kept')
  writeMany(lab, 9)
  lab.idle()
  lab.partition([[0], [1]])
  lab.write('a', 'lost')
  lab.failover({ to: 1 })
  lab.healAll()
  lab.advance(205)
  lab.link(1, 0, { latency: '500ms' })
  lab.advance(20)
  const sent = lab.heard('message-sent').filter(({ kind }) => kind === 'snapshot')
  // 10 records take 0.1 ms on top of the latency.
  expect(sent).toMatchObject([{ from: 1, to: 0, atUs: 220_000, dueUs: 720_100 }])
  return lab
}

/**
 * Replica 2 leads epoch 2 without the entry 1.2, and replica 0 epoch 3 with it, never having heard of epoch 2.
 * Replica 1 has 1.2, has heard of neither, and will give 1.2 up when it hears of epoch 2.
 */
function epochInBetween(lab: TestCluster): void {
  lab.write('a', '1')
  lab.idle()
  lab.write('b', '2')
  lab.advance(200)
  expect(lab.positions()).toEqual(['1:2', '1:2', '1:1'])
  lab.hold(2, 0)
  lab.hold(2, 1)
  lab.failover({ to: 2, force: true })
  lab.failover({ to: 0 })
  lab.write('c', '3')
}

describe('positions', () => {
  test('of an older epoch are provisional: they go back by an epoch in between (seed 1152)', () => {
    const lab = testCluster({ latency: 'replicate=200ms,500ms;acknowledge=50ms' })
    epochInBetween(lab)
    lab.hold(0, 1)
    // Replica 1 states its two entries to replica 0, then hears of epoch 2, then of epoch 3.
    lab.advance(250)
    lab.release(2, 1)
    expect(lab.positions()[1]).toBe('2:1')
    lab.advance(100)
    lab.release(0, 1)
    lab.release(2, 0)
    lab.idle()
    expect(lab.positions()).toEqual(['3:3', '3:3', '3:3'])
  })

  test('are stated though every copy comes early and the epoch was heard elsewhere (seed 14720)', () => {
    const lab = testCluster({ latency: 'replicate=200ms,500ms;acknowledge=50ms' })
    lab.write('a', '1')
    lab.idle()
    lab.write('b', '2')
    lab.advance(200)
    lab.hold(2, 0)
    lab.hold(2, 1)
    lab.failover({ to: 2, force: true })
    // The announcement of epoch 3 is lost; replica 1's older statement takes its repetition's place.
    lab.cut(0, 1)
    lab.failover({ to: 0 })
    lab.heal(0, 1)
    lab.hold(0, 1)
    lab.write('c', '3')
    lab.advance(100)
    lab.release(2, 1)
    lab.advance(1_000)
    // Replica 2, which knows epoch 3 by now, returns and greets everybody.
    lab.crash(2, { keepData: true })
    lab.restart(2)
    lab.advance(100)
    expect(lab.positions()[1]).toBe('3:1')
    lab.release(0, 1)
    lab.release(2, 0)
    lab.idle()
    expect(lab.positions()).toEqual(['3:3', '3:3', '3:3'])
  })

  test('that were lost are stated again, whatever older ones arrive meanwhile (seed 21532)', () => {
    const lab = testCluster({ latency: 'replicate=200ms,500ms' })
    lab.link(1, 0, { latency: '1s' })
    epochInBetween(lab)
    lab.release(2, 1)
    // Its statement in epoch 3 is lost again and again; that of its two entries is still on its way.
    lab.link(1, 0, { lossRatio: 1 })
    lab.advance(1_100)
    lab.link(1, 0, { lossRatio: 0 })
    lab.release(2, 0)
    lab.idle()
    expect(lab.positions()).toEqual(['3:3', '3:3', '3:3'])
  })
})

describe('a catch-up', () => {
  test('that the bound on messages stopped goes on, whatever arrives early (seed 541)', () => {
    const lab = testCluster({ messagesMax: 7 })
    lab.cut(0, 1)
    lab.write('a', 'lost on its way')
    lab.heal(0, 1)
    lab.link(0, 1, { latency: '2s' })
    lab.write('b', 'comes early')
    lab.hold(API, 2)
    for (let i = 0; i < 8; i++) lab.followerRead('a', 2)
    lab.advance(5_000)
    expect(lab.heard('copy-early')).toHaveLength(1)
    lab.release(API, 2)
    lab.idle()
    expect(lab.positions()).toEqual(['1:2', '1:2', '1:2'])
  })

  test('is told nothing by a copy that was lost with an earlier life of the follower', () => {
    const lab = testCluster({ messagesMax: 7 })
    lab.write('a', '1')
    lab.idle()
    lab.link(0, 1, { latency: '2s' })
    lab.write('b', '2')
    lab.hold(API, 2)
    for (let i = 0; i < 8; i++) lab.followerRead('a', 2)
    lab.crash(1)
    lab.restart(1)
    lab.advance(5_000)
    lab.release(API, 2)
    lab.idle()
    expect(lab.heard('copy-early')).toEqual([])
    expect(lab.positions()).toEqual(['1:2', '1:2', '1:2'])
  })
})

describe('a snapshot', () => {
  test('that copies have overtaken takes nothing back (seed 5887)', () => {
    const lab = waitingForSnapshot()
    lab.link(1, 0, { latency: '10ms' })
    lab.link(0, 1, { lossRatio: 1 })
    lab.write('b', 'overtakes')
    lab.advance(10)
    expect(lab.positions()).toEqual(['2:11', '2:11'])
    // Its leader hears of it only after the snapshot has landed.
    lab.advance(500)
    lab.link(0, 1, { lossRatio: 0 })
    lab.idle()
    expect(lab.cluster.inspect().replica(0).needsSnapshot).toBe(false)
    expect([lab.positions(), lab.values('a')]).toEqual([
      ['2:11', '2:11'],
      ['kept', 'kept'],
    ])
  })

  test('has landed, whatever was tried again while it travelled (seed 19477)', () => {
    const lab = waitingForSnapshot()
    lab.cut(1, 0)
    lab.write('b', 'lost on its way')
    lab.heal(1, 0)
    lab.link(1, 0, { lossRatio: 1 })
    lab.advance(1_000)
    writeMany(lab, 9)
    lab.advance(2_000)
    lab.link(1, 0, { lossRatio: 0 })
    lab.idle()
    expect(lab.positions()).toEqual(['2:20', '2:20'])
  })

  test('of an empty log has landed too (seed 1001765)', () => {
    const lab = testCluster({ followers: 1, logEntriesMax: 4 })
    writeMany(lab, 10)
    lab.idle()
    lab.crash(0)
    lab.restart(0)
    lab.failover({ to: 0, force: true })
    lab.idle()
    lab.cut(0, 1)
    writeMany(lab, 10)
    lab.heal(0, 1)
    lab.idle()
    expect(lab.positions()).toEqual(['2:10', '2:10'])
  })

  test('is sent once, however often the position is stated while it travels (seed 7783)', () => {
    const lab = testCluster({ followers: 1, logEntriesMax: 4 })
    lab.crash(1)
    writeMany(lab, 10)
    lab.link(1, 0, { latency: '50ms' })
    lab.restart(1)
    // A copy of the new life teaches it the epoch, so that it states itself a second time.
    lab.link(0, 1, { latency: '1ms' })
    lab.write('a', 'early')
    lab.link(0, 1, { latency: '200ms' })
    lab.advance(100)
    lab.write('a', 'later')
    lab.idle()
    const sent = lab.heard('message-sent').filter(({ kind }) => kind === 'snapshot')
    expect(sent).toHaveLength(1)
  })
})
