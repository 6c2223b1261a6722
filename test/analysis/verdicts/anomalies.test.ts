// Each anomaly in its smallest form, with the verdict it must get and the operations that prove it.

import { describe, expect, test } from 'vitest'
import {
  EMPTY_HISTORY,
  type History,
  type Operation,
} from '../../../src/analysis/history/operation.ts'
import { type JudgeOptions, judge } from '../../../src/analysis/verdicts/judge.ts'
import { drawWitness, drawWitnessSvg } from '../../../src/analysis/verdicts/picture.ts'
import { printReport } from '../../../src/analysis/verdicts/report.ts'
import type { VerdictName } from '../../../src/analysis/verdicts/verdict.ts'
import { parseHistory as history, parseOperation as parse } from './draw.ts'

function verdictOf(name: VerdictName, of: History, options: JudgeOptions = {}) {
  const { verdict, witness } = judge(of, options).verdicts[name]
  return {
    verdict,
    witness: witness.map(({ client, kind, value }) => `${client} ${kind} ${value}`),
  }
}

const STALE = history(
  'alice write x=Jessica 0..10 @1.1',
  'alice write x=Maria 100..200 @1.2',
  'bob read x=Jessica 210..215 @1.1',
)

describe('what breaks linearizability', () => {
  test('a read that began after a newer write was acknowledged, and returned the older', () => {
    const report = judge(STALE)
    expect(report.verdicts.linearizable).toMatchObject({
      verdict: 'violated',
      why: expect.stringContaining(
        "bob's read of Jessica (1.1) began at 210 ms, after alice's write of Maria (1.2) had been acknowledged at 200 ms",
      ),
    })
    expect(report.verdicts.linearizable.witness).toHaveLength(3)
    expect(report.verdicts['linearizable-in-order'].witness).toHaveLength(2)
    expect(report).toMatchObject({ deltaMs: 10, k: 2 })
    expect(report.staleness).toMatchObject({ reads: 1, stale: 1, mostMs: 10, mostVersions: 1 })
  })

  test.each([
    ['a value that nobody wrote', ['a write x=1 0..1', 'b read x=2 5..6'], ['b read 2']],
    ['a read before its write', ['b read x=1 0..1', 'a write x=1 5..6'], ['b read 1', 'a write 1']],
    [
      'two successors of one value',
      ['a cas x=_>1 0..9', 'b cas x=_>2 0..9'],
      ['a cas 1', 'b cas 2'],
    ],
    [
      'new, then old',
      ['a write x=1 0..9', 'a write x=2 10..90', 'b read x=2 20..30', 'c read x=1 40..50'],
      ['a write 1', 'b read 2', 'c read 1'],
    ],
    [
      'a chain that goes back',
      ['a write x=1 0..1', 'b cas x=1>2 5..6', 'c read x=1 8..9'],
      ['b cas 2', 'c read 1'],
    ],
    [
      'an append that is missing',
      ['a append x=1 0..1', 'b read x=_ 5..6'],
      ['a append 1', 'b read null'],
    ],
  ])('%s', (_, lines, witness) => {
    expect(verdictOf('linearizable', history(...lines))).toEqual({ verdict: 'violated', witness })
  })

  test.each([
    [
      'a write of unknown outcome may come late',
      ['a write x=1 0..?', 'b read x=_ 5..6', 'b read x=1 8..9'],
    ],
    ['or never', ['a write x=1 0..?', 'b read x=_ 5..6']],
    ['what failed did not happen', ['a write x=1 0..1!', 'b read x=_ 5..6']],
    ['who overlaps may come in either order', ['a write x=1 0..9', 'b read x=_ 9..10']],
    ['keys are independent', ['a write x=1 0..1', 'b write y=1 0..1', 'a read y=1 5..6']],
  ])('but %s', (_, lines) => {
    expect(verdictOf('linearizable', history(...lines)).verdict).toBe('consistent')
  })

  test('a failed cas is a fact about the state, or never happened', () => {
    const of = history('a write x=1 0..1', 'b cas x=1>2 5..6!')
    expect(verdictOf('linearizable', of).verdict).toBe('violated')
    expect(verdictOf('linearizable', of, { failedCas: 'never' }).verdict).toBe('consistent')
  })

  test('a record that a new leader wrote again is the write it came from', () => {
    const of = history('a write x=1 0..1 @1.7', 'b read x=1 5..6 @2.9<1.7')
    expect(verdictOf('linearizable', of).verdict).toBe('consistent')
    expect(verdictOf('linearizable-in-order', of).verdict).toBe('consistent')
    expect(verdictOf('read-your-writes', of).verdict).toBe('consistent')
  })
})

describe('what breaks a session', () => {
  test.each<[VerdictName, string[]]>([
    ['read-your-writes', ['a write x=1 0..1 @1.1', 'a read x=_ 5..6']],
    ['monotonic-reads', ['a write x=1 0..9 @1.1', 'b read x=1 2..3 @1.1', 'b read x=_ 4..5']],
    ['monotonic-writes', ['a write x=1 0..1 @1.2', 'a write x=2 5..6 @1.1']],
    [
      'writes-follow-reads',
      ['a write x=1 0..1 @1.2', 'b read x=1 2..3 @1.2', 'b write y=2 5..6 @1.1'],
    ],
    [
      'consistent-prefix',
      ['a write x=1 0..1 @1.1', 'a write y=2 2..3 @1.2', 'b read y=2 5..6 @1.2', 'b read x=_ 8..9'],
    ],
    [
      'pram',
      ['a write x=1 0..1 @1.1', 'a write y=2 2..3 @1.2', 'b read y=2 5..6 @1.2', 'b read x=_ 8..9'],
    ],
    [
      'causal',
      [
        'a write x=1 0..1 @1.1',
        'b read x=1 2..3 @1.1',
        'b write y=2 4..5 @1.2',
        'c read y=2 6..7 @1.2',
        'c read x=_ 8..9',
      ],
    ],
  ])('%s', (name, lines) => {
    expect(verdictOf(name, history(...lines)).verdict).toBe('violated')
  })

  test('causal sees through others what PRAM does not', () => {
    const of = history(
      'a write x=1 0..1 @1.1',
      'b read x=1 2..3 @1.1',
      'b write y=2 4..5 @1.2',
      'c read y=2 6..7 @1.2',
      'c read x=_ 8..9',
    )
    expect(verdictOf('pram', of).verdict).toBe('consistent')
  })

  test('a failover loses a write, and a greater version does not contain it', () => {
    const lost = history('a write x=1 0..1 @1.7', 'b write x=2 5..6 @2.5', 'a read x=2 8..9 @2.5')
    expect(verdictOf('read-your-writes', lost).verdict).toBe('consistent')
    const epochs = [
      {
        kind: 'epoch',
        epoch: 2,
        leader: 1,
        table: [
          [1, 1],
          [2, 5],
        ],
        atMs: 4,
      } as const,
    ]
    expect(verdictOf('read-your-writes', { ...lost, epochs })).toEqual({
      verdict: 'violated',
      witness: ['a write 1', 'a read 2'],
    })
  })

  test('without versions the order of writes decides, where they do not overlap', () => {
    const of = history('a write x=1 0..1', 'a write x=2 2..3', 'a read x=1 5..6')
    expect(verdictOf('read-your-writes', of).verdict).toBe('violated')
    const overlapping = history('a write x=1 0..5', 'b write x=2 2..9', 'a read x=1 10..11')
    expect(verdictOf('read-your-writes', overlapping).verdict).toBe('undecided')
  })

  test('versions that count on every key say nothing across keys', () => {
    const of = history('a write x=1 0..1 @7', 'b write y=0 2..3 @7', 'a write y=3 4..5 @5')
    expect(verdictOf('monotonic-writes', of).verdict).toBe('undecided')
  })

  test('one client alone can be asked about', () => {
    const of = history('a write x=1 0..1 @1.1', 'a read x=_ 5..6', 'b read x=1 5..6 @1.1')
    expect(verdictOf('read-your-writes', of, { client: 'b' }).verdict).toBe('consistent')
    expect(verdictOf('read-your-writes', of, { client: 'a' }).verdict).toBe('violated')
  })
})

describe('what is not known is not judged', () => {
  test('values read may be older than a history whose beginning is missing', () => {
    const of = history('b read x=7 0..1', 'a write x=8 5..6', 'b read x=8 8..9')
    expect(verdictOf('linearizable', of).verdict).toBe('violated')
    const partial = { ...of, dropped: 3, sinceMs: 0 }
    expect(verdictOf('linearizable', partial).verdict).toBe('consistent')
    expect(printReport(partial, judge(partial), []).join('\n')).toContain(
      'it holds since 0 ms, 3 older operations are missing',
    )
    const back = history(
      'a write x=8 0..1',
      'b read x=7 2..3',
      'b read x=8 4..5',
      'b read x=7 6..7',
    )
    expect(verdictOf('linearizable', { ...back, dropped: 3, sinceMs: 0 }).verdict).toBe('violated')
  })

  test('a search ends when its budget is spent', () => {
    const lines = Array.from({ length: 40 }, (_, i) => `c${i} write x=${i % 7} 0..99`)
    const of = history(...lines, 'r read x=1 0..99', 'r read x=9 0..99')
    const budget = { steps: 50, bytes: 1e6 }
    expect(verdictOf('linearizable', of, { budget }).verdict).toBe('undecided')
  })

  test('an easy violation is found beside a hard key', () => {
    const hard = Array.from({ length: 24 }, (_, i) => `c${i} write x=${i % 9} 0..99`)
    const of = history(
      ...hard,
      'r read x=77 0..99',
      'a write y=1 0..1',
      'a write y=1 2..3',
      'b read y=_ 5..6',
    )
    const { witness } = verdictOf('linearizable', of, { budget: { steps: 20_000, bytes: 1e8 } })
    expect(witness).toContain('b read null')
  })

  test('a read misses only what had been acknowledged when it began, wherever that stands in the order', () => {
    const { staleness } = judge(
      history(
        'alice write x=a 0..10 @1.1',
        'alice write x=b 20..? @1.2',
        'alice write x=c 30..90 @1.3',
        'carol write x=d 40..50 @1.4',
        'bob read x=a 60..65 @1.1',
        'bob read x=c 100..105 @1.3',
      ),
    )
    expect(staleness).toMatchObject({ stale: 2, mostVersions: 1, mostMs: 50 })
  })

  test('bounded staleness wants a bound', () => {
    expect(verdictOf('bounded-staleness', STALE).verdict).toBe('undecided')
    const within = (versions: number) =>
      verdictOf('bounded-staleness', STALE, { stale: { versions } })
    expect(within(0).verdict).toBe('violated')
    expect(within(1).verdict).toBe('consistent')
  })
})

test('a witness is drawn with the faults that fell into it', () => {
  const faults = [{ kind: 'fault', atMs: 150, text: 'follower 1 paused' } as const]
  const of = { ...STALE, faults }
  const { witness } = judge(of).verdicts.linearizable
  expect(drawWitness(of, witness)).toEqual([
    '       0 ms   10 ms  100 ms 150 ms 200 ms 210 ms 215 ms',
    'alice  ├──────┤                                       write x Jessica (1.1)',
    'alice                ├─────────────┤                  write x Maria (1.2)',
    'bob                                       ├──────┤    read x Jessica (1.1)',
    'fault                       ×                         follower 1 paused',
  ])
  const svg = drawWitnessSvg(of, witness, 'a <title>')
  expect(svg).toContain('a &#60;title&#62;')
  expect(svg.match(/<rect .*rx=/g)).toHaveLength(3)
  expect(svg.match(/✕/g)).toHaveLength(1)
})

test('a long title goes over several lines of the picture, and long instants stand apart', () => {
  const of = history('alice write x=a 0..123456789', 'bob read x=b 200000000..200000001')
  const title = 'one word after another '.repeat(20).trim()
  const svg = drawWitnessSvg(of, of.operations, title)
  const lines = [...svg.matchAll(/font-size="14">([^<]*)</g)].map(([, line = '']) => line)
  expect(lines.join(' ')).toBe(title)
  expect(lines.length).toBeGreaterThan(3)
  const places = [...svg.matchAll(/<line x1="([\d.]+)"/g)].map(([, x]) => Number(x))
  expect(places).toHaveLength(4)
  const step = 7 * '200000000 ms'.length
  for (const [i, x] of places.slice(1).entries()) {
    expect(x - (places[i] as number)).toBeGreaterThan(step)
  }
})

test('an empty history breaks nothing', () => {
  const { verdicts } = judge(EMPTY_HISTORY)
  expect(verdicts.linearizable.verdict).toBe('consistent')
})

test('what shares an instant stands in the order in which it happened', () => {
  const faults = [
    { kind: 'fault', atMs: 0, text: 'long ago', event: 1 },
    ...Array.from({ length: 9 }, (_, i) => ({
      kind: 'fault',
      atMs: 7,
      text: `${i}`,
      event: 12 + i,
    })),
  ] as const
  const of = { ...STALE, faults: faults as History['faults'] }
  const at = (text: string, calledEvent: number): Operation => ({
    ...parse(text),
    calledEvent,
    returnedEvent: calledEvent + 1,
  })
  const witness = [at('alice write x=a 7..7', 10), at('bob read x=_ 7..7', 30)]
  expect(drawWitness(of, witness)).toEqual([
    '       0 ms 7 ms',
    'alice       ├────┤                                  write x a',
    'bob                                       ├────┤    read x nothing',
    'fault  ×                                            long ago',
    'fault                 ×                             0',
    'fault                      ×                        1',
    'fault                           ×                   2',
    'fault                                ×              3, and 5 more',
  ])
})
