// How old answers are: examples, and a property against a twin that remembers everything and counts anew for
// every answer.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { ReadAnswer } from '../../src/core/nodes.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import { compareVersions, type EpochTable, isDead } from '../../src/core/version.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'
import { pinned } from '../tools/pinned.ts'

const FRESH = { versions: 0, us: 0, diverged: false, atLeast: false }

describe('an answer', () => {
  test('of the leader is fresh', () => {
    const lab = testCluster()
    lab.write('a', '1')
    lab.advance(1_000)
    expect(lab.read('a').value.staleness).toEqual(FRESH)
  })

  test('has missed each newer acknowledged write of its key, since the first of them', () => {
    const lab = testCluster({ latency: '1s' })
    lab.write('a', '1')
    lab.advance(1_000)
    lab.write('a', '2')
    lab.advance(100)
    lab.write('b', 'another key')
    lab.write('a', '3')
    lab.advance(50)
    const { staleness } = lab.followerRead('a', 1).value
    expect(staleness).toEqual({ versions: 2, us: 150_000, diverged: false, atLeast: false })
  })

  test('that is missing counts like an old one', () => {
    const lab = testCluster({ latency: '1s' })
    lab.write('a', '1')
    lab.advance(30)
    lab.write('a', '2')
    expect(lab.followerRead('a', 1).problem.facts.staleness).toEqual({ versions: 2, ms: 30 })
  })

  test('has not missed what was not acknowledged yet', () => {
    const lab = testCluster()
    lab.writeWithQuorum('a', '1', { w: 3 })
    lab.advance(200)
    expect(lab.followerRead('a', 2).problem.facts.staleness).toEqual({ versions: 0, ms: 0 })
  })

  test('is judged by what had been acknowledged when its read was issued', () => {
    const lab = testCluster({ latency: 'replicate=1s;request=50ms' })
    lab.write('a', '1')
    lab.advance(1_000)
    const read = lab.followerRead('a', 1)
    lab.write('a', '2')
    lab.advance(50)
    expect(read.value.staleness).toEqual(FRESH)
  })

  test('of a key nobody has written is fresh', () => {
    const lab = testCluster()
    expect(lab.followerRead('a', 1).problem.facts.staleness).toEqual({ versions: 0, ms: 0 })
  })

  test('that was lost in a failover says so', () => {
    const lab = testCluster()
    lab.write('a', 'kept')
    lab.advance(500)
    lab.partition([[0], [1, 2]])
    lab.write('a', 'lost', { replica: 0 })
    lab.failover({ to: 1 })
    lab.write('a', 'new', { replica: 1 })
    lab.advance(10)
    expect(lab.followerRead('a', 0).value).toMatchObject({
      record: { value: 'lost' },
      staleness: { versions: 1, us: 10_000, diverged: true },
    })
  })

  test('is no older than the same write under its newer version', () => {
    const lab = testCluster({ followers: 1 })
    lab.hold(0, 1)
    lab.write('a', '1')
    lab.readWithRepair('a')
    lab.cut(0, 1)
    lab.cut(1, 0)
    lab.failover({ to: 1, force: true })
    lab.advance(10)
    expect(lab.followerRead('a', 0).value.staleness).toMatchObject({ versions: 0, diverged: true })
    lab.write('a', '2', { replica: 1 })
    lab.advance(10)
    expect(lab.followerRead('a', 0).value).toMatchObject({
      ...{ record: { value: '1' }, staleness: { versions: 1, us: 10_000, diverged: true } },
    })
  })

  test('is told as a lower bound once the history no longer reaches back', () => {
    const lab = testCluster({ logEntriesMax: 5, followers: 1 })
    lab.write('a', 'seen')
    lab.advance(200)
    lab.cut(0, 1)
    for (let i = 0; i < 10; i++) lab.write('a', `${i}`)
    expect(lab.followerRead('a', 1).value.staleness).toMatchObject({ versions: 5, atLeast: true })
    lab.crash(1)
    lab.restart(1)
    // Of a missing record the count was kept.
    expect(lab.followerRead('a', 1).problem.facts.staleness).toMatchObject({ versions: 11 })
  })
})

/** Remembers every write and every acknowledgement, and judges an answer from scratch. */
class DumbObserver {
  readonly #acknowledged: { record: StoredRecord; atUs: number; order: number }[] = []
  readonly #reads = new Map<number, { order: number; atUs: number }>()
  readonly #table: () => EpochTable
  wrong: string[] = []
  judged = 0

  constructor(lab: TestCluster) {
    this.#table = () => lab.cluster.inspect().observer.table
    lab.cluster.listen((event) => this.#hear(event))
  }

  #hear(event: ClusterEvent): void {
    const order = this.#acknowledged.length
    if (event.type === 'write-acknowledged') {
      this.#acknowledged.push({ record: event.record, atUs: event.atUs, order })
    } else if (event.type === 'read-started') {
      this.#reads.set(event.request, { order, atUs: event.atUs })
    } else if (event.type === 'read-completed') {
      for (const answer of event.answers) this.#judge(event.key, event.request, answer)
    }
  }

  #judge(key: string, request: number, { record, staleness }: ReadAnswer): void {
    const { order, atUs } = this.#reads.get(request) ?? { order: 0, atUs: 0 }
    const missed = this.#acknowledged.filter(
      (one) =>
        one.order < order &&
        one.record.key === key &&
        !isDead(this.#table(), one.record) &&
        (record === null || compareVersions(one.record, record) > 0),
    )
    const us = missed.length === 0 ? 0 : atUs - Math.min(...missed.map((one) => one.atUs))
    const expected = { versions: missed.length, us }
    this.judged++
    if (staleness.versions === expected.versions && staleness.us === expected.us) return
    this.wrong.push(`${JSON.stringify(staleness)}, not ${JSON.stringify(expected)}`)
  }
}

const key = fc.constantFrom('a', 'b')
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: key }) },
  { weight: 2, arbitrary: fc.record({ quorum: key, w: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ read: key, replica: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ ask: key, r: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ advance: fc.nat(120) }) },
)

test('any answer is as stale as one who remembers everything says', () => {
  let judged = 0
  fc.assert(
    fc.property(fc.array(action, { minLength: 10, maxLength: 80 }), (actions) => {
      const lab = testCluster({ latency: 'replicate=100ms,40ms;request=7ms;respond=3ms' })
      const twin = new DumbObserver(lab)
      actions.forEach((one, i) => {
        if ('write' in one) lab.write(one.write, `${i}`)
        else if ('quorum' in one) lab.writeWithQuorum(one.quorum, `${i}`, { w: one.w })
        else if ('read' in one) lab.followerRead(one.read, one.replica)
        else if ('ask' in one) lab.readWithQuorum(one.ask, { r: one.r, repair: 'false' })
        else lab.advance(one.advance)
      })
      lab.idle()
      expect(twin.wrong).toEqual([])
      judged += twin.judged
    }),
    pinned(100),
  )
  expect(judged).toBeGreaterThan(500)
})
