// What can be seen of the cluster, and by whom it is moved: its views, its listeners, and what a pacer and a recorder
// need. The verbs that change it are in cluster.ts.

import { BOUNDS } from './bounds.ts'
import { Clock } from './clock.ts'
import { Commands } from './commands.ts'
import { Emitter } from './emitter.ts'
import { failed, ok, type Problem, problem, type Reply } from './errors.ts'
import { API, type ClockMode, type Listener, type NodeId, type ReplicaId } from './events.ts'
import { Life } from './life.ts'
import { type ClusterOptions, completeOptions } from './options.ts'
import type { Paced, Pacer } from './ports.ts'
import type { System } from './system.ts'
import { Timeline } from './timeline.ts'
import type { Microseconds } from './units.ts'
import type * as V from './verbs.ts'
import { clusterView, linkView, messagesOn, replicaView } from './views.ts'

export abstract class VisibleCluster implements Paced {
  readonly options: ClusterOptions
  protected readonly emitter: Emitter
  protected life: Life
  protected readonly commands = new Commands(() => this.life.system)
  protected readonly clock: Clock

  constructor(options: Partial<ClusterOptions> = {}) {
    this.options = completeOptions(options)
    this.emitter = new Emitter(() => this.life.system.timeline)
    this.clock = new Clock(this.options.clock)
    this.life = new Life(this.options, new Timeline(), this.emitter)
  }

  /** Lets a pacer move time. At most one; it is asked before and told after every command. */
  pacedBy(pacer: Pacer): void {
    this.commands.pacedBy(pacer)
  }

  /** Tells one listener of every command, at the instant it runs. */
  recordedBy(listener: V.CommandListener): void {
    this.commands.recordedBy(listener)
  }

  get startTimeMs(): number {
    return this.options.startTimeMs
  }

  get nowUs(): Microseconds {
    return this.system.now
  }

  get mode(): ClockMode {
    return this.clock.mode
  }

  get rate(): number {
    return this.clock.rate
  }

  get waiting(): number {
    return this.life.open.count
  }

  nextDueUs(): Microseconds | undefined {
    return this.system.timeline.nextDueUs()
  }

  runTo(toUs: Microseconds, eventsMax: number): boolean {
    const endUs = Math.min(toUs, BOUNDS.clockUsMax)
    if (endUs < this.nowUs) return true
    return this.commands.inside(() => this.system.timeline.advanceTo(endUs, eventsMax).finished)
  }

  view(): V.ClusterView {
    return this.commands.look(() => this.seen())
  }

  replicaView(id: ReplicaId): Reply<V.ReplicaView> {
    return this.commands.look(() => this.viewOf(id))
  }

  replicaRecords(id: ReplicaId, from: number, limit: number): Reply<V.RecordPage> {
    return this.commands.look(() => {
      if (!this.system.has(id)) return failed(this.noReplica(id))
      const { store } = this.system.replica(id)
      return ok({ records: store.page(from, limit), total: store.size })
    })
  }

  linkView(from: NodeId, to: NodeId): Reply<V.LinkView> {
    return this.commands.look(() => this.viewOfLink(from, to))
  }

  linkMessages(from: NodeId, to: NodeId, limit: number): Reply<readonly V.MessageView[]> {
    return this.commands.look(() => {
      const refusal = this.noLink(from, to)
      if (refusal) return failed(refusal)
      return ok(messagesOn(this.system, this.system.network.link(from, to), limit))
    })
  }

  clockView(): V.ClockView {
    return this.commands.look(() => this.clockNow())
  }

  failovers(): readonly V.FailoverView[] {
    return this.commands.look(() => this.life.failover.ledger.view())
  }

  listen(listener: Listener): () => void {
    return this.emitter.listen(listener)
  }

  /** What is behind the door, for checkers (invariants.ts): to be looked at, never touched. */
  inspect(): System {
    return this.life.system
  }

  protected get system(): System {
    return this.life.system
  }

  protected seen(): V.ClusterView {
    return clusterView(this.system, this.clockNow())
  }

  protected clockNow(): V.ClockView {
    return { mode: this.mode, rate: this.rate, nowUs: this.nowUs }
  }

  protected viewOf(id: ReplicaId): Reply<V.ReplicaView> {
    if (!this.system.has(id)) return failed(this.noReplica(id))
    return ok(replicaView(this.system, this.system.replica(id)))
  }

  protected viewOfLink(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const refusal = this.noLink(from, to)
    if (refusal) return failed(refusal)
    return ok(linkView(this.system, this.system.network.link(from, to)))
  }

  protected noReplica(id: ReplicaId): Problem {
    return this.system.noSuchReplica(id, 'replica-not-found')
  }

  protected noLink(from: NodeId, to: NodeId): Problem | undefined {
    for (const node of [from, to]) {
      if (node !== API && !this.system.has(node)) return this.noReplica(node)
    }
    if (from !== to) return undefined
    const detail = 'A link joins two different ends; name two replicas, or one and api.'
    return problem('replica-not-found', detail)
  }
}
