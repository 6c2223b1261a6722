// Stories of reads: whom they ask, whose answer wins, and what they say when there is none.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { describeProblem } from '../../src/core/output/describe-problem.ts'
import { testCluster } from '../tools/cluster.ts'

describe('a read', () => {
  test('is answered by the newest leader', () => {
    const lab = testCluster()
    lab.write('a', '1')
    expect(lab.read('a').value).toMatchObject({ replica: 0, role: 'leader' })
    lab.advance(500)
    lab.failover({ to: 1 })
    expect(lab.read('a').value).toMatchObject({ replica: 1, role: 'leader' })
  })

  test('says who led last when nobody leads', () => {
    const lab = testCluster()
    lab.crash(0)
    expect(lab.read('a').problem).toMatchObject({ code: 'no-leader', facts: { lastLeader: 0 } })
  })

  test('of an empty value is no missing key', () => {
    const lab = testCluster()
    lab.write('a', '')
    expect(lab.read('a').value.record.value).toBe('')
  })

  test('travels its legs, and is as old as its answer when it comes back', () => {
    const lab = testCluster({ latency: 'request=30ms;respond=20ms' })
    lab.write('a', 'old')
    const read = lab.read('a')
    lab.advance(31)
    lab.write('a', 'new')
    lab.advance(19)
    expect([read.said, read.atUs]).toEqual(['old', 50_000])
  })
})

describe('a follower read', () => {
  test('says when the copy it lacks will land', () => {
    const lab = testCluster()
    lab.write('user:1', 'Jessica')
    lab.advance(57)
    const { problem } = lab.followerRead('user:1', 1)
    expect(problem.code).toBe('key-not-found')
    expect(problem.detail).toBe(
      'Follower 1 has no key=user:1 yet; a copy is on its way and lands in 143 ms.',
    )
    expect(problem.facts).toMatchObject({
      replica: 1,
      role: 'follower',
      copy: { state: 'in-flight', dueInMs: 143 },
      staleness: { versions: 1, ms: 57 },
    })
  })

  test('says that the copy is held, and how to release it', () => {
    const lab = testCluster()
    lab.hold(0, 1)
    lab.write('a', '1')
    const { problem } = lab.followerRead('a', 1)
    expect(problem.facts).toMatchObject({ copy: { state: 'held', dueInMs: null } })
    expect(problem.remedies).toEqual([{ verb: 'release', from: 0, to: 1 }])
  })

  test('says that nobody has written the key', () => {
    const lab = testCluster()
    const { problem } = lab.followerRead('a', 1)
    expect(problem.detail).toContain('nobody has written it')
    expect(problem.facts).toMatchObject({ copy: { state: 'none', dueInMs: null } })
  })

  test('does not call unwritten what only waits for its quorum', () => {
    const lab = testCluster()
    lab.writeWithQuorum('a', '1', { w: 3 })
    lab.cut(0, 1)
    lab.advance(300)
    expect(describeProblem(lab.followerRead('a', 1).problem)).toBe(
      'Follower 1 has no key=a yet, and no copy is on its way: link 0 to 1 is cut. Try lab.heal(0, 1).',
    )
  })

  test('reads any replica, whatever its role', () => {
    const lab = testCluster()
    lab.write('a', '1')
    expect(lab.followerRead('a', 0).value).toMatchObject({ role: 'leader' })
  })

  test('of a replica that does not exist names those that do', () => {
    const lab = testCluster()
    const { problem } = lab.followerRead('a', 3)
    expect(problem).toMatchObject({ code: 'invalid-request', facts: { replicas: [0, 1, 2] } })
  })

  test('of a crashed one is refused at once, of a paused or cut-off one after a time-out', () => {
    const lab = testCluster({ followers: 3, quorumTimeoutMs: 300 })
    lab.crash(1)
    lab.pause(2)
    lab.cut(3, API)
    expect(lab.followerRead('a', 1).said).toBe('replica-down')
    const [paused, cutOff] = [lab.followerRead('a', 2), lab.followerRead('a', 3)]
    lab.advance(299)
    expect([paused.said, cutOff.said]).toEqual(['waiting', 'waiting'])
    lab.advance(1)
    expect([paused.said, cutOff.said]).toEqual(['replica-timeout', 'replica-timeout'])
    expect(paused.problem.remedies).toEqual([{ verb: 'resume', replica: 2 }])
    expect(cutOff.problem.remedies).toEqual([{ verb: 'heal', from: 3, to: API }])
  })

  test('of one that crashes with the question under way is refused then', () => {
    const lab = testCluster({ latency: 'request=50ms' })
    const read = lab.followerRead('a', 1)
    lab.crash(1)
    lab.advance(50)
    expect([read.said, read.atUs]).toEqual(['replica-down', 50_000])
  })
})

describe('a quorum read', () => {
  test('is decided by the first R answers, and tells every answer it used', () => {
    const lab = testCluster()
    lab.link(API, 0, { latency: '100ms' })
    lab.write('a', '1')
    lab.advance(200)
    const read = lab.readWithQuorum('a', { r: 2, repair: 'false' })
    const { record, answers, r } = read.value
    expect([record.value, r]).toEqual(['1', 2])
    expect(answers.map(({ replica, record }) => [replica, record?.value ?? null])).toEqual([
      [1, '1'],
      [2, null],
    ])
  })

  test('lets the newest version win, however many answer with an older one', () => {
    const lab = testCluster({ followers: 4, latency: 'replicate=1ms,1ms,1ms,1s' })
    lab.write('a', 'old')
    lab.idle()
    for (const follower of [2, 3, 4]) lab.hold(0, follower)
    lab.write('a', 'new')
    lab.advance(1)
    const { record, answers } = lab.readWithQuorum('a', { r: 5, repair: 'false' }).value
    expect(record.value).toBe('new')
    expect(answers.filter((answer) => answer.record?.value === 'old')).toHaveLength(3)
  })

  test('asks only those that are named, for a majority of them', () => {
    const lab = testCluster({ followers: 4 })
    lab.write('a', '1')
    lab.advance(2_000)
    const { r, answers } = lab.readWithQuorum('a', { replicas: [1, 3, 4] }).value
    expect([r, answers.map(({ replica }) => replica)]).toEqual([2, [1, 3]])
  })

  test('is refused when too many replicas are down, and times out when they are silent', () => {
    const lab = testCluster({ quorumTimeoutMs: 200 })
    lab.crash(1)
    lab.pause(2)
    const read = lab.readWithQuorum('a', { r: 2 })
    expect(read.said).toBe('waiting')
    lab.advance(200)
    expect(read.problem).toMatchObject({
      code: 'quorum-timeout',
      facts: { required: 2, answeredBy: [0], missing: [1, 2] },
    })
    lab.crash(2)
    expect(lab.readWithQuorum('a', { r: 2 }).said).toBe('quorum-unavailable')
  })

  test.each([
    ['more answers than replicas asked', { r: 4 }, 'quorum-impossible'],
    ['more answers than replicas named', { r: 3, replicas: [1, 2] }, 'quorum-impossible'],
    ['a replica that does not exist', { replicas: [0, 7] }, 'invalid-request'],
    ['a replica twice', { replicas: [1, 1] }, 'invalid-request'],
    ['nobody', { replicas: [] }, 'invalid-request'],
  ])('asking for %s is refused', (_, how, code) => {
    const lab = testCluster()
    lab.write('a', '1')
    expect(lab.readWithQuorum('a', how).said).toBe(code)
  })

  test('counts a doubled answer once', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.pause(2)
    lab.link(0, API, { duplicateRatio: 1 })
    lab.link(API, 1, { duplicateRatio: 1 })
    const read = lab.readWithQuorum('a', { r: 3, repair: 'false' })
    expect(read.said).toBe('waiting')
    lab.resume(2)
    expect(read.value.answers.map(({ replica }) => replica)).toEqual([0, 1, 2])
  })

  test('with R + W > N may still return the new value and then the old one', () => {
    const lab = testCluster()
    lab.write('a', 'old')
    lab.idle()
    for (const follower of [1, 2]) lab.hold(0, follower)
    const write = lab.writeWithQuorum('a', 'new', { w: 2 })
    const first = lab.readWithQuorum('a', { r: 2, replicas: [0, 1], repair: 'false' })
    const second = lab.readWithQuorum('a', { r: 2, replicas: [1, 2], repair: 'false' })
    expect([write.said, first.said, second.said]).toEqual(['waiting', 'new', 'old'])
  })
})
