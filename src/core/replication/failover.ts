// Who leads, and how that changes. A failover starts a new epoch; the old leader leads on, for those who
// reach it, until it hears of it. A replica that learns of a newer epoch gives up what that epoch never had.

import { advise, failed, ok, type Problem, problem, type Reply } from '../errors.ts'
import { lagsOf } from '../lag.ts'
import { API, type ReplicaId } from '../nodes.ts'
import type { FailoverReason, Order } from '../order.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import { HEAL_ALL, type Remedy, restart } from '../remedy.ts'
import { lastVersionOf, type Replica } from '../replica/replica.ts'
import { count } from '../text/say.ts'
import type { Microseconds } from '../units.ts'
import type { FailoverReply, RestoredCluster } from '../verbs.ts'
import {
  compareVersions,
  type Epoch,
  type EpochTable,
  isDead,
  type Offset,
  tableOf,
  tableUpTo,
} from '../version.ts'
import { FailoverCosts } from './failover-costs.ts'
import type { Leaders } from './leader.ts'

export class Failover {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly costs: FailoverCosts
  /** Since when the last that took over is down; undefined while it leads on. */
  #leaderlessSinceUs: Microseconds | undefined

  constructor(parts: Parts, leaders: Leaders) {
    this.#parts = parts
    this.#leaders = leaders
    this.costs = new FailoverCosts(parts)
  }

  /** The very start: replica 0 leads epoch 1, and everybody knows. */
  start(): void {
    const parts = this.#parts
    parts.epoch = 1
    parts.ledEpoch = 1
    parts.newestLeader = 0
    const table = [{ epoch: 1, firstOffset: 1 }]
    parts.observer.table = table
    for (const replica of parts.replicas) {
      replica.epoch = 1
      replica.acknowledgedEpoch = 1
      replica.table = table
    }
    this.#leaders.begin(parts.replica(0), true)
  }

  /** Begins where an earlier run left off: its log in its leader, a new epoch, and everybody else empty. */
  restore({ leader, epoch, records, log }: RestoredCluster): void {
    const { replicas, observer, emitter, keys, now } = this.#parts
    this.#leaders.end(0, 'leader-changed')
    for (const replica of replicas) replica.wipe()
    const replica = this.#parts.replica(leader)
    const lastOffset = log?.offset ?? records[records.length - 1]?.offset ?? 0
    // Where older writes are missing the log begins after them, and followers are sent a snapshot.
    const unbroken = unbrokenFrom(records, lastOffset)
    replica.log.restartAfter((records[unbroken]?.offset ?? lastOffset + 1) - 1)
    replica.table = log?.table ?? tableOf(records)
    replica.epoch = epoch
    for (const [i, record] of records.entries()) {
      const entry = keys.enter(record.key)
      if (i >= unbroken) replica.apply(record, entry.slot)
      else replica.store.setAt(entry.slot, record)
      observer.restored(record, leader, entry, now)
      if (emitter.hasListeners) emitter.emit({ type: 'record-restored', replica: leader, record })
    }
    this.#parts.epoch = epoch
    this.#parts.ledEpoch = epoch
    this.#parts.newestLeader = leader
    this.#order(replica, 'restored')
    const count = records.length
    emitter.emit({
      type: 'restore-finished',
      replica: leader,
      records: count,
      epoch: this.#parts.epoch,
    })
  }

  failover(how: { readonly to?: ReplicaId; readonly force?: boolean }): Reply<FailoverReply> {
    if (!this.#parts.reserveEpoch()) return failed(noEpoch())
    const reachable = this.#reachable()
    if (how.to === undefined) {
      const next = this.#nextOf(reachable)
      return next ? ok(this.#order(next, 'asked')) : failed(this.#noCandidate(reachable))
    }
    const refusal = this.#refusal(how.to, reachable, how.force ?? false)
    if (refusal) return failed(refusal)
    const named = this.#parts.replica(how.to)
    return ok(this.#order(named, isBehind(named, reachable[0]) ? 'forced' : 'asked'))
  }

  /** `api` has not heard of the leader for too long. @returns whether there was anyone to promote */
  failoverBySuspicion(): boolean {
    const next = this.#nextOf(this.#reachable())
    if (!next || !this.#parts.reserveEpoch()) return false
    this.#order(next, 'suspected')
    return true
  }

  /** A replica hears of a newer epoch. If it led, its time is over. */
  learn(replica: Replica, epoch: Epoch, table: EpochTable): void {
    const steppedDown = this.#leaders.leadership(replica.id) !== undefined
    const dropped = replica.learn(epoch, table)
    this.#leaders.end(replica.id, 'leader-changed')
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    emitter.emit({ type: 'epoch-learned', replica: replica.id, epoch, steppedDown, dropped })
  }

  /** A replica crashed, or came back leading: keeps count of the time without a leader. */
  noteLeader(): void {
    if (this.#parts.lastLeader()) this.#leaderlessSinceUs = undefined
    else this.#leaderlessSinceUs ??= this.#parts.now
  }

  /** A replica crashed: an order that waited for it is gone, and whoever led last leads again. */
  loseOrder(replica: ReplicaId): Order | undefined {
    const { order } = this.#parts
    if (order?.to !== replica) return undefined
    this.#parts.order = undefined
    return order
  }

  tellVoid({ to, epoch }: Order, reason: 'newer-order' | 'crashed'): void {
    this.#parts.emitter.emit({ type: 'failover-void', epoch, to, reason })
  }

  /** Reachable followers, the one with the newest last entry first, ties to the lowest number. */
  #reachable(): Replica[] {
    const { network, replicas } = this.#parts
    const leader = this.#parts.leader()
    return replicas
      .filter((replica) => replica !== leader && network.isReachable(API, replica.id))
      .sort((a, b) => compareVersions(lastVersionOf(b), lastVersionOf(a)) || a.id - b.id)
  }

  /**
   * Whom to order when nobody is named: the best of those who did not leave the last order unanswered, else the
   * one tried longest ago. Without this, two frozen ones would be ordered in turn for ever.
   */
  #nextOf(reachable: readonly Replica[]): Replica | undefined {
    const { unheard } = this.#parts
    const tried = (replica: Replica) => unheard.get(replica.id) ?? 0
    const candidates = reachable.filter((replica) => !replica.needsSnapshot)
    return candidates.reduce<Replica | undefined>(
      (next, one) => (next && tried(next) <= tried(one) ? next : one),
      undefined,
    )
  }

  #refusal(to: ReplicaId, reachable: readonly Replica[], force: boolean): Problem | undefined {
    if (!this.#parts.has(to)) return this.#parts.noSuchReplica(to, 'invalid-request')
    if (this.#parts.leader()?.id === to) {
      return problem('wrong-state', `Replica ${to} leads already. Name a follower, or none.`, {
        replica: to,
        role: 'leader',
      })
    }
    const named = reachable.find((replica) => replica.id === to)
    if (!named) {
      const detail = `Replica ${to} is down or cut off from api, so it cannot be told to lead, not even by force.`
      return advise(problem('candidate-unreachable', detail, { replica: to }), this.#wayBack(to))
    }
    const best = reachable[0] as Replica
    return force || !isBehind(named, best) ? undefined : tooFarBehind(named, best)
  }

  #noCandidate([best]: readonly Replica[]): Problem {
    if (best) return tooFarBehind(best, best)
    const { replicas } = this.#parts
    const detail = 'No follower can be reached from api: all are down or cut off.'
    const followers = replicas.filter((replica) => replica !== this.#parts.leader())
    return advise(
      problem('no-candidate', detail),
      ...new Set(followers.map(({ id }) => this.#wayBack(id))),
    )
  }

  /** What brings a replica back within reach of `api`. */
  #wayBack(id: ReplicaId): Remedy {
    return this.#parts.replica(id).state === 'crashed' ? restart(id) : HEAL_ALL
  }

  /** Issues the next epoch. A paused process does nothing: its order waits behind what is in its queue already. */
  #order(replica: Replica, reason: FailoverReason): FailoverReply {
    const parts = this.#parts
    const { newestLeader: from, ledEpoch: fromEpoch, now, network, emitter } = parts
    const { id: to } = replica
    const epoch = ++parts.epoch
    const order: Order = { to, epoch, reason, sinceUs: parts.order?.sinceUs ?? now }
    parts.order = order
    parts.unheard.set(to, epoch)
    if (replica.state !== 'paused') {
      this.#takeOver(order)
      return { epoch, from, to }
    }
    network.queue(replica, { carryOut: () => this.#takeOver(order) })
    emitter.emit({ type: 'failover-ordered', fromEpoch, epoch, from, to, reason })
    return { epoch, from, to, pending: true }
  }

  #takeOver(order: Order): void {
    const parts = this.#parts
    if (parts.order !== order) return this.tellVoid(order, 'newer-order')
    parts.order = undefined
    const { ledEpoch: fromEpoch, newestLeader: from, observer, emitter, now: atUs } = parts
    const { to, epoch, sinceUs } = order
    const replica = parts.replica(to)
    // It may have learned while it was paused that its log is too short to go back.
    const reason = replica.needsSnapshot ? 'forced' : order.reason
    const leaderlessUs = atUs - Math.min(sinceUs, this.#leaderlessSinceUs ?? atUs)
    this.#leaders.end(to, 'leader-changed')
    const firstOffset = replica.appliedOffset + 1
    const carriedOver = this.#crown(replica, epoch)
    parts.newestLeader = to
    parts.ledEpoch = epoch
    const { table } = replica
    observer.table = table
    if (emitter.hasListeners) {
      const elected = { fromEpoch, epoch, firstOffset, from, to, reason, table }
      emitter.emit({ type: 'leader-elected', ...elected })
    }
    if (reason !== 'restored') {
      this.costs.add({ atUs, fromEpoch, epoch, from, to, reason, leaderlessUs, table })
    }
    this.#carryOver(replica, carriedOver)
    this.noteLeader()
  }

  /** Gives a replica its epoch. @returns live records its log lacks, oldest first */
  #crown(replica: Replica, epoch: Epoch): StoredRecord[] {
    const last = replica.appliedOffset
    const ahead: StoredRecord[] = []
    for (const key of replica.ahead) {
      const record = replica.store.get(key)
      if (record && !isDead(replica.table, record)) ahead.push(record)
    }
    replica.epoch = epoch
    replica.table = [...tableUpTo(replica.table, last), { epoch, firstOffset: last + 1 }]
    replica.ahead.clear()
    replica.early.clear()
    replica.needsSnapshot = false
    return ahead.sort(compareVersions)
  }

  /** Repairs that ran ahead of the log become writes of the new epoch, so that they live on. */
  #carryOver(replica: Replica, records: readonly StoredRecord[]): void {
    const { emitter } = this.#parts
    const leadership = this.#leaders.begin(replica, false)
    for (const old of records) {
      const written = this.#leaders.appendAgain(leadership, old)
      if (emitter.hasListeners) {
        const { record } = written
        const by = { request: 0, client: 'failover', replica: replica.id, w: null }
        emitter.emit({ type: 'write-applied', ...by, record, lags: lagsOf(this.#parts) })
      }
      this.#leaders.fanOut(leadership, written)
    }
  }
}

/** Whether it lacks what another has. One that waits for a snapshot lacks records of its own log. */
function isBehind(named: Replica, best: Replica | undefined): boolean {
  if (named.needsSnapshot) return true
  return best !== undefined && compareVersions(lastVersionOf(named), lastVersionOf(best)) < 0
}

function tooFarBehind(named: Replica, best: Replica): Problem {
  const { id: to, needsSnapshot } = named
  const entries = best.appliedOffset - named.appliedOffset
  const by = entries > 0 ? count(entries, 'entry', 'entries') : 'an epoch'
  const lags = needsSnapshot
    ? `Replica ${to} waits for a snapshot, without which it lacks older records`
    : `Replica ${to} lags replica ${best.id} by ${by}`
  const isAlone = named === best
  const instead = isAlone ? 'Bring back a replica that has them' : `Promote replica ${best.id}`
  const detail = `${lags}; promoting it may lose acknowledged writes. ${instead}, or force it.`
  const facts = { replica: to, ...(!isAlone && { mostAdvanced: best.id }) }
  return advise(
    problem('candidate-behind', detail, facts),
    isAlone ? undefined : { verb: 'failover', how: { to: best.id } },
    { verb: 'failover', how: { to, force: true } },
  )
}

function noEpoch(): Problem {
  const detail =
    'No number can be set aside for a new epoch, so nobody can take over. See to the write-ahead file, then restart.'
  return problem('wrong-state', detail)
}

/** Where the run of records begins that leads to the last offset without a gap. */
function unbrokenFrom(records: readonly StoredRecord[], lastOffset: Offset): number {
  let from = records.length
  while (from > 0 && records[from - 1]?.offset === lastOffset - (records.length - from)) from--
  return from
}
