// What an answer must be for an expectation to hold. `check` runs a line after a few others have set the scene.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeValue } from '../../src/scenario/expectations.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { runScenario, type TraceItem } from '../../src/scenario/run.ts'

/** Why the last line of a scenario does not hold; undefined when it does. */
function check(...lines: readonly string[]): string | undefined {
  const parsing = parseScenario(lines.join('\n'))
  if (!parsing.ok) throw new Error(parsing.mistakes[0]?.message)
  const items: TraceItem[] = []
  runScenario(parsing.scenario, (item) => items.push(item))
  const answer = items.findLast((item) => item.kind === 'answer')
  if (!answer?.verdict) throw new Error('nothing was expected')
  return answer.verdict.why ?? undefined
}

describe('values', () => {
  test('a word or a string is the value that a read brings back', () => {
    expect(check('write k Jessica', 'read k -> Jessica')).toBeUndefined()
    expect(check('write k Jessica', 'read k -> "Jessica"')).toBeUndefined()
    expect(check('write k Jessica', 'read k -> Maria')).toBe('expected Maria, but it is Jessica')
    expect(check('read k -> Maria')).toBe('expected Maria, but it is key-not-found')
  })

  test('a problem of the same name is no value, and a string is no problem', () => {
    expect(check('read k -> key-not-found')).toBeUndefined()
    expect(check('read k -> "key-not-found"')).toBe(
      'expected "key-not-found", but it is key-not-found',
    )
    expect(check('write k key-not-found', 'read k -> "key-not-found"')).toBeUndefined()
    expect(check('write k key-not-found', 'read k -> key-not-found')).toBe(
      'expected key-not-found, but it is "key-not-found"',
    )
  })

  test('any value is found again as it is written', () => {
    const odd = fc.constantFrom('not', 'applied', 'key-not-found', 'key-not-fond', '&', '->', '')
    const value = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }))
    fc.assert(
      fc.property(value, (text) => {
        fc.pre(text.isWellFormed())
        expect(
          check(`write k ${JSON.stringify(text)}`, `read k -> ${writeValue(text)}`),
        ).toBeUndefined()
      }),
    )
  })
})

describe('outcomes and problems', () => {
  test('a write is applied, not applied, or nobody knows', () => {
    expect(check('write k v -> applied')).toBeUndefined()
    expect(check('write k v replica=1 -> not-applied')).toBeUndefined()
    expect(check('hold 0 1', 'hold 0 2', 'write-with-quorum k v -> unknown')).toBeUndefined()
    expect(check('hold 0 1', 'hold 0 2', 'write-with-quorum k v -> applied')).toBe(
      'expected applied, but it is unknown (quorum-timeout)',
    )
  })

  test('whatever else was done is applied too', () => {
    expect(check('crash 1 -> applied')).toBeUndefined()
    expect(check('crash 1', 'crash 1 -> wrong-state')).toBeUndefined()
    expect(check('crash 1', 'crash 1 -> applied')).toBe(
      'expected applied, but it is not-applied (wrong-state)',
    )
  })

  test('not turns the first word around', () => {
    expect(check('write k v', 'read k -> not w')).toBeUndefined()
    expect(check('write k v', 'read k -> not v')).toBe('expected anything but v')
    expect(check('read k -> not no-leader')).toBeUndefined()
    expect(check('write k v -> not applied')).toBe('expected anything but applied')
  })
})

describe('fields', () => {
  test('of a record and of the replica that gave it', () => {
    expect(check('write k v', 'read k -> v version=1.1 replica=0 role=leader')).toBeUndefined()
    expect(check('write k v', 'read k -> timestamp=2025-01-01T00:00:00.000Z')).toBeUndefined()
    expect(check('write k v', 'read k -> version=1.2')).toBe('expected version=1.2, but it is 1.1')
  })

  test('of a problem', () => {
    expect(
      check('write k v', 'follower-read k replica=1 -> key-not-found copy.dueInMs=200'),
    ).toBeUndefined()
    expect(check('write k v replica=1 -> leader=0 outcome=not-applied')).toBeUndefined()
  })

  test('numbers are compared as numbers, text as text', () => {
    expect(check('write k v', 'advance 1.5ms', 'show cluster -> clock.nowMs=1.50')).toBeUndefined()
    expect(check('write k 1', 'read k -> value=1.0')).toBe('expected value=1.0, but it is 1')
  })

  test('lists have commas, an empty one is none, some are only counted', () => {
    expect(check('write-with-quorum k v w=3 -> acknowledgedBy=0,1,2')).toBeUndefined()
    expect(check('write k v', 'read-with-repair k -> repaired=1,2')).toBeUndefined()
    expect(
      check('write k v', 'advance idle', 'read-with-repair k -> repaired=none'),
    ).toBeUndefined()
    expect(check('show failovers -> lost=0')).toBeUndefined()
  })

  test('what an answer does not have is nothing, and not its opposite either', () => {
    expect(check('read k -> version=1.1')).toBe('expected version, which this answer does not have')
    expect(check('read k -> version!=1.1')).toBe(
      'expected version, which this answer does not have',
    )
    expect(check('write k v', 'read k -> version!=1.2')).toBeUndefined()
    expect(check('write k v', 'read k -> version!=1.1')).toBe(
      'expected version!=1.1, but it is 1.1',
    )
  })
})
