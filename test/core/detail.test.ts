// The cluster in detail: what its rows and its sentence say is so, whatever has happened.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cluster } from '../../src/core/cluster.ts'
import { usFromMs } from '../../src/core/units.ts'
import type { ReadReply, Ticket } from '../../src/core/verbs.ts'
import { steps } from '../scenario/sessions.ts'
import { pinned } from '../tools/pinned.ts'

const KEYS = 20
const ignore = () => {}

/** What a read of each row would be told now, at a cluster that answers at once. */
function reads(cluster: Cluster, key: string): (ReadReply | string)[] {
  return cluster.view().replicas.map(({ id }) => {
    let told: ReadReply | string = 'nothing'
    const ticket = cluster.followerRead({ key, replica: id }, (reply) => {
      told = reply.ok ? reply.value : reply.problem.code
    })
    ticket.abandon()
    return told
  })
}

test('rows say what reads are told, and the sentence never claims what is not so', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const cluster = new Cluster({ startTimeMs: 0 })
      const tickets: Ticket[] = []
      for (const step of all) {
        step.run(cluster, tickets)
        const view = cluster.detailedView(KEYS)
        const { replicas } = cluster.inspect()
        const { text } = view.sentence
        if (text.startsWith('All replicas hold the same')) {
          const stores = replicas.map(({ store }) => [...store.page(0, 1_000)].sort(byKey))
          for (const store of stores) expect(store).toEqual(stores[0])
        }
        if (text.startsWith('Nothing has been written')) {
          expect(replicas.every(({ store }) => store.size === 0)).toBe(true)
          expect(cluster.failovers().flatMap(({ lost }) => lost)).toEqual([])
        }
        const lost = cluster.failovers().reduce((sum, one) => sum + one.lost.length, 0)
        expect(view.lostWrites).toBe(lost)
        for (const [i, key] of view.keys.entries()) {
          for (const [id, told] of reads(cluster, key).entries()) {
            const row = view.rows[id]?.[i]
            if (typeof told === 'string') continue
            expect([row?.record, row?.staleness]).toEqual([told.record, told.staleness])
            if (row?.freshness === 'fresh') expect(told.staleness.versions).toBe(0)
            if (row?.freshness === 'stale') expect(told.staleness.versions).toBeGreaterThan(0)
            if (row?.freshness === 'stale') expect(row.copy).toEqual(told.copy)
          }
        }
      }
    }),
    pinned(60),
  )
})

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1
}

describe('the sentence tells the gravest thing', () => {
  const ms = (n: number) => ({ us: usFromMs(n) })
  const write = (cluster: Cluster, key: string, replica?: number) =>
    cluster.write({ key, value: 'v', ...(replica !== undefined && { replica }) }, ignore)

  test.each<[string, (cluster: Cluster) => void, string, string]>([
    ['nothing', () => {}, 'calm', 'Nothing has been written yet'],
    [
      'a write on its way',
      (one) => void write(one, 'k'),
      'busy',
      'Replicas 1 and 2 lag the leader by up to 1 version: a read there may be stale; the next copy, k, lands in 200 ms.',
    ],
    [
      'one that has landed everywhere',
      (one) => void [write(one, 'k'), one.advance({ to: 'idle' })],
      'calm',
      'All replicas hold the same records: a read is as good at one as at another.',
    ],
    [
      'a held copy',
      (one) => void [one.hold(0, 1, {}), write(one, 'k'), one.advance({ to: 'idle' })],
      'fault',
      '1 message is held back on the way to replica 1',
    ],
    ['a pause', (one) => void one.pause(2, {}), 'fault', 'Replica 2 is paused'],
    [
      'two that are down',
      (one) => void [one.crash(1, {}), one.crash(2, {})],
      'fault',
      'do not run',
    ],
    ['a cut', (one) => void one.cut(0, 1, {}), 'fault', '1 link is cut'],
    ['no leader', (one) => void one.crash(0, {}), 'fault', 'The leader is down'],
    [
      'an order that waits',
      (one) => void [one.pause(1, {}), one.failover({ to: 1 })],
      'fault',
      'Replica 1 was ordered to lead and is paused',
    ],
    [
      'two leaders',
      (one) => void [one.partition([[0], [1, 2]], {}), one.failover({ to: 1 })],
      'fault',
      'Split brain: replica 1 leads epoch 2; replica 0 has not heard of it and leads on.',
    ],
    [
      'a forgotten record',
      (one) => void [write(one, 'k'), one.advance({ to: 'idle' }), one.forget(2, 'k')],
      'stale',
      'Replica 2 has lost 1 record',
    ],
    [
      'writes that are gone',
      (one) =>
        void [
          write(one, 'k'),
          one.crash(0, {}),
          one.failover({}),
          one.restart(0),
          one.advance(ms(5_000)),
        ],
      'stale',
      'No replica holds a record: 1 acknowledged write was lost.',
    ],
    [
      'gone beside others',
      (one) =>
        void [
          write(one, 'old'),
          one.advance({ to: 'idle' }),
          write(one, 'k'),
          one.crash(0, {}),
          one.failover({}),
          one.restart(0),
          one.advance({ to: 'idle' }),
        ],
      'stale',
      'but 1 acknowledged write was lost in a failover.',
    ],
  ])('%s', (_, bring, tone, text) => {
    const cluster = new Cluster()
    bring(cluster)
    const { sentence } = cluster.detailedView(KEYS)
    expect(sentence.text).toContain(text)
    expect(sentence.tone).toBe(tone)
  })
})

test('what a deposed leader alone holds is a lost row, and keys are bounded', () => {
  const cluster = new Cluster()
  cluster.partition([[0], [1, 2]], {})
  cluster.failover({ to: 1 })
  cluster.write({ key: 'mine', value: 'v', replica: 0 }, ignore)
  const view = cluster.detailedView(KEYS)
  expect(view.keys).toEqual(['mine'])
  expect(view.rows.map(([row]) => row?.freshness)).toEqual(['lost', 'none', 'none'])
  expect([view.deposed, view.lostWrites]).toEqual([[0], 1])
  for (let i = 0; i < 10; i++) cluster.write({ key: `k${i}`, value: 'v' }, ignore)
  expect(cluster.detailedView(3).keys).toEqual(['k9', 'k8', 'k7'])
})
