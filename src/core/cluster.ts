// The door to the simulated system: every verb of verbs.ts is one command here, and runs what its row in verbs/ says. A
// command finds the timeline brought up to the present by the pacer, and before it returns, everything due at that
// instant has run. Looking, listening, and what a pacer and a recorder need are here too.

import { BOUNDS } from './bounds.ts'
import { Clock } from './clock.ts'
import { Emitter } from './emitter.ts'
import { type Done, failed, ok, type Reply } from './errors.ts'
import type { Listener } from './events.ts'
import { Gate } from './gate.ts'
import type { ClockMode, NodeId, ReplicaId } from './nodes.ts'
import { type ClusterOptions, completeOptions } from './options.ts'
import { messagesOn } from './output/views.ts'
import type { Parts } from './parts.ts'
import type { EpochReserve, Paced, Pacer } from './ports.ts'
import { Protocol } from './protocol.ts'
import { type SettledLog, settledLog } from './replication/settled.ts'
import { isThere } from './time-machine.ts'
import { Timeline } from './timeline.ts'
import type { Microseconds } from './units.ts'
import { REQUESTS } from './verbs/data.ts'
import { seeDetail } from './verbs/detail.ts'
import { noLink, noReplica, seeClock, seeCluster, seeLink, seeReplica } from './verbs/look.ts'
import type { Workings } from './verbs/row.ts'
import {
  ACTS,
  type ActVerb,
  type AnswerOf,
  type Command,
  type Commanded,
  type CommandListener,
  type CommandOf,
  type RequestVerb,
  type Verb,
} from './verbs/table.ts'
import type * as V from './verbs.ts'

type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S

/** A method for each verb, or it does not compile. A ticket abandons its own request; the clock has three methods. */
type Methods = { readonly [V in Exclude<Verb, 'abandon' | 'clock'> as Camel<V>]: unknown }

/**
 * Each call is one command: it runs at the present instant, and what falls due at that instant runs after it. `done`
 * fires exactly once, at the simulated instant the verb ends, possibly before the call returns; it does not fire
 * once the ticket was abandoned.
 */
export class Cluster implements Methods, Commanded, Paced {
  readonly options: ClusterOptions
  readonly #workings: Workings
  readonly #gate = new Gate(() => this.#parts)

  constructor(options: Partial<ClusterOptions> = {}) {
    this.options = completeOptions(options)
    const emitter = new Emitter(() => this.#parts.timeline)
    const protocol = new Protocol(this.options, new Timeline(), emitter)
    this.#workings = {
      protocol,
      emitter,
      clock: new Clock(this.options.clock),
      startTimeMs: this.options.startTimeMs,
    }
  }

  ask<W extends RequestVerb>(command: CommandOf<W>, done: Done<AnswerOf<W>>): V.Ticket {
    return this.#gate.ticket(command as Command, () =>
      REQUESTS[command.verb].start(this.#workings.protocol, command.how, done),
    )
  }

  act<W extends ActVerb>(command: CommandOf<W>): Reply<AnswerOf<W>> {
    const row = ACTS[command.verb]
    const refusal = row.refuse?.(command)
    if (refusal) return failed(refusal)
    return this.#gate.run(command as Command, () => row.run(this.#workings, command))()
  }

  // Writing and reading.

  write(how: V.WriteRequest, done: Done<V.WriteReply>): V.Ticket {
    return this.ask({ verb: 'write', how }, done)
  }

  writeWithQuorum(how: V.QuorumWriteRequest, done: Done<V.QuorumWriteReply>): V.Ticket {
    return this.ask({ verb: 'write-with-quorum', how }, done)
  }

  read(how: V.ReadRequest, done: Done<V.ReadReply>): V.Ticket {
    return this.ask({ verb: 'read', how }, done)
  }

  followerRead(how: V.FollowerReadRequest, done: Done<V.ReadReply>): V.Ticket {
    return this.ask({ verb: 'follower-read', how }, done)
  }

  readWithRepair(how: V.ReadRequest, done: Done<V.RepairReadReply>): V.Ticket {
    return this.ask({ verb: 'read-with-repair', how }, done)
  }

  readWithQuorum(how: V.QuorumReadRequest, done: Done<V.QuorumReadReply>): V.Ticket {
    return this.ask({ verb: 'read-with-quorum', how }, done)
  }

  // Time.

  advance(how: V.AdvanceRequest): Reply<V.AdvanceReply> {
    return this.act({ verb: 'advance', how })
  }

  setClock(mode: ClockMode, rate: number): Reply<V.ClockView> {
    return this.act({ verb: 'clock', mode, rate })
  }

  pauseClock(): Reply<V.ClockView> {
    return this.act({ verb: 'clock', ...this.#workings.clock.paused() })
  }

  resumeClock(): Reply<V.ClockView> {
    return this.act({ verb: 'clock', ...this.#workings.clock.resumed() })
  }

  // Faults, and who leads.

  forget(replica: ReplicaId, key: string): Reply<V.ReplicaView> {
    return this.act({ verb: 'forget', replica, key })
  }

  crash(
    replica: ReplicaId,
    how: V.ForTime & { readonly keepData?: boolean },
  ): Reply<V.ReplicaView> {
    return this.act({ verb: 'crash', replica, how })
  }

  restart(replica: ReplicaId): Reply<V.ReplicaView> {
    return this.act({ verb: 'restart', replica })
  }

  pause(replica: ReplicaId, how: V.ForTime): Reply<V.ReplicaView> {
    return this.act({ verb: 'pause', replica, how })
  }

  resume(replica: ReplicaId): Reply<V.ReplicaView> {
    return this.act({ verb: 'resume', replica })
  }

  cut(from: NodeId, to: NodeId, how: V.ForTime): Reply<V.LinkView> {
    return this.act({ verb: 'cut', from, to, how })
  }

  heal(from: NodeId, to: NodeId): Reply<V.LinkView> {
    return this.act({ verb: 'heal', from, to })
  }

  hold(from: NodeId, to: NodeId, how: V.HoldRequest): Reply<V.LinkView> {
    return this.act({ verb: 'hold', from, to, how })
  }

  release(from: NodeId, to: NodeId): Reply<V.LinkView> {
    return this.act({ verb: 'release', from, to })
  }

  setLink(from: NodeId, to: NodeId, how: V.LinkSettings): Reply<V.LinkView> {
    return this.act({ verb: 'set-link', from, to, how })
  }

  partition(groups: readonly (readonly NodeId[])[], how: V.ForTime): Reply<V.ClusterView> {
    return this.act({ verb: 'partition', groups, how })
  }

  healAll(): Reply<V.ClusterView> {
    return this.act({ verb: 'heal-all' })
  }

  failover(how: { readonly to?: ReplicaId; readonly force?: boolean }): Reply<V.FailoverReply> {
    return this.act({ verb: 'failover', how })
  }

  reset(keep: 'nothing' | 'faults' | 'data'): Reply<V.ClusterView> {
    return this.act({ verb: 'reset', keep })
  }

  /** Takes over what an earlier run wrote. Before any other command. */
  restore(how: V.RestoredCluster): void {
    this.act({ verb: 'restore', how })
  }

  // Looking and listening.

  view(): V.ClusterView {
    return this.#gate.look(() => seeCluster(this.#workings))
  }

  /** The same with rows of the newest keys, at most so many, held against what clients were told. */
  detailedView(keysMax: number): V.DetailedView {
    return this.#gate.look(() => seeDetail(this.#workings, keysMax))
  }

  replicaView(id: ReplicaId): Reply<V.ReplicaView> {
    return this.#gate.look(() => seeReplica(this.#parts, id))
  }

  replicaRecords(id: ReplicaId, from: number, limit: number): Reply<V.RecordPage> {
    return this.#gate.look(() => {
      if (!this.#parts.has(id)) return failed(noReplica(this.#parts, id))
      const { store } = this.#parts.replica(id)
      return ok({ records: store.page(from, limit), total: store.size })
    })
  }

  linkView(from: NodeId, to: NodeId): Reply<V.LinkView> {
    return this.#gate.look(() => seeLink(this.#parts, from, to))
  }

  linkMessages(from: NodeId, to: NodeId, limit: number): Reply<readonly V.MessageView[]> {
    return this.#gate.look(() => {
      const refusal = noLink(this.#parts, from, to)
      if (refusal) return failed(refusal)
      return ok(messagesOn(this.#parts, this.#parts.network.link(from, to), limit))
    })
  }

  clockView(): V.ClockView {
    return this.#gate.look(() => seeClock(this.#workings))
  }

  failovers(): readonly V.FailoverView[] {
    return this.#gate.look(() => this.#workings.protocol.failover.costs.view())
  }

  listen(listener: Listener): () => void {
    return this.#workings.emitter.listen(listener)
  }

  /** Calls back after every command, also where there was no event: time may have moved. @returns stops that */
  watch(watcher: () => void): () => void {
    return this.#gate.watch(watcher)
  }

  /** What is behind the door, for checkers (invariants.ts): to be looked at, never touched. */
  inspect(): Parts {
    return this.#parts
  }

  // For a pacer, a recorder and a replay.

  /** Lets a pacer move time. At most one; it is asked before and told after every command. */
  pacedBy(pacer: Pacer): void {
    this.#gate.pacedBy(pacer)
  }

  /** Asks before every epoch from now on; resets change nothing about it. */
  reservedBy(reserve: EpochReserve): void {
    this.#parts.reserve = reserve
  }

  /** What must be kept of the log, when nobody can bring back anything else. */
  settledLog(): SettledLog | undefined {
    return settledLog(this.#parts)
  }

  /** Tells one listener of every command, at the instant it runs. */
  recordedBy(listener: CommandListener): void {
    this.#gate.recordedBy(listener)
  }

  /** Commands and looks without what falls due at this instant, which is left for whoever moves time. */
  apart<T>(action: () => T): T {
    return this.#gate.inside(action)
  }

  /** When simulated time was zero, in ms since 1970; a full reset makes it the instant of the reset. */
  get startTimeMs(): number {
    return this.#workings.startTimeMs
  }

  get nowUs(): Microseconds {
    return this.#parts.now
  }

  get mode(): ClockMode {
    return this.#workings.clock.mode
  }

  get rate(): number {
    return this.#workings.clock.rate
  }

  get waiting(): number {
    return this.#workings.protocol.open.count
  }

  nextDueUs(): Microseconds | undefined {
    return this.#parts.timeline.nextDueUs()
  }

  /** Whether an advance until something holds would move no further. */
  isThere(how: V.AdvanceRequest): boolean {
    return isThere(this.#parts, how)
  }

  runTo(toUs: Microseconds, eventsMax: number): boolean {
    const endUs = Math.min(toUs, BOUNDS.clockUsMax)
    if (endUs < this.nowUs) return true
    return this.#gate.inside(() => this.#parts.timeline.advanceTo(endUs, eventsMax).finished)
  }

  get #parts(): Parts {
    return this.#workings.protocol.parts
  }
}
