// Histories are read from our own lines, from Jepsen's log and from EDN; and what is wrong with one is told with its
// line and a remedy.

import { describe, expect, test } from 'vitest'
import { HistoryMistake } from '../../../src/analysis/history/mistakes.ts'
import type { History, Operation } from '../../../src/analysis/history/operation.ts'
import { HistoryReader, type ReadOptions } from '../../../src/analysis/history/read.ts'

function read(text: string, options: Partial<ReadOptions> = {}): History {
  const reader = new HistoryReader({ failedCas: 'fact', ...options })
  const lines = text.split('\n')
  const isEnded = lines.at(-1) === ''
  if (isEnded) lines.pop()
  for (const [i, line] of lines.entries()) reader.push(line, !isEnded && i === lines.length - 1)
  return reader.finish()
}

function mistake(text: string, options: Partial<ReadOptions> = {}): string {
  try {
    read(text, options)
  } catch (error) {
    if (error instanceof HistoryMistake) return error.tell('h')
    throw error
  }
  return 'it was read'
}

const WRITE = {
  client: 'alice',
  kind: 'write',
  key: 'k',
  value: 'a',
  calledMs: 0,
  returnedMs: 5,
  outcome: 'ok',
}
const line = (changes: object) => JSON.stringify({ ...WRITE, ...changes })
const tell = ({ client, kind, key, value, from, outcome, calledMs, returnedMs }: Operation) => [
  client,
  kind,
  key,
  from === undefined ? value : [from, value],
  outcome,
  calledMs,
  returnedMs,
]

describe('our own lines', () => {
  test('carry operations, faults, epochs and how many are missing', () => {
    const history = read(
      [
        '{"kind":"dropped","operations":3,"atMs":7}',
        '{"kind":"epoch","epoch":2,"leader":1,"table":[[1,1],[2,4]],"atMs":9}',
        '{"kind":"fault","atMs":8,"text":"replica 0 crashed"}',
        line({ calledMs: 9, returnedMs: null, outcome: 'unknown' }),
        line({ calledMs: 8, returnedMs: 10, version: '1.4', replica: 0 }),
      ].join('\n'),
    )
    expect(history.operations.map(({ calledMs }) => calledMs)).toEqual([8, 9])
    expect(history).toMatchObject({ dropped: 3, sinceMs: 7, timed: true })
    expect([history.faults.length, history.epochs.length]).toEqual([1, 1])
  })

  test.each([
    ['{"kind":"wrote"}', 'h:1: unknown kind "wrote"'],
    [line({ kind: 'raed' }), 'unknown kind "raed". Perhaps it is a read.'],
    ['{"client":"alice"}', 'h:1: it has no kind. It is one of write, read, cas'],
    [line({ value: 4 }), 'h:1: value is neither text nor null'],
    [line({ outcome: 'done' }), 'unknown outcome "done". It is ok, failed, unknown'],
    [line({ returnedMs: -1 }), 'returned at -1 ms, before it was called'],
    [line({ returnedMs: null }), 'it is ok, but it never returned'],
    [line({ kind: 'cas' }), 'does not say what it expected. Give it from'],
    [line({ version: 'x' }), 'is no version. It is written "1.7"'],
    [line({ calledMs: 'now' }), 'calledMs is no number'],
    [`${line({})}\n{"client":"al`, 'h:2: the last line is cut short'],
    [`${line({})}\nhello\n${line({})}\n`, 'h:2: this is no JSON: "hello"'],
    [
      `${line({ version: '1.1' })}\n\n${line({ version: '1.1', client: 'bob' })}\n`,
      'h:3: version 1.1 was written before, by alice at 0 ms',
    ],
    [
      ['a', 'b', 'a']
        .map((key, i) => line({ key, version: '99999999999.1', client: `c${i}` }))
        .join('\n'),
      'h:3: version 99999999999.1 was written before, by c0',
    ],
    [`${line({})}\n${line({})}\n`, 'h:2: alice makes this write at 0 ms twice. Delete what'],
    [
      `${line({ kind: 'read' })}\n${line({ calledMs: 7, returnedMs: 8 })}\n`.repeat(2),
      'h:4: alice makes this write at 7 ms twice',
    ],
    [
      `[${line({})},\n${line({})}]`,
      'h:1: this is one JSON document. Write one object a line, as jq',
    ],
    [`{\n  "client": "alice"\n}`, 'h:1: this is one JSON document'],
    ['{"kind":"fault","atMs":8,"text":"x"}', 'h: there is no operation in it'],
    ['', 'h: the file is empty'],
    ['\n\n', 'h: there is no operation in it'],
    ['hello', 'the format of "hello" is not known. Say which it is: jsonl or edn or jepsen'],
  ])('%j is refused: %s', (text, said) => {
    expect(mistake(text)).toContain(said)
  })
})

test('systems may count on every key', () => {
  const lines = ['a', 'b', 'c'].map((key) => line({ key, version: '7', client: key }))
  expect(read(lines.join('\n')).operations).toHaveLength(3)
})

test('clients that share a name may read at once, and those of a lab may write at one instant', () => {
  const twice = (changes: object) => `${line(changes)}\n`.repeat(2)
  expect(read(twice({ kind: 'read' })).operations).toHaveLength(2)
  const event = (calledEvent: number) => line({ calledEvent, version: `1.${calledEvent}` })
  expect(read(`${event(1)}\n${event(2)}\n`).operations).toHaveLength(2)
  expect(read(twice({ returnedMs: 0 })).operations).toHaveLength(2)
})

test.each([
  ['jsonl', `${line({})}\n`],
  [
    'edn',
    '{:process 0 :type :invoke :f :write :value 1}\n{:process 0 :type :ok :f :write :value 1}\n',
  ],
])('more %s than there is memory for is refused', (_, text) => {
  expect(read(text, { charsMax: text.length }).operations).toHaveLength(1)
  expect(mistake(text, { charsMax: text.length - 1 })).toContain('no memory for more than')
})

describe("Jepsen's printed log", () => {
  const LOG = [
    'INFO  jepsen.core - Running test:',
    'INFO  jepsen.util - 3\t:invoke\t:write\t4',
    'INFO  jepsen.util - :nemesis\t:info\t:start\tnil',
    'INFO  jepsen.util - 0\t:invoke\t:read\tnil',
    'INFO  jepsen.util - 3\t:ok\t:write\t4',
    'INFO  jepsen.util - 1\t:invoke\t:cas\t[4 2]',
    'INFO  jepsen.util - 0\t:ok\t:read\t4',
    'INFO  jepsen.util - 1\t:fail\t:cas\t[4 2]',
    'INFO  jepsen.util - 2\t:invoke\t:read\tnil',
    'INFO  jepsen.util - 2\t:fail\t:read\t:timed-out',
    'INFO  jepsen.util - 4\t:invoke\t:cas\t[4 1]',
    'INFO  jepsen.util - 4\t:info\t:cas\t:timed-out',
  ].join('\n')

  test('has lines for instants, and its nemesis makes faults', () => {
    const { operations, faults, timed } = read(LOG)
    expect(timed).toBe(false)
    expect(faults).toEqual([{ kind: 'fault', atMs: 3, text: 'nemesis start' }])
    expect(operations.map(tell)).toEqual([
      ['3', 'write', '', '4', 'ok', 2, 5],
      ['0', 'read', '', '4', 'ok', 4, 7],
      ['1', 'cas', '', ['4', '2'], 'failed', 6, 8],
      ['2', 'read', '', null, 'failed', 9, 10],
      ['4', 'cas', '', ['4', '1'], 'unknown', 11, null],
    ])
  })

  test.each([
    ['3\t:ok\t:write\t4', 'h:1: process 3 returns without a call'],
    ['3\t:invoke\t:write\t4\n3\t:invoke\t:read\tnil', 'before its call of line 1 returned'],
    ['3\t:invoke\t:write\t4\n3\t:ok\t:read\tnil', 'but returns from :read'],
    ['3\t:invoke\t:enqueue\t4', 'unknown operation :enqueue, which belongs to another model'],
    ['3\t:invoke\t:cas\t4\n3\t:ok\t:cas\t4', 'It is written [expected new]'],
  ])('%j is refused: %s', (text, said) => {
    expect(mistake(text)).toContain(said)
  })
})

describe('EDN', () => {
  const map = (type: string, f: string, value: string, more = '') =>
    `{:process 1, :type :${type}, :f :${f}, :value ${value}${more}}`

  test('is a list, a vector or a map a line; comments and tags do not matter', () => {
    const events = [
      map('invoke', 'append', '"x 1 y"', ', :key "7"'),
      map('ok', 'append', '"x 1 y"', ', :key "7"'),
    ]
    for (const text of [
      events.join('\n'),
      `[${events.join('\n ; a remark\n ')}]`,
      `(${events.map((one) => `#jepsen.history.Op${one}`).join(' ')})`,
    ]) {
      expect(read(text).operations.map((one) => tell(one).slice(0, 5))).toEqual([
        ['1', 'append', '7', 'x 1 y', 'ok'],
      ])
    }
  })

  test('times are nanoseconds, and of equal ones the order of lines counts', () => {
    const [write, after] = read(
      [
        map('invoke', 'write', '1', ', :time 1000000'),
        map('ok', 'write', '1', ', :time 2000000'),
        map('invoke', 'write', '2', ', :time 2000000'),
        map('ok', 'write', '2', ', :time 2500000'),
      ].join('\n'),
    ).operations
    expect([write?.calledMs, write?.returnedMs]).toEqual([1, 2])
    expect(after?.calledMs).toBeCloseTo(2, 6)
    expect(after?.calledMs).toBeGreaterThan(2)
  })

  test('keys may stand in front of values, as jepsen.independent has them', () => {
    const { operations } = read(
      [
        map('invoke', 'read', '[5 nil]'),
        map('ok', 'read', '[5 3]'),
        map('invoke', 'cas', '[5 [3 4]]'),
        map('ok', 'cas', '[5 [3 4]]'),
      ].join('\n'),
    )
    expect(operations.map((one) => tell(one).slice(1, 4))).toEqual([
      ['read', '5', '3'],
      ['cas', '5', ['3', '4']],
    ])
  })

  test('a read of nil saw no key, or says nothing where a failed cas never happened', () => {
    const text = `${map('invoke', 'read', 'nil')}\n${map('ok', 'read', 'nil')}`
    expect(read(text).operations[0]?.outcome).toBe('ok')
    expect(read(text, { failedCas: 'never' }).operations[0]?.outcome).toBe('unknown')
  })

  test.each([
    [map('invoke', 'txn', '[[:r 1 nil]]'), 'this is a history of transactions. This is for elle'],
    ['[{:process 1', 'h:1: the file ends inside a form'],
    ['{:process 1, :type :invoke}', 'an operation lacks :process, :type or :f'],
    [map('done', 'read', 'nil'), 'unknown :type :done'],
    [
      `${map('invoke', 'read', 'nil', ', :time 5000000')}\n${map('ok', 'read', '1', ', :time 1')}`,
      'h:2: time goes back, from 5 ms',
    ],
    [`${map('invoke', 'read', 'nil', ', :time 5')}\n${map('ok', 'read', '1')}`, 'some have none'],
    ['{:a 1 :b}', 'a map has a key without a value'],
  ])('%j is refused: %s', (text, said) => {
    expect(mistake(text)).toContain(said)
  })
})
