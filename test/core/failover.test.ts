// Stories of failover: who may lead, who is asked to, and what the others do when they hear of it.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { codeOf } from '../tools/answer.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'

describe('a failover that names nobody', () => {
  test('promotes the follower with the newest last entry', () => {
    const lab = testCluster({ latency: '500ms,200ms' })
    lab.write('a', '1')
    lab.advance(300)
    expect(lab.positions()).toEqual(['1:1', '1:0', '1:1'])
    expect(lab.failover()).toEqual({ epoch: 2, from: 0, to: 2 })
  })

  test('lets the lowest number win a tie', () => {
    const lab = testCluster({ followers: 4 })
    expect(lab.failover().to).toBe(1)
    expect(lab.failover().to).toBe(0)
  })

  test('prefers a newer epoch to a longer log', () => {
    const lab = testCluster()
    for (const value of ['1', '2', '3']) lab.write('a', value)
    lab.partition([[0], [1, 2]])
    lab.failover({ to: 1, force: true })
    lab.write('a', 'of epoch 2')
    lab.advance(500)
    expect(lab.positions()).toEqual(['1:3', '2:1', '2:1'])
    expect(lab.failover().to).toBe(2)
  })

  test('takes a deposed leader like any other', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.failover({ to: 1, force: true })
    expect(lab.failover().to).toBe(0)
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1', '1'])
  })

  test('takes a paused one too: nobody can tell it from slow', () => {
    const lab = testCluster({ followers: 1 })
    lab.pause(1)
    expect(lab.failover().to).toBe(1)
  })

  test('passes over one that was ordered and has not been heard of since', () => {
    const lab = testCluster({ followers: 3 })
    lab.cut(1, 2)
    lab.hold(1, API)
    expect(lab.failover().to).toBe(1)
    expect(lab.failover().to).toBe(0)
    expect(lab.failover().to).toBe(2)
    lab.release(1, API)
    expect(lab.followerRead('a', 1).said).toBe('key-not-found')
    expect(lab.failover().to).toBe(0)
    expect(lab.failover().to).toBe(1)
  })

  test('finds nobody when no follower can be reached from api', () => {
    const lab = testCluster()
    lab.crash(1)
    lab.cut(2, API)
    expect(codeOf(lab.cluster.failover({}))).toBe('no-candidate')
    lab.heal(2, API)
    lab.cut(0, 2)
    expect(lab.failover().to).toBe(2)
  })
})

describe('a failover that names one', () => {
  test('is refused when it lags a reachable follower, unless forced', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(200)
    const reply = lab.cluster.failover({ to: 2 })
    expect(reply).toMatchObject({
      problem: { code: 'candidate-behind', facts: { replica: 2, mostAdvanced: 1 } },
    })
    expect(lab.failover({ to: 2, force: true }).to).toBe(2)
    expect(lab.heard('leader-elected')).toMatchObject([{ reason: 'forced', epoch: 2 }])
  })

  test('is no unclean election when it lags nobody in reach, forced or not', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(200)
    lab.crash(1)
    lab.failover({ to: 2, force: true })
    expect(lab.heard('leader-elected')).toMatchObject([{ reason: 'asked' }])
  })

  test('is always refused when that one is out of reach', () => {
    const lab = testCluster()
    lab.crash(1)
    lab.cut(API, 2)
    for (const to of [1, 2]) {
      expect(codeOf(lab.cluster.failover({ to, force: true }))).toBe('candidate-unreachable')
    }
  })

  test('is refused for the leader itself, and for one that does not exist', () => {
    const lab = testCluster()
    expect(codeOf(lab.cluster.failover({ to: 0, force: true }))).toBe('wrong-state')
    expect(codeOf(lab.cluster.failover({ to: 3 }))).toBe('invalid-request')
  })
})

describe('a new leader', () => {
  test('starts a new epoch and counts offsets on', () => {
    const lab = testCluster()
    for (const value of ['1', '2', '3', '4']) lab.write('a', value)
    lab.idle()
    lab.failover()
    lab.write('a', '5')
    expect(lab.log(1)).toEqual(['1.1', '1.2', '1.3', '1.4', '2.5'])
  })

  test('is announced by an empty copy, sent until it is acknowledged', () => {
    const lab = testCluster({ followers: 1 })
    lab.cut(1, 0)
    lab.failover()
    lab.advance(5_000)
    expect(lab.positions()).toEqual(['1:0', '2:0'])
    lab.heal(1, 0)
    lab.idle()
    expect(lab.positions()).toEqual(['2:0', '2:0'])
    expect(lab.cluster.inspect().replica(0).role).toBe('follower')
  })

  test('takes writes at once, and those that name nobody go to it', () => {
    const lab = testCluster()
    lab.failover()
    expect(lab.write('a', '1').value.acknowledgedBy).toEqual([1])
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1', '1'])
  })

  test('writes again, in its own epoch, what repairs had brought it ahead of its log', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.hold(0, 2)
    lab.write('a', 'first')
    lab.write('b', 'second')
    for (const key of ['b', 'a']) lab.readWithRepair(key)
    lab.crash(0)
    lab.failover({ to: 1 })
    expect([lab.log(1), lab.values('a'), lab.values('b')]).toEqual([
      ['2.1', '2.2'],
      [null, 'first', 'first'],
      [null, 'second', 'second'],
    ])
    expect(lab.cluster.inspect().replica(1).log.at(1)?.value).toBe('first')
    lab.restart(0)
    lab.idle()
    expect(lab.values('b')).toEqual(['second', 'second', 'second'])
  })
})

describe('a replica that learns of a newer epoch', () => {
  test('gives up what that epoch never had, in log and store', () => {
    const lab = testCluster()
    lab.write('a', 'kept')
    lab.idle()
    lab.partition([[0], [1, 2]])
    lab.write('a', 'lost')
    lab.write('b', 'lost too')
    lab.failover({ to: 1 })
    lab.write('c', 'new')
    lab.healAll()
    lab.idle()
    expect([lab.values('a'), lab.values('b')]).toEqual([
      ['kept', 'kept', 'kept'],
      [null, null, null],
    ])
    expect(lab.log(0)).toEqual(['1.1', '2.2'])
    expect(lab.heard('epoch-learned').filter(({ replica }) => replica === 0)).toMatchObject([
      { steppedDown: true, dropped: 2 },
    ])
  })

  test('gives up repairs that died, and the copies that waited', () => {
    const lab = testCluster()
    lab.hold(0, 1, { copies: 1 })
    lab.write('a', 'held')
    lab.write('b', 'early')
    lab.advance(250)
    lab.readWithRepair('b')
    lab.failover({ to: 2 })
    lab.advance(2_000)
    expect(lab.cluster.inspect().replica(1).early.size).toBe(0)
    expect(lab.values('b')).toEqual(['early', 'early', 'early'])
    expect(lab.log(1)).toEqual(['2.1'])
  })

  test('may learn of it from a refusal: whoever knows the newer epoch fences', () => {
    const lab = testCluster()
    lab.cut(1, 0)
    lab.failover({ to: 1 })
    lab.advance(600)
    expect(lab.positions()).toEqual(['1:0', '2:0', '2:0'])
    lab.write('a', 'too late', { replica: 0 })
    lab.advance(200)
    // Replica 1 refuses the copy, but its answer is cut; replica 2's, 300 ms later, gets through.
    expect(lab.heard('copy-refused')).toMatchObject([{ replica: 1, reason: 'old-epoch' }])
    expect(lab.cluster.inspect().replica(0).role).toBe('leader')
    lab.advance(300)
    expect(lab.cluster.inspect().replica(0).role).toBe('follower')
    expect(lab.values('a')).toEqual([null, null, null])
  })

  test('asks for a snapshot when its log begins too late to go back', () => {
    const lab = testCluster({ logEntriesMax: 3, followers: 1 })
    lab.write('a', 'kept')
    lab.write('b', 'kept')
    lab.idle()
    lab.cut(0, 1)
    for (const value of ['x', 'y', 'z', 'w']) lab.write('a', value)
    lab.failover({ to: 1 })
    lab.idle()
    expect([lab.values('a'), lab.values('b')]).toEqual([
      [null, 'kept'],
      ['kept', 'kept'],
    ])
    lab.heal(0, 1)
    lab.idle()
    expect(lab.values('a')).toEqual(['kept', 'kept'])
    expect(lab.heard('catch-up-finished')).toMatchObject([{ kind: 'snapshot', replica: 0 }])
  })
})

describe('a leader that crashed', () => {
  test('leads on when it returns with its data and no newer epoch is about', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.crash(0, { keepData: true })
    expect(lab.cluster.view().leader).toBeNull()
    lab.advance(1_000)
    lab.restart(0)
    expect(lab.cluster.view()).toMatchObject({ leader: 0, epoch: 1 })
    lab.write('a', '2')
    lab.idle()
    expect(lab.log(2)).toEqual(['1.1', '1.2'])
  })

  test('follows when it returns with its data and another one leads', () => {
    const lab = testCluster()
    lab.write('a', 'lost')
    lab.crash(0, { keepData: true })
    lab.failover()
    lab.restart(0)
    expect(lab.cluster.inspect().replica(0).role).toBe('follower')
    lab.idle()
    expect([lab.values('a'), lab.positions()]).toEqual([
      [null, null, null],
      ['2:0', '2:0', '2:0'],
    ])
  })

  test('follows when it returns empty, whatever it was, and the cluster waits', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.idle()
    lab.crash(0)
    lab.restart(0)
    lab.idle()
    expect([lab.cluster.view().leader, lab.values('a')]).toEqual([null, [null, '1', '1']])
    lab.failover()
    lab.idle()
    expect(lab.values('a')).toEqual(['1', '1', '1'])
  })

  test('and is forced back empty wipes its followers, as Redis warns', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.idle()
    lab.crash(0)
    lab.restart(0)
    expect(codeOf(lab.cluster.failover({ to: 0 }))).toBe('candidate-behind')
    lab.failover({ to: 0, force: true })
    lab.idle()
    expect(lab.values('a')).toEqual([null, null, null])
    expect(lab.cluster.failovers()).toMatchObject([{ lost: [{ record: { value: '1' } }] }])
  })
})

describe('a follower that gave up more than its log can restore', () => {
  /** The only one that is left, and it lacks an acknowledged record. */
  function onlyOneLeft(autoFailoverMs?: number): TestCluster {
    const lab = testCluster({
      logEntriesMax: 2,
      followers: 1,
      ...(autoFailoverMs !== undefined && { autoFailoverMs }),
    })
    lab.write('k', 'kept')
    lab.idle()
    lab.cut(0, 1)
    for (const value of ['a', 'b', 'c']) lab.write('k', value, { replica: 0 })
    lab.failover({ to: 1 })
    lab.heal(0, 1)
    // It has heard of the new epoch, and the snapshot is on its way.
    lab.advance(300)
    lab.hold(1, 0)
    expect(lab.values('k')).toEqual([null, 'kept'])
    return lab
  }

  test('does not lead, unless by force', () => {
    const lab = onlyOneLeft()
    expect(lab.view(0)).toMatchObject({ lagVersions: 0, lagAtLeast: true })
    lab.crash(1)
    for (const how of [{}, { to: 0 }]) {
      expect(lab.cluster.failover(how)).toMatchObject({
        ok: false,
        problem: { code: 'candidate-behind', facts: { replica: 0 } },
      })
    }
    lab.failover({ to: 0, force: true })
    expect(lab.heard('leader-elected').at(-1)).toMatchObject({ to: 0, reason: 'forced' })
  })

  test('is passed over by suspicion, and leads nobody who could not be led', () => {
    const lab = onlyOneLeft(1_000)
    lab.crash(1)
    lab.advance(5_000)
    expect(lab.heard('leader-suspected').length).toBeGreaterThan(0)
    expect(lab.cluster.view().leader).toBeNull()
    lab.restart(1)
    lab.advance(5_000)
    expect(lab.cluster.view().leader).toBe(1)
  })
})

test('a failover passes over a deposed leader that gave up more than its log can restore', () => {
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
