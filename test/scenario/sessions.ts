// Random sessions for the tests of the recorder: commands of every kind, requests that are left waiting or
// abandoned, resets, and time that a pacer moves in between as it does in the running server.

import fc from 'fast-check'
import type { Cluster } from '../../src/core/cluster.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import { API, type NodeId } from '../../src/core/nodes.ts'
import { type ClusterOptions, DEFAULT_OPTIONS } from '../../src/core/options.ts'
import { parseLatencyFlag, withLegs } from '../../src/core/text/latency-legs.ts'
import type { RestoredCluster, Ticket } from '../../src/core/verbs.ts'

/** One thing that is done to a cluster in a session. Tickets are what is still waiting. */
export interface Step {
  readonly name: string
  readonly run: (cluster: Cluster, tickets: Ticket[]) => void
}

const ignore = () => {}

/** Numbers beyond the replicas too: what is refused must be refused again. */
const replica = fc.integer({ min: 0, max: 4 })
const node: fc.Arbitrary<NodeId> = fc.integer({ min: API, max: 4 })
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'user:1') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('two words', '"', '#', '__proto__', '->', 'é\u2028', '\\'),
  },
)
const value = fc.oneof(
  fc.constantFrom('1', 'Jessica', 'applied', 'key-not-found', 'key-not-fond', 'not', ''),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.constant('long '.repeat(30)),
)
const client = fc.constantFrom('default', 'alice', 'Ann B', 'bob:', 'as')
const microseconds = fc.oneof(
  fc.integer({ min: 1, max: 3_000_000 }),
  fc.constantFrom(1, 999, 200_000, 300_000, 500_000, 2_000_000),
)
const forTime = fc.oneof(
  fc.constant({}),
  microseconds.map((forUs) => ({ forUs })),
)
const latencyText = fc.constantFrom(null, '10ms', ' uniform( 1ms , 3ms )', 'exponential(50ms)', '0')

function step<T>(name: string, how: fc.Arbitrary<T>, run: (cluster: Cluster, how: T) => void) {
  return how.map(
    (given): Step => ({
      name: `${name} ${JSON.stringify(given)}`,
      run: (cluster) => run(cluster, given),
    }),
  )
}

function request<T>(name: string, how: fc.Arbitrary<T>, run: (cluster: Cluster, how: T) => Ticket) {
  return how.map(
    (given): Step => ({
      name: `${name} ${JSON.stringify(given)}`,
      run: (cluster, tickets) => {
        tickets.push(run(cluster, given))
      },
    }),
  )
}

const optional = { requiredKeys: ['key', 'value'] } satisfies { requiredKeys: string[] }

const requests: fc.Arbitrary<Step>[] = [
  request(
    'write',
    fc.record(
      { key, value, client, replica },
      { requiredKeys: optional.requiredKeys as ['key', 'value'] },
    ),
    (cluster, how) => cluster.write(how, ignore),
  ),
  request(
    'write-with-quorum',
    fc.record(
      { key, value, client, replica, w: fc.integer({ min: 1, max: 5 }), timeoutUs: microseconds },
      { requiredKeys: optional.requiredKeys as ['key', 'value'] },
    ),
    (cluster, how) => cluster.writeWithQuorum(how, ignore),
  ),
  request('read', fc.record({ key, client }), (cluster, how) => cluster.read(how, ignore)),
  request('follower-read', fc.record({ key, client, replica }), (cluster, how) =>
    cluster.followerRead(how, ignore),
  ),
  request('read-with-repair', fc.record({ key, client }), (cluster, how) =>
    cluster.readWithRepair(how, ignore),
  ),
  request(
    'read-with-quorum',
    fc.record(
      {
        key,
        client,
        r: fc.integer({ min: 1, max: 4 }),
        replicas: fc.array(replica, { minLength: 1, maxLength: 4 }),
        repair: fc.constantFrom('blocking', 'async', 'false'),
      },
      { requiredKeys: ['key'] },
    ),
    (cluster, how) => cluster.readWithQuorum(how, ignore),
  ),
]

const faults: fc.Arbitrary<Step>[] = [
  step('forget', fc.tuple(replica, key), (cluster, [id, text]) => cluster.forget(id, text)),
  step('crash', fc.tuple(replica, fc.boolean(), forTime), (cluster, [id, keepData, how]) =>
    cluster.crash(id, { ...how, keepData }),
  ),
  step('restart', replica, (cluster, id) => cluster.restart(id)),
  step('pause', fc.tuple(replica, forTime), (cluster, [id, how]) => cluster.pause(id, how)),
  step('resume', replica, (cluster, id) => cluster.resume(id)),
  step('cut', fc.tuple(node, node, forTime), (cluster, [from, to, how]) =>
    cluster.cut(from, to, how),
  ),
  step('heal', fc.tuple(node, node), (cluster, [from, to]) => cluster.heal(from, to)),
  step(
    'hold',
    fc.tuple(
      node,
      node,
      fc.oneof(
        fc.constant({}),
        key.map((text) => ({ key: text })),
        fc.constant({ copies: 2 }),
      ),
      forTime,
    ),
    (cluster, [from, to, what, how]) => cluster.hold(from, to, { ...what, ...how }),
  ),
  step('release', fc.tuple(node, node), (cluster, [from, to]) => cluster.release(from, to)),
  step(
    'set-link',
    fc.tuple(
      node,
      node,
      fc.record(
        {
          latency: latencyText,
          lossRatio: fc.constantFrom(0, 0.25, 1e-7, 1 / 3),
          duplicateRatio: fc.constantFrom(0, 0.5),
        },
        { requiredKeys: [] },
      ),
      forTime,
    ),
    (cluster, [from, to, settings, how]) => cluster.setLink(from, to, { ...settings, ...how }),
  ),
  step(
    'partition',
    fc.tuple(
      fc.constantFrom(
        [[0], [1, 2]],
        [
          [API, 0],
          [1, 2, 3],
        ],
        [[0, 1, 2, 3], []],
        [[0], [1], [2]],
        [[0, 1]],
      ),
      forTime,
    ),
    (cluster, [groups, how]) => cluster.partition(groups, how),
  ),
  step('heal-all', fc.constant(null), (cluster) => cluster.healAll()),
  step(
    'failover',
    fc.record({ to: replica, force: fc.boolean() }, { requiredKeys: [] }),
    (cluster, how) => cluster.failover(how),
  ),
]

const house: fc.Arbitrary<Step>[] = [
  step('reset', fc.constantFrom('nothing', 'faults', 'data'), (cluster, keep) =>
    cluster.reset(keep),
  ),
  step(
    'clock',
    fc.tuple(fc.constantFrom('real', 'manual', 'instant'), fc.constantFrom(1, 0.001, 12.5)),
    (cluster, [mode, rate]) => cluster.setClock(mode, rate),
  ),
]

const times: fc.Arbitrary<Step>[] = [
  step('advance', microseconds, (cluster, us) => cluster.advance({ us })),
  step('advance idle', fc.constant(null), (cluster) => cluster.advance({ to: 'idle' })),
  step(
    'advance until',
    fc.record({ replica, version: fc.record({ epoch: fc.constantFrom(1, 2), offset: replica }) }),
    (cluster, until) => cluster.advance({ until }),
  ),
  // As the pacer does, with no command at all.
  step('time passes', microseconds, (cluster, us) => cluster.runTo(cluster.nowUs + us, 1_000_000)),
]

const abandon: fc.Arbitrary<Step> = fc.nat(20).map((nth) => ({
  name: `abandon ${nth}`,
  run: (_cluster, tickets) => tickets[nth % Math.max(1, tickets.length)]?.abandon(),
}))

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.oneof(...requests) },
    { weight: 5, arbitrary: fc.oneof(...faults) },
    { weight: 6, arbitrary: fc.oneof(...times) },
    { weight: 2, arbitrary: abandon },
    { weight: 1, arbitrary: fc.oneof(...house) },
  ),
  { minLength: 1, maxLength: 40 },
)

const latencies = fc
  .constantFrom(
    'replicate=200ms,500ms,800ms',
    'exponential(30ms);acknowledge=uniform(1ms,20ms);request=5ms;respond=lognormal(2ms,0.5)',
    '0.9*exponential(1ms)+0.1*pareto(10ms,2)',
    'request=250us;respond=1.5ms',
  )
  .map((text) => {
    const legs = parseLatencyFlag(text)
    if (!legs.ok) throw new Error(legs.message)
    return withLegs(DEFAULT_OPTIONS.latency, legs.value)
  })

export const options: fc.Arbitrary<Partial<ClusterOptions>> = fc.record(
  {
    seed: fc.integer({ min: 0, max: 0xffff_ffff }),
    followers: fc.constant(3),
    latency: latencies,
    quorumTimeoutUs: fc.constantFrom(1_234_567, 2_000_000),
    minFollowersToWrite: fc.constantFrom(0, 1),
    minFollowersMaxLagUs: fc.constantFrom(10_000_000, 1_000_001),
    autoFailoverUs: fc.constantFrom(null, 500_000, 2_000_000),
    keysMax: fc.constantFrom(2, 1_000),
    waitingMax: fc.constantFrom(1, 100),
    messagesMax: fc.constantFrom(20, 10_000),
    logEntriesMax: fc.constantFrom(3, 1_000),
  },
  { requiredKeys: ['followers'] },
)

export const restored: fc.Arbitrary<RestoredCluster> = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 1, max: 5 }),
    fc.array(fc.record({ key, value, quorum: fc.boolean(), newer: fc.boolean() }), {
      maxLength: 5,
    }),
    fc.integer({ min: -4_000_000_000_000_000, max: 2_000_000 }),
  )
  .map(([leader, firstOffset, rows, writtenUs]) => {
    let epoch = 1
    const records = rows.map(({ key, value, quorum, newer }, i) => {
      if (newer) epoch++
      return { key, value, quorum, epoch, offset: firstOffset + i, writtenUs: writtenUs + i }
    })
    return { leader, epoch: epoch + 1, records }
  })

/** An event without its number: those count from when somebody began to listen. */
export function withoutId(event: ClusterEvent): Omit<ClusterEvent, 'id'> {
  const { id: _, ...rest } = event
  return rest
}
