// What is left of a failing scenario: only what it needs to fail in the same way.

import { describe, expect, test } from 'vitest'
import type { VerdictName } from '../../src/analysis/verdicts/verdict.ts'
import { Random } from '../../src/core/random.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { runFile } from '../../src/scenario/run-file.ts'
import { type Shrunk, shrink, writeShrunk } from '../../src/scenario/shrink.ts'

function shrunk(text: string, verdict: VerdictName | null = null) {
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(parsing.mistakes[0]?.message)
  const steps = shrink(parsing.scenario, verdict)
  const sizes: number[] = []
  for (;;) {
    const { done, value } = steps.next()
    if (!done) {
      if (value) sizes.push(value.units.length)
      continue
    }
    if ('fails' in value) return { value, sizes, left: [] }
    return { value, sizes, left: linesOf(value, verdict) }
  }
}

/** Without the remark at the head. */
function linesOf(value: Shrunk, verdict: VerdictName | null): string[] {
  const lines = writeShrunk(value, verdict).trimEnd().split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** Much that has nothing to do with `user:1`. */
function noise(count: number, seed = 1): string[] {
  const random = Random.fromSeed(seed)
  return Array.from({ length: count }, (_, i) => {
    const key = `other:${random.int(3)}`
    const replica = 1 + random.int(2)
    const lines = [
      `write ${key} v${i} -> applied`,
      `as bob: follower-read ${key} replica=${replica}`,
      `write-with-quorum ${key} v${i} w=2 &`,
      `advance ${random.int(30)}ms`,
      `pause ${replica} for=20ms`,
      `# remark ${i}`,
      '',
    ]
    return lines[random.int(lines.length)] as string
  })
}

describe('what fails in the same way', () => {
  test('is the line that fails, with what it needs, out of hundreds', () => {
    const text = [
      ...['# A long session.', 'seed 7', 'followers 2', 'max-log 500'],
      ...noise(150),
      'write user:1 Jessica',
      ...noise(30, 2),
      'advance 3s',
      'as alice: write user:1 Maria   # the newer',
      'as bob: follower-read user:1 replica=2 -> Maria # too early',
      ...noise(100, 3),
      'read user:1 -> Jessica',
    ].join('\n')
    const { left, sizes } = shrunk(text)
    expect(left).toEqual([
      'write user:1 Jessica',
      'advance 3s',
      'as alice: write user:1 Maria   # the newer',
      'as bob: follower-read user:1 replica=2 -> Maria # too early',
    ])
    expect(sizes.toSorted((a, b) => b - a)).toEqual(sizes)
    expect(runFile('left', left.join('\n'), { json: false }).exitCode).toBe(1)
    expect(shrunk(left.join('\n')).left).toEqual(left)
  })

  test('is the same each time', () => {
    const text = [...noise(120), 'write user:1 a', 'read user:1 -> b'].join('\n')
    const once = shrunk(text)
    expect(shrunk(text)).toEqual(once)
    expect(once.left).toEqual(['write user:1 a', 'read user:1 -> b'])
  })

  test('is a write that is lost, not one that never was', () => {
    const text = [
      'write user:1 Maria',
      'read user:1',
      'crash 0',
      'failover',
      ...['restart 0', 'advance 2s'],
      'read user:1 -> Maria',
    ].join('\n')
    expect(shrunk(text).left).toEqual(['write user:1 Maria', 'failover', 'read user:1 -> Maria'])
  })

  test('is a copy that is on its way, not a key that nobody wrote', () => {
    const { left } = shrunk('write a b\nadvance 1s\nwrite k v\nfollower-read k replica=1 -> v')
    expect(left).toEqual(['write k v', 'follower-read k replica=1 -> v'])
  })

  test('is the same field of the answer, whatever its figure', () => {
    const text =
      'write k 1\nwrite k 2\nwrite k 3\nfollower-read k replica=1 -> key-not-found staleness.versions=0'
    expect(shrunk(text).left).toEqual([
      'write k 3',
      'follower-read k replica=1 -> key-not-found staleness.versions=0',
    ])
  })

  test('is the same problem', () => {
    const text =
      'crash 1\nadvance 5ms\ncrash 2\nadvance 5ms\nwrite-with-quorum k v w=2 -> quorum-timeout'
    expect(shrunk(text).left).toEqual([
      'crash 1',
      'crash 2',
      'write-with-quorum k v w=2 -> quorum-timeout',
    ])
  })

  test('is the answer of a line that went on, as late as it came', () => {
    const text = [
      'pause 1 ',
      'write k v',
      'write-with-quorum k w w=3 &  -> applied',
      'write x y',
      'pause 2',
      'advance 3s',
      'read k',
    ].join('\n')
    const { left } = shrunk(text)
    expect(left).toHaveLength(3)
    expect(left).toContain('advance 3s')
  })

  test('is no answer at all', () => {
    const text = 'write a b\nwrite-with-quorum k w w=3 & -> applied\nadvance 1ms\nread a'
    expect(shrunk(text).left).toEqual(['write-with-quorum k w w=3 & -> applied'])
  })
})

test('a command of several lines stays whole', () => {
  const restore = [
    'restore leader=0 epoch=3',
    'restored other:1 x version=1.1 age=5s',
    'restored user:1 Jessica version=3.2 age=4s quorum',
  ]
  const text = [...restore, 'write other:1 y', 'read user:1 -> Maria'].join('\n')
  expect(shrunk(text).left).toEqual([...restore, 'read user:1 -> Maria'])
})

test('time that passed in many steps passes in one', () => {
  const steps = Array.from({ length: 40 }, () => 'advance 13ms\nfollower-read k replica=1')
  const text = ['write k v', ...steps, 'follower-read k replica=1 -> key-not-found'].join('\n')
  const { left } = shrunk(text)
  expect(left).toEqual([
    'write k v',
    expect.stringMatching(/^advance \d+ms$/),
    'follower-read k replica=1 -> key-not-found',
  ])
})

describe('a verdict', () => {
  const session = [
    ...noise(60),
    'as carol: write user:17 v10',
    'crash 1 keep-data for=300ms',
    'advance 221ms',
    'as carol: read user:17 -> v10',
    'advance 82ms',
    'as carol: follower-read user:17 replica=1',
    ...noise(60, 2),
  ].join('\n')

  test('stays violated, and the last line says so and holds', () => {
    const { left } = shrunk(session, 'monotonic-reads')
    expect(left).toHaveLength(4)
    expect(left.at(-1)).toBe('show verdicts -> monotonic-reads=violated')
    expect(runFile('left', left.join('\n'), { json: false }).exitCode).toBe(0)
  })

  test('that holds leaves nothing to do', () => {
    const { value } = shrunk('write a b\nread a', 'linearizable')
    expect(value).toMatchObject({ fails: false, said: 'linearizable is consistent' })
  })
})

test('a scenario that does not fail is told of a verdict that does', () => {
  const early = 'write a b -> applied\nfollower-read a replica=1 -> key-not-found'
  expect(shrunk(early).value).toEqual({
    fails: false,
    said: 'what is expected in it holds',
    violated: 'linearizable',
  })
  expect(shrunk('write a b').value).toMatchObject({ said: 'nothing is expected in it' })
})
