// What a careful reader has found where no random run would look: corners of holds, partitions, resets, the ledger
// and the clock's end, each told as the few commands that matter.

import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { Cluster } from '../../src/core/cluster.ts'
import { API } from '../../src/core/nodes.ts'
import { testCluster } from '../tools/cluster.ts'

function cuts(cluster: Cluster): string[] {
  const links = cluster.inspect().network.links()
  return links.filter(({ state }) => state === 'cut').map(({ from, to }) => `${from}>${to}`)
}

describe('failover', () => {
  test('passes over a deposed leader that gave up more than its log can restore', () => {
    const { cluster } = testCluster({ logEntriesMax: 2 })
    cluster.writeWithQuorum({ key: 'k', value: 'kept', w: 3 }, () => {})
    cluster.advance({ to: 'idle' })
    cluster.partition([[0], [1, 2]], {})
    for (const value of ['a', 'b', 'c']) cluster.write({ key: 'k', value, replica: 0 }, () => {})
    cluster.failover({ to: 1 })
    cluster.healAll()
    cluster.advance({ us: 400_000 })
    expect(cluster.failover({})).toMatchObject({ ok: true, value: { to: 2 } })
    let value: string | undefined
    cluster.read({ key: 'k' }, (reply) => {
      value = reply.ok ? reply.value.record.value : reply.problem.code
    })
    expect(value).toBe('kept')
  })

  test('counts the work lost from the first lost write to itself', () => {
    const { cluster } = testCluster()
    for (const follower of [1, 2]) cluster.cut(0, follower, {})
    cluster.write({ key: 'k', value: 'lost' }, () => {})
    cluster.advance({ us: 5_000_000 })
    cluster.crash(0, {})
    cluster.failover({})
    expect(cluster.failovers()).toMatchObject([{ lost: [{}], lostWorkUs: 5_000_000 }])
  })

  test('tells an unacknowledged write that a repair saved as a survivor, once', () => {
    const { cluster } = testCluster()
    for (const follower of [1, 2]) cluster.hold(0, follower, {})
    cluster.writeWithQuorum({ key: 'k', value: 'v', w: 2, timeoutUs: 1_000 }, () => {})
    cluster.advance({ us: 5_000 })
    cluster.readWithRepair({ key: 'k' }, () => {})
    cluster.crash(0, {})
    cluster.failover({})
    cluster.advance({ us: 1_000_000 })
    cluster.failover({})
    expect(cluster.failovers().map(({ survived }) => survived.length)).toEqual([1, 0])
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

test('a leader that a reset finds crashed leads again when its time is up', () => {
  const { cluster } = testCluster()
  cluster.crash(0, { forUs: 1_000_000 })
  cluster.failover({})
  cluster.reset('faults')
  cluster.advance({ us: 3_000_000 })
  expect(cluster.view().leader).toBe(0)
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
