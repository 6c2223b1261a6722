// Random sessions of three replicas in which leaders are deposed and go on writing, links are slow, lossy, cut and held,
// and replicas lose their memory. No command undoes itself, so what is under way at its end can be foretold.

import fc from 'fast-check'
import type { TestCluster } from './cluster.ts'

/** One command, told in a failure as it is written here. */
export type SaidAction = { readonly said: string; readonly run: (lab: TestCluster) => unknown }

export const KEYS = ['a', 'b']
const REPLICAS = [0, 1, 2]

const replica = fc.constantFrom(...REPLICAS)
const ends = fc.tuple(replica, replica).filter(([from, to]) => from !== to)
const key = fc.constantFrom(...KEYS)

function on<T>(
  drawn: fc.Arbitrary<T>,
  say: (drawn: T) => string,
  run: (lab: TestCluster, drawn: T) => unknown,
) {
  return drawn.map((one): SaidAction => ({ said: say(one), run: (lab) => run(lab, one) }))
}

export const troubles: fc.WeightedArbitrary<SaidAction>[] = [
  {
    weight: 12,
    arbitrary: on(
      fc.tuple(key, replica),
      ([key, at]) => `write ${key} replica=${at}`,
      (lab, [key, at]) => lab.write(key, 'x', { replica: at }),
    ),
  },
  {
    weight: 4,
    arbitrary: on(
      fc.tuple(key, replica),
      ([key, at]) => `write-with-quorum ${key} w=2 replica=${at}`,
      (lab, [key, at]) => lab.writeWithQuorum(key, 'x', { w: 2, replica: at }),
    ),
  },
  {
    weight: 4,
    arbitrary: on(
      key,
      (key) => `write ${key}`,
      (lab, key) => lab.write(key, 'x'),
    ),
  },
  {
    weight: 8,
    arbitrary: on(
      fc.nat(250),
      (ms) => `advance ${ms}ms`,
      (lab, ms) => lab.advance(ms),
    ),
  },
  {
    weight: 2,
    arbitrary: on(
      fc.tuple(replica, fc.boolean()),
      ([to, force]) => `failover to=${to} force=${force}`,
      (lab, [to, force]) => lab.cluster.failover({ to, force }),
    ),
  },
  {
    weight: 2,
    arbitrary: on(
      fc.tuple(ends, fc.constantFrom(null, '20ms', '400ms', 'exponential(150ms)')),
      ([[from, to], latency]) => `link ${from} ${to} latency=${latency}`,
      (lab, [[from, to], latency]) => lab.cluster.setLink(from, to, { latency }),
    ),
  },
  {
    weight: 2,
    arbitrary: on(
      fc.tuple(ends, fc.constantFrom(0, 0.4), fc.constantFrom(0, 0.4)),
      ([[from, to], loss, twice]) => `link ${from} ${to} loss=${loss} duplicates=${twice}`,
      (lab, [[from, to], lossRatio, duplicateRatio]) =>
        lab.cluster.setLink(from, to, { lossRatio, duplicateRatio }),
    ),
  },
  ...(['cut', 'heal', 'release'] as const).map((verb) => ({
    weight: 1,
    arbitrary: on(
      ends,
      ([from, to]) => `${verb} ${from} ${to}`,
      ({ cluster }, [from, to]) =>
        verb === 'cut' ? cluster.cut(from, to, {}) : cluster[verb](from, to),
    ),
  })),
  {
    weight: 2,
    arbitrary: on(
      fc.tuple(ends, fc.constantFrom({}, { copies: 1 }, { copies: 2 }, { key: 'a' })),
      ([[from, to], only]) => `hold ${from} ${to} ${JSON.stringify(only)}`,
      (lab, [[from, to], only]) => lab.cluster.hold(from, to, only),
    ),
  },
  {
    weight: 1,
    arbitrary: on(
      replica,
      (id) => `partition ${id}`,
      ({ cluster }, id) => cluster.partition([[id], REPLICAS.filter((one) => one !== id)], {}),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ said: 'heal', run: ({ cluster }: TestCluster) => cluster.healAll() }),
  },
  {
    weight: 1,
    arbitrary: on(
      fc.tuple(replica, fc.boolean()),
      ([id, keepData]) => `crash ${id} keepData=${keepData}`,
      ({ cluster }, [id, keepData]) => cluster.crash(id, { keepData }),
    ),
  },
  ...(['restart', 'restart', 'pause', 'resume'] as const).map((verb) => ({
    weight: 1,
    arbitrary: on(
      replica,
      (id) => `${verb} ${id}`,
      ({ cluster }, id) => (verb === 'pause' ? cluster.pause(id, {}) : cluster[verb](id)),
    ),
  })),
  {
    weight: 1,
    arbitrary: on(
      key,
      (key) => `read-with-repair ${key}`,
      (lab, key) => lab.readWithRepair(key),
    ),
  },
  {
    weight: 1,
    arbitrary: on(
      fc.tuple(replica, key),
      ([id, key]) => `forget ${id} ${key}`,
      (lab, [id, key]) => lab.cluster.forget(id, key),
    ),
  },
]
