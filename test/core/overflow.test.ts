// Where logs overflow: what is told is exact, or says that it is only a lower bound. A twin that forgets nothing judges
// every answer and every lag of random sessions with the shortest of logs.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { ReadAnswer } from '../../src/core/nodes.ts'
import { firstVersion, type StoredRecord } from '../../src/core/record.ts'
import {
  compareVersions,
  epochAt,
  formatVersion,
  isDead,
  lastCommonOffset,
} from '../../src/core/version.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'
import { pinned } from '../tools/pinned.ts'
import { KEYS, troubles } from '../tools/troubles.ts'

interface Known {
  /** As its leader wrote it, and as new leaders wrote it again. */
  readonly records: StoredRecord[]
  acknowledgedUs: number | undefined
  /** Its place among all acknowledgements, from 1. */
  order: number
}

class Elephant {
  readonly #lab: TestCluster
  readonly #writes = new Map<string, Known>()
  readonly #records = new Map<string, StoredRecord>()
  readonly #asked = new Map<number, { readonly atUs: number; readonly order: number }>()
  #acknowledgements = 0
  readonly wrong: string[] = []
  exact = 0
  bounded = 0

  constructor(lab: TestCluster) {
    this.#lab = lab
    lab.cluster.listen((event) => this.#hear(event))
  }

  #hear(event: ClusterEvent): void {
    if (event.type === 'write-applied') {
      const first = formatVersion(firstVersion(event.record))
      this.#records.set(formatVersion(event.record), event.record)
      const known = this.#writes.get(first)
      if (known) known.records.push(event.record)
      else this.#writes.set(first, { records: [event.record], acknowledgedUs: undefined, order: 0 })
    } else if (event.type === 'write-acknowledged') {
      const known = this.#writes.get(formatVersion(firstVersion(event.record)))
      if (!known || known.order > 0) return
      known.acknowledgedUs = event.atUs
      known.order = ++this.#acknowledgements
    } else if (event.type === 'read-started') {
      this.#asked.set(event.request, { atUs: event.atUs, order: this.#acknowledgements })
    } else if (event.type === 'read-completed' || event.type === 'read-failed') {
      // Of one that had to wait for others the answers are older than this.
      const asked = this.#asked.get(event.request)
      if (asked?.atUs !== event.atUs) return
      const answers = event.type === 'read-completed' ? event.answers : [event.answer]
      for (const answer of answers) if (answer) this.#judge(event.key, answer, asked.order)
    }
  }

  #judge(key: string, { replica, record, staleness }: ReadAnswer, order: number): void {
    const { table } = this.#lab.cluster.inspect().observer
    const own = record && this.#writes.get(formatVersion(firstVersion(record)))
    const live = own?.records.find((one) => !isDead(table, one)) ?? record
    const missed = [...this.#writes.values()].filter((write) => {
      const one = write.records.find((record) => !isDead(table, record))
      return (
        write.order > 0 &&
        write.order <= order &&
        one?.key === key &&
        (live === null || compareVersions(one, live) > 0)
      )
    })
    const sinceUs = Math.min(...missed.map(({ acknowledgedUs = 0 }) => acknowledgedUs))
    const us = missed.length === 0 ? 0 : this.#lab.cluster.nowUs - sinceUs
    const said = `replica ${replica} said of ${key}=${record && formatVersion(record)}`
    this.#compare(said, [staleness.versions, staleness.us], [missed.length, us], staleness.atLeast)
  }

  lags(): void {
    const { replicas, newestLeader, ledEpoch } = this.#lab.cluster.inspect()
    const leader = replicas[newestLeader]
    if (leader?.role !== 'leader' || leader.epoch !== ledEpoch) return
    for (const { id, table, appliedOffset } of replicas) {
      const common = lastCommonOffset(table, appliedOffset, leader.table, leader.appliedOffset)
      const missed = this.#records.get(`${epochAt(leader.table, common + 1)}.${common + 1}`)
      const us = missed ? this.#lab.cluster.nowUs - missed.writtenUs : 0
      const { lagVersions, lagUs, lagAtLeast = false } = this.#lab.view(id)
      const versions = leader.appliedOffset - common
      this.#compare(
        `the lag of replica ${id}`,
        [lagVersions, lagUs],
        [versions, versions > 0 ? us : 0],
        lagAtLeast,
      )
    }
  }

  #compare(what: string, said: number[], truth: number[], isBound: boolean): void {
    if (isBound) this.bounded++
    else this.exact++
    const isRight = said.every((one, i) => (isBound ? one <= (truth[i] ?? 0) : one === truth[i]))
    if (!isRight) this.wrong.push(`${what}: ${said}${isBound ? ' at least' : ''}, not ${truth}`)
  }
}

test('what is told is exact, or a lower bound that says so', () => {
  let [exact, bounded] = [0, 0]
  const sessions = fc.array(fc.oneof(...troubles), { minLength: 10, maxLength: 60 })
  const sizes = fc.record({ logEntriesMax: fc.constantFrom(2, 4, 7) })
  fc.assert(
    fc.property(sizes, sessions, (options, session) => {
      const lab = testCluster({ followers: 2, quorumTimeoutMs: 300, ...options })
      const twin = new Elephant(lab)
      for (const { run } of session) {
        run(lab)
        twin.lags()
        for (const { id, state } of lab.cluster.inspect().replicas) {
          if (state === 'running') for (const key of KEYS) lab.followerRead(key, id)
        }
        if (twin.wrong.length === 0) continue
        const after = session.map(({ said }) => said).join('\n')
        throw new Error(`After ${JSON.stringify(options)}\n${after}\n${twin.wrong.join('\n')}`)
      }
      exact += twin.exact
      bounded += twin.bounded
    }),
    pinned(80),
  )
  expect(exact).toBeGreaterThan(4_000)
  expect(bounded).toBeGreaterThan(100)
})
