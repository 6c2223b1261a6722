// The door to the simulated system: every verb of verbs.ts is one command here. A command finds the timeline
// brought up to the present by the pacer, and before it returns, everything due at that instant has run.

import { BOUNDS } from './bounds.ts'
import { Clock, type ClockSetting } from './clock.ts'
import { Commands } from './commands.ts'
import { Emitter } from './emitter.ts'
import { type Done, failed, ok, type Problem, problem, type Reply } from './errors.ts'
import { API, type ClockMode, type Listener, type NodeId, type ReplicaId } from './events.ts'
import { parseLatency } from './latency-text.ts'
import { Life } from './life.ts'
import type { ParsedLinkSettings } from './link-faults.ts'
import { type ClusterOptions, completeOptions } from './options.ts'
import type { Paced, Pacer } from './ports.ts'
import { keepFaults, resetLife } from './reset.ts'
import type { System } from './system.ts'
import { advance } from './time-machine.ts'
import { Timeline } from './timeline.ts'
import type { Microseconds } from './units.ts'
import type * as V from './verbs.ts'
import { clusterView, linkView, messagesOn, replicaView } from './views.ts'

export class Cluster implements V.ClusterVerbs, Paced {
  readonly options: ClusterOptions
  readonly #emitter: Emitter
  #life: Life
  readonly #commands = new Commands(() => this.#life.system)
  readonly #clock: Clock

  constructor(options: Partial<ClusterOptions> = {}) {
    this.options = completeOptions(options)
    this.#emitter = new Emitter(() => this.#life.system.timeline)
    this.#clock = new Clock(this.options.clock)
    this.#life = new Life(this.options, new Timeline(), this.#emitter)
  }

  /** Lets a pacer move time. At most one; it is asked before and told after every command. */
  pacedBy(pacer: Pacer): void {
    this.#commands.pacedBy(pacer)
  }

  /** Tells one listener of every command, at the instant it runs. */
  recordedBy(listener: V.CommandListener): void {
    this.#commands.recordedBy(listener)
  }

  get startTimeMs(): number {
    return this.options.startTimeMs
  }

  // What a pacer sees.

  get nowUs(): Microseconds {
    return this.#system.now
  }

  get mode(): ClockMode {
    return this.#clock.mode
  }

  get rate(): number {
    return this.#clock.rate
  }

  get waiting(): number {
    return this.#life.open.count
  }

  nextDueUs(): Microseconds | undefined {
    return this.#system.timeline.nextDueUs()
  }

  runTo(toUs: Microseconds, eventsMax: number): boolean {
    const endUs = Math.min(toUs, BOUNDS.clockUsMax)
    if (endUs < this.nowUs) return true
    return this.#commands.inside(() => this.#system.timeline.advanceTo(endUs, eventsMax).finished)
  }

  // Writing and reading.

  write(request: V.WriteRequest, done: Done<V.WriteReply>): V.Ticket {
    const command = { verb: 'write', how: request } as const
    return this.#commands.ticket(command, () => this.#life.writes.write(request, done))
  }

  writeWithQuorum(request: V.QuorumWriteRequest, done: Done<V.QuorumWriteReply>): V.Ticket {
    const command = { verb: 'write-with-quorum', how: request } as const
    return this.#commands.ticket(command, () => this.#life.writes.writeWithQuorum(request, done))
  }

  read(request: V.ReadRequest, done: Done<V.ReadReply>): V.Ticket {
    const command = { verb: 'read', how: request } as const
    return this.#commands.ticket(command, () => this.#life.reads.read(request, done))
  }

  followerRead(request: V.FollowerReadRequest, done: Done<V.ReadReply>): V.Ticket {
    const command = { verb: 'follower-read', how: request } as const
    return this.#commands.ticket(command, () => this.#life.reads.followerRead(request, done))
  }

  readWithRepair(request: V.ReadRequest, done: Done<V.RepairReadReply>): V.Ticket {
    const command = { verb: 'read-with-repair', how: request } as const
    return this.#commands.ticket(command, () => this.#life.reads.readWithRepair(request, done))
  }

  readWithQuorum(request: V.QuorumReadRequest, done: Done<V.QuorumReadReply>): V.Ticket {
    const command = { verb: 'read-with-quorum', how: request } as const
    return this.#commands.ticket(command, () => this.#life.reads.readWithQuorum(request, done))
  }

  // Looking.

  view(): V.ClusterView {
    return this.#commands.look(() => this.#view())
  }

  replicaView(id: ReplicaId): Reply<V.ReplicaView> {
    return this.#commands.look(() => this.#viewOf(id))
  }

  replicaRecords(id: ReplicaId, from: number, limit: number): Reply<V.RecordPage> {
    return this.#commands.look(() => {
      if (!this.#system.has(id)) return failed(this.#noReplica(id))
      const { store } = this.#system.replica(id)
      const records = [...store.values()].slice(from, from + limit)
      return ok({ records, total: store.size })
    })
  }

  linkView(from: NodeId, to: NodeId): Reply<V.LinkView> {
    return this.#commands.look(() => this.#viewOfLink(from, to))
  }

  linkMessages(from: NodeId, to: NodeId, limit: number): Reply<readonly V.MessageView[]> {
    return this.#commands.look(() => {
      const refusal = this.#noLink(from, to)
      if (refusal) return failed(refusal)
      return ok(messagesOn(this.#system, this.#system.network.link(from, to), limit))
    })
  }

  clockView(): V.ClockView {
    return this.#commands.look(() => this.#clockView())
  }

  failovers(): readonly V.FailoverView[] {
    return this.#commands.look(() => this.#life.failover.ledger.view())
  }

  listen(listener: Listener): () => void {
    return this.#emitter.listen(listener)
  }

  // Time.

  advance(request: V.AdvanceRequest): Reply<V.AdvanceReply> {
    return this.#commands.run({ verb: 'advance', how: request }, () =>
      advance(this.#system, request),
    )
  }

  setClock(mode: ClockMode, rate: number): Reply<V.ClockView> {
    return this.#changeClock({ mode, rate })
  }

  pauseClock(): Reply<V.ClockView> {
    return this.#changeClock(this.#clock.paused())
  }

  resumeClock(): Reply<V.ClockView> {
    return this.#changeClock(this.#clock.resumed())
  }

  // Faults.

  forget(id: ReplicaId, key: string): Reply<V.ReplicaView> {
    const command = { verb: 'forget', replica: id, key } as const
    return this.#faultOn(id, command, () => this.#life.replicaFaults.forget(id, key))
  }

  crash(id: ReplicaId, how: V.ForTime & { readonly keepData?: boolean }): Reply<V.ReplicaView> {
    const command = { verb: 'crash', replica: id, how } as const
    return this.#faultOn(id, command, () => this.#life.replicaFaults.crash(id, how))
  }

  restart(id: ReplicaId): Reply<V.ReplicaView> {
    const command = { verb: 'restart', replica: id } as const
    return this.#faultOn(id, command, () => this.#life.replicaFaults.restart(id))
  }

  pause(id: ReplicaId, how: V.ForTime): Reply<V.ReplicaView> {
    const command = { verb: 'pause', replica: id, how } as const
    return this.#faultOn(id, command, () => this.#life.replicaFaults.pause(id, how))
  }

  resume(id: ReplicaId): Reply<V.ReplicaView> {
    const command = { verb: 'resume', replica: id } as const
    return this.#faultOn(id, command, () => this.#life.replicaFaults.resume(id))
  }

  cut(from: NodeId, to: NodeId, how: V.ForTime): Reply<V.LinkView> {
    const command = { verb: 'cut', from, to, how } as const
    return this.#faultOnLink(command, () => this.#life.linkFaults.cut(from, to, how))
  }

  heal(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const command = { verb: 'heal', from, to } as const
    return this.#faultOnLink(command, () => this.#life.linkFaults.heal(from, to))
  }

  hold(from: NodeId, to: NodeId, how: V.HoldRequest): Reply<V.LinkView> {
    const command = { verb: 'hold', from, to, how } as const
    return this.#faultOnLink(command, () => this.#life.linkFaults.hold(from, to, how))
  }

  release(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const command = { verb: 'release', from, to } as const
    return this.#faultOnLink(command, () => this.#life.linkFaults.release(from, to))
  }

  setLink(from: NodeId, to: NodeId, settings: V.LinkSettings): Reply<V.LinkView> {
    const { latency, ...rest } = settings
    let parsed: ParsedLinkSettings = rest
    if (latency === null) parsed = { ...rest, latency }
    else if (latency !== undefined) {
      const spec = parseLatency(latency)
      if (!spec.ok) return failed(problem('invalid-request', `latency: ${spec.message}`))
      parsed = { ...rest, latency: spec.value }
    }
    return this.#faultOnLink({ verb: 'set-link', from, to, how: settings }, () => {
      this.#life.linkFaults.set(from, to, parsed)
      return undefined
    })
  }

  partition(groups: readonly (readonly NodeId[])[], how: V.ForTime): Reply<V.ClusterView> {
    const refusal = this.#commands.run({ verb: 'partition', groups, how }, () =>
      this.#life.linkFaults.partition(groups, how),
    )
    return refusal ? failed(refusal) : ok(this.#view())
  }

  healAll(): Reply<V.ClusterView> {
    this.#commands.run({ verb: 'heal-all' }, () => this.#life.linkFaults.healAll())
    return ok(this.#view())
  }

  failover(how: { readonly to?: ReplicaId; readonly force?: boolean }): Reply<V.FailoverReply> {
    return this.#commands.run({ verb: 'failover', how }, () => this.#life.failover.failover(how))
  }

  reset(keep: 'nothing' | 'faults' | 'data'): Reply<V.ClusterView> {
    this.#commands.run({ verb: 'reset', keep }, () => this.#reset(keep))
    return ok(this.#view())
  }

  /** Takes over what an earlier run wrote. Before any other command. */
  restore(restored: V.RestoredCluster): void {
    this.#commands.run({ verb: 'restore', how: restored }, () =>
      this.#life.failover.restore(restored),
    )
  }

  /** What is behind the door, for checkers (invariants.ts): to be looked at, never touched. */
  inspect(): System {
    return this.#life.system
  }

  get #system(): System {
    return this.#life.system
  }

  #view(): V.ClusterView {
    return clusterView(this.#system, this.#clockView())
  }

  #clockView(): V.ClockView {
    return { mode: this.mode, rate: this.rate, nowUs: this.nowUs }
  }

  #changeClock(setting: ClockSetting): Reply<V.ClockView> {
    const { mode, rate } = setting
    return this.#commands.run({ verb: 'clock', mode, rate }, () => {
      this.#clock.set(setting)
      this.#emitter.emit({ type: 'clock-changed', mode, rate })
      return ok(this.#clockView())
    })
  }

  /** Runs a fault as one command, then looks: what fell due at this instant is in the view. */
  #faultOn(
    id: ReplicaId,
    command: V.Command,
    run: () => Problem | undefined,
  ): Reply<V.ReplicaView> {
    const refusal = this.#commands.run(command, () =>
      this.#system.has(id) ? run() : this.#noReplica(id),
    )
    return refusal ? failed(refusal) : this.#viewOf(id)
  }

  #faultOnLink(
    command: V.Command & { readonly from: NodeId; readonly to: NodeId },
    run: () => Problem | undefined,
  ): Reply<V.LinkView> {
    const { from, to } = command
    const refusal = this.#commands.run(command, () => this.#noLink(from, to) ?? run())
    return refusal ? failed(refusal) : this.#viewOfLink(from, to)
  }

  #viewOf(id: ReplicaId): Reply<V.ReplicaView> {
    if (!this.#system.has(id)) return failed(this.#noReplica(id))
    return ok(replicaView(this.#system, this.#system.replica(id)))
  }

  #viewOfLink(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const refusal = this.#noLink(from, to)
    if (refusal) return failed(refusal)
    return ok(linkView(this.#system, this.#system.network.link(from, to)))
  }

  #noReplica(id: ReplicaId): Problem {
    return this.#system.noSuchReplica(id, 'replica-not-found')
  }

  #noLink(from: NodeId, to: NodeId): Problem | undefined {
    for (const node of [from, to]) {
      if (node !== API && !this.#system.has(node)) return this.#noReplica(node)
    }
    if (from !== to) return undefined
    const detail = 'A link joins two different ends; name two replicas, or one and api.'
    return problem('replica-not-found', detail)
  }

  #reset(keep: 'nothing' | 'faults' | 'data'): void {
    const before = this.#life
    this.#life = resetLife(before, this.#emitter, keep)
    if (keep === 'faults') keepFaults(before, this.#life)
    else this.#clock.restart()
    this.#emitter.emit({ type: 'cluster-reset', keep })
  }
}
