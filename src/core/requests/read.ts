// A read under way: whom it asks, who has answered, and which answer wins. reads.ts asks, read-decisions.ts decides.

import type { Done, Reply } from '../errors.ts'
import type { RequestBody, ResponseBody } from '../network/message.ts'
import type { Because, CopyInFlight, ReadAnswer, ReadKind, ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import type { Microseconds } from '../units.ts'
import type { QuorumReadReply, RepairMode } from '../verbs.ts'
import { compareVersions, type Epoch, type EpochTable, isDead } from '../version.ts'
import { type OpenOperations, Operation } from './operation.ts'

/** An answer with what the replica knew of the leadership when it gave it. */
export interface FullAnswer extends ReadAnswer {
  readonly epoch: Epoch
  readonly table: EpochTable
  readonly copy: CopyInFlight
  readonly because: Because | null
}

/** What a read is to do, once the targets are known to exist. */
export interface Plan {
  readonly kind: ReadKind
  readonly key: string
  readonly client: string
  readonly targets: readonly Replica[]
  /** Answers that decide. */
  readonly r: number
  /** Fewer will do, once nobody is left to wait for. */
  readonly takesFewer: boolean
  readonly repair: RepairMode
}

/** What the answers so far amount to. */
export interface Decision {
  /** Has the newest live record. */
  readonly winner: FullAnswer
  /** The newest epoch among the answers. Its table says what is live, and repairs carry both. */
  readonly epoch: Epoch
  readonly table: EpochTable
}

/** How far the repairs of a read have come. */
export interface Mending {
  /** Who has yet to confirm a repair, and what it was given last. */
  readonly awaited: Map<ReplicaId, StoredRecord>
  /** What those who confirmed one held then. */
  readonly confirmed: Map<ReplicaId, StoredRecord>
  /** Who lacked what it was given. */
  readonly given: Set<ReplicaId>
  /** Who was down when its repair came. */
  readonly down: Set<ReplicaId>
}

/** Runs a read: reads.ts. */
interface ReadOwner {
  serve(read: Read, replica: Replica): void
  take(read: Read, answer: FullAnswer): void
  targetCrashed(read: Read, replica: ReplicaId): void
  ended(read: Read, reply: Reply<QuorumReadReply> | undefined): void
}

/** A read under way. */
export class Read extends Operation<QuorumReadReply> {
  readonly plan: Plan
  readonly issuedUs: Microseconds
  /** Acknowledgements clients had seen when it was issued: what it could have missed. */
  readonly acknowledgements: number
  readonly answers: FullAnswer[] = []
  /** Asked, and neither answered nor known to be down. */
  readonly awaited = new Set<ReplicaId>()
  /** Made once enough are in. While repairs are under way it may be made again. */
  decision: Decision | undefined
  /** Undefined while nobody needs a repair. */
  mending: Mending | undefined
  readonly #owner: ReadOwner

  constructor(
    owner: ReadOwner,
    parts: Parts,
    open: OpenOperations,
    plan: Plan,
    done: Done<QuorumReadReply>,
  ) {
    super(parts, open, done)
    this.#owner = owner
    this.plan = plan
    this.issuedUs = parts.now
    this.acknowledgements = parts.observer.acknowledgements
  }

  protected override ended(reply: Reply<QuorumReadReply> | undefined): void {
    this.#owner.ended(this, reply)
  }
}

/** The question to one replica. Classes, because a read is too short a path for closures. */
export class Question implements RequestBody {
  readonly kind = 'request'
  readonly #owner: ReadOwner
  readonly #read: Read
  readonly #target: Replica

  constructor(owner: ReadOwner, read: Read, target: Replica) {
    this.#owner = owner
    this.#read = read
    this.#target = target
  }

  serve(): void {
    this.#owner.serve(this.#read, this.#target)
  }

  refused(): void {
    this.#owner.targetCrashed(this.#read, this.#target.id)
  }
}

/** Its answer on the way back. */
export class ReadResponse implements ResponseBody {
  readonly kind = 'response'
  readonly #owner: ReadOwner
  readonly #read: Read
  readonly #answer: FullAnswer

  constructor(owner: ReadOwner, read: Read, answer: FullAnswer) {
    this.#owner = owner
    this.#read = read
    this.#answer = answer
  }

  take(): void {
    this.#owner.take(this.#read, this.#answer)
  }
}

/** The newest epoch among the answers says what is live; of that the newest version, of equals the leader's. */
export function newestOf(answers: readonly FullAnswer[]): Decision {
  let newest = answers[0] as FullAnswer
  for (const answer of answers) if (answer.epoch > newest.epoch) newest = answer
  const { epoch, table } = newest
  let winner: FullAnswer | undefined
  for (const answer of answers) {
    if (answer.record === null || isDead(table, answer.record)) continue
    const order = winner?.record ? compareVersions(answer.record, winner.record) : 1
    if (order > 0 || (order === 0 && answer.role === 'leader')) winner = answer
  }
  // Nobody has a live one: any answer serves to say so, but it must not show a dead record as alive.
  winner ??= answers.length === 1 ? newest : { ...newest, record: null }
  return { winner, epoch, table }
}

/** Whether a replica is known to hold the record that won, or a newer live one. */
export function holds(read: Read, { winner, table }: Decision, answer: FullAnswer): boolean {
  const record = read.mending?.confirmed.get(answer.replica) ?? answer.record
  if (!record || !winner.record || isDead(table, record)) return false
  return compareVersions(record, winner.record) >= 0
}
