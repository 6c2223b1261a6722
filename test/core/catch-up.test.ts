// Stories of followers that return: from the last entry in common, or by a snapshot.

import { describe, expect, test } from 'vitest'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

function writeMany(lab: TestCluster, count: number, keys = count): void {
  for (let i = 0; i < count; i++) lab.write(`k${i % keys}`, `v${i}`)
}

describe('a follower that returns with its data', () => {
  test('is sent what it lacks, and nothing else', () => {
    const lab = testCluster()
    writeMany(lab, 3)
    lab.advance(500)
    lab.crash(1, { keepData: true })
    writeMany(lab, 4)
    lab.advance(1_000)
    lab.restart(1)
    const told = lab.during(() => lab.idle())
    expect(told).toContain('[CATCH-UP] Follower 1 has caught up by 4 log entries')
    const again = lab.heard('copy-applied').filter(({ replica }) => replica === 1)
    expect(again.map(({ record }) => record.offset)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(lab.heard('copy-refused')).toEqual([])
  })

  test('serves reads meanwhile, honestly stale', () => {
    const lab = testCluster()
    lab.write('a', 'old')
    lab.advance(500)
    lab.crash(1, { keepData: true })
    lab.write('a', 'new')
    lab.restart(1)
    lab.advance(100)
    const { record, staleness, copy } = lab.followerRead('a', 1).value
    expect(record.value).toBe('old')
    expect(staleness).toEqual({ versions: 1, us: 100_000, diverged: false, atLeast: false })
    expect(copy).toEqual({ state: 'in-flight', landsUs: 700_000 })
    lab.advance(100)
    expect(lab.followerRead('a', 1).said).toBe('new')
  })
})

describe('a follower that returns empty', () => {
  test('is sent everything from the first entry on', () => {
    const lab = testCluster()
    writeMany(lab, 5)
    lab.advance(500)
    lab.crash(1)
    lab.restart(1)
    expect(lab.positions()).toEqual(['1:5', '0:0', '1:5'])
    lab.idle()
    expect(lab.positions()).toEqual(['1:5', '1:5', '1:5'])
    expect(lab.heard('catch-up-finished')).toMatchObject([{ kind: 'entries', count: 5 }])
  })

  test('is not believed what its earlier life acknowledged', () => {
    const lab = testCluster({ followers: 1 })
    lab.link(1, 0, { latency: '1s' })
    lab.write('a', '1')
    lab.advance(200)
    lab.crash(1)
    lab.link(1, 0, { latency: '10ms' })
    lab.link(0, 1, { latency: '2s' })
    lab.restart(1)
    // The old acknowledgement arrives at 1,200 ms; the copy to the new life is lost at 2,210 ms.
    lab.advance(2_000)
    lab.cut(0, 1, { forMs: 100 })
    lab.idle()
    expect(lab.heard('message-lost')).toMatchObject([{ kind: 'copy', reason: 'cut' }])
    expect(lab.values('a')).toEqual(['1', '1'])
  })
})

describe('a follower that was away for longer than the log reaches', () => {
  test('gets a snapshot, which takes time by its size', () => {
    const lab = testCluster({ followers: 1, logEntriesMax: 5 })
    lab.crash(1)
    writeMany(lab, 1_000)
    lab.advance(1_000)
    lab.restart(1)
    lab.advance(200)
    expect(lab.view(1)).toMatchObject({ keys: 0, lagVersions: 1_000 })
    lab.advance(10)
    // 200 ms of latency, and 1,000 records at 100,000 a second.
    expect(lab.view(1)).toMatchObject({ keys: 1_000, lagVersions: 0 })
    expect(lab.heard('catch-up-finished')).toMatchObject([{ kind: 'snapshot', count: 1_000 }])
  })

  test('keeps what came by copies that overtook the snapshot', () => {
    const lab = testCluster({ followers: 1, logEntriesMax: 4 })
    writeMany(lab, 3)
    lab.advance(200)
    lab.crash(1)
    writeMany(lab, 10)
    lab.restart(1)
    lab.idle()
    lab.link(0, 1, { latency: '500ms' })
    lab.crash(1)
    writeMany(lab, 10)
    lab.restart(1)
    lab.link(0, 1, { latency: '10ms' })
    lab.write('k0', 'the newest')
    lab.idle()
    expect(lab.positions()).toEqual(['1:24', '1:24'])
    expect(lab.values('k0')).toEqual(['the newest', 'the newest'])
  })

  test('is sent another one when the first is lost', () => {
    const lab = testCluster({ followers: 1, logEntriesMax: 4 })
    lab.crash(1)
    writeMany(lab, 10)
    lab.restart(1)
    lab.advance(100)
    lab.cut(0, 1, { forMs: 200 })
    lab.idle()
    const sent = lab.heard('message-sent').filter(({ kind }) => kind === 'snapshot')
    expect(sent).toHaveLength(2)
    expect(lab.positions()).toEqual(['1:10', '1:10'])
  })
})

test('a snapshot lets a newer live record stay that a repair has brought', () => {
  const lab = testCluster({ logEntriesMax: 4 })
  writeMany(lab, 4)
  lab.advance(500)
  lab.crash(1)
  writeMany(lab, 10)
  lab.restart(1)
  lab.advance(100)
  lab.write('fresh', 'repaired')
  expect(lab.readWithRepair('fresh').value.repaired).toEqual([1, 2])
  lab.hold(0, 1, { key: 'fresh' })
  lab.advance(300)
  expect(lab.followerRead('k0', 1).said).not.toBe('key-not-found')
  expect(lab.followerRead('fresh', 1).said).toBe('repaired')
})

test('a catch-up that the bound on messages stops goes on by itself', () => {
  const lab = testCluster({ messagesMax: 20 })
  lab.crash(1, { keepData: true })
  for (let i = 0; i < 30; i++) {
    lab.write('a', `${i}`)
    lab.advance(500)
  }
  lab.hold(0, 2)
  for (let i = 0; i < 15; i++) lab.write('b', `${i}`)
  lab.restart(1)
  lab.advance(5_000)
  expect(lab.view(1).lagVersions).toBe(0)
})

test('followers of a chain of failovers end with one log', () => {
  const lab = testCluster({ followers: 4 })
  writeMany(lab, 3)
  for (const to of [1, 2, 3, 4, 0]) {
    lab.advance(2_000)
    lab.failover({ to })
    writeMany(lab, 2)
  }
  lab.idle()
  expect(new Set(lab.positions())).toEqual(new Set(['6:13']))
  expect(lab.log(2)).toEqual(lab.log(0))
  expect(lab.log(0).filter((version) => version.startsWith('4.'))).toEqual(['4.8', '4.9'])
})
