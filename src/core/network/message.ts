// What travels between replicas and `api`. A message is its own timeline entry, and the followers of one
// write share one body, so that a million copies in flight stay small.

import type { LossReason, MessageKind, NodeId, ReplicaId } from '../nodes.ts'
import type { StoredRecord } from '../record.ts'
import { Due } from '../timeline.ts'
import type { Microseconds } from '../units.ts'
import type { Epoch, EpochTable, Offset } from '../version.ts'

/** One record from the leader's log; shared by the copies to all followers. */
export interface CopyBody {
  readonly kind: 'copy'
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly table: EpochTable
  readonly record: StoredRecord
  /** The key's place in every store. */
  readonly slot: number
}

/** An empty copy: "I lead epoch e, and this is my table". */
export interface AnnouncementBody {
  readonly kind: 'announcement'
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly table: EpochTable
}

/** A whole store up to `offset` of the leader's log. */
export interface SnapshotBody {
  readonly kind: 'snapshot'
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly table: EpochTable
  readonly offset: Offset
  readonly records: readonly StoredRecord[]
}

/** How far a follower has come: sent after each copy and whenever it returns. */
export interface AcknowledgementBody {
  readonly kind: 'acknowledgement'
  readonly epoch: Epoch
  /** The table of the newest epoch it knows, which tells an old leader where its log ends. */
  readonly table: EpochTable
  readonly incarnation: number
  /** With the table, this is its last version too. */
  readonly appliedOffset: Offset
  /** Its log lost touch with its store: entries alone cannot mend it. */
  readonly needsSnapshot: boolean
}

/** A question of `api` to one replica. */
export interface RequestBody {
  readonly kind: 'request'
  /** Runs at the replica. */
  serve(): void
  /** Runs at `api` when the replica turns out to be down: a refused or broken connection. */
  refused(): void
}

/** The answer to it. */
export interface ResponseBody {
  readonly kind: 'response'
  /** Runs at `api`. */
  take(): void
}

export type MessageBody =
  | CopyBody
  | AnnouncementBody
  | SnapshotBody
  | AcknowledgementBody
  | RequestBody
  | ResponseBody

/** What a message asks of the network when it is due. */
export interface Carrier {
  arrive(message: Message): void
}

/** What a sender may say of a message beside its body. */
export interface Sending {
  readonly request?: number
  readonly extraUs?: Microseconds
  readonly attempt?: number
  readonly background?: boolean
  readonly bytes?: number
}

export class Message extends Due {
  readonly #carrier: Carrier
  readonly id: number
  readonly from: NodeId
  readonly to: NodeId
  readonly body: MessageBody
  /** The incarnation of the receiver it was addressed to. */
  readonly toIncarnation: number
  /** The read it belongs to, if any. */
  readonly request: number | null
  /** Of the key and value it carries; what a snapshot brings, the leader's store has as well. */
  readonly bytes: number
  dueUs: Microseconds = 0
  /** How often it was sent before. */
  attempt = 0
  /** Held back by its link, overdue or not yet. Written by the network only. */
  isHeld = false
  /** Why it was dropped, once it was. Written by the network only. */
  lostBy: LossReason | undefined = undefined

  constructor(
    carrier: Carrier,
    id: number,
    from: NodeId,
    to: NodeId,
    body: MessageBody,
    toIncarnation: number,
    request: number | null,
    bytes: number,
  ) {
    super()
    this.#carrier = carrier
    this.id = id
    this.from = from
    this.to = to
    this.body = body
    this.toIncarnation = toIncarnation
    this.request = request
    this.bytes = bytes
  }

  get kind(): MessageKind {
    return this.body.kind
  }

  get isLost(): boolean {
    return this.lostBy !== undefined
  }

  get record(): StoredRecord | null {
    return this.body.kind === 'copy' ? this.body.record : null
  }

  override fire(): void {
    this.#carrier.arrive(this)
  }
}

/** What a paused node was told to do by other means than a message; it waits among its messages. */
export interface Errand {
  carryOut(): void
}

/** What the network must know of a node to deliver to it. */
export interface Host {
  readonly state: 'running' | 'paused' | 'crashed'
  readonly incarnation: number
  /** Where messages queue while it is paused. */
  readonly inbox: (Message | Errand)[]
}

/** What queued at a paused node, on its way in. */
export class Handing extends Due {
  readonly item: Message | Errand
  readonly #hand: () => void

  constructor(item: Message | Errand, hand: () => void) {
    super()
    this.item = item
    this.#hand = hand
  }

  override fire(): void {
    this.#hand()
  }
}
