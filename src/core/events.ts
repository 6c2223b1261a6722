// What happens, as data. The stream of these events is the cluster's only output: log lines, the page,
// metrics, histories and golden tests listen to it. describe.ts gives them their words, render.ts
// their JSON. Times are simulated microseconds; nothing in here knows the wall clock.

import type { ErrorCode, Outcome } from './errors.ts'
import type {
  Because,
  ClockMode,
  LinkState,
  LossReason,
  MessageKind,
  NodeId,
  ReadAnswer,
  ReadKind,
  ReplicaId,
  Role,
} from './nodes.ts'
import type { StoredRecord } from './record.ts'
import type { Microseconds } from './units.ts'
import type { Epoch, EpochTable, Offset } from './version.ts'

export type ClusterEvent = { readonly id: number; readonly atUs: Microseconds } & EventBody

export type EventBody =
  | WriteEvent
  | ReadEvent
  | MessageEvent
  | CopyEvent
  | FaultEvent
  | LeadershipEvent
  | HouseEvent

/** `request` numbers every write and read of the cluster, from 1. */
export type WriteEvent =
  | {
      /** Only where it does not reach its leader at once, for the way is held or cut or the leader paused. */
      readonly type: 'write-started'
      readonly request: number
      readonly client: string
      readonly replica: ReplicaId
      readonly key: string
      readonly value: string
      readonly w: number | null
    }
  | {
      readonly type: 'write-applied'
      readonly request: number
      readonly client: string
      readonly replica: ReplicaId
      readonly record: StoredRecord
      /** Acknowledgements the write waits for; null for a plain write. */
      readonly w: number | null
      /** How many entries each replica lacks now, by number. */
      readonly lags: readonly number[]
    }
  | {
      readonly type: 'write-acknowledged'
      readonly request: number
      readonly client: string
      readonly record: StoredRecord
      readonly w: number | null
      readonly acknowledgedBy: readonly ReplicaId[]
    }
  | {
      readonly type: 'write-failed'
      readonly request: number
      readonly client: string
      readonly key: string
      readonly value: string
      /** What was written, if it came that far. */
      readonly record: StoredRecord | null
      readonly code: ErrorCode
      readonly outcome: Outcome
    }

export type ReadEvent =
  | {
      readonly type: 'read-started'
      readonly request: number
      readonly client: string
      readonly kind: ReadKind
      readonly key: string
      readonly replicas: readonly ReplicaId[]
    }
  | {
      readonly type: 'read-completed'
      readonly request: number
      readonly client: string
      readonly kind: ReadKind
      readonly key: string
      /** The answer that won. */
      readonly answer: ReadAnswer
      readonly answers: readonly ReadAnswer[]
      readonly repaired: readonly ReplicaId[]
      /** Why that answer was stale, if it was. */
      readonly because: Because | null
    }
  | {
      readonly type: 'read-failed'
      readonly request: number
      readonly client: string
      readonly kind: ReadKind
      readonly key: string
      readonly code: ErrorCode
      /** The answer that no such key is there; null where nobody answered in time, or enough. */
      readonly answer: ReadAnswer | null
      /** Why that answer was stale, if it was. */
      readonly because: Because | null
    }

export type MessageEvent =
  | {
      readonly type: 'message-sent'
      readonly message: number
      readonly kind: MessageKind
      readonly from: NodeId
      readonly to: NodeId
      readonly dueUs: Microseconds
      /** What a copy carries. */
      readonly record: StoredRecord | null
      /** The read a request or response belongs to. */
      readonly request: number | null
    }
  | {
      readonly type: 'message-held'
      readonly message: number
      readonly from: NodeId
      readonly to: NodeId
    }
  | {
      readonly type: 'message-released'
      readonly message: number
      readonly from: NodeId
      readonly to: NodeId
    }
  | {
      readonly type: 'message-lost'
      readonly message: number
      readonly kind: MessageKind
      readonly from: NodeId
      readonly to: NodeId
      readonly reason: LossReason
      readonly record: StoredRecord | null
    }
  | {
      /** Only where no other event says so: copies are applied, early or refused, and acknowledgements received. */
      readonly type: 'message-arrived'
      readonly message: number
      readonly kind: MessageKind
      readonly from: NodeId
      readonly to: NodeId
    }

export type CopyEvent =
  | {
      readonly type: 'copy-applied'
      readonly message: number
      readonly replica: ReplicaId
      readonly record: StoredRecord
      /** The copy of a quorum write. */
      readonly quorum: boolean
      /** A repair had brought the record (or a newer one) before: the store stayed as it was. */
      readonly alreadyHad: boolean
      /** Entries that the replica still lacks. */
      readonly lagVersions: number
    }
  | {
      /** It came before its predecessors and waits for them. */
      readonly type: 'copy-early'
      readonly message: number
      readonly replica: ReplicaId
      readonly record: StoredRecord
      readonly missing: Offset
    }
  | {
      /** Applied long ago, or sent by a leader whose time is over. */
      readonly type: 'copy-refused'
      readonly message: number
      readonly replica: ReplicaId
      readonly record: StoredRecord | null
      readonly reason: 'duplicate' | 'old-epoch'
    }
  | {
      readonly type: 'acknowledgement-received'
      readonly message: number
      readonly leader: ReplicaId
      readonly from: ReplicaId
      readonly appliedOffset: Offset
    }
  | {
      readonly type: 'record-repaired'
      readonly replica: ReplicaId
      readonly role: Role
      readonly record: StoredRecord
    }
  | {
      readonly type: 'catch-up-started' | 'catch-up-finished'
      readonly leader: ReplicaId
      readonly replica: ReplicaId
      readonly kind: 'entries' | 'snapshot'
      /** Log entries, or records of the snapshot. */
      readonly count: number
    }
  | {
      /** All records of its leader, in place of its own. */
      readonly type: 'snapshot-installed'
      readonly message: number
      readonly leader: ReplicaId
      readonly replica: ReplicaId
      /** Up to where of the leader's log. */
      readonly offset: Offset
      readonly records: number
    }

/** `undone`: its time was up, nobody asked. */
export type FaultEvent =
  | {
      readonly type: 'replica-crashed'
      readonly replica: ReplicaId
      readonly keepData: boolean
      readonly forUs: Microseconds | null
    }
  | { readonly type: 'replica-restarted'; readonly replica: ReplicaId; readonly undone: boolean }
  | {
      readonly type: 'replica-paused'
      readonly replica: ReplicaId
      readonly forUs: Microseconds | null
    }
  | { readonly type: 'replica-resumed'; readonly replica: ReplicaId; readonly undone: boolean }
  | { readonly type: 'record-forgotten'; readonly replica: ReplicaId; readonly key: string }
  | {
      readonly type: 'link-changed'
      readonly from: NodeId
      readonly to: NodeId
      readonly state: LinkState
      /** The verb that changed it. */
      readonly verb: 'cut' | 'heal' | 'hold' | 'release' | 'set'
      /** Only these copies are held: the next few, or those of one key. */
      readonly only: { readonly copies: number } | { readonly key: string } | null
      /** What `set` set: the latency in the words of `--latency`, null for the default. */
      readonly settings: {
        readonly latency: string | null
        readonly lossRatio: number
        readonly duplicateRatio: number
      } | null
      readonly forUs: Microseconds | null
      readonly undone: boolean
    }
  | {
      readonly type: 'network-partitioned'
      readonly groups: readonly (readonly NodeId[])[]
      readonly forUs: Microseconds | null
    }
  | { readonly type: 'network-healed'; readonly undone: boolean }

export type LeadershipEvent =
  | { readonly type: 'leader-suspected'; readonly replica: ReplicaId; readonly silentUs: number }
  | {
      /** Whoever is to lead is paused: it takes over when it resumes. */
      readonly type: 'failover-ordered'
      readonly fromEpoch: Epoch
      readonly epoch: Epoch
      readonly from: ReplicaId
      readonly to: ReplicaId
      readonly reason: 'asked' | 'forced' | 'suspected' | 'restored'
    }
  | {
      /** Such an order will not be carried out. */
      readonly type: 'failover-void'
      readonly epoch: Epoch
      readonly to: ReplicaId
      readonly reason: 'newer-order' | 'crashed'
    }
  | {
      readonly type: 'leader-elected'
      readonly fromEpoch: Epoch
      readonly epoch: Epoch
      readonly from: ReplicaId
      readonly to: ReplicaId
      readonly reason: 'asked' | 'forced' | 'suspected' | 'restored'
      /** Where its entries begin: earlier epochs' entries from here on are not in its log. */
      readonly firstOffset: Offset
      /** Its log: which positions belong to which epoch. */
      readonly table: EpochTable
    }
  | {
      readonly type: 'epoch-learned'
      readonly replica: ReplicaId
      readonly epoch: Epoch
      /** It led until now. */
      readonly steppedDown: boolean
      /** Dead versions it gave up. */
      readonly dropped: number
    }

export type HouseEvent =
  | {
      readonly type: 'clock-changed'
      readonly mode: ClockMode
      readonly rate: number
    }
  | { readonly type: 'cluster-reset'; readonly keep: 'nothing' | 'faults' | 'data' }
  | { readonly type: 'record-restored'; readonly replica: ReplicaId; readonly record: StoredRecord }
  | {
      readonly type: 'restore-finished'
      readonly replica: ReplicaId
      readonly records: number
      readonly epoch: Epoch
    }

export type Listener = (event: ClusterEvent) => void
