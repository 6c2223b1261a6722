// What can be seen of the cluster, and by whom it is moved: its views, its listeners, and what a pacer and a recorder
// need. The verbs that change it are in cluster.ts.

import { BOUNDS } from './bounds.ts'
import { Clock } from './clock.ts'
import { Emitter } from './emitter.ts'
import { failed, ok, type Problem, problem, type Reply } from './errors.ts'
import type { Listener } from './events.ts'
import { Gate } from './gate.ts'
import { API, type ClockMode, type NodeId, type ReplicaId } from './nodes.ts'
import { type ClusterOptions, completeOptions } from './options.ts'
import { clusterView, linkView, messagesOn, replicaView } from './output/views.ts'
import type { Parts } from './parts.ts'
import type { Paced, Pacer } from './ports.ts'
import { Protocol } from './protocol.ts'
import { Timeline } from './timeline.ts'
import type { Microseconds } from './units.ts'
import type * as V from './verbs.ts'

export abstract class VisibleCluster implements Paced {
  readonly options: ClusterOptions
  protected readonly emitter: Emitter
  protected protocol: Protocol
  protected readonly gate = new Gate(() => this.protocol.parts)
  protected readonly clock: Clock
  protected startMs: number

  constructor(options: Partial<ClusterOptions> = {}) {
    this.options = completeOptions(options)
    this.startMs = this.options.startTimeMs
    this.emitter = new Emitter(() => this.protocol.parts.timeline)
    this.clock = new Clock(this.options.clock)
    this.protocol = new Protocol(this.options, new Timeline(), this.emitter)
  }

  /** Lets a pacer move time. At most one; it is asked before and told after every command. */
  pacedBy(pacer: Pacer): void {
    this.gate.pacedBy(pacer)
  }

  /** Tells one listener of every command, at the instant it runs. */
  recordedBy(listener: V.CommandListener): void {
    this.gate.recordedBy(listener)
  }

  /** When simulated time was zero, in ms since 1970; a full reset makes it the instant of the reset. */
  get startTimeMs(): number {
    return this.startMs
  }

  get nowUs(): Microseconds {
    return this.parts.now
  }

  get mode(): ClockMode {
    return this.clock.mode
  }

  get rate(): number {
    return this.clock.rate
  }

  get waiting(): number {
    return this.protocol.open.count
  }

  nextDueUs(): Microseconds | undefined {
    return this.parts.timeline.nextDueUs()
  }

  runTo(toUs: Microseconds, eventsMax: number): boolean {
    const endUs = Math.min(toUs, BOUNDS.clockUsMax)
    if (endUs < this.nowUs) return true
    return this.gate.inside(() => this.parts.timeline.advanceTo(endUs, eventsMax).finished)
  }

  view(): V.ClusterView {
    return this.gate.look(() => this.seen())
  }

  replicaView(id: ReplicaId): Reply<V.ReplicaView> {
    return this.gate.look(() => this.viewOf(id))
  }

  replicaRecords(id: ReplicaId, from: number, limit: number): Reply<V.RecordPage> {
    return this.gate.look(() => {
      if (!this.parts.has(id)) return failed(this.noReplica(id))
      const { store } = this.parts.replica(id)
      return ok({ records: store.page(from, limit), total: store.size })
    })
  }

  linkView(from: NodeId, to: NodeId): Reply<V.LinkView> {
    return this.gate.look(() => this.viewOfLink(from, to))
  }

  linkMessages(from: NodeId, to: NodeId, limit: number): Reply<readonly V.MessageView[]> {
    return this.gate.look(() => {
      const refusal = this.noLink(from, to)
      if (refusal) return failed(refusal)
      return ok(messagesOn(this.parts, this.parts.network.link(from, to), limit))
    })
  }

  clockView(): V.ClockView {
    return this.gate.look(() => this.clockNow())
  }

  failovers(): readonly V.FailoverView[] {
    return this.gate.look(() => this.protocol.failover.costs.view())
  }

  listen(listener: Listener): () => void {
    return this.emitter.listen(listener)
  }

  /** What is behind the door, for checkers (invariants.ts): to be looked at, never touched. */
  inspect(): Parts {
    return this.protocol.parts
  }

  protected get parts(): Parts {
    return this.protocol.parts
  }

  protected seen(): V.ClusterView {
    return clusterView(this.parts, this.clockNow())
  }

  protected clockNow(): V.ClockView {
    return { mode: this.mode, rate: this.rate, nowUs: this.nowUs }
  }

  protected viewOf(id: ReplicaId): Reply<V.ReplicaView> {
    if (!this.parts.has(id)) return failed(this.noReplica(id))
    return ok(replicaView(this.parts, this.parts.replica(id)))
  }

  protected viewOfLink(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const refusal = this.noLink(from, to)
    if (refusal) return failed(refusal)
    return ok(linkView(this.parts, this.parts.network.link(from, to)))
  }

  protected noReplica(id: ReplicaId): Problem {
    return this.parts.noSuchReplica(id, 'replica-not-found')
  }

  protected noLink(from: NodeId, to: NodeId): Problem | undefined {
    for (const node of [from, to]) {
      if (node !== API && !this.parts.has(node)) return this.noReplica(node)
    }
    if (from !== to) return undefined
    const detail = 'A link joins two different ends; name two replicas, or one and api.'
    return problem('replica-not-found', detail)
  }
}
