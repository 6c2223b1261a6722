// Random sessions for the tests of the recorder: commands of every verb, made from its fields, requests that are left waiting or
// abandoned, resets, and time that a pacer moves in between as it does in the running server.

import fc from 'fast-check'
import type { Cluster } from '../../src/core/cluster.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import { API, type NodeId } from '../../src/core/nodes.ts'
import { type ClusterOptions, DEFAULT_OPTIONS } from '../../src/core/options.ts'
import { parseLatencyFlag, withLegs } from '../../src/core/text/latency-legs.ts'
import { REQUESTS } from '../../src/core/verbs/data.ts'
import type { Field, FieldKind } from '../../src/core/verbs/row.ts'
import { ACTS, type CommandOf, fieldsOf, isRequest, type Verb } from '../../src/core/verbs/table.ts'
import type { RestoredCluster, Ticket } from '../../src/core/verbs.ts'
import { tableOf } from '../../src/core/version.ts'

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
const latencyText = fc.constantFrom(null, '10ms', ' uniform( 1ms , 3ms )', 'exponential(50ms)', '0')

/** What each kind of field may hold. Null: no session has it. */
const KINDS: {
  readonly [K in FieldKind['kind']]:
    | ((field: Extract<Field, { kind: K }>) => fc.Arbitrary<unknown>)
    | null
} = {
  key: () => key,
  value: () => value,
  client: () => client,
  replica: () => replica,
  replicas: () => fc.array(replica, { minLength: 1, maxLength: 4 }),
  node: () => node,
  groups: () =>
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
  flag: () => fc.boolean(),
  latency: () => latencyText,
  position: () =>
    fc.record({ replica, version: fc.record({ epoch: fc.constantFrom(1, 2), offset: replica }) }),
  whole: ({ min }) => fc.integer({ min, max: min + 4 }),
  number: ({ max }) => fc.constantFrom(...[0.25, 1e-3, 1 / 3, 1, 12.5].filter((x) => x <= max)),
  duration: () => microseconds,
  word: ({ words, unsaid }) => fc.constantFrom(...words, ...(unsaid ? [unsaid] : [])),
  records: null,
  log: null,
}

/** A command of a verb, from the fields of the verb alone. */
function commandOf<V extends Verb>(verb: V): fc.Arbitrary<CommandOf<V>> {
  const all = fieldsOf(verb)
  const record = (given: typeof all) =>
    fc.record(Object.fromEntries(given.map(({ name, field }) => [name, ofField(field)])), {
      requiredKeys: given.filter(({ field }) => !field.optional).map(({ name }) => name),
    })
  const [target, how] = [false, true].map((isHow) => all.filter(({ inHow }) => inHow === isHow))
  return fc
    .tuple(record(target ?? []), record(how ?? []))
    .map(([given, rest]) => ({ verb, ...given, ...(how?.length && { how: rest }) }))
    .filter((command) => !contradicts(command)) as unknown as fc.Arbitrary<CommandOf<V>>
}

function ofField(field: Field): fc.Arbitrary<unknown> {
  const ofKind = KINDS[field.kind] as ((field: Field) => fc.Arbitrary<unknown>) | null
  if (ofKind === null) throw new TypeError(`No session has ${field.kind}`)
  return ofKind(field)
}

/** Of the fields of these two only one may be said. */
function contradicts({ verb, how = {} }: { readonly verb: Verb; readonly how?: object }): boolean {
  if (verb === 'advance') return Object.keys(how).length !== 1
  return verb === 'hold' && 'key' in how && 'copies' in how
}

function stepOf(verb: Exclude<Verb, 'abandon'>): fc.Arbitrary<Step> {
  return commandOf(verb).map((command) => ({
    name: JSON.stringify(command),
    run: (cluster, tickets) => {
      if (isRequest(command)) tickets.push(cluster.ask(command, ignore))
      else cluster.act(command)
    },
  }))
}

const HOUSE = ['reset', 'clock'] as const
const verbsOf = <V extends string>(table: { readonly [W in V]: unknown }) =>
  Object.keys(table) as V[]
const faults = verbsOf(ACTS).filter(
  (verb) => verb !== 'advance' && verb !== 'restore' && !HOUSE.some((other) => other === verb),
)

const times: fc.Arbitrary<Step>[] = [
  stepOf('advance'),
  // As the pacer does, with no command at all.
  microseconds.map((us) => ({
    name: `time passes ${us}`,
    run: (cluster) => cluster.runTo(cluster.nowUs + us, 1_000_000),
  })),
]

const abandon: fc.Arbitrary<Step> = fc.nat(20).map((nth) => ({
  name: `abandon ${nth}`,
  run: (_cluster, tickets) => tickets[nth % Math.max(1, tickets.length)]?.abandon(),
}))

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.oneof(...verbsOf(REQUESTS).map(stepOf)) },
    { weight: 5, arbitrary: fc.oneof(...faults.map(stepOf)) },
    { weight: 6, arbitrary: fc.oneof(...times) },
    { weight: 2, arbitrary: abandon },
    { weight: 1, arbitrary: fc.oneof(...HOUSE.map(stepOf)) },
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
    fc.array(
      fc.record({ key, value, quorum: fc.boolean(), newer: fc.boolean(), gap: fc.nat({ max: 2 }) }),
      { maxLength: 5 },
    ),
    fc.integer({ min: -4_000_000_000_000_000, max: 2_000_000 }),
    fc.boolean(),
  )
  .map(([leader, firstOffset, rows, writtenUs, isCompacted]) => {
    let epoch = 1
    let offset = firstOffset
    const records = rows.map(({ key, value, quorum, newer, gap }, i) => {
      if (newer) epoch++
      if (isCompacted) offset += gap
      return { key, value, quorum, epoch, offset: offset++, writtenUs: writtenUs + i }
    })
    const table = records.length > 0 ? tableOf(records) : [{ epoch, firstOffset }]
    const log = isCompacted && { log: { offset, table } }
    return { leader, epoch: epoch + 1, records, ...log }
  })

/** An event without its number: those count from when somebody began to listen. */
export function withoutId(event: ClusterEvent): Omit<ClusterEvent, 'id'> {
  const { id: _, ...rest } = event
  return rest
}
