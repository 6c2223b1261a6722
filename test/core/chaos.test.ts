// Any verb in any order, faults and failovers included: no promise is broken on the way, and once everything
// heals the cluster converges. The swarm does the same at length; here a failure shrinks to the few
// commands that matter.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { API } from '../../src/core/nodes.ts'
import { type TestCluster, testCluster } from '../tools/cluster.ts'
import { differentLogs, differentStores, mendEverything, unrest } from '../tools/converged.ts'
import { pinned } from '../tools/pinned.ts'

const FOLLOWERS = 2
const KEYS = ['a', 'b']

/** One command, told in a failure as it is written here. */
type Action = { readonly said: string; readonly run: (lab: TestCluster) => void }

const replica = fc.nat(FOLLOWERS)
const node = fc.constantFrom(API, 0, 1, 2)
const key = fc.constantFrom(...KEYS)
const forUs = fc.option(fc.constantFrom(50_000, 700_000), { nil: undefined })
const ends = fc.tuple(node, node).filter(([from, to]) => from !== to)

function action(
  said: string,
  run: (lab: TestCluster, i: { readonly cluster: TestCluster['cluster'] }) => unknown,
): Action {
  return { said, run: (lab) => void run(lab, lab) }
}

function passing(us: number | undefined) {
  return us === undefined ? {} : { forUs: us }
}

const clients: fc.Arbitrary<Action>[] = [
  key.map((key) => action(`write ${key}`, (lab) => lab.write(key, key))),
  fc
    .tuple(key, replica)
    .map(([key, at]) =>
      action(`write ${key} replica=${at}`, (lab) => lab.write(key, key, { replica: at })),
    ),
  fc
    .tuple(key, replica)
    .map(([key, w]) =>
      action(`write-with-quorum ${key} w=${w + 1}`, (lab) =>
        lab.writeWithQuorum(key, key, { w: w + 1 }),
      ),
    ),
  key.map((key) => action(`read-with-repair ${key}`, (lab) => lab.readWithRepair(key))),
  fc
    .tuple(key, replica)
    .map(([key, at]) => action(`follower-read ${key} ${at}`, (lab) => lab.followerRead(key, at))),
  fc.integer({ min: 0, max: 600 }).map((ms) => action(`advance ${ms}ms`, (lab) => lab.advance(ms))),
]

const faults: fc.Arbitrary<Action>[] = [
  fc
    .tuple(replica, fc.boolean(), forUs)
    .map(([id, keepData, us]) =>
      action(`crash ${id} keepData=${keepData} for ${us}`, (_, { cluster }) =>
        cluster.crash(id, { keepData, ...passing(us) }),
      ),
    ),
  replica.map((id) => action(`restart ${id}`, (_, { cluster }) => cluster.restart(id))),
  fc
    .tuple(replica, forUs)
    .map(([id, us]) =>
      action(`pause ${id} for ${us}`, (_, { cluster }) => cluster.pause(id, passing(us))),
    ),
  replica.map((id) => action(`resume ${id}`, (_, { cluster }) => cluster.resume(id))),
  fc
    .tuple(ends, forUs)
    .map(([[from, to], us]) =>
      action(`cut ${from} ${to} for ${us}`, (_, { cluster }) => cluster.cut(from, to, passing(us))),
    ),
  fc
    .tuple(ends, forUs)
    .map(([[from, to], us]) =>
      action(`hold ${from} ${to} for ${us}`, (_, { cluster }) =>
        cluster.hold(from, to, passing(us)),
      ),
    ),
  ends.map(([from, to]) =>
    action(`release ${from} ${to}`, (_, { cluster }) => cluster.release(from, to)),
  ),
  fc.tuple(ends, fc.constantFrom(0, 0.5), fc.constantFrom(0, 0.5), forUs).map((how) => {
    const [[from, to], lossRatio, duplicateRatio, us] = how
    return action(
      `set ${from} ${to} loss ${lossRatio} duplicates ${duplicateRatio}`,
      (_, { cluster }) => cluster.setLink(from, to, { lossRatio, duplicateRatio, ...passing(us) }),
    )
  }),
  fc
    .constantFrom(
      [[0], [1, 2]],
      [[0, 1], [2]],
      [
        [0, API],
        [1, 2],
      ],
      [[0], [1], [2]],
    )
    .map((groups) =>
      action(`partition ${JSON.stringify(groups)}`, (_, { cluster }) =>
        cluster.partition(groups, {}),
      ),
    ),
  fc.constant(action('heal all', (_, { cluster }) => cluster.healAll())),
  fc
    .tuple(replica, key)
    .map(([id, key]) => action(`forget ${id} ${key}`, (_, { cluster }) => cluster.forget(id, key))),
  fc
    .tuple(fc.option(replica), fc.boolean())
    .map(([to, force]) =>
      action(`failover ${to} force=${force}`, (_, { cluster }) =>
        cluster.failover(to === null ? {} : { to, force }),
      ),
    ),
]

function converge(lab: TestCluster): void {
  mendEverything(lab.cluster)
  lab.watch.check()
  lab.idle()
  expect(unrest(lab.cluster)).toBeUndefined()
  expect(differentLogs(lab.cluster.inspect())).toBeUndefined()
  for (const key of KEYS) {
    lab.readWithRepair(key)
    lab.idle()
  }
  expect(differentStores(lab.cluster.inspect())).toBeUndefined()
}

const sizes = fc.record({
  logEntriesMax: fc.constantFrom(100_000, 4),
  latency: fc.constantFrom(
    'replicate=200ms,500ms',
    'replicate=exponential(50ms);acknowledge=uniform(0ms,400ms)',
  ),
})

test('whatever befalls it, the cluster keeps its promises and converges', () => {
  const actions = fc.array(fc.oneof(...clients, ...faults), { minLength: 10, maxLength: 60 })
  fc.assert(
    fc.property(sizes, actions, (options, actions) => {
      const lab = testCluster({ followers: FOLLOWERS, quorumTimeoutMs: 300, ...options })
      try {
        for (const { run } of actions) {
          run(lab)
          lab.watch.check()
        }
        converge(lab)
      } catch (error) {
        const told = actions.map(({ said }) => said).join('\n')
        throw new Error(`After ${JSON.stringify(options)} and\n${told}`, { cause: error })
      }
    }),
    pinned(80),
  )
})
