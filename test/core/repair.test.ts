// Stories of repair: who is given what, what a repair may not do, and `forget`, its counterpart.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { testCluster } from '../tools/cluster.ts'

describe('read-with-repair', () => {
  test('gives every replica that lacks it the newest record, and says which', () => {
    const lab = testCluster()
    lab.write('user:1', 'Jessica')
    const { record, repaired } = lab.readWithRepair('user:1').value
    expect([record.value, repaired]).toEqual(['Jessica', [1, 2]])
    expect(lab.values('user:1')).toEqual(['Jessica', 'Jessica', 'Jessica'])
  })

  test('is told in these words, late copies included', () => {
    const lab = testCluster({ followers: 1 })
    lab.write('user:1', 'Jessica')
    const told = lab.during(() => {
      lab.readWithRepair('user:1')
      lab.advance(200)
    })
    expect(told).toContain('[REPAIR] Repaired follower 1 with key=user:1')
    expect(told).toContain('[ASYNC] Follower 1 already had key=user:1')
  })

  test('repairs the leader only when it truly lost a record', () => {
    const lab = testCluster()
    lab.write('user:1', 'Jessica')
    lab.idle()
    expect(lab.readWithRepair('user:1').value.repaired).toEqual([])
    lab.forget(0, 'user:1')
    expect(lab.read('user:1').said).toBe('key-not-found')
    const told = lab.during(() => lab.readWithRepair('user:1'))
    expect(told).toContain('[REPAIR] Repaired leader with key=user:1')
    expect(lab.read('user:1').said).toBe('Jessica')
  })

  test('settles: a second one finds nothing to repair', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.readWithRepair('a')
    expect(lab.readWithRepair('a').value.repaired).toEqual([])
  })

  test('is answered by those that answer, after the time-out of those that do not', () => {
    const lab = testCluster({ quorumTimeoutMs: 300, latency: '1s' })
    lab.write('a', '1')
    lab.pause(2)
    const read = lab.readWithRepair('a')
    lab.advance(299)
    expect(read.said).toBe('waiting')
    lab.advance(1)
    expect(read.value.repaired).toEqual([1])
    lab.resume(2)
    expect(lab.values('a')).toEqual(['1', '1', null])
  })

  test('finds nothing only where nobody has it', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.idle()
    for (const id of [0, 1, 2]) lab.forget(id, 'a')
    expect(lab.readWithRepair('a').said).toBe('key-not-found')
  })

  test('fails when all replicas are down', () => {
    const lab = testCluster({ followers: 1 })
    for (const id of [0, 1]) lab.crash(id)
    expect(lab.readWithRepair('a').said).toBe('replica-down')
  })

  test('waits for the repairs, and no longer than its time-out', () => {
    const lab = testCluster({ quorumTimeoutMs: 300, latency: 'replicate=1s;request=10ms' })
    lab.write('a', '1')
    const read = lab.readWithRepair('a')
    lab.advance(15)
    lab.hold(2, API)
    lab.advance(284)
    expect([read.said, lab.values('a')]).toEqual(['waiting', ['1', '1', '1']])
    lab.advance(1)
    expect(read.value.repaired).toEqual([1])
  })
})

describe('the repair of a quorum read', () => {
  test('that blocks is done when the answer comes', () => {
    const lab = testCluster({ latency: 'replicate=1s;request=10ms' })
    lab.write('a', '1')
    const read = lab.readWithQuorum('a', { r: 3 })
    lab.advance(19)
    expect(read.said).toBe('waiting')
    lab.advance(1)
    expect([read.value.repaired, lab.values('a')]).toEqual([
      [1, 2],
      ['1', '1', '1'],
    ])
  })

  test('that is async comes after the answer', () => {
    const lab = testCluster({ latency: 'replicate=1s;request=10ms' })
    lab.write('a', '1')
    const read = lab.readWithQuorum('a', { r: 3, repair: 'async' })
    lab.advance(10)
    expect([read.value.repaired, lab.values('a')]).toEqual([
      [1, 2],
      ['1', null, null],
    ])
    lab.advance(10)
    expect(lab.values('a')).toEqual(['1', '1', '1'])
  })

  test('that is off repairs nobody', () => {
    const lab = testCluster()
    lab.write('a', '1')
    expect(lab.readWithQuorum('a', { r: 3, repair: 'false' }).value.repaired).toEqual([])
    expect(lab.values('a')).toEqual(['1', null, null])
  })

  test('reaches only those whose answers were used', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.pause(2)
    expect(lab.readWithQuorum('a', { r: 2 }).value.repaired).toEqual([1])
    lab.resume(2)
    expect(lab.values('a')).toEqual(['1', '1', null])
  })
})

describe('a repaired record', () => {
  test('is not taken back by an older copy that comes later', () => {
    const lab = testCluster()
    lab.write('a', 'old')
    lab.advance(50)
    lab.write('a', 'new')
    lab.readWithRepair('a')
    lab.advance(150)
    expect([lab.followerRead('a', 1).said, lab.log(1)]).toEqual(['new', ['1.1']])
    lab.idle()
    expect(lab.log(1)).toEqual(['1.1', '1.2'])
  })

  test('does not replace a newer one that came meanwhile', () => {
    const lab = testCluster({ followers: 1, latency: 'replicate=5ms;request=10ms' })
    lab.hold(0, 1)
    lab.write('a', 'old')
    const read = lab.readWithRepair('a')
    lab.advance(12)
    lab.release(0, 1)
    lab.write('a', 'new')
    lab.advance(8)
    expect(lab.values('a')).toEqual(['new', 'new'])
    expect(read.said).toBe('old')
    expect(read.value.repaired).toEqual([])
  })

  test('is forgotten with the memory of its replica', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.write('a', '1')
    lab.readWithRepair('a')
    lab.crash(1)
    lab.restart(1)
    expect(lab.values('a')[1]).toBeNull()
  })
})

describe('forget', () => {
  test('loses one record of one replica, and its log keeps the entry', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.write('b', '2')
    lab.idle()
    lab.forget(1, 'a')
    expect([lab.values('a'), lab.log(1)]).toEqual([
      ['1', null, '1'],
      ['1.1', '1.2'],
    ])
    expect(lab.followerRead('a', 1).problem.remedies).toEqual([
      { verb: 'read-with-repair', how: { key: 'a' } },
    ])
  })

  test('is undone by the next write of the key', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.idle()
    lab.forget(1, 'a')
    lab.write('a', '2')
    lab.idle()
    expect(lab.values('a')).toEqual(['2', '2', '2'])
  })

  test('has nothing to lose where there is no such key', () => {
    const lab = testCluster()
    const reply = lab.cluster.forget(1, 'a')
    expect(reply).toMatchObject({ ok: false, problem: { code: 'key-not-found' } })
  })
})

test('what was told of a read does not change when a slow repair lands later', () => {
  const lab = testCluster({ followers: 1, latency: 'replicate=10s' })
  lab.write('a', '1')
  lab.link(API, 1, { latency: '1500ms' })
  const read = lab.readWithRepair('a')
  lab.idle()
  const told = lab.heard('read-completed').map(({ repaired }) => repaired)
  expect(lab.heard('record-repaired')).toHaveLength(1)
  expect(told).toEqual([read.value.repaired])
})
