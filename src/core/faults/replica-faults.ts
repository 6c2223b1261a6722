// What can befall a replica: crash and restart, pause and resume, and the silent loss of one record. Each acts
// at the present instant, is an event, and may expire.

import { advise, type Problem, problem } from '../errors.ts'
import type { ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { restart, resume } from '../remedy.ts'
import type { Replica } from '../replica/replica.ts'
import type { Failover } from '../replication/failover.ts'
import type { Followers } from '../replication/follower.ts'
import type { Leaders } from '../replication/leader.ts'
import { sayKey } from '../text/say.ts'
import type { ForTime } from '../verbs.ts'
import type { Expiries } from './expiry.ts'

export class ReplicaFaults {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly #followers: Followers
  readonly #failover: Failover
  readonly #expiries: Expiries
  /** To be called when somebody may be in reach again. */
  readonly #wake: () => void

  constructor(
    parts: Parts,
    leaders: Leaders,
    followers: Followers,
    failover: Failover,
    expiries: Expiries,
    wake: () => void,
  ) {
    this.#parts = parts
    this.#leaders = leaders
    this.#followers = followers
    this.#failover = failover
    this.#expiries = expiries
    this.#wake = wake
  }

  crash(id: ReplicaId, how: ForTime & { readonly keepData?: boolean }): Problem | undefined {
    const replica = this.#parts.replica(id)
    if (replica.state === 'crashed') {
      return advise(this.#wrongState(replica, 'crash'), restart(id))
    }
    const { forUs, keepData = false } = how
    replica.state = 'crashed'
    this.#leaders.end(id, 'replica-down')
    const lostOrder = this.#failover.loseOrder(id)
    this.#parts.network.dropInbox(replica)
    this.#followers.forget(id)
    replica.early.clear()
    if (!keepData) replica.wipe()
    this.#failover.noteLeader()
    this.#leaders.followerCrashed(id)
    this.#parts.emitter.emit({
      type: 'replica-crashed',
      replica: id,
      keepData,
      forUs: forUs ?? null,
    })
    if (lostOrder) this.#failover.tellVoid(lostOrder, 'crashed')
    this.#expiries.plan(`replica ${id}`, forUs, () => this.#restart(replica, true))
    return undefined
  }

  restart(id: ReplicaId): Problem | undefined {
    const replica = this.#parts.replica(id)
    if (replica.state !== 'crashed') {
      return this.#wrongState(replica, 'restart', 'Only a crashed replica can be restarted.')
    }
    this.#expiries.cancel(`replica ${id}`)
    this.#restart(replica, false)
    return undefined
  }

  pause(id: ReplicaId, how: ForTime): Problem | undefined {
    const replica = this.#parts.replica(id)
    if (replica.state !== 'running') {
      const way = replica.state === 'paused' ? resume(id) : restart(id)
      return advise(this.#wrongState(replica, 'pause'), way)
    }
    replica.state = 'paused'
    this.#parts.emitter.emit({ type: 'replica-paused', replica: id, forUs: how.forUs ?? null })
    this.#expiries.plan(`replica ${id}`, how.forUs, () => this.#resume(replica, true))
    return undefined
  }

  resume(id: ReplicaId): Problem | undefined {
    const replica = this.#parts.replica(id)
    if (replica.state !== 'paused') {
      return this.#wrongState(replica, 'resume', 'Only a paused replica can be resumed.')
    }
    this.#expiries.cancel(`replica ${id}`)
    this.#resume(replica, false)
    return undefined
  }

  /** A replica silently loses one record; its log keeps the entry. Repair brings it back. */
  forget(id: ReplicaId, key: string): Problem | undefined {
    const replica = this.#parts.replica(id)
    if (replica.state === 'crashed') {
      return advise(this.#wrongState(replica, 'forget'), restart(id))
    }
    if (!replica.store.delete(key)) {
      const detail = `Replica ${id} has no ${sayKey(key)}, so there is nothing to forget.`
      return problem('key-not-found', detail, { replica: id, key })
    }
    replica.ahead.delete(key)
    this.#parts.emitter.emit({ type: 'record-forgotten', replica: id, key })
    return undefined
  }

  /** Brings every replica back to running; used by a reset that keeps the data. */
  mendAll(): void {
    for (const replica of this.#parts.replicas) {
      if (replica.state === 'crashed') this.#restart(replica, false)
      else if (replica.state === 'paused') this.#resume(replica, false)
    }
  }

  #restart(replica: Replica, undone: boolean): void {
    replica.state = 'running'
    replica.incarnation++
    this.#parts.emitter.emit({ type: 'replica-restarted', replica: replica.id, undone })
    if (replica.role === 'leader' && replica.epoch === this.#parts.ledEpoch) {
      this.#leaders.begin(replica, false)
      this.#failover.noteLeader()
    } else {
      replica.role = 'follower'
      // It greets every replica; the one that leads will answer.
      for (const other of this.#parts.replicas) {
        if (other !== replica) this.#followers.acknowledge(replica, other.id)
      }
    }
    this.#wake()
  }

  #resume(replica: Replica, undone: boolean): void {
    replica.state = 'running'
    this.#parts.emitter.emit({ type: 'replica-resumed', replica: replica.id, undone })
    this.#parts.network.resume(replica)
    this.#wake()
  }

  #wrongState(replica: Replica, verb: string, hint?: string): Problem {
    const why = `Cannot ${verb} replica ${replica.id}: it is ${replica.state}.`
    const detail = hint === undefined ? why : `${why} ${hint}`
    return problem('wrong-state', detail, { replica: replica.id, state: replica.state })
  }
}
