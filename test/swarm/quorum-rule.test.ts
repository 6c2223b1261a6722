// When are quorum reads and writes linearizable, and which writes outlive failovers? When all of the conditions hold; and
// each of them is needed, since the same sessions find a counter-example as soon as it is dropped.
// `npm run mutations -- --verdicts` goes by what holds "whatever befalls replicas and links".

import { describe, expect, test } from 'vitest'
import type { Random } from '../../src/core/random.ts'
import { pinned } from '../tools/pinned.ts'
import { type Conditions, judgeSession } from './quorum-rule.ts'

/** R + W > N, and 2R > N. */
function overlapping(random: Random) {
  const n = 2 + random.int(4)
  const least = Math.floor(n / 2) + 1
  const r = least + random.int(n - least + 1)
  const w = n - r + 1 + random.int(r)
  return { n, r, w }
}

const RULE: Conditions = { sizes: overlapping, repair: 'blocking', faults: [], operations: [] }

describe('quorum reads and writes', () => {
  test('are linearizable under the conditions of the rule, whatever befalls replicas and links', () => {
    expectToHold(RULE, pinned(60), 15)
  })

  const dropped: readonly (readonly [string, Partial<Conditions>])[] = [
    ['one leader', { faults: ['failover'] }],
    ['stores that forget nothing', { faults: ['forget'] }],
    ['crashes that lose no memory', { faults: ['crash'] }],
    ['R + W > N', { sizes: () => ({ n: 5, r: 3, w: 2 }) }],
    ['2R > N', { sizes: () => ({ n: 4, r: 2, w: 3 }) }],
    ['2R > N, though W = N', { sizes: () => ({ n: 3, r: 1, w: 3 }) }],
    ['repair before the answer', { repair: 'async' }],
    ['repair', { repair: 'false' }],
    ['quorum writes alone', { operations: ['write'] }],
    ['quorum reads alone, but reads of the leader', { operations: ['read'] }],
    ['quorum reads alone, but reads of a follower', { operations: ['follower-read'] }],
    ['quorum reads alone, but reads of all that answer', { operations: ['read-with-repair'] }],
  ]
  test.each(dropped)('are not, without %s', (_, without) => {
    expect(counterExample({ ...RULE, ...without })).toBeDefined()
  })
})

describe('what all replicas acknowledged', () => {
  const PROMISE: Conditions = {
    ...RULE,
    sizes: (random) => {
      const { n, r } = overlapping(random)
      return { n, r, w: n }
    },
    faults: ['failover', 'forced-failover'],
    onlyLasting: true,
  }

  test('outlives failovers, whatever befalls replicas and links', () => {
    expectToHold(PROMISE, pinned(30), 3)
  })

  const dropped: readonly (readonly [string, Partial<Conditions>])[] = [
    ['all but one had acknowledged it', { sizes: () => ({ n: 3, r: 2, w: 2 }) }],
    ['who is promoted lost its memory', { faults: ['failover', 'forced-failover', 'crash'] }],
  ]
  test.each(dropped)('does not, where %s', (_, without) => {
    expect(counterExample({ ...PROMISE, ...without })).toBeDefined()
  })
})

/** @param answeredMin operations on average that were judged, so that there was something to break */
function expectToHold(
  conditions: Conditions,
  runs: ReturnType<typeof pinned>,
  answeredMin: number,
): void {
  let answered = 0
  for (let i = 0; i < runs.numRuns; i++) {
    const judged = judgeSession(runs.seed + i, conditions)
    expect(judged.violation).toBeUndefined()
    answered += judged.answered
  }
  expect(answered / runs.numRuns).toBeGreaterThan(answeredMin)
}

/** The first seed that breaks it. */
function counterExample(conditions: Conditions): number | undefined {
  for (let seed = 1; seed <= 300; seed++) {
    if (judgeSession(seed, conditions).violation !== undefined) return seed
  }
  return undefined
}
