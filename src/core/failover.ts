// Who leads, and how that changes. A failover starts a new epoch; the old leader leads on, for those who
// reach it, until it hears of it. Whoever learns of a newer epoch gives up what that epoch never had.

import { failed, ok, type Problem, problem, type Reply } from './errors.ts'
import { API, type ReplicaId } from './events.ts'
import type { Leading } from './leading.ts'
import { Ledger } from './ledger.ts'
import type { StoredRecord } from './record.ts'
import { lastVersionOf, type Replica } from './replica.ts'
import { count } from './say.ts'
import type { System } from './system.ts'
import type { Microseconds } from './units.ts'
import type { FailoverReply, RestoredCluster } from './verbs.ts'
import { compareVersions, type Epoch, type EpochTable, isDead, tableUpTo } from './version.ts'

export type FailoverReason = 'asked' | 'forced' | 'suspected' | 'restored'

export class Failover {
  readonly #system: System
  readonly #leading: Leading
  readonly ledger: Ledger
  /** Since when nobody leads the newest epoch; undefined while somebody does. */
  #leaderlessSinceUs: Microseconds | undefined

  constructor(system: System, leading: Leading) {
    this.#system = system
    this.#leading = leading
    this.ledger = new Ledger(system)
  }

  /** The very start: replica 0 leads epoch 1, and everybody knows. */
  start(): void {
    const system = this.#system
    system.epoch = 1
    system.newestLeader = 0
    const table = [{ epoch: 1, firstOffset: 1 }]
    system.observer.table = table
    for (const replica of system.replicas) {
      replica.epoch = 1
      replica.statedEpoch = 1
      replica.table = table
    }
    this.#leading.begin(system.replica(0), true)
  }

  /** Begins where an earlier run left off: its log in its leader, a new epoch, and everybody else empty. */
  restore({ leader, epoch, records }: RestoredCluster): void {
    const { replicas, observer, emitter, keys, now } = this.#system
    this.#leading.end(0, 'leader-changed')
    for (const replica of replicas) replica.wipe()
    const replica = this.#system.replica(leader)
    const first = records[0]
    if (first) replica.log.restartAfter(first.offset - 1)
    replica.table = tableOf(records)
    replica.epoch = epoch
    for (const record of records) {
      const entry = keys.enter(record.key)
      replica.apply(record, entry.slot)
      const trace = observer.wrote(record, leader, entry)
      observer.acknowledged(trace, now)
      if (emitter.heard) emitter.emit({ type: 'record-restored', replica: leader, record })
    }
    this.#system.epoch = epoch
    this.#system.newestLeader = leader
    this.#promote(replica, 'restored')
    const count = records.length
    emitter.emit({
      type: 'restore-finished',
      replica: leader,
      records: count,
      epoch: this.#system.epoch,
    })
  }

  failover(how: { readonly to?: ReplicaId; readonly force?: boolean }): Reply<FailoverReply> {
    const candidates = this.#candidates()
    const best = candidates[0]
    if (how.to === undefined) {
      return best ? ok(this.#promote(best, 'asked')) : failed(this.#noCandidate())
    }
    const refusal = this.#refusal(how.to, candidates, how.force ?? false)
    if (refusal) return failed(refusal)
    const named = this.#system.replica(how.to)
    const behind =
      best !== undefined && compareVersions(lastVersionOf(named), lastVersionOf(best)) < 0
    return ok(this.#promote(named, behind ? 'forced' : 'asked'))
  }

  /** `api` has not heard of the leader for too long. @returns whether there was anyone to promote */
  failoverBySuspicion(): boolean {
    const [best] = this.#candidates()
    if (best) this.#promote(best, 'suspected')
    return best !== undefined
  }

  /** A replica hears of a newer epoch. If it led, its time is over. */
  learn(replica: Replica, epoch: Epoch, table: EpochTable): void {
    const steppedDown = this.#leading.leadership(replica.id) !== undefined
    const dropped = replica.learn(epoch, table)
    this.#leading.end(replica.id, 'leader-changed')
    const { emitter } = this.#system
    if (!emitter.heard) return
    emitter.emit({ type: 'epoch-learned', replica: replica.id, epoch, steppedDown, dropped })
  }

  /** A replica crashed, or came back leading: keeps count of the time without a leader. */
  noteLeader(): void {
    if (this.#system.leader()) this.#leaderlessSinceUs = undefined
    else this.#leaderlessSinceUs ??= this.#system.now
  }

  /** Reachable followers, the one with the newest last entry first, ties to the lowest number. */
  #candidates(): Replica[] {
    const { network, replicas } = this.#system
    const leader = this.#system.leader()
    return replicas
      .filter((replica) => replica !== leader && network.isReachable(API, replica.id))
      .sort((a, b) => compareVersions(lastVersionOf(b), lastVersionOf(a)) || a.id - b.id)
  }

  #refusal(to: ReplicaId, candidates: readonly Replica[], force: boolean): Problem | undefined {
    if (!this.#system.has(to)) return this.#system.noSuchReplica(to, 'invalid-request')
    if (this.#system.leader()?.id === to) {
      return problem('wrong-state', `Replica ${to} leads already. Name a follower, or none.`, {
        replica: to,
        role: 'leader',
      })
    }
    const named = candidates.find((candidate) => candidate.id === to)
    if (!named) {
      const detail = `Replica ${to} is down or cut off from api, so it cannot be told to lead, not even by force. Restart or heal it first.`
      return problem('candidate-unreachable', detail, { replica: to })
    }
    const best = candidates[0] as Replica
    if (force || compareVersions(lastVersionOf(named), lastVersionOf(best)) >= 0) return undefined
    const behind = best.appliedOffset - named.appliedOffset
    const detail = `Replica ${to} lags replica ${best.id} by ${behind > 0 ? count(behind, 'entry', 'entries') : 'an epoch'}; promoting it may lose acknowledged writes. Promote replica ${best.id}, or send "force": true.`
    return problem('candidate-behind', detail, { replica: to, mostAdvanced: best.id })
  }

  #noCandidate(): Problem {
    const detail =
      'No follower can be reached from api. Restart one, or heal the links between api and it.'
    return problem('no-candidate', detail)
  }

  #promote(replica: Replica, reason: FailoverReason): FailoverReply {
    const system = this.#system
    const { epoch: fromEpoch, newestLeader: from, observer, emitter } = system
    const leaderlessUs =
      this.#leaderlessSinceUs === undefined ? 0 : system.now - this.#leaderlessSinceUs
    this.#leading.end(replica.id, 'leader-changed')
    const epoch = ++system.epoch
    const firstOffset = replica.appliedOffset + 1
    const carriedOver = this.#crown(replica, epoch)
    system.newestLeader = replica.id
    observer.table = replica.table
    const { id: to, table } = replica
    if (emitter.heard) {
      emitter.emit({ type: 'leader-elected', fromEpoch, epoch, firstOffset, from, to, reason })
    }
    const atUs = system.now
    if (reason !== 'restored') {
      this.ledger.add({ atUs, fromEpoch, epoch, from, to, reason, leaderlessUs, table })
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
    const { observer, emitter, now } = this.#system
    const leadership = this.#leading.begin(replica, false)
    for (const old of records) {
      const trace = this.#leading.append(leadership, old.key, old.value, old.quorum)
      const before = observer.traceOf(old)
      if (before) before.carriedOver = true
      trace.isCarrier = true
      if (before && before.acknowledgedOrder > 0) observer.acknowledged(trace, now)
      if (emitter.heard) {
        const { record } = trace
        const [request, client, w] = [0, 'failover', null]
        emitter.emit({ type: 'write-applied', request, client, replica: replica.id, record, w })
      }
      this.#leading.fanOut(leadership, trace)
    }
  }
}

/** The epoch table that a run of records implies. */
function tableOf(records: readonly StoredRecord[]): EpochTable {
  const table: { epoch: Epoch; firstOffset: number }[] = []
  for (const { epoch, offset } of records) {
    if (table[table.length - 1]?.epoch !== epoch) table.push({ epoch, firstOffset: offset })
  }
  return table
}
