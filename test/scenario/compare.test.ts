// One knob, the same seed: what of a scenario gets better, what worse, and at what price.

import { describe, expect, test } from 'vitest'
import { compareWith } from '../../src/scenario/compare.ts'
import { parseScenario } from '../../src/scenario/parse.ts'

const STORY = `seed 1
followers 2
write user:1 Jessica
advance 100ms
follower-read user:1 replica=1
crash 0
failover
reset
write user:1 Maria
write-with-quorum user:1 Anna w=2
read-with-quorum user:1 r=1`

function compared(knob: string, story = STORY) {
  const parsing = parseScenario(story)
  if (!parsing.ok) throw new Error(parsing.mistakes[0]?.message)
  return compareWith(parsing.scenario, knob)
}

function changes(knob: string, story = STORY) {
  const result = compared(knob, story)
  if (!result.ok) throw new Error(result.message)
  const { disappeared, appeared, before, after } = result.value
  const said = (list: typeof appeared) => list.map(({ trouble, line }) => [trouble, line])
  return { gone: said(disappeared), come: said(appeared), before, after }
}

describe('one thing changed', () => {
  test('a faster link takes a stale read and a lost write away', () => {
    const { gone, come } = changes('latency replicate=50ms')
    expect(gone).toEqual([
      ['stale read', 5],
      ['lost write', null],
    ])
    expect(come).toEqual([])
  })

  test('w=2 turns plain writes into quorum writes, and says what they take', () => {
    const { gone, before, after } = changes('w=2')
    expect(gone).toContainEqual(['lost write', null])
    expect(before.writes).toEqual({ count: 3, meanMs: 66.667, maxMs: 200 })
    expect(after.writes).toEqual({ count: 3, meanMs: 200, maxMs: 200 })
  })

  test('a time-out appears where nothing waits that long any more', () => {
    expect(changes('quorum-timeout 100ms').come).toEqual([['time-out', 10]])
  })

  test('a quorum read whose repair nobody waits for is over sooner', () => {
    const story = 'latency request=50ms\nwrite user:1 Jessica\nread-with-quorum user:1 r=3'
    const { before, after } = changes('repair=async', story)
    expect([before.reads.maxMs, after.reads.maxMs]).toEqual([100, 50])
  })

  test('who still waits at the end was not answered', () => {
    const story = 'followers 2\npause 2\nwrite-with-quorum k v w=3 &\nadvance 500ms'
    const { gone, come, before, after } = changes('w=2', story)
    expect([gone, come]).toEqual([[['no answer', 3]], []])
    expect([before.writes.count, after.writes.count]).toEqual([0, 1])
  })

  test('the same again changes nothing', () => {
    expect(changes('seed 1')).toMatchObject({ gone: [], come: [] })
  })
})

test.each([
  ['foo', 'changes nothing in a scenario'],
  ['followrs 3', 'did you mean followers?'],
  ['repiar=async', 'did you mean repair?'],
  ['w=0', 'w is a number of replicas from 1'],
  ['repair=maybe', 'repair is blocking, async or false'],
  ['followers many', 'whole number'],
  ['latency replicate=1ms,2ms,3ms', 'replicate latencies'],
])('%s is refused: %s', (knob, why) => {
  const result = compared(knob)
  expect(result.ok ? '' : result.message).toContain(why)
})
