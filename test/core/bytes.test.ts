// Whatever keeps keys and values is bounded in bytes, beside its bound on entries: what would be live or on its way is
// refused, and of what is kept for later the oldest goes.

import { expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { bytesOf, sharesOf } from '../../src/core/bytes.ts'
import { Cluster } from '../../src/core/cluster.ts'
import type { Reply } from '../../src/core/errors.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import type { WriteReply } from '../../src/core/verbs.ts'

const { bytesMin, valueBytesMax } = BOUNDS
const LARGE = 'x'.repeat(valueBytesMax)
const LARGE_BYTES = bytesOf({ key: 'k', value: LARGE })

/** A cluster, and a write that is answered at once. */
function small(options: Partial<ClusterOptions> = {}) {
  const cluster = new Cluster({ bytesMax: bytesMin, ...options })
  const write = (key: string, value: string): Reply<WriteReply> => {
    let reply: Reply<WriteReply> | undefined
    cluster.write({ key, value }, (done) => {
      reply = done
    })
    return reply as Reply<WriteReply>
  }
  return { cluster, write }
}

test('shares add up to no more than the whole, unless each is at its least', () => {
  for (const replicas of [2, 3, 101]) {
    const { store, log, travelling, early, events, recording } = sharesOf(2 ** 31, replicas)
    const all = replicas * (store + log + early) + log + travelling + events + recording
    expect(all).toBeLessThanOrEqual(2 ** 31)
    expect(sharesOf(bytesMin, replicas).store).toBeGreaterThan(2 * LARGE_BYTES)
  }
})

test('live data beyond the share of a store is refused, and a shorter value makes room', () => {
  const { cluster, write } = small()
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
  const settled = (key: string) => {
    cluster.advance({ to: 'idle' })
    return write(key, LARGE)
  }
  const refused = keys.map((key) => settled(key)).find((reply) => !reply.ok)
  expect(refused).toMatchObject({
    problem: {
      code: 'too-much-data',
      outcome: 'not-applied',
      remedies: [{ verb: 'reset' }, { setting: 'max-bytes', change: 'raise' }],
    },
  })
  expect(write('k0', 'short').ok).toBe(true)
  expect(settled('k0').ok).toBe(true)
  const { data, dataMax } = cluster.view().bytes
  expect(data).toBeLessThanOrEqual(dataMax)
  expect(data).toBeGreaterThan(dataMax - LARGE_BYTES)
  cluster.forget(0, 'k0')
  cluster.reset('nothing')
  expect(cluster.view().bytes.data).toBe(0)
})

test('what is on its way is bounded, whatever holds it up, and counts down as it lands', () => {
  const { cluster, write } = small()
  cluster.hold(0, 1, {})
  cluster.hold(0, 2, {})
  let taken = 0
  while (write('k', LARGE).ok) taken++
  expect(taken).toBeLessThan(10)
  expect(write('k', LARGE)).toMatchObject({
    problem: { code: 'too-many-messages', detail: expect.stringContaining('bytes of keys and') },
  })
  const { travelling, travellingMax } = cluster.view().bytes
  expect(travelling).toBeGreaterThanOrEqual(travellingMax)
  let read: Reply<unknown> | undefined
  cluster.read({ key: 'k' }, (reply) => {
    read = reply
  })
  expect(read?.ok).toBe(true)
  cluster.release(0, 1)
  cluster.release(0, 2)
  cluster.advance({ to: 'idle' })
  expect(cluster.view().bytes.travelling).toBe(0)
  expect(write('k', LARGE).ok).toBe(true)
})

test('logs keep what fits, and a follower that needs more gets a snapshot', () => {
  const { cluster, write } = small()
  cluster.crash(1, { keepData: true })
  for (let i = 0; i < 50; i++) {
    write('k', LARGE)
    cluster.advance({ to: 'idle' })
  }
  const { log } = cluster.inspect().replica(0)
  expect(log.lastOffset - log.firstOffset).toBeLessThan(5)
  const seen: string[] = []
  cluster.listen((event) => seen.push(event.type))
  cluster.restart(1)
  cluster.advance({ to: 'idle' })
  expect(seen).toContain('catch-up-started')
  expect(cluster.view().replicas[1]).toMatchObject({ appliedOffset: 50, lagVersions: 0 })
})

test('the observer forgets by bytes as well, and says so', () => {
  const { cluster, write } = small()
  for (let i = 0; i < 50; i++) {
    write('k', LARGE)
    cluster.advance({ to: 'idle' })
  }
  const { observer, shares } = cluster.inspect()
  const kept = [...observer.writes()].reduce((sum, { record }) => sum + bytesOf(record), 0)
  expect(kept).toBeLessThanOrEqual(shares.log)
  expect(observer.forgot).toBe(true)
})

test('early copies beyond their share are dropped and sent again', () => {
  const { cluster, write } = small({ followers: 1 })
  // The first copy is lost, so that all others come early.
  cluster.setLink(0, 1, { lossRatio: 1 })
  write('first', 'v')
  cluster.setLink(0, 1, { lossRatio: 0 })
  const lost: string[] = []
  cluster.listen((event) => {
    if (event.type === 'message-lost') lost.push(event.reason)
  })
  cluster.setLink(0, 1, { latency: '1ms' })
  for (let i = 0; i < 6; i++) {
    write('k', LARGE)
    cluster.advance({ us: 2_000 })
  }
  cluster.advance({ to: 'idle' })
  expect(lost).toContain('overflow')
  expect(cluster.view().replicas[1]).toMatchObject({ appliedOffset: 7 })
})

test('a follower catches up, one record at a time, while a held link takes all the room', () => {
  const { cluster, write } = small()
  cluster.crash(1, { keepData: true })
  for (let i = 0; i < 3; i++) {
    write('k', LARGE)
    cluster.advance({ to: 'idle' })
  }
  cluster.hold(0, 2, {})
  while (write('k', LARGE).ok);
  const { travelling, travellingMax } = cluster.view().bytes
  expect(travelling).toBeGreaterThanOrEqual(travellingMax)
  cluster.restart(1)
  expect(cluster.advance({ to: 'idle' })).toMatchObject({ ok: true, value: { finished: true } })
  expect(cluster.view().replicas[1]).toMatchObject({ lagVersions: 0 })
})
