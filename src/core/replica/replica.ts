// One replica: its log, its store and what it knows of the leadership. It decides alone what to do with
// a record or an epoch it hears of; sending and answering is replication.ts's part.

import type { Shares } from '../bytes.ts'
import { invariant } from '../errors.ts'
import type { Errand, Host, Message, SnapshotBody } from '../network/message.ts'
import type { ReplicaId, ReplicaState, Role } from '../nodes.ts'
import type { StoredRecord } from '../record.ts'
import {
  compareVersions,
  type Epoch,
  type EpochTable,
  epochAt,
  isDead,
  isInTable,
  lastCommonOffset,
  type Offset,
  type Version,
} from '../version.ts'
import { EarlyCopies } from './early-copies.ts'
import type { Keys } from './keys.ts'
import { Log } from './log.ts'
import { Store } from './store.ts'

export class Replica implements Host {
  readonly id: ReplicaId
  readonly #logEntriesMax: number
  readonly #logBytesMax: number
  role: Role = 'follower'
  state: ReplicaState = 'running'
  /** Counts its starts, from 1. What was addressed to an earlier one is dropped. */
  incarnation = 1
  readonly inbox: (Message | Errand)[] = []
  /** The newest epoch it knows, and that epoch's table. Its log is a prefix of that epoch's log. */
  epoch: Epoch = 0
  table: EpochTable = []
  log: Log
  readonly store: Store
  /** Keys whose record came by repair, ahead of the log. */
  readonly ahead = new Set<string>()
  /** Copies that wait for their predecessors. */
  readonly early: EarlyCopies
  /** The newest epoch in which it has told its leader how far it has come. */
  acknowledgedEpoch: Epoch = 0
  /** Its log no longer holds what its store would need to go back to. */
  needsSnapshot = false

  constructor(id: ReplicaId, keys: Keys, logEntriesMax: number, shares: Shares) {
    this.id = id
    this.store = new Store(keys)
    this.#logEntriesMax = logEntriesMax
    this.#logBytesMax = shares.log
    this.log = this.#newLog()
    this.early = new EarlyCopies(shares.early)
  }

  /** How far it has come in the log. */
  get appliedOffset(): Offset {
    return this.log.lastOffset
  }

  /**
   * Appends the next entry of the log and brings the store up to it.
   * @param slot the key's place in the store
   * @returns whether the store had it, or something newer
   */
  apply(record: StoredRecord, slot: number): boolean {
    this.log.append(record)
    const current = this.store.at(slot)
    const had = current !== undefined && compareVersions(current, record) >= 0
    if (!had) this.store.setAt(slot, record)
    // The log has caught up with a repair, or passed it.
    if (this.ahead.size > 0 && (!had || compareVersions(current, record) === 0)) {
      this.ahead.delete(record.key)
    }
    return had
  }

  /** Takes a record out of turn. @returns whether it was news */
  repair(record: StoredRecord): boolean {
    const current = this.store.get(record.key)
    if (isDead(this.table, record)) return false
    if (
      current !== undefined &&
      !isDead(this.table, current) &&
      compareVersions(current, record) >= 0
    ) {
      return false
    }
    this.#take(record)
    return true
  }

  /**
   * Learns of a newer epoch: gives up what that epoch's log never had, in log, store and buffers.
   * @returns how many versions it gave up
   */
  learn(epoch: Epoch, table: EpochTable): number {
    invariant(epoch > this.epoch, 'an epoch is learned once')
    const common = lastCommonOffset(this.table, this.appliedOffset, table, this.appliedOffset)
    this.role = 'follower'
    this.epoch = epoch
    this.table = table
    this.early.clear()
    const reachesBack = common + 1 >= this.log.firstOffset
    // Without the entries in between nobody can say which keys they wrote: then all are suspect.
    const suspects = new Set(reachesBack ? this.ahead : this.#allKeys())
    const removed = this.log.truncateAfter(common)
    for (const record of removed) suspects.add(record.key)
    if (!reachesBack) this.needsSnapshot = true
    return Math.max(removed.length, this.#dropDead(suspects))
  }

  /**
   * Replaces everything by a snapshot, but keeps what is newer and live. Copies may have overtaken the
   * snapshot: what they brought, and acknowledged, stays in the log.
   */
  install(snapshot: SnapshotBody): void {
    const newer: StoredRecord[] = []
    for (const record of this.store.values()) {
      const isNewer = record.epoch > snapshot.epoch || record.offset > snapshot.offset
      if (isNewer && !isDead(this.table, record)) newer.push(record)
    }
    this.store.clear()
    this.ahead.clear()
    if (snapshot.offset > this.appliedOffset) this.log.restartAfter(snapshot.offset)
    for (const record of snapshot.records) this.store.set(record)
    this.needsSnapshot = false
    for (const record of newer) this.repair(record)
  }

  /** Loses its memory. What it is in the network (its number, its incarnation) stays. */
  wipe(): void {
    this.role = 'follower'
    this.epoch = 0
    this.acknowledgedEpoch = 0
    this.table = []
    this.log = this.#newLog()
    this.store.clear()
    this.ahead.clear()
    this.early.clear()
    this.needsSnapshot = false
  }

  #newLog(): Log {
    return new Log(this.#logEntriesMax, this.#logBytesMax)
  }

  /** Puts a record into the store that did not come in its turn. */
  #take(record: StoredRecord): void {
    this.store.set(record)
    const inLog = record.offset <= this.appliedOffset && isInTable(this.table, record)
    if (inLog) this.ahead.delete(record.key)
    else this.ahead.add(record.key)
  }

  *#allKeys(): Iterable<string> {
    for (const { key } of this.store.values()) yield key
  }

  #dropDead(suspects: ReadonlySet<string>): number {
    const lost = new Set<string>()
    for (const key of suspects) {
      const current = this.store.get(key)
      if (current !== undefined && isDead(this.table, current)) lost.add(key)
    }
    const older = this.log.newestOf(lost)
    for (const key of lost) {
      this.ahead.delete(key)
      const record = older.get(key)
      if (record) this.store.set(record)
      else this.store.delete(key)
      // The log begins too late to say whether there was an older one.
      if (!record && this.log.firstOffset > 1) this.needsSnapshot = true
    }
    return lost.size
  }
}

/**
 * The version of a replica's last log entry; 0.0 for an empty log. One whose store lost touch with its log has
 * nothing to show for its entries, so it counts as empty: it must not win a failover against one that has.
 */
export function lastVersionOf({ table, appliedOffset, needsSnapshot }: Replica): Version {
  if (needsSnapshot) return { epoch: 0, offset: 0 }
  return { epoch: epochAt(table, appliedOffset), offset: appliedOffset }
}
