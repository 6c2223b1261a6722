// A cluster to tell short stories with: everything defaults, so that each option shown matters; time is in
// milliseconds and stands still until it is advanced; every promise of the model is checked after every
// command. Commands that must succeed fail the test where they are refused.

import { Cluster } from '../../src/core/cluster.ts'
import type { Reply } from '../../src/core/errors.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import { DEFAULT_LATENCY } from '../../src/core/latency.ts'
import type { NodeId, ReplicaId } from '../../src/core/nodes.ts'
import type { ClusterOptions } from '../../src/core/options.ts'
import { describeEvent } from '../../src/core/output/describe.ts'
import { parseLatencyFlag, withLegs } from '../../src/core/text/latency-legs.ts'
import { msFromUs, usFromMs } from '../../src/core/units.ts'
import type * as V from '../../src/core/verbs.ts'
import { formatVersion, parseVersion } from '../../src/core/version.ts'
import { Watch } from '../checks/invariants.ts'
import { Answer } from './answer.ts'
import { freezeDeeply } from './freeze.ts'

/** As the core takes them, but times in ms and latencies in the words of `--latency`. */
export interface TestOptions
  extends Omit<Partial<ClusterOptions>, 'latency' | 'quorumTimeoutUs' | 'autoFailoverUs'> {
  readonly latency?: string
  readonly quorumTimeoutMs?: number
  readonly autoFailoverMs?: number
}

export function testCluster(options: TestOptions = {}): TestCluster {
  return new TestCluster(options)
}

type EventOf<T extends ClusterEvent['type']> = Extract<ClusterEvent, { type: T }>
type Passing = { readonly forMs?: number }

export class TestCluster {
  readonly cluster: Cluster
  readonly watch: Watch
  /** Everything that has happened. */
  readonly events: ClusterEvent[] = []

  constructor({ latency, quorumTimeoutMs, autoFailoverMs, ...rest }: TestOptions) {
    this.cluster = new Cluster({
      ...rest,
      latency: latency === undefined ? DEFAULT_LATENCY : legs(latency),
      ...(quorumTimeoutMs !== undefined && { quorumTimeoutUs: usFromMs(quorumTimeoutMs) }),
      ...(autoFailoverMs !== undefined && { autoFailoverUs: usFromMs(autoFailoverMs) }),
    })
    this.watch = new Watch(this.cluster)
    this.cluster.listen((event) => this.events.push(freezeDeeply(event)))
  }

  // Clients.

  write(key: string, value: string, how: Partial<V.WriteRequest> = {}): Answer<V.WriteReply> {
    return this.#ask((done) => this.cluster.write({ key, value, ...how }, done))
  }

  writeWithQuorum(
    key: string,
    value: string,
    { timeoutMs, ...how }: Partial<V.QuorumWriteRequest> & { readonly timeoutMs?: number } = {},
  ): Answer<V.QuorumWriteReply> {
    const time = timeoutMs === undefined ? {} : { timeoutUs: usFromMs(timeoutMs) }
    const request = { key, value, ...how, ...time }
    return this.#ask((done) => this.cluster.writeWithQuorum(request, done))
  }

  read(key: string): Answer<V.ReadReply> {
    return this.#ask((done) => this.cluster.read({ key }, done))
  }

  followerRead(key: string, replica: ReplicaId): Answer<V.ReadReply> {
    return this.#ask((done) => this.cluster.followerRead({ key, replica }, done))
  }

  readWithRepair(key: string): Answer<V.RepairReadReply> {
    return this.#ask((done) => this.cluster.readWithRepair({ key }, done))
  }

  readWithQuorum(
    key: string,
    how: Omit<V.QuorumReadRequest, 'key'> = {},
  ): Answer<V.QuorumReadReply> {
    return this.#ask((done) => this.cluster.readWithQuorum({ key, ...how }, done))
  }

  abandon(answer: { readonly ticket: V.Ticket | undefined }): void {
    answer.ticket?.abandon()
    this.watch.check()
  }

  // Time.

  get nowMs(): number {
    return msFromUs(this.cluster.nowUs)
  }

  /** Event by event, so that no state on the way goes unchecked. */
  advance(ms: number): void {
    const toUs = this.cluster.nowUs + usFromMs(ms)
    while (!this.cluster.runTo(toUs, 1)) this.watch.check()
    this.watch.check()
  }

  advanceTo(ms: number): void {
    this.advance(ms - this.nowMs)
  }

  idle(): V.AdvanceReply {
    return this.must(this.cluster.advance({ to: 'idle' }))
  }

  until(replica: ReplicaId, version: string): Reply<V.AdvanceReply> {
    const parsed = parseVersion(version)
    if (!parsed) throw new Error(`${version} is no version`)
    const reply = this.cluster.advance({ until: { replica, version: parsed } })
    this.watch.check()
    return reply
  }

  // Faults.

  crash(id: ReplicaId, { forMs, ...how }: Passing & { readonly keepData?: boolean } = {}): void {
    this.must(this.cluster.crash(id, { ...how, ...passing(forMs) }))
  }

  restart(id: ReplicaId): void {
    this.must(this.cluster.restart(id))
  }

  pause(id: ReplicaId, { forMs }: Passing = {}): void {
    this.must(this.cluster.pause(id, passing(forMs)))
  }

  resume(id: ReplicaId): void {
    this.must(this.cluster.resume(id))
  }

  forget(id: ReplicaId, key: string): void {
    this.must(this.cluster.forget(id, key))
  }

  cut(from: NodeId, to: NodeId, { forMs }: Passing = {}): void {
    this.must(this.cluster.cut(from, to, passing(forMs)))
  }

  heal(from: NodeId, to: NodeId): void {
    this.must(this.cluster.heal(from, to))
  }

  hold(
    from: NodeId,
    to: NodeId,
    { forMs, ...only }: Passing & ({ readonly copies?: number } | { readonly key: string }) = {},
  ): void {
    this.must(this.cluster.hold(from, to, { ...only, ...passing(forMs) }))
  }

  release(from: NodeId, to: NodeId): void {
    this.must(this.cluster.release(from, to))
  }

  link(from: NodeId, to: NodeId, { forMs, ...how }: Passing & V.LinkSettings): void {
    this.must(this.cluster.setLink(from, to, { ...how, ...passing(forMs) }))
  }

  partition(groups: readonly (readonly NodeId[])[], { forMs }: Passing = {}): void {
    this.must(this.cluster.partition(groups, passing(forMs)))
  }

  healAll(): void {
    this.must(this.cluster.healAll())
  }

  failover(how: { readonly to?: ReplicaId; readonly force?: boolean } = {}): V.FailoverReply {
    return this.must(this.cluster.failover(how))
  }

  reset(keep: 'nothing' | 'faults' | 'data' = 'nothing'): void {
    this.must(this.cluster.reset(keep))
  }

  // Looking.

  /** What each replica's store has for a key. */
  values(key: string): (string | null)[] {
    return this.cluster.inspect().replicas.map(({ store }) => store.get(key)?.value ?? null)
  }

  /** How far each replica has come: its epoch and the last offset of its log. */
  positions(): string[] {
    return this.cluster.inspect().replicas.map((one) => `${one.epoch}:${one.appliedOffset}`)
  }

  /** A replica's log as it is kept, in versions. */
  log(id: ReplicaId): string[] {
    const { log } = this.cluster.inspect().replica(id)
    const versions: string[] = []
    for (let offset = log.firstOffset; offset <= log.lastOffset; offset++) {
      const record = log.at(offset)
      versions.push(record ? formatVersion(record) : 'missing')
    }
    return versions
  }

  view(id: ReplicaId): V.ReplicaView {
    return this.must(this.cluster.replicaView(id))
  }

  heard<T extends ClusterEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type)
  }

  /** The sentences of what happens meanwhile, those about messages left out. */
  during(story: () => void): string[] {
    const from = this.events.length
    story()
    return this.events
      .slice(from)
      .filter((event) => !event.type.startsWith('message-'))
      .map((event) => describeEvent(event).text)
  }

  must<T>(reply: Reply<T>): T {
    this.watch.check()
    if (reply.ok) return reply.value
    throw new Error(`It was refused: ${reply.problem.detail}`)
  }

  #ask<T extends V.WriteReply | V.ReadReply>(
    issue: (done: (reply: Reply<T>) => void) => V.Ticket,
  ): Answer<T> {
    const answer = new Answer<T>()
    answer.ticket = issue((reply) => answer.take(reply, this.cluster.nowUs))
    this.watch.check()
    return answer
  }
}

function legs(text: string) {
  const parsed = parseLatencyFlag(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return withLegs(DEFAULT_LATENCY, parsed.value)
}

function passing(forMs: number | undefined): V.ForTime {
  return forMs === undefined ? {} : { forUs: usFromMs(forMs) }
}
