// The promises of the model, checked from outside: one function a property. A Watch follows one cluster by its
// events and looks at its state whenever `check` is called, best after every step of a random run. What
// it compares with it has written down itself (epoch-history.ts).

import { InvariantError } from '../../src/core/errors.ts'
import type { ClusterEvent, Listener } from '../../src/core/events.ts'
import { API, type NodeId, type ReplicaId } from '../../src/core/nodes.ts'
import type { Parts } from '../../src/core/parts.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import type { Replica } from '../../src/core/replica/replica.ts'
import {
  compareVersions,
  type Epoch,
  type EpochTable,
  epochAt,
  formatVersion,
  isDead,
  nextOffset,
  type Offset,
} from '../../src/core/version.ts'
import { EpochHistory, say } from './epoch-history.ts'
import { MessageEnds } from './message-ends.ts'

/** What a Watch asks of a cluster. */
export interface Watched {
  inspect(): Parts
  listen(listener: Listener): () => void
}

/** A replica as it was at the last check, and what has excused it since from going forward. */
interface Shadow {
  epoch: Epoch
  incarnation: number
  lastOffset: Offset
  records: (StoredRecord | undefined)[]
  excused: 'nothing' | 'everything' | Set<string>
  /** Per epoch: the furthest it was seen in that epoch's log. */
  readonly reached: Map<Epoch, Offset>
  /** Messages up to this number were sent before it last lost its memory. */
  lostMemoryAt: number
}

export class Watch {
  readonly #cluster: Watched
  #parts: Parts
  #history: EpochHistory
  readonly #messages = new MessageEnds()
  #shadows: Shadow[] = []
  #nowUs = 0
  #lastMessage = 0

  constructor(cluster: Watched) {
    this.#cluster = cluster
    this.#parts = cluster.inspect()
    this.#history = this.#startOver()
    cluster.listen((event) => this.#hear(event))
  }

  /** Throws an InvariantError for the first promise found broken. Cheap enough for every step. */
  check(): void {
    const parts = this.#parts
    if (parts !== this.#cluster.inspect()) broken('a reset went without its event')
    if (parts.now < this.#nowUs) broken('time went back')
    this.#nowUs = parts.now
    this.#messages.check(parts)
    for (const replica of parts.replicas) {
      const shadow = this.#shadows[replica.id] as Shadow
      this.#storeGoesForward(replica, shadow)
      this.#logIsPrefix(replica, shadow)
      this.#leadsItsOwnEpoch(replica)
      noteReached(replica, shadow)
      shadow.epoch = replica.epoch
      shadow.incarnation = replica.incarnation
      shadow.lastOffset = replica.appliedOffset
      shadow.excused = 'nothing'
    }
  }

  /** Per key, a store goes back only by crash, forget, step-down, snapshot or reset. */
  #storeGoesForward(replica: Replica, shadow: Shadow): void {
    const { id, store, table, epoch } = replica
    const { records } = shadow
    const slots = this.#parts.keys.size
    for (let slot = 0; slot < slots; slot++) {
      const now = store.at(slot)
      const before = records[slot]
      if (now === before && epoch === shadow.epoch) continue
      records[slot] = now
      if (now) this.#isSound(id, now, table)
      if (!before || (now && compareVersions(now, before) >= 0)) continue
      if (isExcused(shadow, before.key)) continue
      broken(`replica ${id} went back from ${say(before)} to ${say(now)}`)
    }
  }

  /** A store holds only what some leader wrote, and nothing that is dead by what its replica knows. */
  #isSound(id: ReplicaId, record: StoredRecord, table: EpochTable): void {
    const written = this.#history.written(record)
    if (written !== record) broken(`replica ${id} holds ${say(record)}, which nobody wrote`)
    if (isDead(table, record)) broken(`replica ${id} holds ${say(record)} and knows it is dead`)
  }

  /** A log up to its end is a prefix of the log of the leader of the epoch its replica knows. */
  #logIsPrefix(replica: Replica, shadow: Shadow): void {
    const { id, epoch, table, log } = replica
    const { lastOffset } = log
    const same = shadow.epoch === epoch && shadow.incarnation === replica.incarnation
    if (same && shadow.lastOffset === lastOffset) return
    const leaders = this.#history.get(epoch)
    if (!leaders) {
      if (epoch > 0 || lastOffset > 0)
        broken(`replica ${id} is in epoch ${epoch}, which nobody led`)
      return
    }
    if (!sameTable(table, leaders.table))
      broken(`replica ${id} has a wrong table of epoch ${epoch}`)
    if (lastOffset >= nextOffset(leaders)) broken(`replica ${id} is ahead of its leader's log`)
    const from = same && shadow.lastOffset < lastOffset ? shadow.lastOffset + 1 : 1
    for (let offset = Math.max(from, log.firstOffset); offset <= lastOffset; offset++) {
      const [mine, theirs] = [log.at(offset), this.#history.entry(leaders, offset)]
      if (mine === theirs) continue
      broken(`replica ${id} has ${say(mine)} at ${offset}, its leader ${say(theirs)}`)
    }
  }

  /** One leader per epoch. */
  #leadsItsOwnEpoch({ id, role, epoch }: Replica): void {
    if (role === 'follower') return
    const leader = this.#history.get(epoch)?.leader
    if (leader !== id) broken(`replica ${id} leads epoch ${epoch}, which belongs to ${leader}`)
  }

  /** Whoever is named in an acknowledgement has applied the record, in this life or an earlier one. */
  #acknowledgedMeansApplied(record: StoredRecord, by: readonly ReplicaId[]): void {
    if (new Set(by).size < by.length) broken(`one of replicas ${by.join(', ')} counted twice`)
    for (const id of by) {
      const shadow = this.#shadows[id] as Shadow
      noteReached(this.#parts.replica(id), shadow)
      const reached = shadow.reached.get(record.epoch) ?? 0
      if (reached < record.offset) broken(`replica ${id} acknowledged ${say(record)} unapplied`)
    }
  }

  /** A write acknowledged by all N survives an unforced failover to one that kept its memory since. */
  #survives(to: ReplicaId, before: EpochTable, after: EpochTable): void {
    for (const log of this.#history.logs()) {
      const limit = Math.min(...log.acknowledged, log.kept[to] as Offset, nextOffset(log) - 1)
      for (let offset = limit; offset > 0; offset--) {
        const version = { epoch: epochAt(log.table, offset), offset }
        if (isDead(before, version) || !isDead(after, version)) continue
        broken(`all had ${formatVersion(version)}, and replica ${to} leads without it`)
      }
    }
  }

  #hear(event: ClusterEvent): void {
    this.#messages.hear(event)
    switch (event.type) {
      case 'message-sent':
        this.#lastMessage = event.message
        return this.#isAwake(event.from, 'sends')
      case 'write-applied':
        noteReached(this.#parts.replica(event.replica), this.#shadow(event.replica))
        return this.#history.wrote(event.record, event.replica)
      case 'write-acknowledged':
        return this.#acknowledgedMeansApplied(event.record, event.acknowledgedBy)
      case 'copy-applied':
        return noteReached(this.#parts.replica(event.replica), this.#shadow(event.replica))
      case 'acknowledgement-received':
        return this.#acknowledged(event)
      case 'record-forgotten':
        return this.#forgot(event.replica, event.key)
      case 'replica-crashed':
        return event.keepData ? undefined : this.#lostMemory(event.replica)
      case 'snapshot-installed':
        this.#shadow(event.replica).excused = 'everything'
        return
      case 'epoch-learned':
        this.#shadow(event.replica).excused = 'everything'
        return this.#history.learned(event.replica, this.#parts.replica(event.replica).table)
      case 'leader-elected':
        return this.#elected(event)
      case 'record-restored':
        for (const shadow of this.#shadows) shadow.excused = 'everything'
        return this.#history.restored(event.record)
      case 'cluster-reset':
        if (event.keep !== 'data') this.#history = this.#startOver()
        return
    }
  }

  #startOver(): EpochHistory {
    this.#parts = this.#cluster.inspect()
    const { replicas, observer, now, n } = this.#parts
    this.#nowUs = now
    this.#shadows = replicas.map(({ incarnation }) => ({
      epoch: -1,
      incarnation,
      lastOffset: 0,
      records: [],
      excused: 'nothing',
      reached: new Map(),
      lostMemoryAt: 0,
    }))
    const history = new EpochHistory(n)
    history.begin(1, 0, observer.table)
    return history
  }

  #shadow(id: ReplicaId): Shadow {
    return this.#shadows[id] as Shadow
  }

  #acknowledged(event: ClusterEvent & { type: 'acknowledgement-received' }): void {
    const { leader, from, appliedOffset, message } = event
    const { epoch } = this.#parts.replica(leader)
    const sinceItLostMemory = message > this.#shadow(from).lostMemoryAt
    this.#history.acknowledged(epoch, from, appliedOffset, sinceItLostMemory)
  }

  #forgot(id: ReplicaId, key: string): void {
    const shadow = this.#shadow(id)
    if (shadow.excused === 'nothing') shadow.excused = new Set()
    if (shadow.excused !== 'everything') shadow.excused.add(key)
  }

  #lostMemory(id: ReplicaId): void {
    const shadow = this.#shadow(id)
    shadow.excused = 'everything'
    shadow.lostMemoryAt = this.#lastMessage
    this.#history.lostMemory(id)
  }

  /** A paused process does nothing. */
  #isAwake(node: NodeId, verb: string): void {
    if (node === API || this.#parts.replica(node).state !== 'paused') return
    broken(`replica ${node} ${verb}, though it is paused`)
  }

  #elected(event: ClusterEvent & { type: 'leader-elected' }): void {
    const { epoch, to, reason } = event
    this.#isAwake(to, 'takes over')
    const { table } = this.#parts.observer
    const unforced = reason === 'asked' || reason === 'suspected'
    if (unforced) this.#survives(to, this.#history.newestTable, table)
    this.#history.begin(epoch, to, table)
  }
}

function broken(how: string): never {
  throw new InvariantError(`Broken promise: ${how}`)
}

function isExcused({ excused }: Shadow, key: string): boolean {
  return excused === 'everything' || (excused !== 'nothing' && excused.has(key))
}

function noteReached(replica: Replica, shadow: Shadow): void {
  const { epoch, appliedOffset } = replica
  if (shadow.epoch === epoch && shadow.lastOffset === appliedOffset) return
  if (appliedOffset > (shadow.reached.get(epoch) ?? 0)) shadow.reached.set(epoch, appliedOffset)
}

function sameTable(a: EpochTable, b: EpochTable): boolean {
  if (a === b) return true
  const same = (row: EpochTable[number], i: number) =>
    row.epoch === b[i]?.epoch && row.firstOffset === b[i]?.firstOffset
  return a.length === b.length && a.every(same)
}
