// Why an answer was stale. What the core says of the copy that was lacking is held against what the events alone tell of
// all copies, by a twin that knows nothing of links, logs and leaders.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { Because, Cause } from '../../src/core/nodes.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import { sayLoss } from '../../src/core/text/say.ts'
import { compareVersions, formatVersion } from '../../src/core/version.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'
import { pinned } from '../tools/pinned.ts'
import { KEYS, troubles } from '../tools/troubles.ts'

/** Asks a replica, and says why it was stale; null if it was not, undefined if nobody answered. */
function why(lab: TestCluster, key: string, replica: number): Because | null | undefined {
  lab.followerRead(key, replica)
  const event = lab.events.at(-1)
  if (event?.type !== 'read-completed' && event?.type !== 'read-failed') return undefined
  if (!event.answer) return undefined
  const { versions, diverged } = event.answer.staleness
  const isStale = versions > 0 || (diverged && event.answer.record !== null)
  const hasCause = event.because !== null
  const isBack = hasCause && !isStale && wentBack(lab.events, key, event.answer.record)
  expect(hasCause, 'a cause where it is stale or a step back, and only there').toBe(
    isStale || isBack,
  )
  return event.because
}

/** Whether an earlier read had returned a newer record. */
function wentBack(events: readonly ClusterEvent[], key: string, record: StoredRecord | null) {
  return events.slice(0, -1).some((event) => {
    if (event.type !== 'read-completed' || event.key !== key) return false
    return record === null || compareVersions(event.answer.record as StoredRecord, record) > 0
  })
}

test('a read that returns less than one before it says so, though no client was told of the write', () => {
  const lab = testCluster({ followers: 2 })
  lab.write('a', '1')
  lab.advance(500)
  lab.writeWithQuorum('a', '2', { w: 2 })
  expect(why(lab, 'a', 1)).toBeNull()
  lab.read('a')
  expect(why(lab, 'a', 1)).toEqual({
    cause: 'in-flight',
    text: 'an earlier read had returned version 1.2: the copy of 1.2 is on its way to replica 1 and lands in 200 ms',
    message: expect.any(Number),
  })
  lab.advance(200)
  expect(why(lab, 'a', 1)).toBeNull()
})

test('a stale answer says what became of the copy it lacked', () => {
  const lab = testCluster({ followers: 2 })
  const text = (replica: number) => why(lab, 'a', replica)?.text
  lab.write('a', '1')
  expect(text(1)).toBe('the copy of 1.1 is on its way to replica 1 and lands in 200 ms')
  lab.advance(500)
  expect(text(1)).toBeUndefined()
  lab.hold(0, 1)
  lab.write('a', '2')
  lab.cut(0, 2)
  lab.advance(250)
  expect(text(1)).toBe('the copy of 1.2 is held on the link from replica 0 to replica 1')
  lab.advance(250)
  expect(text(2)).toBe('the link from replica 0 to replica 2 is cut')
  lab.healAll()
  lab.link(0, 2, { lossRatio: 1 })
  lab.write('a', '3')
  expect(text(2)).toBe('the copy of 1.3 was lost on its way to replica 2: by chance')
  lab.link(0, 2, { lossRatio: 0 })
  lab.release(0, 1)
  lab.idle()
  lab.forget(2, 'a')
  expect(text(2)).toBe('replica 2 has lost version 1.3, though its log has it')
})

test('one that waits for an earlier copy, one that a failover left behind, and one that nobody sends', () => {
  const lab = testCluster({ followers: 2 })
  lab.hold(0, 1, { copies: 1 })
  lab.write('b', '1')
  lab.advance(500)
  lab.write('a', '1')
  lab.advance(250)
  expect(why(lab, 'a', 1)).toMatchObject({
    cause: 'early',
    text: 'the copy of 1.2 waits at replica 1 for that of offset 1',
  })
  lab.release(0, 1)
  lab.idle()
  lab.partition([[0], [1, 2]])
  lab.failover({ to: 1 })
  lab.write('a', '2', { replica: 0 })
  expect(why(lab, 'a', 0)).toMatchObject({
    cause: 'diverged',
    text: 'a failover left version 1.3 behind, and replica 0 has not heard of it',
  })
  lab.write('b', '2')
  lab.crash(1)
  expect(why(lab, 'b', 0)?.text).toBe('no copy of 2.3 is on its way to replica 0, for nobody leads')
})

/** What events tell of the copies of each version to each replica. */
class Twin {
  readonly live = new Map<string, Set<number>>()
  readonly lost = new Map<string, string>()
  readonly early = new Set<string>()
  readonly #names = new Map<number, string>()

  hear(event: ClusterEvent): void {
    if (event.type === 'message-sent' && event.kind === 'copy' && event.record) {
      const name = `${event.to} ${formatVersion(event.record)}`
      this.#names.set(event.message, name)
      this.live.set(name, (this.live.get(name) ?? new Set()).add(event.message))
      this.lost.delete(name)
      return
    }
    const name = 'message' in event ? this.#names.get(event.message) : undefined
    if (name === undefined || event.type === 'message-held' || event.type === 'message-released')
      return
    if (event.type === 'message-lost') this.lost.set(name, sayLoss(event.reason))
    if (event.type === 'copy-early') this.early.add(name)
    this.live.get(name)?.delete((event as { message: number }).message)
  }

  /** Whether it may be so. */
  agrees(
    lab: TestCluster,
    replica: number,
    key: string,
    { cause, text, message }: Because,
  ): boolean {
    const name = `${replica} ${/\d+\.\d+/.exec(text)?.[0]}`
    const isCopy = text.startsWith('the copy of')
    if (isCopy && this.#names.get(message ?? 0) !== name) return false
    const travels = (this.live.get(name)?.size ?? 0) > 0
    const record = lab.cluster.inspect().replica(replica).store.get(key)
    switch (cause) {
      case 'in-flight':
        return travels || text.startsWith('a snapshot')
      case 'held':
        return travels
      case 'lost':
        return text.endsWith(this.lost.get(name) ?? 'was not')
      case 'early':
        return this.early.has(name)
      case 'unsent':
        return !travels
      case 'cut': {
        const [from = 0, to = 0] = (text.match(/(?<=replica )\d/g) ?? []).map(Number)
        return lab.cluster.inspect().network.link(from, to).state === 'cut'
      }
      case 'forgotten':
        return record === undefined || !text.includes(formatVersion(record))
      case 'diverged':
        return record !== undefined && text.includes(formatVersion(record))
    }
  }
}

test('whatever happens, the cause is one that the events bear out', () => {
  const causes = new Set<Cause>()
  fc.assert(
    fc.property(fc.array(fc.oneof(...troubles), { minLength: 5, maxLength: 40 }), (session) => {
      const lab = testCluster({ followers: 2, quorumTimeoutMs: 300 })
      const twin = new Twin()
      lab.cluster.listen((event) => twin.hear(event))
      for (const [i, { run }] of session.entries()) {
        run(lab)
        for (const key of KEYS) {
          const replica = i % 3
          const because = why(lab, key, replica)
          if (!because) continue
          causes.add(because.cause)
          if (twin.agrees(lab, replica, key, because)) continue
          const after = session.slice(0, i + 1).map(({ said }) => said)
          throw new Error(`After\n${after.join('\n')}\nreplica ${replica}, ${key}: ${because.text}`)
        }
      }
    }),
    pinned(150),
  )
  // The others are told above.
  expect(causes.size).toBeGreaterThan(5)
})
