// What clients see of a cluster is written down as they see it: called, returned, outcome and version; bounded, and
// the same whichever way it is written to a file.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type History,
  type Operation,
  sinceVersion,
} from '../../../src/analysis/history/operation.ts'
import { HistoryReader } from '../../../src/analysis/history/read.ts'
import { HistoryRecording } from '../../../src/analysis/history/recording.ts'
import { ednLines, jsonLines } from '../../../src/analysis/history/write.ts'
import { judge } from '../../../src/analysis/verdicts/judge.ts'
import { VERDICT_NAMES } from '../../../src/analysis/verdicts/verdict.ts'
import { Cluster } from '../../../src/core/cluster.ts'
import type { ClusterOptions } from '../../../src/core/options.ts'

const PLENTY = { operationsMax: 1_000, bytesMax: 1_000_000 }
const ignore = () => undefined
const ms = (value: number) => value * 1_000

function recorded(options: Partial<ClusterOptions> = {}, bounds = PLENTY) {
  const cluster = new Cluster(options)
  const recording = new HistoryRecording(bounds)
  cluster.listen((event) => recording.hear(event))
  return { cluster, recording, operations: () => recording.history().operations }
}

function readBack(lines: Iterable<string>): History {
  const reader = new HistoryReader({ failedCas: 'fact' })
  for (const line of lines) reader.push(line)
  return reader.finish()
}

describe('an operation', () => {
  test('of a quorum write lasts from its call to its acknowledgement', () => {
    const { cluster, operations } = recorded()
    cluster.advance({ us: ms(7) })
    cluster.writeWithQuorum({ key: 'k', value: 'v', client: 'alice', w: 2 }, ignore)
    expect(operations()).toMatchObject([{ outcome: 'unknown', returnedMs: null, version: '1.1' }])
    cluster.advance({ to: 'idle' })
    expect(operations()).toMatchObject([
      {
        client: 'alice',
        kind: 'write',
        key: 'k',
        value: 'v',
        calledMs: 7,
        returnedMs: 207,
        outcome: 'ok',
        version: '1.1',
        replica: 0,
      },
    ])
  })

  test('that was refused did not happen, and one that timed out may have', () => {
    const { cluster, operations } = recorded()
    cluster.writeWithQuorum({ key: 'k', value: 'v', w: 4 }, ignore)
    cluster.writeWithQuorum({ key: 'k', value: 'v', w: 3, timeoutUs: ms(10) }, ignore)
    cluster.advance({ us: ms(20) })
    expect(operations()).toMatchObject([
      { outcome: 'failed', returnedMs: 0 },
      { outcome: 'unknown', returnedMs: null, version: '1.1' },
    ])
  })

  test('that arrives after its client gave up is the same operation, and gets its version', () => {
    const { cluster, operations } = recorded()
    cluster.pause(0, {})
    cluster.write({ key: 'k', value: 'v' }, ignore)
    cluster.advance({ us: ms(3_000) })
    expect(operations()).toMatchObject([{ outcome: 'unknown', calledMs: 0 }])
    cluster.resume(0)
    cluster.advance({ to: 'idle' })
    expect(operations()).toMatchObject([{ outcome: 'unknown', calledMs: 0, version: '1.1' }])
  })

  test('whose client left stays unknown', () => {
    const { cluster, operations } = recorded()
    cluster.writeWithQuorum({ key: 'k', value: 'v', w: 3 }, ignore).abandon()
    cluster.advance({ to: 'idle' })
    expect(operations()).toMatchObject([{ outcome: 'unknown', returnedMs: null }])
  })

  test('that reads brings back what the replica answered, or that nothing was there', () => {
    const { cluster, operations } = recorded()
    cluster.write({ key: 'k', value: 'v' }, ignore)
    cluster.read({ key: 'k' }, ignore)
    cluster.followerRead({ key: 'k', replica: 1 }, ignore)
    cluster.followerRead({ key: 'k', replica: 7 }, ignore)
    expect(operations().slice(1)).toMatchObject([
      { kind: 'read', value: 'v', version: '1.1', replica: 0, outcome: 'ok' },
      { kind: 'read', value: null, replica: 1, outcome: 'ok' },
      { kind: 'read', value: null, outcome: 'failed' },
    ])
  })

  test('on a record that a new leader wrote again names the write that it came from', () => {
    const { cluster, operations, recording } = recorded({ followers: 1 })
    cluster.write({ key: 'k', value: 'v1' }, ignore)
    cluster.readWithRepair({ key: 'k' }, ignore)
    cluster.failover({})
    cluster.advance({ to: 'idle' })
    cluster.read({ key: 'k' }, ignore)
    expect(operations().at(-1)).toMatchObject({ value: 'v1', version: '2.1', origin: '1.1' })
    expect(recording.history().epochs).toMatchObject([
      { epoch: 1, leader: 0, table: [[1, 1]] },
      { epoch: 2, leader: 1, table: [[2, 1]] },
    ])
    const { verdicts } = judge(recording.history())
    expect(VERDICT_NAMES.filter((name) => verdicts[name].verdict === 'violated')).toEqual([])
  })

  test('that was handed out never changes afterwards', () => {
    const { cluster, recording } = recorded()
    cluster.writeWithQuorum({ key: 'k', value: 'v', w: 2 }, ignore)
    const history = recording.history()
    const before = JSON.stringify(history)
    cluster.crash(1, {})
    cluster.advance({ to: 'idle' })
    expect(JSON.stringify(history)).toBe(before)
  })
})

describe('what a reset or a restart leaves', () => {
  test('a full reset begins a new history', () => {
    const { cluster, recording } = recorded()
    cluster.write({ key: 'k', value: 'v' }, ignore)
    cluster.reset('nothing')
    cluster.read({ key: 'k' }, ignore)
    const { operations, dropped, sinceMs } = recording.history()
    expect(operations).toMatchObject([{ kind: 'read', value: null }])
    expect([dropped, sinceMs]).toEqual([0, null])
    expect(judge(recording.history()).verdicts.linearizable.verdict).toBe('consistent')
  })

  test('a reset that keeps the data keeps values whose writes are gone, and says since when it holds', () => {
    const { cluster, recording } = recorded()
    cluster.write({ key: 'k', value: 'v' }, ignore)
    cluster.advance({ us: ms(5) })
    cluster.reset('data')
    cluster.read({ key: 'k' }, ignore)
    const history = recording.history()
    expect(history).toMatchObject({ dropped: 1, sinceMs: 5, operations: [{ value: 'v' }] })
    expect(judge(history).verdicts.linearizable.verdict).toBe('consistent')
  })

  test('what a write-ahead file brought back counts as written', () => {
    const { cluster, operations } = recorded()
    const record = { key: 'k', value: 'v', epoch: 1, offset: 1, writtenUs: -5, quorum: false }
    cluster.restore({ leader: 0, epoch: 1, records: [record] })
    cluster.read({ key: 'k' }, ignore)
    expect(operations()).toMatchObject([
      { client: 'write-ahead-file', kind: 'write', value: 'v', version: '1.1', outcome: 'ok' },
      { kind: 'read', value: 'v', version: '1.1' },
    ])
  })
})

describe('the oldest go', () => {
  test('beyond so many operations, and are counted', () => {
    const { cluster, recording } = recorded({}, { ...PLENTY, operationsMax: 3 })
    for (let i = 1; i <= 5_000; i++) {
      cluster.write({ key: 'k', value: `${i}` }, ignore)
      cluster.advance({ us: ms(1) })
    }
    const history = recording.history()
    expect(history.operations.map(({ value }) => value)).toEqual(['4998', '4999', '5000'])
    expect(history).toMatchObject({ dropped: 4_997, sinceMs: 4_997 })
  })

  test('beyond so many bytes, but the newest stays', () => {
    const { cluster, recording } = recorded({}, { ...PLENTY, bytesMax: 2_500 })
    for (const size of [400, 500, 600]) cluster.write({ key: 'k', value: 'x'.repeat(size) }, ignore)
    expect(recording.size).toEqual({ operations: 2, bytes: 2 * (501 + 601) })
    cluster.write({ key: 'k', value: 'x'.repeat(5_000) }, ignore)
    expect(recording.size.operations).toBe(1)
  })

  test('and a value read that is older than the history is no violation', () => {
    const { cluster, recording } = recorded({}, { ...PLENTY, operationsMax: 1 })
    cluster.write({ key: 'k', value: 'v' }, ignore)
    cluster.read({ key: 'k' }, ignore)
    expect(judge(recording.history()).verdicts.linearizable.verdict).toBe('consistent')
  })

  test('an answer that comes after its call was dropped changes nothing', () => {
    const { cluster, operations } = recorded({}, { ...PLENTY, operationsMax: 1 })
    cluster.writeWithQuorum({ key: 'k', value: 'late', w: 3 }, ignore)
    cluster.write({ key: 'k', value: 'v' }, ignore)
    cluster.advance({ to: 'idle' })
    expect(operations()).toMatchObject([{ value: 'v' }])
  })
})

describe('since a version', () => {
  test('what came before counts as missing', () => {
    const { cluster, recording } = recorded()
    for (const value of ['a', 'b', 'c']) {
      cluster.write({ key: 'k', value }, ignore)
      cluster.advance({ us: ms(1) })
    }
    const since = sinceVersion(recording.history(), '1.2')
    expect(since).toMatchObject({ dropped: 1, sinceMs: 1 })
    expect(since?.operations.map(({ value }) => value)).toEqual(['b', 'c'])
    expect(sinceVersion(recording.history(), '1.4')).toBeUndefined()
  })
})

describe('written to a file and read back', () => {
  /** Any session: writes, reads of any replica, and faults that lose answers. */
  const steps = fc.array(
    fc.tuple(fc.nat(9), fc.nat(2), fc.constantFrom('a', 'b"\\\n:c', 'ü'), fc.nat(300)),
    { maxLength: 30 },
  )

  function session(drawn: readonly (readonly [number, number, string, number])[]): History {
    const { cluster, recording } = recorded({ seed: 5 })
    for (const [i, [what, replica, text, time]] of drawn.entries()) {
      const key = text.replace('\n', '')
      const client = ['alice', 'bob', 'Łukasz'][replica] as string
      if (what < 2) cluster.write({ key, value: `${text}${i}`, client }, ignore)
      else if (what < 4)
        cluster.writeWithQuorum(
          { key, value: `${text}${i}`, client, w: 3, timeoutUs: ms(300) },
          ignore,
        )
      else if (what < 7) cluster.followerRead({ key, replica, client }, ignore)
      else if (what === 7) cluster.hold(0, replica === 0 ? 1 : replica, {})
      else if (what === 8) cluster.release(0, replica === 0 ? 1 : replica)
      else cluster.advance({ us: ms(time) })
    }
    return recording.history()
  }

  test('as JSON lines it is the same', () => {
    fc.assert(
      fc.property(steps, (drawn) => {
        const history = session(drawn)
        fc.pre(history.operations.length > 0)
        expect(readBack(jsonLines(history))).toEqual(history)
      }),
      { seed: 1 },
    )
  })

  test('as EDN its operations and what can be said of all clients together are the same', () => {
    fc.assert(
      fc.property(steps, (drawn) => {
        const history = session(drawn)
        fc.pre(history.operations.length > 0)
        const read = readBack(ednLines(history))
        const told = ({ kind, key, value, outcome }: Operation) => ({ kind, key, value, outcome })
        // A read that failed says nothing, in Jepsen's words as in ours.
        expect(read.operations.map(told)).toEqual(history.operations.map(told))
        const linear = (one: History) => judge(one).verdicts.linearizable.verdict
        expect(linear(read)).toBe(linear(history))
      }),
      { seed: 1 },
    )
  })
})
