// What a read says of the copy it lacks must come true. An oracle sees to that: the same cluster runs on while nobody
// sends anything more, and whatever a replica shows then came by what was on its way when it was asked.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Message, type MessageBody, type Sending } from '../../src/core/network/message.ts'
import { type NodeId, type ReplicaId, renderCopy } from '../../src/core/nodes.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import { usFromMs } from '../../src/core/units.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'
import { pinned } from '../tools/pinned.ts'
import { KEYS, type SaidAction, troubles } from '../tools/troubles.ts'

/** Longer than any latency drawn here, and every wait before something is sent again. */
const LONG_US = 60_000_000

/** What one replica said of one key. */
interface Told {
  readonly replica: ReplicaId
  readonly key: string
  readonly state: 'in-flight' | 'held' | 'none'
  readonly atUs: number | null
  /** What it showed when it was asked, or what was left of that since. */
  base: StoredRecord | undefined
  shownUs: number | undefined
}

function askEverybody(lab: TestCluster): Told[] {
  const running = lab.cluster.inspect().replicas.filter(({ state }) => state === 'running')
  return running.flatMap(({ id: replica, store }) =>
    KEYS.flatMap((key): Told[] => {
      const answer = lab.followerRead(key, replica)
      if (answer.said === 'too-many-messages') return []
      const { state, dueInMs } = (
        answer.said === 'key-not-found'
          ? answer.problem.facts.copy
          : renderCopy(answer.value.copy, lab.cluster.nowUs)
      ) as ReturnType<typeof renderCopy>
      const atUs = dueInMs === null ? null : lab.cluster.nowUs + usFromMs(dueInMs)
      return [{ replica, key, state, atUs, base: store.get(key), shownUs: undefined }]
    }),
  )
}

/** Nobody sends anything from now on but the copies that were dropped and are to be sent again. */
function silence(lab: TestCluster): void {
  const dropped = new Set<string>()
  const name = (from: NodeId, to: NodeId, record: StoredRecord | null) =>
    record && `${from} ${to} ${record.epoch}.${record.offset}`
  for (const event of lab.events) {
    if (event.type !== 'message-lost' && event.type !== 'message-sent') continue
    const copy = name(event.from, event.to, event.record)
    if (copy && event.type === 'message-lost') dropped.add(copy)
    else if (copy) dropped.delete(copy)
  }
  const { network } = lab.cluster.inspect()
  const send = network.send.bind(network)
  network.send = (from: NodeId, to: NodeId, body: MessageBody, how: Sending = {}) => {
    const copy = body.kind === 'copy' && name(from, to, body.record)
    if (copy && how.attempt && dropped.delete(copy)) return send(from, to, body, how)
    return new Message(network, 0, from, to, body, 0, null, 0)
  }
}

/**
 * Runs on, and notes down at the end of each instant what has come.
 * @param heard the number of the events before it
 */
function watch(lab: TestCluster, told: readonly Told[], heard = lab.events.length): void {
  const { cluster } = lab
  const endUs = cluster.nowUs + LONG_US
  let from = heard
  for (;;) {
    lab.watch.check()
    const came = lab.cluster.inspect().replicas.map(() => new Set<StoredRecord | undefined>())
    for (const event of lab.events.slice(from)) {
      if (event.type === 'copy-applied' || event.type === 'record-repaired') {
        came[event.replica]?.add(event.record)
      } else if (event.type === 'snapshot-installed') {
        const { store } = cluster.inspect().replica(event.replica)
        for (const record of store.values()) came[event.replica]?.add(record)
      }
    }
    from = lab.events.length
    for (const one of told) {
      if (one.shownUs !== undefined) continue
      const now = cluster.inspect().replica(one.replica).store.get(one.key)
      // A newer epoch may have taken away what it had: to go back is not to get anything.
      if (now !== one.base && came[one.replica]?.has(now)) one.shownUs = cluster.nowUs
      else one.base = now
    }
    const dueUs = cluster.nextDueUs()
    if (dueUs === undefined || dueUs > endUs) return
    cluster.runTo(dueUs, Number.MAX_SAFE_INTEGER)
  }
}

const sizes = fc.record({
  logEntriesMax: fc.constantFrom(100_000, 100_000, 4),
  messagesMax: fc.constantFrom(100_000, 100_000, 15),
  latency: fc.constantFrom(
    'replicate=200ms,500ms',
    'replicate=exponential(100ms);acknowledge=70ms',
  ),
})

function run(options: object, session: readonly SaidAction[]): TestCluster {
  const lab = testCluster({ followers: 2, quorumTimeoutMs: 300, ...options })
  for (const { run } of session) run(lab)
  lab.watch.check()
  return lab
}

/** What was said and did not come true. @param again the same session once more */
function broken(again: () => TestCluster): string[] {
  const [lab, told] = lookAhead(again)
  const { network } = lab.cluster.inspect()
  const isLossy = (id: ReplicaId) =>
    network.links().some(({ to, lossRatio }) => to === id && lossRatio > 0)
  const wrong = told.filter((one) => {
    // What is sent again may be lost again, and then others are held in its place.
    const isUnsure = isSometime(one) || (one.state === 'held' && isLossy(one.replica))
    return !isUnsure && one.shownUs !== (one.atUs ?? undefined)
  })
  for (const { id } of lab.cluster.inspect().replicas) {
    const links = network.links().filter(({ to, state }) => to === id && state === 'held')
    const released = links.flatMap(({ from }) => {
      const [other, others] = lookAhead(again)
      const heard = other.events.length
      other.release(from, id)
      watch(other, others, heard)
      return others.filter(({ shownUs }) => shownUs !== undefined).map(nameOf)
    })
    if (isLossy(id)) continue
    for (const one of told) {
      const isLetGo = one.shownUs === undefined && released.includes(nameOf(one))
      if (one.replica === id && !isSometime(one) && isLetGo !== (one.state === 'held'))
        wrong.push(one)
    }
  }
  return wrong.map(
    (one) => `${nameOf(one)}: ${one.state}, at ${one.atUs}; it came at ${one.shownUs}`,
  )
}

/** Asks, and lets everything land that was on its way then. */
function lookAhead(again: () => TestCluster): [TestCluster, Told[]] {
  const lab = again()
  const told = askEverybody(lab)
  silence(lab)
  watch(lab, told)
  return [lab, told]
}

function nameOf({ replica, key }: Told): string {
  return `what replica ${replica} said of ${key}`
}

function isSometime({ state, atUs }: Pick<Told, 'state' | 'atUs'>): boolean {
  return state === 'in-flight' && atUs === null
}

/**
 * Of those to whom something was promised without a time, who never got it, though links lose nothing any more and bring
 * what it acknowledges. Those who have yet to hear of the newest epoch may hear of it first.
 */
function forsaken(lab: TestCluster): string[] {
  const { ledEpoch, replicas } = lab.cluster.inspect()
  const knows = ({ replica }: Told) => replicas[replica]?.epoch === ledEpoch
  const told = askEverybody(lab).filter((one) => isSometime(one) && knows(one))
  if (told.length === 0) return []
  for (const { from, to, state } of lab.cluster.inspect().network.links()) {
    lab.link(from, to, { lossRatio: 0 })
    if (state === 'held' && told.some(({ replica }) => replica === from)) lab.release(from, to)
  }
  watch(lab, told)
  return told
    .filter(({ shownUs }) => shownUs === undefined)
    .map(({ replica, key }) => `replica ${replica} was promised ${key} sometime, and never got it`)
}

test('what a read says of the copy on its way comes true, to the microsecond', () => {
  const kinds = new Map<string, number>()
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.oneof(...troubles), { minLength: 5, maxLength: 40 }),
      (options, session) => {
        const again = () => run(options, session)
        const lab = again()
        for (const one of askEverybody(lab)) {
          const kind = kindOf(lab, one)
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        }
        const wrong = [...broken(again), ...forsaken(again())]
        if (wrong.length === 0) return
        const after = [JSON.stringify(options), ...session.map(({ said }) => said)].join('\n')
        throw new Error(`After\n${after}\n${wrong.join('\n')}`)
      },
    ),
    pinned(100),
  )
  const said = (kind: string) => kinds.get(kind) ?? 0
  expect(said('in-flight')).toBeGreaterThan(60)
  expect(said('in-flight, in an old epoch')).toBeGreaterThan(8)
  expect(said('held')).toBeGreaterThan(4)
  // To say so is always right, so it must be rare.
  expect(said('sometime')).toBeLessThan(said('in-flight') / 10)
})

function kindOf(lab: TestCluster, one: Told): string {
  if (isSometime(one)) return 'sometime'
  const { ledEpoch, replicas } = lab.cluster.inspect()
  return `${one.state}${replicas[one.replica]?.epoch === ledEpoch ? '' : ', in an old epoch'}`
}
