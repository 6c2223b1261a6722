// Versions and epoch tables: tables of examples, and twins that write the logs out entry by entry.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareVersions,
  type EpochTable,
  epochAt,
  formatVersion,
  isDead,
  isInTable,
  lastCommonOffset,
  newestEpoch,
  parseVersion,
  tableUpTo,
} from '../../src/core/version.ts'
import { pinned } from '../tools/pinned.ts'

/** `'1.1 2.5'`: epoch 1 from offset 1, epoch 2 from offset 5. */
function tableOf(text: string): EpochTable {
  return text
    .split(' ')
    .filter(Boolean)
    .map((row) => {
      const [epoch = 0, firstOffset = 0] = row.split('.').map(Number)
      return { epoch, firstOffset }
    })
}

describe('a version', () => {
  test.each(['1.1', '1.10', '2.5', '123456789.987654321'])(
    '%s is read as it is written',
    (text) => {
      const version = parseVersion(text)
      expect(version && formatVersion(version)).toBe(text)
    },
  )

  test.each(['', '1', '1.', '.1', '0.1', '1.0', '01.1', '1.01', '-1.1', '1.1.1', ' 1.1', '1e3.1'])(
    '%j is none',
    (text) => {
      expect(parseVersion(text)).toBeUndefined()
    },
  )

  test('is ordered by epoch, then offset', () => {
    const sorted = ['1.1', '1.2', '1.10', '2.3', '2.11', '10.1']
    const versions = sorted.flatMap((text) => parseVersion(text) ?? [])
    expect([...versions].reverse().sort(compareVersions).map(formatVersion)).toEqual(sorted)
  })
})

describe('an epoch table', () => {
  const table = tableOf('1.1 2.5 4.9')

  test.each([
    [0, 0],
    [1, 1],
    [4, 1],
    [5, 2],
    [8, 2],
    [9, 4],
    [1_000, 4],
  ])('says of offset %i that it belongs to epoch %i', (offset, epoch) => {
    expect(epochAt(table, offset)).toBe(epoch)
  })

  test.each([
    ['1.4', true, false],
    ['1.5', false, true],
    ['2.5', true, false],
    ['2.9', false, true],
    ['3.9', false, true],
    ['4.9', true, false],
    ['4.1000', true, false],
    ['4.8', false, false],
    ['5.1', false, false],
  ])(
    'knows of %s whether it is in the log (%s) and whether it is dead (%s)',
    (text, isIn, dead) => {
      const version = parseVersion(text) ?? { epoch: 0, offset: 0 }
      expect([isInTable(table, version), isDead(table, version)]).toEqual([isIn, dead])
    },
  )

  test('without rows knows no epoch, and calls nothing dead', () => {
    expect([newestEpoch([]), epochAt([], 5), isDead([], { epoch: 1, offset: 1 })]).toEqual([
      0,
      0,
      false,
    ])
  })

  test('of a log that was cut off has only the epochs that are left', () => {
    expect(tableUpTo(table, 8)).toEqual(tableOf('1.1 2.5'))
    expect(tableUpTo(table, 4)).toEqual(tableOf('1.1'))
    expect(tableUpTo(table, 0)).toEqual([])
  })
})

describe('two logs', () => {
  test.each([
    ['the same log, one further on', '1.1', 5, '1.1', 9, 5],
    ['a new epoch that begins behind what both have', '1.1', 5, '1.1 2.6', 8, 5],
    ['a new epoch that never had the end', '1.1', 9, '1.1 2.6', 8, 5],
    ['two epochs that know nothing of each other', '1.1 2.4', 6, '1.1 3.5', 9, 3],
    ['an epoch that reaches back further than both', '1.1 2.4', 6, '3.1', 9, 0],
    ['one that is empty', '', 0, '1.1', 9, 0],
    ['epochs in between that wrote nothing', '1.1', 5, '1.1 4.6', 7, 5],
    ['three epochs, the middle one lost', '1.1 2.3 3.6', 9, '1.1 2.3 4.5', 9, 4],
  ])('have in common: %s', (_, mine, myLast, theirs, theirLast, common) => {
    expect(lastCommonOffset(tableOf(mine), myLast, tableOf(theirs), theirLast)).toBe(common)
    expect(lastCommonOffset(tableOf(theirs), theirLast, tableOf(mine), myLast)).toBe(common)
  })
})

/** A log written out: which epoch wrote each entry. */
type Written = readonly number[]

/** A family of logs as leaderships make them: each epoch goes on from a prefix of some earlier log. */
const family = fc
  .array(fc.record({ from: fc.nat(), keep: fc.nat(), entries: fc.nat(4) }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((leaderships) => {
    const logs: { written: Written; table: EpochTable }[] = [{ written: [], table: [] }]
    leaderships.forEach(({ from, keep, entries }, i) => {
      const parent = logs[from % logs.length] as (typeof logs)[number]
      const kept = parent.written.slice(0, keep % (parent.written.length + 1))
      const epoch = i + 1
      const table = [
        ...tableUpTo(parent.table, kept.length),
        { epoch, firstOffset: kept.length + 1 },
      ]
      logs.push({ written: [...kept, ...Array(entries).fill(epoch)], table })
    })
    return logs
  })

test('two logs of one family share what their entries, compared one by one, share', () => {
  fc.assert(
    fc.property(family, fc.nat(), fc.nat(), (logs, i, j) => {
      const a = logs[i % logs.length] as (typeof logs)[number]
      const b = logs[j % logs.length] as (typeof logs)[number]
      let common = 0
      const shorter = Math.min(a.written.length, b.written.length)
      while (common < shorter && a.written[common] === b.written[common]) common++
      const found = lastCommonOffset(a.table, a.written.length, b.table, b.written.length)
      expect(found).toBe(common)
    }),
    pinned(200),
  )
})

test('a version is dead where the newest epoch is newer and its written log lacks it', () => {
  fc.assert(
    fc.property(family, fc.nat(), fc.nat(), fc.nat(), (logs, i, j, k) => {
      const judge = logs[i % logs.length] as (typeof logs)[number]
      const owner = logs[j % logs.length] as (typeof logs)[number]
      if (owner.written.length === 0) return
      const offset = 1 + (k % owner.written.length)
      const version = { epoch: owner.written[offset - 1] as number, offset }
      const inLog = judge.written[offset - 1] === version.epoch
      const dead = version.epoch < newestEpoch(judge.table) && !inLog
      expect(isDead(judge.table, version)).toBe(dead)
    }),
    pinned(200),
  )
})
