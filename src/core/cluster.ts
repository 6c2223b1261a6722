// The door to the simulated system: every verb of verbs.ts is one command here. A command finds the timeline
// brought up to the present by the pacer, and before it returns, everything due at that instant has run.

import type { ClockSetting } from './clock.ts'
import { type Done, failed, ok, type Problem, problem, type Reply } from './errors.ts'
import type { ParsedLinkSettings } from './faults/link-faults.ts'
import type { ClockMode, NodeId, ReplicaId } from './nodes.ts'
import { keepFaults, resetProtocol } from './reset.ts'
import { parseLatency } from './text/latency-text.ts'
import { advance } from './time-machine.ts'
import { US_PER_MS } from './units.ts'
import type * as V from './verbs.ts'
import { VisibleCluster } from './visible-cluster.ts'

export class Cluster extends VisibleCluster implements V.ClusterVerbs {
  // Writing and reading.

  write(request: V.WriteRequest, done: Done<V.WriteReply>): V.Ticket {
    const command = { verb: 'write', how: request } as const
    return this.gate.ticket(command, () => this.protocol.writes.write(request, done))
  }

  writeWithQuorum(request: V.QuorumWriteRequest, done: Done<V.QuorumWriteReply>): V.Ticket {
    const command = { verb: 'write-with-quorum', how: request } as const
    return this.gate.ticket(command, () => this.protocol.writes.writeWithQuorum(request, done))
  }

  read(request: V.ReadRequest, done: Done<V.ReadReply>): V.Ticket {
    const command = { verb: 'read', how: request } as const
    return this.gate.ticket(command, () => this.protocol.reads.read(request, done))
  }

  followerRead(request: V.FollowerReadRequest, done: Done<V.ReadReply>): V.Ticket {
    const command = { verb: 'follower-read', how: request } as const
    return this.gate.ticket(command, () => this.protocol.reads.followerRead(request, done))
  }

  readWithRepair(request: V.ReadRequest, done: Done<V.RepairReadReply>): V.Ticket {
    const command = { verb: 'read-with-repair', how: request } as const
    return this.gate.ticket(command, () => this.protocol.reads.readWithRepair(request, done))
  }

  readWithQuorum(request: V.QuorumReadRequest, done: Done<V.QuorumReadReply>): V.Ticket {
    const command = { verb: 'read-with-quorum', how: request } as const
    return this.gate.ticket(command, () => this.protocol.reads.readWithQuorum(request, done))
  }

  // Time.

  advance(request: V.AdvanceRequest): Reply<V.AdvanceReply> {
    return this.gate.run({ verb: 'advance', how: request }, () => advance(this.parts, request))
  }

  setClock(mode: ClockMode, rate: number): Reply<V.ClockView> {
    return this.#changeClock({ mode, rate })
  }

  pauseClock(): Reply<V.ClockView> {
    return this.#changeClock(this.clock.paused())
  }

  resumeClock(): Reply<V.ClockView> {
    return this.#changeClock(this.clock.resumed())
  }

  // Faults.

  forget(id: ReplicaId, key: string): Reply<V.ReplicaView> {
    const command = { verb: 'forget', replica: id, key } as const
    return this.#faultOn(id, command, () => this.protocol.replicaFaults.forget(id, key))
  }

  crash(id: ReplicaId, how: V.ForTime & { readonly keepData?: boolean }): Reply<V.ReplicaView> {
    const command = { verb: 'crash', replica: id, how } as const
    return this.#faultOn(id, command, () => this.protocol.replicaFaults.crash(id, how))
  }

  restart(id: ReplicaId): Reply<V.ReplicaView> {
    const command = { verb: 'restart', replica: id } as const
    return this.#faultOn(id, command, () => this.protocol.replicaFaults.restart(id))
  }

  pause(id: ReplicaId, how: V.ForTime): Reply<V.ReplicaView> {
    const command = { verb: 'pause', replica: id, how } as const
    return this.#faultOn(id, command, () => this.protocol.replicaFaults.pause(id, how))
  }

  resume(id: ReplicaId): Reply<V.ReplicaView> {
    const command = { verb: 'resume', replica: id } as const
    return this.#faultOn(id, command, () => this.protocol.replicaFaults.resume(id))
  }

  cut(from: NodeId, to: NodeId, how: V.ForTime): Reply<V.LinkView> {
    const command = { verb: 'cut', from, to, how } as const
    return this.#faultOnLink(command, () => this.protocol.linkFaults.cut(from, to, how))
  }

  heal(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const command = { verb: 'heal', from, to } as const
    return this.#faultOnLink(command, () => this.protocol.linkFaults.heal(from, to))
  }

  hold(from: NodeId, to: NodeId, how: V.HoldRequest): Reply<V.LinkView> {
    const command = { verb: 'hold', from, to, how } as const
    return this.#faultOnLink(command, () => this.protocol.linkFaults.hold(from, to, how))
  }

  release(from: NodeId, to: NodeId): Reply<V.LinkView> {
    const command = { verb: 'release', from, to } as const
    return this.#faultOnLink(command, () => this.protocol.linkFaults.release(from, to))
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
      this.protocol.linkFaults.set(from, to, parsed)
      return undefined
    })
  }

  partition(groups: readonly (readonly NodeId[])[], how: V.ForTime): Reply<V.ClusterView> {
    const refusal = this.gate.run({ verb: 'partition', groups, how }, () =>
      this.protocol.linkFaults.partition(groups, how),
    )
    return refusal ? failed(refusal) : ok(this.seen())
  }

  healAll(): Reply<V.ClusterView> {
    this.gate.run({ verb: 'heal-all' }, () => this.protocol.linkFaults.healAll())
    return ok(this.seen())
  }

  failover(how: { readonly to?: ReplicaId; readonly force?: boolean }): Reply<V.FailoverReply> {
    return this.gate.run({ verb: 'failover', how }, () => this.protocol.failover.failover(how))
  }

  reset(keep: 'nothing' | 'faults' | 'data'): Reply<V.ClusterView> {
    this.gate.run({ verb: 'reset', keep }, () => this.#reset(keep))
    return ok(this.seen())
  }

  /** Takes over what an earlier run wrote. Before any other command. */
  restore(restored: V.RestoredCluster): void {
    this.gate.run({ verb: 'restore', how: restored }, () =>
      this.protocol.failover.restore(restored),
    )
  }

  #changeClock(setting: ClockSetting): Reply<V.ClockView> {
    const { mode, rate } = setting
    return this.gate.run({ verb: 'clock', mode, rate }, () => {
      this.clock.set(setting)
      this.emitter.emit({ type: 'clock-changed', mode, rate })
      return ok(this.clockNow())
    })
  }

  /** Runs a fault as one command, then looks: what fell due at this instant is in the view. */
  #faultOn(
    id: ReplicaId,
    command: V.Command,
    run: () => Problem | undefined,
  ): Reply<V.ReplicaView> {
    const refusal = this.gate.run(command, () => (this.parts.has(id) ? run() : this.noReplica(id)))
    return refusal ? failed(refusal) : this.viewOf(id)
  }

  #faultOnLink(
    command: V.Command & { readonly from: NodeId; readonly to: NodeId },
    run: () => Problem | undefined,
  ): Reply<V.LinkView> {
    const { from, to } = command
    const refusal = this.gate.run(command, () => this.noLink(from, to) ?? run())
    return refusal ? failed(refusal) : this.viewOfLink(from, to)
  }

  #reset(keep: 'nothing' | 'faults' | 'data'): void {
    const before = this.protocol
    if (keep === 'nothing') this.startMs += Math.floor(before.parts.now / US_PER_MS)
    this.protocol = resetProtocol(before, this.emitter, keep)
    if (keep !== 'faults') this.clock.restart()
    // Told first: whoever starts over on hearing it must not forget the faults that were kept.
    this.emitter.emit({ type: 'cluster-reset', keep })
    if (keep === 'faults') keepFaults(before, this.protocol)
    // A client may reset the cluster from inside an advance, which goes on over the old timeline.
    if (this.protocol !== before) before.parts.timeline.end()
  }
}
