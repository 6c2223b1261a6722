// What one seed stands for: a cluster, a load and a mix of faults, all drawn from the seed alone. Swarm testing
// (Groce et al., 2012): each run leaves some things out altogether, because what is always present hides
// what needs its absence. A plan is plain data, so that a failure can print it whole.

import { DEFAULT_LATENCY, type LatencySpec } from '../../src/core/latency.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import { Random } from '../../src/core/random.ts'
import type { RequestVerb, Verb } from '../../src/core/verbs/table.ts'

/** Verbs of which the swarm makes no fault: they move time, or mend. */
type NoFault =
  | RequestVerb
  | 'advance'
  | 'clock'
  | 'restart'
  | 'resume'
  | 'heal'
  | 'release'
  | 'heal-all'
  | 'restore'

const FAULTS = {
  crash: ['crash', 'crash-keep-data'],
  pause: ['pause'],
  cut: ['cut'],
  hold: ['hold', 'hold-copies', 'hold-key'],
  partition: ['partition'],
  'set-link': ['loss', 'duplicates', 'slow-link'],
  forget: ['forget'],
  failover: ['failover', 'forced-failover'],
  abandon: ['abandon'],
  reset: ['reset'],
} as const satisfies { readonly [V in Exclude<Verb, NoFault>]: readonly string[] }

export const FAULT_KINDS = Object.values(FAULTS).flat()

export type FaultKind = (typeof FAULT_KINDS)[number]

export const OPERATION_KINDS = [
  'write',
  'write-with-quorum',
  'write-to-named',
  'read',
  'follower-read',
  'read-with-repair',
  'read-with-quorum',
] as const

export type OperationKind = (typeof OPERATION_KINDS)[number]

export interface SwarmPlan {
  readonly seed: number
  readonly cluster: Partial<ClusterOptions>
  readonly keys: number
  /** Writes of an earlier run that this one begins with. */
  readonly restored: number
  readonly commands: number
  readonly commandsPerSecond: number
  /** Relative weights; what is missing does not happen in this run. */
  readonly operations: Partial<Record<OperationKind, number>>
  /** Chance that a client asks again at once when it is answered, from inside its callback. */
  readonly chained: number
  /** Chance of each fault, per command. */
  readonly faults: Partial<Record<FaultKind, number>>
  /** Chance that a command undoes some fault that lasts. */
  readonly mending: number
  /** Nobody is ever promoted, not even to mend a cluster without a leader. */
  readonly oneLeader?: true
  /** How many faults are told to undo themselves, and after how long on average. */
  readonly passingRatio: number
  readonly faultMeanUs: number
}

/** The same rate in every run, so that simulated time per wall time can be compared. */
export const COMMANDS_PER_SECOND = 100

export function drawPlan(seed: number, commands: number): SwarmPlan {
  const random = Random.fromSeed(seed).fork('swarm plan')
  return {
    seed,
    cluster: drawCluster(seed, random.fork('cluster')),
    keys: 1 + random.int(10),
    restored: chance(random, 0.1) ? 1 + random.int(30) : 0,
    commands,
    commandsPerSecond: COMMANDS_PER_SECOND,
    operations: drawOperations(random.fork('operations')),
    chained: chance(random, 0.3) ? 0.3 * random.float() : 0,
    faults: drawFaults(random.fork('faults')),
    mending: random.float() * 0.1,
    passingRatio: random.float(),
    faultMeanUs: pick(random, [50_000, 500_000, 2_000_000]),
  }
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.int(from.length)] as T
}

export function chance(random: Random, ratio: number): boolean {
  return random.float() < ratio
}

function drawCluster(seed: number, random: Random): Partial<ClusterOptions> {
  const followers = pick(random, [1, 2, 2, 2, 3, 4])
  return {
    seed,
    followers,
    latency: chance(random, 0.2) ? DEFAULT_LATENCY : drawLatency(random),
    quorumTimeoutUs: pick(random, [20_000, 200_000, 2_000_000]),
    logEntriesMax: pick(random, [100_000, 100_000, 64, 16, 4]),
    messagesMax: pick(random, [2_000_000, 2_000_000, 2_000_000, 60]),
    waitingMax: pick(random, [10_000, 10_000, 10_000, 5]),
    minFollowersToWrite: pick(random, [0, 0, 0, 0, 1]),
    minFollowersMaxLagUs: pick(random, [500_000, 10_000_000]),
    autoFailoverUs: pick(random, [null, null, null, null, 300_000, 2_000_000]),
  }
}

function drawLatency(random: Random) {
  return {
    replicate: [drawSpec(random, [0, 1_000, 20_000, 200_000])],
    acknowledge: drawSpec(random, [0, 0, 1_000, 50_000]),
    request: drawSpec(random, [0, 0, 1_000, 20_000]),
    respond: drawSpec(random, [0, 0, 1_000, 20_000]),
  }
}

function drawSpec(random: Random, scales: readonly number[]): LatencySpec {
  const us = pick(random, scales)
  if (us === 0) return { kind: 'constant', us: 0 }
  return pick<LatencySpec>(random, [
    { kind: 'constant', us },
    { kind: 'uniform', fromUs: 0, toUs: 2 * us },
    { kind: 'exponential', meanUs: us },
    { kind: 'lognormal', medianUs: us, sigma: 1 },
    { kind: 'pareto', xmUs: us / 2, alpha: 1.5 },
  ])
}

function drawOperations(random: Random): SwarmPlan['operations'] {
  const operations: SwarmPlan['operations'] = {}
  for (const kind of OPERATION_KINDS) {
    if (chance(random, 0.7)) operations[kind] = 0.1 + random.float()
  }
  // Without a write there is nothing to lose.
  if (!operations.write) operations['write-with-quorum'] ??= 1
  return operations
}

function drawFaults(random: Random): SwarmPlan['faults'] {
  const faults: SwarmPlan['faults'] = {}
  for (const kind of FAULT_KINDS) {
    if (!chance(random, kind === 'reset' ? 0.05 : 0.4)) continue
    faults[kind] = kind === 'reset' ? 0.002 : 0.002 + 0.02 * random.float()
  }
  return faults
}
