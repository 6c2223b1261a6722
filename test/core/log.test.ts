// The log: a bounded run of entries. Examples of what a bound means, and a property against an array that is
// cut to size.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredRecord } from '../../src/core/record.ts'
import { Log } from '../../src/core/replica/log.ts'
import { pinned } from '../tools/pinned.ts'
import { recordOf } from './event-samples.ts'

function filled(entriesMax: number, entries: number): Log {
  const log = new Log(entriesMax)
  for (let offset = 1; offset <= entries; offset++) log.append(recordOf({ offset }))
  return log
}

describe('a log', () => {
  test('grows by one entry at a time', () => {
    expect(() => filled(10, 3).append(recordOf({ offset: 5 }))).toThrow('one entry at a time')
  })

  test('drops its oldest entries when it is full', () => {
    const log = filled(4, 10)
    expect([log.firstOffset, log.lastOffset]).toEqual([7, 10])
    expect(log.at(6)).toBeUndefined()
    expect(log.at(7)?.offset).toBe(7)
  })

  test('gives up its end, and tells what it gave up', () => {
    const log = filled(10, 6)
    expect(log.truncateAfter(4).map(({ offset }) => offset)).toEqual([5, 6])
    expect([log.lastOffset, log.at(5)]).toEqual([4, undefined])
    log.append(recordOf({ offset: 5, epoch: 2 }))
    expect(log.at(5)?.epoch).toBe(2)
  })

  test('that gives up more than it has kept is empty, and knows where it ends', () => {
    const log = filled(4, 10)
    expect(log.truncateAfter(3).map(({ offset }) => offset)).toEqual([7, 8, 9, 10])
    expect([log.firstOffset, log.lastOffset]).toEqual([4, 3])
  })

  test('goes on behind a snapshot', () => {
    const log = filled(4, 2)
    log.restartAfter(100)
    expect([log.firstOffset, log.lastOffset]).toEqual([101, 100])
    log.append(recordOf({ offset: 101 }))
    expect(log.at(101)?.offset).toBe(101)
  })

  test('finds the newest entry of each key', () => {
    const log = new Log(10)
    const keys = ['a', 'b', 'a', 'c', 'b']
    keys.forEach((key, i) => {
      log.append(recordOf({ key, offset: i + 1 }))
    })
    const found = log.newestOf(new Set(['a', 'b', 'none']))
    expect([...found].map(([key, { offset }]) => [key, offset])).toEqual([
      ['b', 5],
      ['a', 3],
    ])
  })
})

/** An array of everything, cut to size where somebody looks. */
class DumbLog {
  entries: StoredRecord[] = []
  first = 1
  last = 0

  constructor(readonly max: number) {}

  append(record: StoredRecord): void {
    this.entries.push(record)
    this.last = record.offset
    this.#cut(this.last - this.max + 1)
  }

  truncateAfter(offset: number): void {
    if (offset >= this.last) return
    this.entries = this.entries.filter((record) => record.offset <= offset)
    this.last = offset
    this.first = Math.min(this.first, offset + 1)
  }

  restartAfter(offset: number): void {
    this.entries = []
    this.first = offset + 1
    this.last = offset
  }

  #cut(first: number): void {
    if (first <= this.first) return
    this.first = first
    this.entries = this.entries.filter((record) => record.offset >= first)
  }
}

const action = fc.oneof(
  { weight: 8, arbitrary: fc.constant('append' as const) },
  { weight: 2, arbitrary: fc.record({ back: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ jump: fc.nat(20) }) },
)

test('holds what an array cut to size would hold', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(action), (max, actions) => {
      const [log, twin] = [new Log(max), new DumbLog(max)]
      for (const one of actions) {
        if (one === 'append') {
          const record = recordOf({ offset: twin.last + 1 })
          log.append(record)
          twin.append(record)
        } else if ('back' in one) {
          const offset = Math.max(0, twin.last - one.back)
          log.truncateAfter(offset)
          twin.truncateAfter(offset)
        } else {
          log.restartAfter(twin.last + one.jump)
          twin.restartAfter(twin.last + one.jump)
        }
        expect([log.firstOffset, log.lastOffset]).toEqual([twin.first, twin.last])
        for (let offset = twin.first - 2; offset <= twin.last + 2; offset++) {
          expect(log.at(offset)).toBe(twin.entries.find((record) => record.offset === offset))
        }
      }
    }),
    pinned(60),
  )
})
