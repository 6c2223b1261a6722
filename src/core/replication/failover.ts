// Who leads, and how that changes. A failover starts a new epoch; the old leader leads on, for those who
// reach it, until it hears of it. A replica that learns of a newer epoch gives up what that epoch never had.

import { advise, failed, ok, type Problem, problem, type Reply } from '../errors.ts'
import { API, type ReplicaId } from '../nodes.ts'
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

export type FailoverReason = 'asked' | 'forced' | 'suspected' | 'restored'

export class Failover {
  readonly #parts: Parts
  readonly #leaders: Leaders
  readonly costs: FailoverCosts
  /** Since when nobody leads the newest epoch; undefined while somebody does. */
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
      const written = observer.wrote(record, leader, entry)
      observer.acknowledged(written, now)
      if (emitter.hasListeners) emitter.emit({ type: 'record-restored', replica: leader, record })
    }
    this.#parts.epoch = epoch
    this.#parts.newestLeader = leader
    this.#promote(replica, 'restored')
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
    const candidates = this.#candidates()
    const best = candidates[0]
    if (how.to === undefined) {
      const next = this.#nextOf(candidates)
      return next ? ok(this.#promote(next, 'asked')) : failed(this.#noCandidate())
    }
    const refusal = this.#refusal(how.to, candidates, how.force ?? false)
    if (refusal) return failed(refusal)
    const named = this.#parts.replica(how.to)
    const behind =
      best !== undefined && compareVersions(lastVersionOf(named), lastVersionOf(best)) < 0
    return ok(this.#promote(named, behind ? 'forced' : 'asked'))
  }

  /** `api` has not heard of the leader for too long. @returns whether there was anyone to promote */
  failoverBySuspicion(): boolean {
    const next = this.#nextOf(this.#candidates())
    if (!next || !this.#parts.reserveEpoch()) return false
    this.#promote(next, 'suspected')
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
    if (this.#parts.leader()) this.#leaderlessSinceUs = undefined
    else this.#leaderlessSinceUs ??= this.#parts.now
  }

  /** Reachable followers, the one with the newest last entry first, ties to the lowest number. */
  #candidates(): Replica[] {
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
  #nextOf(candidates: readonly Replica[]): Replica | undefined {
    const { unheard } = this.#parts
    const tried = (replica: Replica) => unheard.get(replica.id) ?? 0
    return candidates.reduce<Replica | undefined>(
      (next, one) => (next && tried(next) <= tried(one) ? next : one),
      undefined,
    )
  }

  #refusal(to: ReplicaId, candidates: readonly Replica[], force: boolean): Problem | undefined {
    if (!this.#parts.has(to)) return this.#parts.noSuchReplica(to, 'invalid-request')
    if (this.#parts.leader()?.id === to) {
      return problem('wrong-state', `Replica ${to} leads already. Name a follower, or none.`, {
        replica: to,
        role: 'leader',
      })
    }
    const named = candidates.find((candidate) => candidate.id === to)
    if (!named) {
      const detail = `Replica ${to} is down or cut off from api, so it cannot be told to lead, not even by force.`
      return advise(problem('candidate-unreachable', detail, { replica: to }), this.#wayBack(to))
    }
    const best = candidates[0] as Replica
    if (force || compareVersions(lastVersionOf(named), lastVersionOf(best)) >= 0) return undefined
    const behind = best.appliedOffset - named.appliedOffset
    const detail = `Replica ${to} lags replica ${best.id} by ${behind > 0 ? count(behind, 'entry', 'entries') : 'an epoch'}; promoting it may lose acknowledged writes. Promote replica ${best.id}, or force it.`
    return advise(
      problem('candidate-behind', detail, { replica: to, mostAdvanced: best.id }),
      { verb: 'failover', how: { to: best.id } },
      { verb: 'failover', how: { to, force: true } },
    )
  }

  #noCandidate(): Problem {
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

  #promote(replica: Replica, reason: FailoverReason): FailoverReply {
    const parts = this.#parts
    const { epoch: fromEpoch, newestLeader: from, observer, emitter } = parts
    const leaderlessUs =
      this.#leaderlessSinceUs === undefined ? 0 : parts.now - this.#leaderlessSinceUs
    this.#leaders.end(replica.id, 'leader-changed')
    const epoch = ++parts.epoch
    parts.unheard.set(replica.id, epoch)
    const firstOffset = replica.appliedOffset + 1
    const carriedOver = this.#crown(replica, epoch)
    parts.newestLeader = replica.id
    observer.table = replica.table
    const { id: to, table } = replica
    if (emitter.hasListeners) {
      emitter.emit({ type: 'leader-elected', fromEpoch, epoch, firstOffset, from, to, reason })
    }
    const atUs = parts.now
    if (reason !== 'restored') {
      this.costs.add({ atUs, fromEpoch, epoch, from, to, reason, leaderlessUs, table })
    }
    this.#carryOver(replica, carriedOver)
    this.noteLeader()
    return { epoch, from, to }
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
    const { observer, emitter, now } = this.#parts
    const leadership = this.#leaders.begin(replica, false)
    for (const old of records) {
      const written = this.#leaders.append(leadership, old.key, old.value, old.quorum)
      const before = observer.observedWrite(old)
      if (before) before.carriedOver = true
      written.isCarrier = true
      if (before && before.acknowledgedOrder > 0) observer.acknowledged(written, now)
      if (emitter.hasListeners) {
        const { record } = written
        const [request, client, w] = [0, 'failover', null]
        emitter.emit({ type: 'write-applied', request, client, replica: replica.id, record, w })
      }
      this.#leaders.fanOut(leadership, written)
    }
  }
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
