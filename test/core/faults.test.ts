// Stories of faults: in pairs, each undoing the other, by themselves where they were told for how long.

import { describe, expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { codeOf } from '../tools/answer.ts'
import { testCluster } from '../tools/cluster.ts'

describe('a fault that is told for how long', () => {
  test.each([
    ['crash', 'replica-restarted'],
    ['pause', 'replica-resumed'],
  ] as const)('on a replica (%s) undoes itself', (verb, undone) => {
    const lab = testCluster()
    lab[verb](1, { forMs: 100 })
    lab.advance(99)
    expect(lab.view(1).state).toBe(verb === 'crash' ? 'crashed' : 'paused')
    lab.advance(1)
    expect(lab.view(1).state).toBe('running')
    expect(lab.heard(undone)).toMatchObject([{ replica: 1, undone: true, atUs: 100_000 }])
  })

  test.each([
    ['cut', 'heal'],
    ['hold', 'release'],
  ] as const)('on a link (%s) undoes itself', (verb, undone) => {
    const lab = testCluster()
    lab[verb](0, 1, { forMs: 100 })
    lab.advance(100)
    expect(lab.must(lab.cluster.linkView(0, 1)).state).toBe('up')
    expect(lab.heard('link-changed')).toMatchObject([
      { verb, undone: false, forUs: 100_000 },
      { verb: undone, undone: true },
    ])
  })

  test('is not undone twice when its counterpart came first', () => {
    const lab = testCluster()
    lab.pause(1, { forMs: 100 })
    lab.resume(1)
    lab.cut(0, 1, { forMs: 100 })
    lab.heal(0, 1)
    lab.pause(1)
    lab.cut(0, 1)
    lab.advance(1_000)
    expect(lab.view(1).state).toBe('paused')
    expect(lab.must(lab.cluster.linkView(0, 1)).state).toBe('cut')
  })

  test('lets a newer one on the same thing replace what was to undo it', () => {
    const lab = testCluster()
    lab.pause(1, { forMs: 100 })
    lab.crash(1)
    lab.advance(1_000)
    expect(lab.view(1).state).toBe('crashed')
    lab.hold(0, 2, { forMs: 100 })
    lab.cut(0, 2, { forMs: 500 })
    lab.advance(499)
    expect(lab.must(lab.cluster.linkView(0, 2)).state).toBe('cut')
    lab.advance(1)
    expect(lab.must(lab.cluster.linkView(0, 2)).state).toBe('up')
  })

  test('keeps the cluster from being idle until it is undone', () => {
    const lab = testCluster()
    lab.pause(1, { forMs: 5_000 })
    lab.idle()
    expect([lab.nowMs, lab.view(1).state]).toEqual([5_000, 'running'])
  })
})

describe('the settings of a link', () => {
  test('go back to what they were when their time is up', () => {
    const lab = testCluster()
    lab.link(0, 1, { latency: '50ms' })
    lab.link(0, 1, { latency: '1s', lossRatio: 0.5, forMs: 100 })
    expect(lab.must(lab.cluster.linkView(0, 1))).toMatchObject({ latency: '1s', lossRatio: 0.5 })
    lab.advance(100)
    expect(lab.must(lab.cluster.linkView(0, 1))).toMatchObject({ latency: '50ms', lossRatio: 0 })
  })

  test('end together when a second passing setting came over the first', () => {
    const lab = testCluster()
    lab.link(0, 1, { lossRatio: 0.5, forMs: 10_000 })
    lab.link(0, 1, { latency: '1s', forMs: 100 })
    lab.advance(10_000)
    expect(lab.must(lab.cluster.linkView(0, 1))).toMatchObject({ latency: '200ms', lossRatio: 0 })
  })

  test('that are to last do so, whatever passing ones were there before', () => {
    const lab = testCluster()
    lab.link(0, 1, { lossRatio: 0.5, latency: '2s', forMs: 100 })
    lab.link(0, 1, { latency: '1s' })
    lab.advance(1_000)
    expect(lab.must(lab.cluster.linkView(0, 1))).toMatchObject({ latency: '1s', lossRatio: 0 })
  })

  test('leave alone what they do not name, and null is the default', () => {
    const lab = testCluster()
    lab.link(0, 1, { latency: '50ms', lossRatio: 0.5 })
    lab.link(0, 1, { lossRatio: 0 })
    expect(lab.must(lab.cluster.linkView(0, 1)).latency).toBe('50ms')
    lab.link(0, 1, { latency: null })
    expect(lab.must(lab.cluster.linkView(0, 1)).latency).toBe('200ms')
    expect(lab.cluster.view().links.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [0, 2],
    ])
  })

  test('in words nobody understands are refused', () => {
    const lab = testCluster()
    expect(codeOf(lab.cluster.setLink(0, 1, { latency: 'soon' }))).toBe('invalid-request')
  })
})

describe('a partition', () => {
  test('cuts every link between its groups, and leaves api its links unless it is named', () => {
    const lab = testCluster({ followers: 3 })
    lab.partition([
      [0, 1],
      [2, 3],
    ])
    const cut = lab.cluster.view().links.filter(({ state }) => state === 'cut')
    expect(cut).toHaveLength(8)
    expect(cut.some(({ from, to }) => from === API || to === API)).toBe(false)
    lab.partition([
      [0, 1, API],
      [2, 3],
    ])
    const named = lab.cluster.view().links.filter(({ state }) => state === 'cut')
    expect(named).toHaveLength(12)
  })

  test('is replaced by a newer one', () => {
    const lab = testCluster()
    lab.partition([[0], [1, 2]])
    lab.partition([[0, 1], [2]])
    const cut = lab.cluster.view().links.filter(({ state }) => state === 'cut')
    expect(cut.map(({ from, to }) => `${from}-${to}`)).toEqual(['0-2', '1-2', '2-0', '2-1'])
  })

  test('heals when its time is up, and leaves cuts that were there before', () => {
    const lab = testCluster()
    lab.cut(0, 1)
    lab.partition([[0], [1, 2]], { forMs: 100 })
    lab.write('a', '1')
    lab.advance(100)
    const cut = lab.cluster.view().links.filter(({ state }) => state === 'cut')
    expect(cut.map(({ from, to }) => `${from}-${to}`)).toEqual(['0-1'])
    lab.advance(1_000)
    expect(lab.values('a')).toEqual(['1', null, '1'])
  })

  test.each([
    ['one group', [[0, 1, 2]]],
    ['an empty group', [[0, 1, 2], []]],
    [
      'a replica in two groups',
      [
        [0, 1],
        [1, 2],
      ],
    ],
    ['a replica in no group', [[0], [1]]],
    ['a replica that does not exist', [[0, 1, 2], [3]]],
  ])('of %s is refused', (_, groups) => {
    const lab = testCluster()
    expect(codeOf(lab.cluster.partition(groups, {}))).toBe('invalid-request')
    expect(lab.cluster.view().links.every(({ state }) => state === 'up')).toBe(true)
  })
})

test('heal ends all cuts, and leaves holds, losses and latencies', () => {
  const lab = testCluster()
  lab.partition([[0], [1, 2]])
  lab.cut(API, 0)
  lab.healAll()
  expect(lab.cluster.view().links.every(({ state }) => state === 'up')).toBe(true)
  lab.hold(0, 1)
  lab.link(0, 2, { lossRatio: 0.5 })
  lab.healAll()
  expect(lab.must(lab.cluster.linkView(0, 1)).state).toBe('held')
  expect(lab.must(lab.cluster.linkView(0, 2)).lossRatio).toBe(0.5)
})

describe('a fault that does not fit the state', () => {
  test.each([
    ['crash of a crashed replica', 'crash', 'crashed'],
    ['restart of a running one', 'restart', 'running'],
    ['resume of a running one', 'resume', 'running'],
    ['pause of a paused one', 'pause', 'paused'],
    ['pause of a crashed one', 'pause', 'crashed'],
    ['resume of a crashed one', 'resume', 'crashed'],
    ['restart of a paused one', 'restart', 'paused'],
  ] as const)('%s is refused with the state it is in', (_, verb, state) => {
    const lab = testCluster()
    if (state === 'crashed') lab.crash(1)
    if (state === 'paused') lab.pause(1)
    const reply = lab.cluster[verb](1, {})
    expect(reply).toMatchObject({ problem: { code: 'wrong-state', facts: { replica: 1, state } } })
  })

  test.each([
    ['cut of a cut link', 'cut', 'cut'],
    ['heal of a link that is up', 'heal', 'up'],
    ['heal of a held link', 'heal', 'held'],
    ['hold of a held link', 'hold', 'held'],
    ['hold of a cut link', 'hold', 'cut'],
    ['release of a cut link', 'release', 'cut'],
  ] as const)('%s is refused with the state it is in', (_, verb, state) => {
    const lab = testCluster()
    if (state === 'cut') lab.cut(0, 1)
    if (state === 'held') lab.hold(0, 1)
    const reply = lab.cluster[verb](0, 1, {})
    expect(reply).toMatchObject({ problem: { code: 'wrong-state', facts: { state } } })
  })

  test('forget on a crashed replica is refused', () => {
    const lab = testCluster()
    lab.crash(1)
    expect(codeOf(lab.cluster.forget(1, 'a'))).toBe('wrong-state')
  })

  test('and one on a replica that does not exist, with those that do', () => {
    const lab = testCluster()
    for (const reply of [
      lab.cluster.crash(3, {}),
      lab.cluster.restart(-1),
      lab.cluster.pause(0.5, {}),
      lab.cluster.resume(Number.NaN),
      lab.cluster.forget(99, 'a'),
      lab.cluster.cut(0, 3, {}),
    ]) {
      expect(reply).toMatchObject({
        problem: { code: 'replica-not-found', facts: { replicas: [0, 1, 2] } },
      })
    }
  })
})

test('every fault is an event, and a [FAULT] line', () => {
  const lab = testCluster()
  lab.write('a', '1')
  const told = lab.during(() => {
    lab.crash(1, { keepData: true })
    lab.restart(1)
    lab.pause(2)
    lab.resume(2)
    lab.hold(0, 1, { copies: 2 })
    lab.release(0, 1)
    lab.forget(0, 'a')
    lab.partition([[0], [1, 2]])
    lab.healAll()
  })
  const faults = told.filter((text) => text.startsWith('[FAULT]'))
  expect(faults).toHaveLength(9)
})
