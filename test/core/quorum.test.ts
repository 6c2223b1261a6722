// Quorum arithmetic, against twins that count on their fingers.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { majority, quorumState } from '../../src/core/requests/quorum.ts'
import { pinned } from '../tools/pinned.ts'

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [101, 51],
])('a majority of %i is %i', (n, expected) => {
  expect(majority(n)).toBe(expected)
})

test('two majorities of the same replicas always meet, and one less would not do', () => {
  for (let n = 1; n <= 101; n++) {
    expect(2 * majority(n)).toBeGreaterThan(n)
    expect(2 * (majority(n) - 1)).toBeLessThanOrEqual(n)
  }
})

/** Hands out the answers that may still come one by one, and looks at what could become of it. */
function dumbState(needed: number, have: number, mayStill: number): string {
  if (have >= needed) return 'reached'
  for (let more = 1; more <= mayStill; more++) if (have + more >= needed) return 'pending'
  return 'impossible'
}

test('a quorum stands where counting on fingers says it does', () => {
  const few = fc.nat(12)
  fc.assert(
    fc.property(few, few, few, (needed, have, mayStill) => {
      expect(quorumState(needed, have, mayStill)).toBe(dumbState(needed, have, mayStill))
    }),
    pinned(400),
  )
})
