// How a scenario runs: in virtual time, line by line, each until it is answered unless it says otherwise.

import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../src/scenario/parse.ts'
import { type Outcome, RUN_BOUNDS, runScenario, type TraceItem } from '../../src/scenario/run.ts'
import { lowered } from '../tools/bound.ts'

interface Run {
  readonly items: readonly TraceItem[]
  readonly outcome: Outcome
}

function run(lines: readonly string[], bounds = RUN_BOUNDS): Run {
  const parsing = parseScenario(lines.join('\n'))
  if (!parsing.ok) throw new Error(parsing.mistakes[0]?.message)
  const items: TraceItem[] = []
  const outcome = runScenario(parsing.scenario, (item) => items.push(item), bounds)
  return { items, outcome }
}

/** `line@µs` of each answer, in the order in which they came. */
function answers({ items }: Run): string[] {
  return items.flatMap((item) =>
    item.kind === 'answer' ? [`${item.line.line}@${item.atUs}${item.late ? ' late' : ''}`] : [],
  )
}

describe('time', () => {
  test('a line runs until it is answered, and no further', () => {
    expect(answers(run(['write-with-quorum k v w=2', 'write-with-quorum k v w=3']))).toEqual([
      '1@200000',
      '2@700000',
    ])
  })

  test('with & it goes on, and is answered while others run', () => {
    const lines = ['write-with-quorum k v w=2 &', 'read k', 'advance 1s']
    expect(answers(run(lines))).toEqual(['2@0', '1@200000 late', '3@1000000'])
  })

  test('what is answered at once is not late, & or not', () => {
    expect(answers(run(['read k &']))).toEqual(['1@0'])
  })

  test('advance moves by its time, however much happens', () => {
    const bounds = { ...RUN_BOUNDS, advancesMax: 3 }
    expect(run(['write k v', 'advance 10m'], bounds).outcome).toMatchObject({
      nowUs: 600_000_000,
      stopped: false,
    })
  })

  test('nothing is left of a reset but the time zero', () => {
    expect(run(['write k v', 'advance 1s', 'reset', 'advance 1ms']).outcome.nowUs).toBe(1_000)
  })
})

describe('what does not come to an end', () => {
  test('an expectation whose answer never comes fails', () => {
    const { items, outcome } = run(['write-with-quorum k v w=3 & -> applied', 'advance 1ms'])
    expect(outcome).toMatchObject({ expectations: 1, failedLines: [1] })
    expect(items.at(-1)).toMatchObject({ kind: 'unanswered', verdict: { holds: false } })
  })

  test('without one it is only told', () => {
    const { items, outcome } = run(['write-with-quorum k v w=3 &'])
    expect(outcome).toMatchObject({ expectations: 0, failedLines: [] })
    expect(items.at(-1)).toMatchObject({ kind: 'unanswered', verdict: null })
  })

  test('one that was abandoned fails too', () => {
    const { outcome } = run(['write-with-quorum k v w=3 & -> applied', 'abandon 1', 'advance 1s'])
    expect(outcome).toMatchObject({ expectations: 1, failedLines: [1] })
  })

  test('a run that never ends is stopped, and says where', () => {
    lowered('advanceEventsMax', 10_000)
    const forever = ['link 0 1 loss=1', 'write k v', 'advance idle', 'read k']
    const { items, outcome } = run(forever)
    expect(outcome.stopped).toBe(true)
    expect(items.at(-1)).toMatchObject({ kind: 'stopped', line: { line: 3 } })
  })

  test('so is one in which too much happens', () => {
    const { items, outcome } = run(['write k v', 'write k v', 'read k'], {
      ...RUN_BOUNDS,
      eventsMax: 5,
    })
    expect(outcome.stopped).toBe(true)
    expect(items.at(-1)).toMatchObject({ kind: 'stopped', line: { line: 2 } })
  })
})

test('the same scenario is the same run', () => {
  const lines = [
    'seed 9',
    'latency exponential(80ms)',
    'link 0 1 loss=0.3',
    'write a 1',
    'write b 2',
  ]
  const again = [...lines, 'read-with-repair a', 'advance 1m']
  expect(run(again)).toEqual(run(again))
})
