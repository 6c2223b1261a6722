// The promises of the model, checked from outside: one function a property. A Watch follows one cluster by its
// events and looks at its state whenever `check` is called, best after every step of a random run. It
// keeps a log of its own for every epoch, so that nothing it compares with is the system's own doing.

import { invariant } from './errors.ts'
import type { ClusterEvent, Listener, ReplicaId } from './events.ts'
import type { StoredRecord } from './record.ts'
import type { Replica } from './replica.ts'
import type { System } from './system.ts'
import {
  compareVersions,
  type Epoch,
  type EpochTable,
  epochAt,
  formatVersion,
  isDead,
  lastCommonOffset,
  type Offset,
  type Version,
} from './version.ts'

/** What a Watch asks of a cluster. */
export interface Watched {
  inspect(): System
  listen(listener: Listener): () => void
}

/** One epoch as it was written: the longest that any replica's log of this epoch may be. */
interface EpochLog {
  readonly leader: ReplicaId
  readonly table: EpochTable
  readonly firstOffset: Offset
  readonly records: StoredRecord[]
  /** Per replica: how far it acknowledged this epoch's leader, whichever life it was in. */
  readonly acknowledged: Offset[]
  /** Per replica: the same, as far as it has not lost memory since. */
  readonly kept: Offset[]
}

/** A replica as it was at the last check, and what has excused it since from going forward. */
interface Shadow {
  epoch: Epoch
  incarnation: number
  lastOffset: Offset
  needsSnapshot: boolean
  records: (StoredRecord | undefined)[]
  excused: 'nothing' | 'everything' | Set<string>
  /** Per epoch: the furthest it was seen in that epoch's log. */
  readonly reached: Map<Epoch, Offset>
  /** Messages up to this number were sent before it last lost its memory. */
  lostMemoryAt: number
}

export class Watch {
  readonly #cluster: Watched
  #system: System
  #epochs = new Map<Epoch, EpochLog>()
  #newest: EpochTable = []
  #shadows: Shadow[] = []
  #nowUs = 0
  #lastMessage = 0
  readonly #stop: () => void

  constructor(cluster: Watched) {
    this.#cluster = cluster
    this.#system = cluster.inspect()
    this.#startOver()
    this.#stop = cluster.listen((event) => this.#hear(event))
  }

  /** Stops listening. */
  end(): void {
    this.#stop()
  }

  /** Throws an InvariantError for the first promise found broken. Cheap enough for every step. */
  check(): void {
    const system = this.#system
    invariant(system === this.#cluster.inspect(), 'a reset is told by an event')
    invariant(system.now >= this.#nowUs, 'time never goes back')
    this.#nowUs = system.now
    for (const replica of system.replicas) {
      const shadow = this.#shadows[replica.id] as Shadow
      this.#storeGoesForward(replica, shadow)
      this.#logIsPrefix(replica, shadow)
      this.#leadsItsOwnEpoch(replica)
      note(replica, shadow)
    }
  }

  /** Per key, a store goes back only by crash, forget, step-down, snapshot or reset. */
  #storeGoesForward(replica: Replica, shadow: Shadow): void {
    const { store, table, epoch } = replica
    const { records } = shadow
    const slots = this.#system.keys.size
    for (let slot = 0; slot < slots; slot++) {
      const now = store.at(slot)
      const before = records[slot]
      if (now === before && epoch === shadow.epoch) continue
      records[slot] = now
      if (now) this.#isSound(replica, now, table)
      if (before && (!now || compareVersions(now, before) < 0)) {
        const excused = isExcused(replica, shadow, before.key)
        invariant(excused, `replica ${replica.id} goes back from ${say(before)} to ${say(now)}`)
      }
    }
    shadow.excused = 'nothing'
  }

  /** A store holds only what some leader wrote, and nothing that is dead by what its replica knows. */
  #isSound({ id }: Replica, record: StoredRecord, table: EpochTable): void {
    const written = this.#written(record)
    invariant(written === record, `replica ${id} holds ${say(record)}, which nobody wrote`)
    invariant(!isDead(table, record), `replica ${id} holds ${say(record)} and knows it is dead`)
  }

  /** A log up to its end is a prefix of the log of the leader of the epoch its replica knows. */
  #logIsPrefix(replica: Replica, shadow: Shadow): void {
    const { id, epoch, table, log } = replica
    const { lastOffset } = log
    const same = shadow.epoch === epoch && shadow.incarnation === replica.incarnation
    if (same && shadow.lastOffset === lastOffset) return
    if (epoch === 0) {
      return invariant(lastOffset === 0, `replica ${id} has entries of no epoch`)
    }
    const epochLog = this.#epochs.get(epoch)
    invariant(epochLog !== undefined, `replica ${id} knows epoch ${epoch}, which nobody led`)
    invariant(sameTable(table, epochLog.table), `replica ${id} has a wrong table of epoch ${epoch}`)
    invariant(lastOffset <= endOf(epochLog), `replica ${id} is ahead of its leader's log`)
    const from = same && shadow.lastOffset < lastOffset ? shadow.lastOffset + 1 : 1
    for (let o = Math.max(from, log.firstOffset); o <= lastOffset; o++) {
      const expected = this.#written({ epoch: epochAt(epochLog.table, o), offset: o })
      const claim = `at ${o}, the log of replica ${id} has ${say(log.at(o))}, not ${say(expected)}`
      invariant(log.at(o) === expected, claim)
    }
  }

  /** One leader per epoch. */
  #leadsItsOwnEpoch({ id, role, epoch }: Replica): void {
    if (role === 'follower') return
    const { leader } = this.#epochs.get(epoch) ?? { leader: -1 }
    invariant(leader === id, `replica ${id} leads epoch ${epoch}, which belongs to ${leader}`)
  }

  /** Whoever is named in an acknowledgement has applied the record, in this life or an earlier one. */
  #acknowledgedMeansApplied(record: StoredRecord, by: readonly ReplicaId[]): void {
    invariant(new Set(by).size === by.length, `${by.join(', ')} are acknowledgements of one each`)
    for (const id of by) {
      const shadow = this.#shadows[id] as Shadow
      note(this.#system.replica(id), shadow)
      const reached = shadow.reached.get(record.epoch) ?? 0
      invariant(reached >= record.offset, `replica ${id} acknowledged ${say(record)} unapplied`)
    }
  }

  /** A write acknowledged by all N survives an unforced failover to one that kept its memory since. */
  #fullySurvives(to: ReplicaId, before: EpochTable, after: EpochTable): void {
    for (const [epoch, log] of this.#epochs) {
      const acknowledgedByAll = Math.min(...log.acknowledged)
      const limit = Math.min(acknowledgedByAll, log.kept[to] as Offset, endOf(log))
      for (let offset = limit; offset > 0; offset--) {
        const version = { epoch: epochAt(log.table, offset), offset }
        const survives = isDead(before, version) || !isDead(after, version)
        const said = `${formatVersion(version)} of epoch ${epoch}`
        invariant(survives, `all had ${said}, and replica ${to} leads without it`)
      }
    }
  }

  #hear(event: ClusterEvent): void {
    switch (event.type) {
      case 'message-sent':
        this.#lastMessage = event.message
        return
      case 'write-applied':
        return this.#wrote(event.record, event.replica)
      case 'write-acknowledged':
        return this.#acknowledgedMeansApplied(event.record, event.acknowledgedBy)
      case 'copy-applied':
        return note(this.#system.replica(event.replica), this.#shadows[event.replica] as Shadow)
      case 'acknowledgement-received':
        return this.#acknowledged(event)
      case 'record-forgotten':
        return this.#excuse(event.replica, event.key)
      case 'replica-crashed':
        if (!event.keepData) this.#lostMemory(event.replica)
        return
      case 'epoch-learned':
        return this.#learned(event.replica)
      case 'leader-elected':
        return this.#elected(event)
      case 'record-restored':
        return this.#restored(event.record, event.replica)
      case 'cluster-reset':
        if (event.keep !== 'data') this.#startOver()
        return
    }
  }

  #startOver(): void {
    this.#system = this.#cluster.inspect()
    const { replicas, observer, now } = this.#system
    this.#epochs = new Map()
    this.#begin(1, 0, observer.table)
    this.#shadows = replicas.map((replica) => ({
      epoch: -1,
      incarnation: replica.incarnation,
      lastOffset: 0,
      needsSnapshot: false,
      records: [],
      excused: 'nothing',
      reached: new Map(),
      lostMemoryAt: 0,
    }))
    this.#nowUs = now
  }

  #begin(epoch: Epoch, leader: ReplicaId, table: EpochTable): void {
    const firstOffset = table.find((row) => row.epoch === epoch)?.firstOffset ?? 1
    const { replicas } = this.#system
    const nothing = () => replicas.map(({ id }) => (id === leader ? Number.POSITIVE_INFINITY : 0))
    this.#newest = table
    this.#epochs.set(epoch, {
      leader,
      table,
      firstOffset,
      records: [],
      acknowledged: nothing(),
      kept: nothing(),
    })
  }

  #wrote(record: StoredRecord, leader: ReplicaId): void {
    const log = this.#epochs.get(record.epoch)
    invariant(log?.leader === leader, `${say(record)} was written by replica ${leader}`)
    invariant(record.offset === endOf(log) + 1, `${say(record)} follows ${endOf(log)}`)
    log.records.push(record)
  }

  #acknowledged(event: ClusterEvent & { type: 'acknowledgement-received' }): void {
    const { leader, from, appliedOffset, message } = event
    const log = this.#epochs.get(this.#system.replica(leader).epoch)
    if (!log) return
    log.acknowledged[from] = Math.max(log.acknowledged[from] as Offset, appliedOffset)
    if (message <= (this.#shadows[from] as Shadow).lostMemoryAt) return
    log.kept[from] = Math.max(log.kept[from] as Offset, appliedOffset)
  }

  #excuse(id: ReplicaId, key: string): void {
    const shadow = this.#shadows[id] as Shadow
    if (shadow.excused === 'nothing') shadow.excused = new Set()
    if (shadow.excused !== 'everything') shadow.excused.add(key)
  }

  #lostMemory(id: ReplicaId): void {
    const shadow = this.#shadows[id] as Shadow
    shadow.excused = 'everything'
    shadow.lostMemoryAt = this.#lastMessage
    for (const log of this.#epochs.values()) log.kept[id] = 0
  }

  #learned(id: ReplicaId): void {
    const { table } = this.#system.replica(id)
    const shadow = this.#shadows[id] as Shadow
    shadow.excused = 'everything'
    for (const log of this.#epochs.values()) {
      const kept = Math.min(log.kept[id] as Offset, endOf(log))
      log.kept[id] = lastCommonOffset(log.table, kept, table, kept)
    }
  }

  #elected(event: ClusterEvent & { type: 'leader-elected' }): void {
    const { epoch, to, reason } = event
    const { table } = this.#system.observer
    if (reason === 'asked' || reason === 'suspected') this.#fullySurvives(to, this.#newest, table)
    this.#begin(epoch, to, table)
  }

  /** What an earlier run wrote: epochs whose leaders are no more. */
  #restored(record: StoredRecord, id: ReplicaId): void {
    if (this.#epochs.get(record.epoch)?.leader !== -1) {
      const table = [{ epoch: record.epoch, firstOffset: record.offset }]
      this.#begin(record.epoch, -1, table)
    }
    this.#epochs.get(record.epoch)?.records.push(record)
    for (const shadow of this.#shadows) shadow.excused = 'everything'
    note(this.#system.replica(id), this.#shadows[id] as Shadow)
  }

  #written({ epoch, offset }: Version): StoredRecord | undefined {
    const log = this.#epochs.get(epoch)
    return log?.records[offset - log.firstOffset]
  }
}

function isExcused(replica: Replica, shadow: Shadow, key: string): boolean {
  const { excused } = shadow
  if (excused === 'everything' || (excused !== 'nothing' && excused.has(key))) return true
  // A snapshot leaves no event at the follower, but its log then begins behind where it ended.
  const jumped = replica.log.firstOffset > shadow.lastOffset + 1
  return jumped || (shadow.needsSnapshot && !replica.needsSnapshot)
}

/** Remembers how a replica looks, and how far it has come. */
function note(replica: Replica, shadow: Shadow): void {
  const { epoch, appliedOffset } = replica
  if (shadow.epoch !== epoch || shadow.lastOffset !== appliedOffset) {
    const reached = shadow.reached.get(epoch) ?? 0
    if (appliedOffset > reached) shadow.reached.set(epoch, appliedOffset)
  }
}

function endOf({ firstOffset, records }: EpochLog): Offset {
  return firstOffset + records.length - 1
}

function sameTable(a: EpochTable, b: EpochTable): boolean {
  if (a === b) return true
  return (
    a.length === b.length &&
    a.every((row, i) => row.epoch === b[i]?.epoch && row.firstOffset === b[i]?.firstOffset)
  )
}

function say(record: StoredRecord | undefined): string {
  return record ? `${record.key}@${formatVersion(record)}` : 'nothing'
}
