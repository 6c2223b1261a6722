// Stories of replication: in order, at each follower's pace, again where something was dropped.

import { describe, expect, test } from 'vitest'
import { testCluster } from '../tools/cluster.ts'

describe('a write', () => {
  test('is on its leader at once, on follower 1 after 200 ms, on follower 2 after 500 ms', () => {
    const lab = testCluster()
    expect(lab.write('user:1', 'Jessica').said).toBe('Jessica')
    expect(lab.values('user:1')).toEqual(['Jessica', null, null])
    lab.advance(199.999)
    expect(lab.values('user:1')).toEqual(['Jessica', null, null])
    lab.advance(0.001)
    expect(lab.values('user:1')).toEqual(['Jessica', 'Jessica', null])
    lab.advance(300)
    expect(lab.values('user:1')).toEqual(['Jessica', 'Jessica', 'Jessica'])
  })

  test('takes 300 ms more to each further follower', () => {
    const lab = testCluster({ followers: 5 })
    lab.write('a', '1')
    const arrivals = [3, 4, 5].map((follower) => {
      while (lab.followerRead('a', follower).said !== '1') lab.advance(50)
      return lab.nowMs
    })
    expect(arrivals).toEqual([800, 1100, 1400])
  })

  test('is told in these words, in this order', () => {
    const lab = testCluster()
    const told = lab.during(() => {
      lab.write('user:1', 'Jessica')
      lab.advance(500)
    })
    expect(told.filter((text) => !text.startsWith('Follower'))).toEqual([
      'Leader wrote key=user:1 value=Jessica',
      'Acknowledged key=user:1 version=1.1 by replica 0',
      '[ASYNC] Replicated key=user:1 to follower 1',
      '[ASYNC] Replicated key=user:1 to follower 2',
    ])
  })

  test('gets the next version, and the leader is the first to acknowledge it', () => {
    const lab = testCluster()
    lab.write('a', '1')
    const { record, acknowledgedBy } = lab.write('b', '2').value
    expect(record).toMatchObject({ epoch: 1, offset: 2, writtenUs: 0 })
    expect(acknowledgedBy).toEqual([0])
  })

  test('of any legal key is kept apart, __proto__ included', () => {
    const lab = testCluster()
    for (const key of ['__proto__', 'constructor', 'toString', '']) lab.write(key, `of ${key}`)
    lab.advance(500)
    expect(lab.followerRead('__proto__', 2).said).toBe('of __proto__')
    expect(lab.followerRead('valueOf', 2).said).toBe('key-not-found')
  })
})

describe('a follower', () => {
  test('lets a copy that came early wait for its predecessors', () => {
    const lab = testCluster()
    lab.link(0, 1, { latency: '300ms' })
    lab.write('a', 'slow')
    lab.link(0, 1, { latency: '100ms' })
    lab.write('b', 'fast')
    lab.advance(100)
    expect(lab.heard('copy-early')).toMatchObject([{ replica: 1, missing: 1 }])
    expect(lab.followerRead('b', 1).said).toBe('key-not-found')
    lab.advance(200)
    expect(lab.log(1)).toEqual(['1.1', '1.2'])
    expect(lab.followerRead('b', 1).said).toBe('fast')
  })

  test('acknowledges how far it has come, early copies not counted', () => {
    const lab = testCluster({ followers: 1 })
    lab.link(0, 1, { latency: '300ms' })
    lab.write('a', '1')
    lab.link(0, 1, { latency: '100ms' })
    lab.write('a', '2')
    lab.write('a', '3')
    lab.advance(300)
    const offsets = lab.heard('acknowledgement-received').map((event) => event.appliedOffset)
    expect(offsets).toEqual([3])
  })

  test('refuses a duplicate, and acknowledges it again', () => {
    const lab = testCluster({ followers: 1 })
    lab.link(0, 1, { duplicateRatio: 1 })
    lab.write('a', '1')
    lab.advance(200)
    expect(lab.log(1)).toEqual(['1.1'])
    expect(lab.heard('copy-refused')).toMatchObject([{ reason: 'duplicate' }])
    expect(lab.heard('acknowledgement-received')).toHaveLength(2)
  })

  test('keeps the newest of two writes of a key', () => {
    const lab = testCluster()
    lab.write('a', 'old')
    lab.write('a', 'new')
    lab.advance(500)
    expect(lab.values('a')).toEqual(['new', 'new', 'new'])
  })
})

describe('what the network dropped', () => {
  test('is sent again after 200 ms, doubling up to a second', () => {
    const lab = testCluster({ followers: 1 })
    lab.link(0, 1, { lossRatio: 1 })
    lab.write('a', '1')
    lab.advance(5_000)
    const sentMs = lab
      .heard('message-sent')
      .filter(({ kind }) => kind === 'copy')
      .map(({ atUs }) => atUs / 1000)
    expect(sentMs).toEqual([0, 200, 600, 1400, 2400, 3400, 4400])
  })

  test('lands once the loss ends, and then nothing is sent any more', () => {
    const lab = testCluster({ followers: 1 })
    lab.link(0, 1, { lossRatio: 1 })
    lab.write('a', '1')
    lab.advance(100)
    lab.link(0, 1, { lossRatio: 0 })
    lab.advance(300)
    expect(lab.followerRead('a', 1).said).toBe('1')
    const sent = lab.heard('message-sent').length
    lab.advance(10_000)
    expect(lab.heard('message-sent')).toHaveLength(sent)
  })

  test('may be the acknowledgement: the follower makes it again', () => {
    const lab = testCluster({ followers: 1 })
    lab.link(1, 0, { lossRatio: 1 })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(300)
    expect([lab.log(1), write.said]).toEqual([['1.1'], 'waiting'])
    lab.link(1, 0, { lossRatio: 0 })
    lab.advance(100)
    expect(write.value.acknowledgedBy).toEqual([0, 1])
    expect(lab.heard('copy-applied')).toHaveLength(1)
  })

  test('is not sent into a cut link, and goes on in its own rhythm when that heals', () => {
    const lab = testCluster({ followers: 1 })
    lab.cut(0, 1)
    lab.write('a', '1')
    lab.advance(10_000)
    const copies = () => lab.heard('message-sent').filter(({ kind }) => kind === 'copy')
    expect(copies()).toHaveLength(1)
    lab.heal(0, 1)
    lab.idle()
    expect(copies().map(({ atUs }) => atUs / 1000)).toEqual([0, 10_400])
    expect(lab.values('a')).toEqual(['1', '1'])
  })

  test('does not hold up what comes after it at other followers', () => {
    const lab = testCluster()
    lab.cut(0, 1)
    lab.write('a', '1')
    lab.advance(500)
    expect(lab.values('a')).toEqual(['1', null, '1'])
  })
})

test('a held or slow copy is never sent twice', () => {
  const lab = testCluster()
  lab.hold(0, 1)
  lab.link(0, 2, { latency: '10s' })
  lab.write('a', '1')
  lab.advance(9_000)
  expect(lab.heard('message-sent').filter(({ kind }) => kind === 'copy')).toHaveLength(2)
})
