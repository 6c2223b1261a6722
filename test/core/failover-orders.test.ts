// Stories of orders to lead that a paused replica cannot carry out yet: what holds meanwhile, and how such an order
// ends.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { codeOf } from '../tools/answer.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

/** Replica 1 has the first write, is paused and then ordered to lead epoch 2. */
function ordered(options: Parameters<typeof testCluster>[0] = {}): TestCluster {
  const lab = testCluster(options)
  lab.write('a', '1')
  lab.idle()
  lab.pause(1)
  expect(lab.failover({ to: 1 })).toEqual({ epoch: 2, from: 0, to: 1, pending: true })
  return lab
}

/** Who leads, and the newest epoch issued. */
function leads({ cluster }: TestCluster): string {
  const { leader, epoch } = cluster.view()
  return `${leader} ${epoch}`
}

describe('an order to a paused replica', () => {
  test('is carried out when it resumes, and until then nothing is: it sends no word', () => {
    const lab = ordered()
    lab.advance(60_000)
    expect(lab.positions()).toEqual(['1:1', '1:1', '1:1'])
    expect(lab.heard('leader-elected')).toEqual([])
    expect(lab.must(lab.cluster.linkMessages(1, 0, 10))).toEqual([])
    lab.resume(1)
    expect(lab.heard('leader-elected')).toMatchObject([{ fromEpoch: 1, epoch: 2, from: 0, to: 1 }])
    expect(leads(lab)).toBe('1 2')
    lab.idle()
    expect(lab.positions()).toEqual(['2:1', '2:1', '2:1'])
  })

  test('leaves the newest epoch without a leader: what needs one is refused, and told the ways out', () => {
    const lab = ordered()
    expect(leads(lab)).toBe('null 2')
    const detail = expect.stringMatching(
      /^Replica 1 was ordered to lead epoch 2 and is paused.* once it resumes; replica 0/,
    )
    const facts = { lastLeader: 0, ordered: 1, epoch: 2 }
    const remedies = [
      { verb: 'resume', replica: 1 },
      { verb: 'failover', how: {} },
    ]
    const noLeader = { code: 'no-leader', outcome: 'not-applied', detail, facts, remedies }
    expect(lab.write('b', '1').problem).toMatchObject(noLeader)
    expect(lab.writeWithQuorum('b', '1').problem).toMatchObject(noLeader)
    expect(lab.read('a').problem).toMatchObject(noLeader)
    expect(lab.followerRead('a', 2).said).toBe('1')
    expect(lab.write('b', '1', { replica: 0 }).said).toBe('1')
  })

  test('is no change of anybody’s lag: the log before it counts on', () => {
    const lab = ordered()
    lab.write('b', '1', { replica: 0 })
    lab.write('b', '2', { replica: 0 })
    expect(lab.view(2)).toMatchObject({ lagVersions: 2, role: 'follower' })
    expect(lab.view(0)).toMatchObject({ lagVersions: 0, role: 'leader' })
  })

  test('waits behind what queued before it, and before what queued after', () => {
    const lab = testCluster({ latency: '0' })
    lab.pause(1)
    lab.write('a', 'before')
    lab.failover({ to: 1, force: true })
    lab.write('a', 'after', { replica: 0 })
    lab.resume(1)
    expect(lab.log(1)).toEqual(['1.1'])
    expect(lab.heard('leader-elected')).toMatchObject([{ firstOffset: 2 }])
  })

  test('stays in the queue of one that is paused again at once', () => {
    const lab = ordered({ latency: '0' })
    lab.cluster.read({ key: 'a' }, () => {})
    const deafen = lab.cluster.listen((event) => {
      if (event.type === 'replica-resumed') lab.cluster.pause(1, {})
    })
    lab.resume(1)
    deafen()
    expect(leads(lab)).toBe('null 2')
    lab.resume(1)
    expect(leads(lab)).toBe('1 2')
  })

  test('keeps nobody from being idle, and resumes with a pause that ends by itself', () => {
    const lab = testCluster()
    lab.pause(1, { forMs: 5_000 })
    lab.failover({ to: 1 })
    lab.idle()
    expect(leads(lab)).toBe('1 2')
    expect(lab.cluster.failovers()).toMatchObject([{ atUs: 5_000_000, leaderlessUs: 5_000_000 }])
  })
})

test('an order to one that then learns how short its log is counts as forced, and tells what that lost', () => {
  const lab = testCluster({ logEntriesMax: 3 })
  lab.writeWithQuorum('old', 'kept by all', { w: 3 })
  lab.idle()
  lab.partition([[0], [1, 2]])
  lab.failover({ to: 2 })
  // More than its log holds, so it cannot go back to where epoch 2 began.
  for (const value of ['1', '2', '3', '4', '5']) lab.write('dead', value, { replica: 0 })
  lab.writeWithQuorum('new', 'of epoch 2', { w: 2 })
  lab.advance(1_000)
  lab.crash(1)
  lab.pause(0)
  lab.healAll()
  lab.advance(1_000)
  // In its queue by now: the announcement of epoch 2. Nobody can know what it does to its log.
  expect(lab.failover()).toEqual({ epoch: 3, from: 2, to: 0, pending: true })
  lab.resume(0)
  expect(lab.heard('epoch-learned').at(-1)).toMatchObject({ replica: 0, epoch: 2 })
  expect(lab.heard('leader-elected').at(-1)).toMatchObject({ epoch: 3, to: 0, reason: 'forced' })
  expect(lab.cluster.failovers().at(-1)).toMatchObject({
    reason: 'forced',
    lost: [{ record: { key: 'new' } }],
  })
  lab.restart(1)
  lab.idle()
  expect(lab.values('new')).toEqual([null, null, null])
  expect(lab.values('old')).toEqual(['kept by all', 'kept by all', 'kept by all'])
  expect(lab.write('old', 'again').said).toBe('again')
  lab.idle()
  expect(lab.values('old')).toEqual(['again', 'again', 'again'])
})

describe('the ledger of failovers', () => {
  test('has an entry when the order is carried out, leaderless since it was given', () => {
    const lab = ordered()
    const orderedUs = lab.cluster.nowUs
    lab.advance(1_000)
    lab.crash(0)
    expect(lab.cluster.failovers()).toEqual([])
    lab.advance(1_000)
    lab.resume(1)
    expect(lab.cluster.failovers()).toMatchObject([
      {
        from: 0,
        fromEpoch: 1,
        to: 1,
        epoch: 2,
        atUs: orderedUs + 2_000_000,
        leaderlessUs: 2_000_000,
      },
    ])
  })

  test('counts from the crash of the leader, where that was first', () => {
    const lab = testCluster()
    lab.pause(1)
    lab.crash(0)
    lab.advance(1_000)
    lab.failover({ to: 1 })
    lab.advance(1_000)
    lab.resume(1)
    expect(lab.cluster.failovers()).toMatchObject([{ leaderlessUs: 2_000_000 }])
  })

  test('leaves out void orders: from is whoever took over last', () => {
    const lab = ordered()
    expect(lab.failover({ to: 2 })).toEqual({ epoch: 3, from: 0, to: 2 })
    lab.resume(1)
    lab.idle()
    expect(lab.cluster.failovers()).toMatchObject([{ from: 0, fromEpoch: 1, to: 2, epoch: 3 }])
    expect(lab.heard('failover-void')).toMatchObject([{ to: 1, epoch: 2, reason: 'newer-order' }])
    expect(lab.positions()).toEqual(['3:1', '3:1', '3:1'])
  })
})

describe('an order ends without being carried out', () => {
  test('when a newer one is given, to the leader before it too', () => {
    const lab = ordered()
    expect(lab.failover({ to: 0 })).toEqual({ epoch: 3, from: 0, to: 0 })
    expect(leads(lab)).toBe('0 3')
    expect(lab.write('a', '2').said).toBe('2')
    lab.resume(1)
    lab.idle()
    expect(lab.values('a')).toEqual(['2', '2', '2'])
  })

  test('when a newer one is given to the same replica', () => {
    const lab = ordered()
    expect(lab.failover({ to: 1 })).toMatchObject({ epoch: 3, pending: true })
    lab.resume(1)
    expect(leads(lab)).toBe('1 3')
    expect(lab.heard('leader-elected')).toHaveLength(1)
  })

  test.each([true, false])('when its replica crashes, with its data kept: %s', (keepData) => {
    const lab = ordered()
    lab.crash(1, { keepData })
    expect(leads(lab)).toBe('0 2')
    expect(lab.write('a', '2').said).toBe('2')
    expect(lab.heard('failover-void')).toMatchObject([{ to: 1, epoch: 2, reason: 'crashed' }])
    lab.restart(1)
    lab.idle()
    expect(lab.positions()).toEqual(['1:2', '1:2', '1:2'])
    expect(lab.failover({ to: 2 }).epoch).toBe(3)
    expect(lab.cluster.failovers()).toMatchObject([{ fromEpoch: 1, epoch: 3, leaderlessUs: 0 }])
  })

  test('when the newer one is lost too: the older does not come back', () => {
    const lab = ordered()
    lab.pause(2)
    lab.failover({ to: 2 })
    lab.crash(2, { keepData: true })
    expect(leads(lab)).toBe('0 3')
    lab.resume(1)
    expect(leads(lab)).toBe('0 3')
  })

  test('and a leader that restarts with its data leads on, for nobody took over', () => {
    const lab = ordered()
    lab.crash(0, { keepData: true, forMs: 1_000 })
    lab.advance(2_000)
    lab.crash(1)
    expect(leads(lab)).toBe('0 2')
    expect(lab.write('a', '2').said).toBe('2')
  })

  test('by a reset, unless the data is kept: that resumes, and so carries it out', () => {
    const kept = ordered()
    kept.reset('data')
    expect(leads(kept)).toBe('1 2')
    for (const keep of ['nothing', 'faults'] as const) {
      const lab = ordered()
      lab.reset(keep)
      expect(leads(lab)).toBe('0 1')
      if (keep === 'faults') lab.resume(1)
      lab.idle()
      expect(leads(lab)).toBe('0 1')
    }
  })
})

test('a named order is refused where no such follower is in reach, pending or not', () => {
  const lab = ordered()
  lab.cut(API, 1)
  expect(codeOf(lab.cluster.failover({ to: 1, force: true }))).toBe('candidate-unreachable')
})

test('automatic failover takes back an order that nobody carries out', () => {
  const lab = ordered({ autoFailoverMs: 1_000 })
  lab.advance(2_000)
  expect(leads(lab)).toBe('0 3')
})
