// What can befall a replica: crash and restart, pause and resume, and the silent loss of one record. Each acts
// at the present instant, is an event, and may undo itself.

import { type Problem, problem } from './errors.ts'
import type { ReplicaId } from './events.ts'
import type { Failover } from './failover.ts'
import type { Following } from './following.ts'
import type { Leading } from './leading.ts'
import type { Replica } from './replica.ts'
import type { System } from './system.ts'
import type { Undo } from './undo.ts'
import type { ForTime } from './verbs.ts'

export class ReplicaFaults {
  readonly #system: System
  readonly #leading: Leading
  readonly #following: Following
  readonly #failover: Failover
  readonly #undo: Undo
  /** To be called when somebody may be in reach again. */
  readonly #wake: () => void

  constructor(
    system: System,
    leading: Leading,
    following: Following,
    failover: Failover,
    undo: Undo,
    wake: () => void,
  ) {
    this.#system = system
    this.#leading = leading
    this.#following = following
    this.#failover = failover
    this.#undo = undo
    this.#wake = wake
  }

  crash(id: ReplicaId, how: ForTime & { readonly keepData?: boolean }): Problem | undefined {
    const replica = this.#system.replica(id)
    if (replica.state === 'crashed') {
      return this.#wrongState(replica, 'crash', `POST /replicas/${id}/restart starts it again.`)
    }
    const { forUs, keepData = false } = how
    replica.state = 'crashed'
    this.#leading.end(id, 'replica-down')
    this.#system.network.dropInbox(replica)
    this.#following.forget(id)
    replica.early.clear()
    if (!keepData) replica.wipe()
    this.#failover.noteLeader()
    this.#leading.followerCrashed(id)
    this.#system.emitter.emit({
      type: 'replica-crashed',
      replica: id,
      keepData,
      forUs: forUs ?? null,
    })
    this.#undo.plan(`replica ${id}`, forUs, () => this.#restart(replica, true))
    return undefined
  }

  restart(id: ReplicaId): Problem | undefined {
    const replica = this.#system.replica(id)
    if (replica.state !== 'crashed') {
      return this.#wrongState(replica, 'restart', 'Only a crashed replica can be restarted.')
    }
    this.#undo.cancel(`replica ${id}`)
    this.#restart(replica, false)
    return undefined
  }

  pause(id: ReplicaId, how: ForTime): Problem | undefined {
    const replica = this.#system.replica(id)
    if (replica.state !== 'running') {
      const way = replica.state === 'paused' ? 'resume' : 'restart'
      return this.#wrongState(replica, 'pause', `POST /replicas/${id}/${way} comes first.`)
    }
    replica.state = 'paused'
    this.#system.emitter.emit({ type: 'replica-paused', replica: id, forUs: how.forUs ?? null })
    this.#undo.plan(`replica ${id}`, how.forUs, () => this.#resume(replica, true))
    return undefined
  }

  resume(id: ReplicaId): Problem | undefined {
    const replica = this.#system.replica(id)
    if (replica.state !== 'paused') {
      return this.#wrongState(replica, 'resume', 'Only a paused replica can be resumed.')
    }
    this.#undo.cancel(`replica ${id}`)
    this.#resume(replica, false)
    return undefined
  }

  /** A replica silently loses one record; its log keeps the entry. Repair brings it back. */
  forget(id: ReplicaId, key: string): Problem | undefined {
    const replica = this.#system.replica(id)
    if (replica.state === 'crashed') {
      return this.#wrongState(replica, 'forget', `POST /replicas/${id}/restart comes first.`)
    }
    if (!replica.store.delete(key)) {
      const detail = `Replica ${id} has no key=${key}, so there is nothing to forget.`
      return problem('key-not-found', detail, { replica: id, key })
    }
    replica.ahead.delete(key)
    this.#system.emitter.emit({ type: 'record-forgotten', replica: id, key })
    return undefined
  }

  /** Brings every replica back to running; used by a reset that keeps the data. */
  mendAll(): void {
    for (const replica of this.#system.replicas) {
      if (replica.state === 'crashed') this.#restart(replica, false)
      else if (replica.state === 'paused') this.#resume(replica, false)
    }
  }

  #restart(replica: Replica, undone: boolean): void {
    replica.state = 'running'
    replica.incarnation++
    this.#system.emitter.emit({ type: 'replica-restarted', replica: replica.id, undone })
    if (replica.role === 'leader' && replica.epoch === this.#system.epoch) {
      this.#leading.begin(replica, false)
      this.#failover.noteLeader()
    } else {
      replica.role = 'follower'
      // It greets everybody; whoever leads will answer.
      for (const other of this.#system.replicas) {
        if (other !== replica) this.#following.state(replica, other.id)
      }
    }
    this.#wake()
  }

  #resume(replica: Replica, undone: boolean): void {
    replica.state = 'running'
    this.#system.emitter.emit({ type: 'replica-resumed', replica: replica.id, undone })
    this.#system.network.resume(replica)
    this.#wake()
  }

  #wrongState(replica: Replica, verb: string, hint: string): Problem {
    const detail = `Cannot ${verb} replica ${replica.id}: it is ${replica.state}. ${hint}`
    return problem('wrong-state', detail, { replica: replica.id, state: replica.state })
  }
}
