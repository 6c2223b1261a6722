// A witness of a history recorded elsewhere becomes a scenario that breaks the same guarantee here, or it is said why
// there is none.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { History } from '../../src/analysis/history/operation.ts'
import { judge } from '../../src/analysis/verdicts/judge.ts'
import { VERDICT_NAMES, type VerdictName } from '../../src/analysis/verdicts/verdict.ts'
import { replayOf } from '../../src/scenario/from-witness.ts'
import { runFile } from '../../src/scenario/run-file.ts'
import { histories, historyOf, inSessions, parseHistory } from '../analysis/verdicts/draw.ts'

function replayed(name: VerdictName, history: History): string {
  const found = judge(history).verdicts[name]
  expect(found.verdict).toBe('violated')
  const replay = replayOf(history, name, found)
  if ('whyNot' in replay) return replay.whyNot
  const { exitCode } = runFile('', replay.text, { json: false })
  const isJudged = replay.text.endsWith(`show verdicts -> ${name}=violated\n`)
  return exitCode === 0 && isJudged ? 'shown' : replay.text
}

const HI_THEN_LO = ['a write x=1 0..1 @1.2', 'a write y=2 5..6 @1.1']

describe('a scenario shows', () => {
  test.each<[VerdictName, string, string[]]>([
    ['linearizable', 'a stale read', ['a write x=1 0..1', 'a write x=2 2..3', 'b read x=1 5..6']],
    ['linearizable', 'a write that is not there', ['a write x=1 0..1', 'b read x=_ 5..6']],
    [
      'linearizable',
      'new, then old, while the new is being written',
      ['a write x=1 0..9', 'a write x=2 10..90', 'b read x=2 20..30', 'c read x=1 40..50'],
    ],
    ['linearizable', 'two successors', ['a cas x=_>1 0..9', 'b cas x=_>2 0..9']],
    [
      'linearizable',
      'values that repeat',
      ['a write x=1 0..1', 'a write x=2 2..3', 'a write x=1 4..5', 'b read x=2 6..7'],
    ],
    ['linearizable', 'names that are none here', ['ä write x=1 0..1', 'ä@" read x=_ 5..6']],
    [
      'linearizable-in-order',
      'writes that go back',
      HI_THEN_LO.map((one) => one.replace('y', 'x')),
    ],
    ['read-your-writes', 'a miss', ['a write x=1 0..1 @1.1', 'a read x=_ 5..6']],
    [
      'monotonic-reads',
      'a step back',
      ['a write x=1 0..9 @1.1', 'b read x=1 2..3 @1.1', 'b read x=_ 4..5'],
    ],
    ['monotonic-writes', 'writes that go back', HI_THEN_LO],
    [
      'writes-follow-reads',
      'a write before what it follows',
      ['a write x=1 0..1 @1.2', 'b read x=1 2..3 @1.2', 'b write y=2 5..6 @1.1'],
    ],
    [
      'consistent-prefix',
      'a gap',
      ['a write x=1 0..1 @1.1', 'a write y=2 2..3 @1.2', 'b read y=2 5..6 @1.2', 'b read x=_ 8..9'],
    ],
    [
      'causal',
      'what was seen through others',
      [
        'a write x=1 0..1 @1.1',
        'b read x=1 2..3 @1.1',
        'b write y=2 4..5 @1.2',
        'c read y=2 6..7 @1.2',
        'c read x=_ 8..9',
      ],
    ],
  ])('%s: %s', (name, _, lines) => {
    expect(replayed(name, parseHistory(...lines))).toBe('shown')
  })

  test('what was written before the history began', () => {
    const lines = ['b read x=7 2..3', 'b write x=8 4..5', 'b read x=8 6..7', 'b read x=7 8..9']
    const partial = { ...parseHistory(...lines), dropped: 3, sinceMs: 0 }
    expect(replayed('linearizable', partial)).toBe('shown')
  })
})

test.each([
  ['a value that nobody wrote', ['a write x=1 0..1', 'b read x=2 5..6'], /nobody has written/],
  ['a read before its write', ['b read x=1 0..1', 'a write x=1 5..6'], /nobody has written/],
  ['an append', ['a append x=1 0..1', 'b read x=_ 5..6'], /nothing here is an append/],
  ['a failed cas', ['a write x=1 0..1', 'b cas x=1>2 5..6!'], /compare-and-set that fails/],
])('none shows %s, and it is said', (_, lines, why) => {
  expect(replayed('linearizable', parseHistory(...lines))).toMatch(why)
})

test('of random histories every violation is shown, but of reads that nobody can have made', () => {
  const shape = { most: 8, writes: 4, cas: 0, unique: true, fates: true, keys: 2 }
  const drawn = fc.oneof(
    histories({ ...shape, versions: false }),
    histories({ ...shape, versions: true }).map(inSessions),
  )
  let shown = 0
  fc.assert(
    fc.property(drawn, (operations) => {
      const history = historyOf(operations)
      const { verdicts } = judge(history)
      const name = VERDICT_NAMES.find((one) => verdicts[one].verdict === 'violated')
      if (name === undefined) return
      const said = replayed(name, history)
      if (said === 'shown') shown++
      else expect(said).toMatch(/^nothing here returns what nobody has written by then$/)
    }),
    { numRuns: 150, seed: 1 },
  )
  expect(shown).toBeGreaterThan(15)
})
