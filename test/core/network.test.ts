// Stories of the network: cuts, holds, losses, duplicates, crashed and paused ends.

import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/core/cluster.ts'
import { API } from '../../src/core/nodes.ts'
import { codeOf } from '../tools/answer.ts'
import { testCluster } from '../tools/cluster.ts'

describe('a cut link', () => {
  test('loses a message when it is cut as the message is sent', () => {
    const lab = testCluster({ followers: 1 })
    lab.cut(0, 1)
    lab.write('a', '1')
    expect(lab.heard('message-lost')).toMatchObject([{ kind: 'copy', reason: 'cut', atUs: 0 }])
  })

  test('loses a message when it is cut as the message is due', () => {
    const lab = testCluster({ followers: 1 })
    lab.write('a', '1')
    lab.advance(100)
    lab.cut(0, 1)
    lab.advance(100)
    expect(lab.heard('message-lost')).toMatchObject([{ reason: 'cut', atUs: 200_000 }])
  })

  test('loses nothing when it was cut only in between', () => {
    const lab = testCluster({ followers: 1 })
    lab.write('a', '1')
    lab.cut(0, 1, { forMs: 150 })
    lab.advance(200)
    expect(lab.values('a')).toEqual(['1', '1'])
  })

  test('loses what it held', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1)
    lab.write('a', '1')
    lab.advance(200)
    lab.cut(0, 1)
    expect(lab.heard('message-lost')).toMatchObject([{ kind: 'copy', reason: 'cut' }])
    expect(lab.cluster.inspect().network.messages).toBe(0)
  })

  test('carries the other direction all the same', () => {
    const lab = testCluster({ followers: 1 })
    lab.write('a', '1')
    lab.advance(200)
    lab.cut(1, 0)
    expect(lab.followerRead('a', 1).said).toBe('1')
  })
})

describe('a held link', () => {
  test('delays delivery, not travel: what is overdue arrives at once, in order', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1)
    for (const value of ['1', '2', '3']) {
      lab.write('a', value)
      lab.advance(10)
    }
    lab.advance(1_000)
    expect(lab.values('a')).toEqual(['3', null])
    lab.release(0, 1)
    expect(lab.log(1)).toEqual(['1.1', '1.2', '1.3'])
    expect(lab.heard('copy-applied').map(({ record }) => record.value)).toEqual(['1', '2', '3'])
  })

  test('lets what is not due yet travel on after its release', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1)
    lab.write('a', '1')
    lab.advance(100)
    lab.release(0, 1)
    expect(lab.values('a')).toEqual(['1', null])
    lab.advance(100)
    expect(lab.values('a')).toEqual(['1', '1'])
  })

  test('holds the next two copies only, and lets the third wait for them', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1, { copies: 2 })
    for (const value of ['1', '2', '3']) lab.write('a', value)
    lab.advance(200)
    const held = lab.must(lab.cluster.linkMessages(0, 1, 10))
    expect(held.map(({ record, state }) => [record?.value, state])).toEqual([
      ['1', 'held'],
      ['2', 'held'],
    ])
    expect(lab.heard('copy-early')).toHaveLength(1)
    lab.release(0, 1)
    expect(lab.values('a')).toEqual(['3', '3'])
  })

  test("that holds one key's copies holds back later records of other keys too", () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1, { key: 'user:1' })
    lab.write('user:2', 'before')
    lab.write('user:1', 'held')
    lab.write('user:3', 'after')
    lab.advance(200)
    const seen = ['user:1', 'user:2', 'user:3'].map((key) => lab.followerRead(key, 1).said)
    expect(seen).toEqual(['key-not-found', 'before', 'key-not-found'])
    lab.release(0, 1)
    expect(lab.followerRead('user:3', 1).said).toBe('after')
  })

  test('of a key or a number holds copies, never acknowledgements or requests', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(1, 0, { copies: 5 })
    lab.hold(API, 1, { key: 'a' })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(200)
    expect([write.said, lab.followerRead('a', 1).said]).toEqual(['1', '1'])
  })
})

describe('loss and duplicates', () => {
  test('strike about as often as they are set to', () => {
    const lab = testCluster({ followers: 1, seed: 7 })
    lab.link(0, 1, { lossRatio: 0.25, duplicateRatio: 0.5, latency: '1ms' })
    for (let i = 0; i < 2_000; i++) lab.write('a', `${i}`)
    const sent = lab.heard('message-sent').filter(({ kind }) => kind === 'copy').length
    const lost = lab.heard('message-lost').length
    // Of 2,000 about 500 are lost, and of the 1,500 others about 750 doubled; five deviations wide.
    expect(Math.abs(lost - 500)).toBeLessThan(100)
    expect(Math.abs(sent - 2_000 - 750)).toBeLessThan(100)
  })

  test('never double a duplicate, nor shift what another link draws', () => {
    const arrivals = (ratio: number) => {
      const lab = testCluster({ latency: 'exponential(100ms)', seed: 3 })
      lab.link(0, 1, { duplicateRatio: ratio })
      for (let i = 0; i < 20; i++) lab.write('a', `${i}`)
      lab.idle()
      const copies = lab.heard('message-sent').filter(({ kind }) => kind === 'copy')
      return [1, 2].map((to) => copies.filter((event) => event.to === to).map((one) => one.dueUs))
    }
    const [without, doubled] = [arrivals(0), arrivals(1)]
    expect(doubled[0]).toHaveLength(40)
    expect(doubled[1]).toEqual(without[1])
  })
})

describe('a crashed replica', () => {
  test('drops what is due at it, but what it sent travels on', () => {
    const lab = testCluster({ followers: 1, latency: 'replicate=200ms;acknowledge=100ms' })
    const write = lab.writeWithQuorum('a', '1', { w: 2 })
    lab.advance(250)
    lab.crash(1)
    lab.advance(50)
    expect(write.said).toBe('1')
    lab.write('a', '2')
    lab.advance(200)
    expect(lab.heard('message-lost')).toMatchObject([{ kind: 'copy', reason: 'crashed' }])
  })

  test('does not get what was addressed to its earlier life', () => {
    const lab = testCluster({ followers: 1 })
    lab.write('a', '1')
    lab.advance(50)
    lab.crash(1)
    lab.restart(1)
    lab.advance(150)
    expect(lab.heard('message-lost')).toMatchObject([{ kind: 'copy', reason: 'restarted' }])
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1'])
  })

  test('loses what had queued at it while it was paused', () => {
    const lab = testCluster({ followers: 1 })
    lab.pause(1)
    lab.write('a', '1')
    lab.advance(300)
    lab.crash(1, { keepData: true })
    expect(lab.heard('message-lost')).toMatchObject([{ kind: 'copy', reason: 'crashed' }])
    lab.restart(1)
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1'])
  })
})

describe('a paused replica', () => {
  test('takes what queued, in order, when it runs on', () => {
    const lab = testCluster({ followers: 1 })
    lab.pause(1)
    lab.write('a', '1')
    lab.write('a', '2')
    lab.advance(1_000)
    expect(lab.values('a')).toEqual(['2', null])
    lab.resume(1)
    expect(lab.log(1)).toEqual(['1.1', '1.2'])
  })

  test('had what queued at it: a cut or a hold that comes later takes nothing of it back', () => {
    const lab = testCluster({ followers: 1 })
    lab.pause(1)
    lab.write('a', '1')
    lab.advance(300)
    lab.cut(0, 1)
    lab.resume(1)
    expect(lab.values('a')).toEqual(['1', '1'])
  })
})

describe('a link', () => {
  test('shows what is on its way, the next due first', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(50)
    lab.write('b', '2')
    const shown = lab.must(lab.cluster.linkMessages(0, 2, 10))
    expect(shown.map(({ record, dueUs }) => [record?.value, dueUs / 1000])).toEqual([
      ['1', 500],
      ['2', 550],
    ])
    expect(lab.must(lab.cluster.linkMessages(0, 2, 1))).toHaveLength(1)
    expect(lab.must(lab.cluster.linkView(0, 2))).toMatchObject({ messages: 2, latency: '500ms' })
  })

  test('that nobody knows is refused', () => {
    const lab = testCluster()
    expect(codeOf(lab.cluster.linkView(0, 3))).toBe('replica-not-found')
    expect(codeOf(lab.cluster.cut(1, 1, {}))).toBe('replica-not-found')
  })
})

describe('what is on its way', () => {
  test('to a held link is held from the start, by key and by count', () => {
    const lab = testCluster()
    lab.hold(0, 1, { key: 'a' })
    lab.write('a', '1')
    expect(lab.cluster.inspect().network.link(0, 1).held).toEqual([])
    const said = () => {
      let copy: unknown
      lab.cluster.followerRead({ key: 'a', replica: 1 }, (reply) => {
        copy = reply.ok ? undefined : reply.problem.facts.copy
      })
      return copy
    }
    expect(said()).toEqual({ state: 'held', dueInMs: null })
    lab.release(0, 1)
    lab.hold(0, 1, { copies: 1 })
    expect(said()).toEqual({ state: 'held', dueInMs: null })
  })

  test('still lands when its sender has crashed', () => {
    const { cluster } = testCluster()
    cluster.write({ key: 'a', value: '1' }, () => {})
    cluster.crash(0, {})
    let detail = ''
    cluster.followerRead({ key: 'a', replica: 1 }, (reply) => {
      detail = reply.ok ? '' : reply.problem.detail
    })
    expect(detail).toContain('a copy is on its way and lands in 200 ms')
  })
})

describe('nothing piles up', () => {
  test('behind a held link while only hearts beat', () => {
    const { cluster } = testCluster({ autoFailoverMs: 1_000 })
    cluster.hold(0, 1, {})
    cluster.advance({ us: 1_000_000_000 })
    expect(cluster.inspect().network.messages).toBeLessThan(10)
  })

  test('behind a held link however often somebody reads through it', () => {
    const { cluster } = testCluster({ messagesMax: 100 })
    cluster.hold(API, 1, {})
    const codes = new Set<string>()
    for (let i = 0; i < 1_000; i++) {
      const ticket = cluster.followerRead({ key: 'a', replica: 1 }, (reply) => {
        if (!reply.ok) codes.add(reply.problem.code)
      })
      ticket.abandon()
    }
    expect(cluster.inspect().network.messages).toBe(100)
    expect([...codes]).toEqual(['too-many-messages'])
  })
})

function cuts(cluster: Cluster): string[] {
  const links = cluster.inspect().network.links()
  return links.filter(({ state }) => state === 'cut').map(({ from, to }) => `${from}>${to}`)
}

describe('a partition', () => {
  test('outlasts an older cut whose time is up', () => {
    const { cluster } = testCluster()
    cluster.cut(0, 1, { forUs: 500_000 })
    cluster.partition([[0], [1, 2]], {})
    cluster.advance({ us: 600_000 })
    expect(cuts(cluster)).toEqual(['0>1', '0>2', '1>0', '2>0'])
  })

  test('kept through a reset still gives way to a newer one', () => {
    const { cluster } = testCluster()
    cluster.partition([[0], [1, 2]], {})
    cluster.reset('faults')
    cluster.partition([[0, 1], [2]], {})
    expect(cuts(cluster)).toEqual(['0>2', '1>2', '2>0', '2>1'])
  })
})
