// What a replica will make of all that is on its way to it, where several leaders have something under way: copies of an
// older epoch count until the newer one is heard of, and then those of the newer one do. Every arrival is gone through
// in turn, by the follower's rules (follower.ts), for one key.

import type { Message, SnapshotBody } from '../network/message.ts'
import { API, type CopyInFlight, type NodeId, type ReplicaId } from '../nodes.ts'
import type { KeyEntry } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import type { Leaders } from '../replication/leader.ts'
import type { Microseconds } from '../units.ts'
import {
  compareVersions,
  type Epoch,
  type EpochTable,
  isDead,
  lastCommonOffset,
  type Offset,
} from '../version.ts'
import { HELD, landing, NONE, SOMETIME } from './landing.ts'
import type { NextEntry } from './next-entry.ts'

const NEVER = Number.POSITIVE_INFINITY

/** What is on its way to a replica. */
interface Coming {
  /** In the order in which it lands. */
  readonly known: readonly Landing[]
  /** To be sent again, and nobody can say how long it will take. */
  readonly sometime: readonly Message[]
  /** By the other ends of the links that hold it. */
  readonly held: ReadonlyMap<NodeId, readonly Message[]>
}

interface Landing {
  readonly message: Message
  readonly landsUs: Microseconds
}

export function outlook(
  parts: Parts,
  leaders: Leaders,
  replica: Replica,
  entry: KeyEntry,
  next: NextEntry,
): CopyInFlight {
  const { known, sometime, held } = comingTo(parts, leaders, replica, next)
  const view = new Outlook(replica, entry)
  let came: (StoredRecord | undefined)[] = []
  for (const [i, { message, landsUs }] of known.entries()) {
    came.push(view.take(message))
    // Within an instant it may be given up again, for a newer epoch.
    if (known[i + 1]?.landsUs === landsUs) continue
    if (view.shown && came.includes(view.shown)) return { state: 'in-flight', landsUs }
    came = []
  }
  if (sometime.some((message) => view.take(message))) return SOMETIME
  if (sometime.length > 0 && maySoonShow(replica, entry, known, sometime)) return SOMETIME
  for (const messages of held.values()) {
    const once = new Outlook(replica, entry, view)
    if (messages.some((message) => once.take(message))) return HELD
  }
  return view.isStillToBeSent(leaders) ? SOMETIME : NONE
}

/** Whether one shows if those of whom nobody can say when they land do so as soon as they are sent. */
function maySoonShow(
  replica: Replica,
  entry: KeyEntry,
  known: readonly Landing[],
  sometime: readonly Message[],
): boolean {
  const view = new Outlook(replica, entry)
  const soon = sometime.map((message) => ({ message, landsUs: message.dueUs }))
  return [...known, ...soon].sort(byLanding).some(({ message }) => view.take(message))
}

function comingTo(parts: Parts, leaders: Leaders, replica: Replica, next: NextEntry): Coming {
  const all = onTheirWay(parts, leaders, replica)
  const counted = countedHolds(parts, replica, all)
  const known: Landing[] = []
  const sometime: Message[] = []
  const held = new Map<NodeId, Message[]>()
  const landingOf = (message: Message) => (counted.has(message) ? HELD : landing(parts, message))
  for (const message of relevant(replica, next, all, landingOf)) {
    const copy = landingOf(message)
    if (copy === SOMETIME) sometime.push(message)
    else if (copy.landsUs !== null) known.push({ message, landsUs: copy.landsUs })
    // The next heartbeat says the same as one that is held, which is forgotten.
    else if (copy === HELD && !message.background) {
      const others = held.get(message.from)
      if (others) others.push(message)
      else held.set(message.from, [message])
    }
  }
  // Let go, those that are overdue come first, in the order in which they came due.
  for (const messages of held.values()) messages.sort((a, b) => releaseUs(a) - releaseUs(b))
  return { known: known.sort(byLanding), sometime, held }
}

/** Whatever was sent to a replica, and what is to be sent again. */
function onTheirWay(parts: Parts, leaders: Leaders, replica: Replica): Message[] {
  const all: Message[] = []
  const { id } = replica
  for (const message of parts.network.onTheirWay(id)) if (message.from !== API) all.push(message)
  for (const leadership of leaders.leaderships()) {
    if (leadership.replica.id === id) continue
    const { underWay, canSend, knowsLife } = leadership.to(id)
    if (!canSend) continue
    // Once it hears of another life it begins anew.
    const untilUs = knowsLife ? NEVER : greetedUs(parts, replica, leadership.replica.id)
    for (const message of underWay.values()) {
      if (message.isLost && message.dueUs < untilUs) all.push(message)
    }
  }
  return all
}

/** When a leader hears of a replica's present life. */
function greetedUs(parts: Parts, { id, incarnation }: Replica, leader: ReplicaId): Microseconds {
  let firstUs = NEVER
  for (const message of parts.network.onTheirWay(leader)) {
    const { from, body } = message
    if (from !== id || body.kind !== 'acknowledgement' || body.incarnation !== incarnation) continue
    firstUs = Math.min(firstUs, landing(parts, message).landsUs ?? NEVER)
  }
  return firstUs
}

/** Those that may change what a replica shows. */
function relevant(
  { epoch, incarnation, appliedOffset }: Replica,
  next: NextEntry,
  all: readonly Message[],
  landingOf: (message: Message) => CopyInFlight,
): Message[] {
  let heardUs = NEVER
  const newer: Message[] = []
  const same: Message[] = []
  for (const message of all) {
    const { body, isLost, toIncarnation } = message
    // Of one that is to be sent again it is known to whom: as it is by then.
    if (!('table' in body) || (toIncarnation !== incarnation && !isLost)) continue
    if (body.epoch < epoch) continue
    if (body.epoch > epoch) {
      newer.push(message)
      heardUs = Math.min(heardUs, landingOf(message).landsUs ?? NEVER)
    } else if (
      body.kind === 'copy' ? body.record.offset > appliedOffset : body.kind === 'snapshot'
    ) {
      same.push(message)
    }
  }
  if (newer.length > 0) {
    // What comes after the newer epoch is heard of is refused.
    return [
      ...newer,
      ...same.filter((one) => one.dueUs <= heardUs && (!one.isHeld || heardUs === NEVER)),
    ]
  }
  if (!next.isSure || same.some(({ record }) => !record)) return same
  // Of copies alone none matters that comes after the next one of the key.
  const { offset = 0 } = next
  return same.filter(({ record }) => record && record.offset <= offset)
}

/** Those that links will hold which hold the next few copies. */
function countedHolds(parts: Parts, { id }: Replica, all: readonly Message[]): Set<Message> {
  const found = new Set<Message>()
  for (const { from, to, holding } of parts.network.links()) {
    if (to !== id || !holding || !('copies' in holding)) continue
    const copies = all.filter((one) => one.from === from && one.record && !one.isHeld)
    const inOrder = copies.map((message) => {
      const { landsUs } = landing(parts, message)
      return { message, landsUs: landsUs ?? NEVER }
    })
    for (const { message } of inOrder.sort(byLanding).slice(0, holding.copies)) found.add(message)
  }
  return found
}

function byLanding(a: Landing, b: Landing): number {
  return a.landsUs - b.landsUs || a.message.id - b.message.id
}

function releaseUs({ isHeld, dueUs }: Message): Microseconds {
  return isHeld ? -1 : dueUs
}

/** What the replica knows and shows by then. */
class Outlook {
  readonly #replica: Replica
  readonly #entry: KeyEntry
  #epoch: Epoch
  #table: EpochTable
  #applied: Offset
  #needsSnapshot: boolean
  shown: StoredRecord | undefined
  /** What came too early, since; and whether what had come too early before waits still. */
  readonly #early: Map<Offset, StoredRecord>
  #keepsEarly: boolean
  /** Entries of the key that its log has by then and did not have before. */
  readonly #brought: Map<Offset, StoredRecord>

  /** @param other where to go on from; otherwise from what is now */
  constructor(replica: Replica, entry: KeyEntry, other?: Outlook) {
    this.#replica = replica
    this.#entry = entry
    this.#epoch = other ? other.#epoch : replica.epoch
    this.#table = other ? other.#table : replica.table
    this.#applied = other ? other.#applied : replica.appliedOffset
    this.#needsSnapshot = other ? other.#needsSnapshot : replica.needsSnapshot
    this.shown = other ? other.shown : replica.store.at(entry.slot)
    this.#early = new Map(other ? other.#early : [])
    this.#brought = new Map(other ? other.#brought : [])
    this.#keepsEarly = other ? other.#keepsEarly : true
  }

  /** @returns the record that shows now, if it brought one */
  take({ body }: Message): StoredRecord | undefined {
    if (!('table' in body) || body.epoch < this.#epoch) return undefined
    if (body.epoch > this.#epoch) this.#learn(body.epoch, body.table)
    const before = this.shown
    if (body.kind === 'copy') this.#takeCopy(body.record)
    else if (body.kind === 'snapshot') this.#takeSnapshot(body)
    return this.shown === before ? undefined : this.shown
  }

  /** Whether the leader of its epoch has a newer one, and goes on sending by itself. */
  isStillToBeSent(leaders: Leaders): boolean {
    const leadership = leaders.ofEpoch(this.#epoch)
    if (!leadership || leadership.replica === this.#replica) return false
    const record = leadership.replica.store.at(this.#entry.slot)
    const isNews = record && record.offset > this.#applied && this.#isNewer(record)
    return isNews === true && leadership.to(this.#replica.id).willSend(this.#applied + 1)
  }

  #learn(epoch: Epoch, table: EpochTable): void {
    const { log } = this.#replica
    const common = lastCommonOffset(this.#table, this.#applied, table, this.#applied)
    this.#epoch = epoch
    this.#table = table
    this.#applied = common
    this.#early.clear()
    this.#keepsEarly = false
    if (common + 1 < log.firstOffset) this.#needsSnapshot = true
    if (!this.shown || !isDead(table, this.shown)) return
    this.shown = undefined
    for (let offset = common; offset >= log.firstOffset; offset--) {
      const record = this.#brought.get(offset) ?? log.at(offset)
      if (record?.key !== this.#entry.key) continue
      this.shown = record
      return
    }
    if (log.firstOffset > 1) this.#needsSnapshot = true
  }

  #takeCopy(record: StoredRecord): void {
    if (record.offset > this.#applied + 1) this.#early.set(record.offset, record)
    if (record.offset !== this.#applied + 1) return
    this.#apply(record)
    this.#applyEarly()
  }

  #takeSnapshot({ epoch, offset, records }: SnapshotBody): void {
    if (offset <= this.#applied && !this.#needsSnapshot) return
    this.#needsSnapshot = false
    const shown = this.shown
    // Of what it had it keeps only what is newer than the snapshot.
    const isKept = shown && (shown.epoch > epoch || shown.offset > offset)
    if (!isKept) this.shown = records.find(({ key }) => key === this.#entry.key)
    this.#applied = Math.max(this.#applied, offset)
    this.#applyEarly()
  }

  #apply(record: StoredRecord): void {
    this.#applied = record.offset
    if (record.key !== this.#entry.key) return
    this.#brought.set(record.offset, record)
    if (this.#isNewer(record)) this.shown = record
  }

  #applyEarly(): void {
    for (;;) {
      const offset = this.#applied + 1
      const before = this.#keepsEarly ? this.#replica.early.at(offset) : undefined
      const record = this.#early.get(offset) ?? before
      if (!record) return
      this.#apply(record)
    }
  }

  #isNewer(record: StoredRecord): boolean {
    return this.shown === undefined || compareVersions(record, this.shown) > 0
  }
}
