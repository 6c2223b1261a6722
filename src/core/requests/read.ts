// A read under way: whom it asks, who has answered, and which answer wins. reads.ts runs it.

import type { Done, Reply } from '../errors.ts'
import type { RequestBody, ResponseBody } from '../network/message.ts'
import type { CopyInFlight, ReadAnswer, ReadKind, ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
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
  /** The answer that won, once enough are in. */
  winner: FullAnswer | undefined
  /** Who was given its record so far. */
  readonly repaired: ReplicaId[] = []
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
export function newestAnswer(answers: readonly FullAnswer[]): FullAnswer {
  let newestEpoch = answers[0] as FullAnswer
  for (const answer of answers) if (answer.epoch > newestEpoch.epoch) newestEpoch = answer
  let winner: FullAnswer | undefined
  for (const answer of answers) {
    if (answer.record === null || isDead(newestEpoch.table, answer.record)) continue
    const order = winner?.record ? compareVersions(answer.record, winner.record) : 1
    if (order > 0 || (order === 0 && answer.role === 'leader')) winner = answer
  }
  // Nobody has a live one: any answer serves to say so, but it must not show a dead record as alive.
  return winner ?? (answers.length === 1 ? newestEpoch : { ...newestEpoch, record: null })
}
