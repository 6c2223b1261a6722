// What the verbs of the cluster are given, and what comes back. The verbs themselves are the methods of Cluster
// (cluster.ts), and one row each in verbs/. Times are whole microseconds.

import type { ClusterEvent } from './events.ts'
import type {
  Because,
  ClockMode,
  CopyInFlight,
  LinkState,
  MessageKind,
  NodeId,
  ReadAnswer,
  ReplicaId,
  ReplicaState,
  Role,
  Staleness,
} from './nodes.ts'
import type { StoredRecord } from './record.ts'
import type { Microseconds } from './units.ts'
import type { Epoch, EpochTable, Offset, Version } from './version.ts'

export interface WriteRequest {
  readonly key: string
  readonly value: string
  /** Who asks; `default` unless said. */
  readonly client?: string
  /** A replica that believes it leads; the newest epoch's leader unless said. */
  readonly replica?: ReplicaId
}

export interface QuorumWriteRequest extends WriteRequest {
  /** Acknowledgements to wait for, the leader's own included; a majority of N unless said. */
  readonly w?: number
  readonly timeoutUs?: Microseconds
}

export interface WriteReply {
  readonly record: StoredRecord
  readonly acknowledgedBy: readonly ReplicaId[]
}

export interface QuorumWriteReply extends WriteReply {
  readonly w: number
}

export interface ReadRequest {
  readonly key: string
  readonly client?: string
}

export interface FollowerReadRequest extends ReadRequest {
  readonly replica: ReplicaId
}

export type RepairMode = 'blocking' | 'async' | 'false'

export interface QuorumReadRequest extends ReadRequest {
  /** Answers that decide; a majority of the replicas asked unless said. */
  readonly r?: number
  /** Whom to ask; all unless said. */
  readonly replicas?: readonly ReplicaId[]
  /** `blocking` unless said. */
  readonly repair?: RepairMode
}

/** One replica's answer that holds a record. */
export interface ReadReply extends ReadAnswer {
  readonly record: StoredRecord
  readonly copy: CopyInFlight
  /** Of a stale answer alone. */
  readonly because?: Because
}

export interface RepairReadReply extends ReadReply {
  /** Who lacked the newest record and was given it; under `async` repair, who is being given it. */
  readonly repaired: readonly ReplicaId[]
}

export interface QuorumReadReply extends RepairReadReply {
  readonly r: number
  readonly answers: readonly ReadAnswer[]
}

/** A request under way. `abandon` drops the wait (the client left); what was written stays written. */
export interface Ticket {
  readonly request: number
  /** It has ended, or was abandoned. */
  readonly settled: boolean
  abandon(): void
}

export interface ClockView {
  readonly mode: ClockMode
  readonly rate: number
  readonly nowUs: Microseconds
}

export type AdvanceRequest =
  | { readonly us: Microseconds }
  | { readonly to: 'idle' }
  | { readonly until: { readonly replica: ReplicaId; readonly version: Version } }

export interface AdvanceReply {
  readonly fromUs: Microseconds
  readonly nowUs: Microseconds
  /** False when the bound of one call was reached first. */
  readonly finished: boolean
  /** The first events of what happened, and how many more there were. */
  readonly events: readonly ClusterEvent[]
  readonly eventsLeftOut: number
}

export interface ReplicaView {
  readonly id: ReplicaId
  readonly role: Role
  readonly state: ReplicaState
  readonly epoch: Epoch
  readonly appliedOffset: Offset
  readonly lagVersions: number
  readonly lagUs: Microseconds
  /** Lower bounds: no log has the oldest missed entry any more (`lagUs`), or it waits for a snapshot (both). */
  readonly lagAtLeast?: true
  readonly keys: number
}

export interface RecordPage {
  readonly records: readonly StoredRecord[]
  readonly total: number
}

export interface MessageView {
  readonly message: number
  readonly kind: MessageKind
  readonly record: StoredRecord | null
  readonly state: 'in-flight' | 'held'
  readonly dueUs: Microseconds
}

export interface LinkView {
  readonly from: NodeId
  readonly to: NodeId
  readonly state: LinkState
  readonly holding: { readonly copies: number } | { readonly key: string } | null
  readonly lossRatio: number
  readonly duplicateRatio: number
  /** As the user would write it, e.g. `200ms`. */
  readonly latency: string
  /** Messages on their way, held ones included. */
  readonly messages: number
}

export interface ClusterView {
  readonly seed: number
  readonly epoch: Epoch
  readonly leader: ReplicaId | null
  readonly clock: ClockView
  readonly replicas: readonly ReplicaView[]
  readonly links: readonly LinkView[]
  readonly bytes: BytesView
  /** Requests without an answer. */
  readonly waiting: number
}

/** Bytes of keys and values, two a character. */
export interface BytesView {
  /** For all buffers together. */
  readonly max: number
  /** What a replica may hold, and what is on its way or waits for an answer. */
  readonly dataMax: number
  readonly travellingMax: number
  /** Held by the fullest replica. */
  readonly data: number
  readonly travelling: number
}

/** Optional on faults that can undo themselves. */
export interface ForTime {
  readonly forUs?: Microseconds
}

export interface LinkSettings extends ForTime {
  /** In the words of `--latency`: `200ms`, `exponential(50ms)`; null goes back to the default. */
  readonly latency?: string | null
  readonly lossRatio?: number
  readonly duplicateRatio?: number
}

export type HoldRequest = ForTime & ({ readonly copies?: number } | { readonly key: string })

export interface FailoverReply {
  readonly epoch: Epoch
  /** Whoever took over last. */
  readonly from: ReplicaId
  readonly to: ReplicaId
  /** `to` is paused: it takes over when it resumes. Absent where it has taken over. */
  readonly pending?: true
}

/** A record restored from the write-ahead file. */
export interface RestoredCluster {
  readonly leader: ReplicaId
  /** The newest that may have been issued: the restored cluster begins the one after it. */
  readonly epoch: Epoch
  /** Every write of the newest epoch's log that is still known, in log order. */
  readonly records: readonly StoredRecord[]
  /** Its log, where writes are missing that were overwritten; else the records say it all. */
  readonly log?: { readonly offset: Offset; readonly table: EpochTable }
}

/** How Redis's `min-replicas-to-write` and `min-replicas-max-lag` have it; followers 0 is off. */
export interface WriteGuard {
  readonly followers: number
  /** A follower counts while its last acknowledgement is younger than this. */
  readonly lagUs: Microseconds
}

/** One failover, and what it cost. */
export interface FailoverView {
  readonly atUs: Microseconds
  readonly fromEpoch: Epoch
  readonly epoch: Epoch
  readonly from: ReplicaId
  readonly to: ReplicaId
  readonly reason: 'asked' | 'forced' | 'suspected' | 'restored'
  /** How long nobody led before it. */
  readonly leaderlessUs: Microseconds
  /** Acknowledged to a client, and gone. */
  readonly lost: readonly WriteFate[]
  /** Never acknowledged to its client, and there all the same. */
  readonly survived: readonly WriteFate[]
  /** Simulated time from the first lost write to the failover, or to the last lost one if that is later. */
  readonly lostWorkUs: Microseconds
  /** Older writes were forgotten before anyone asked: the lists may be short. */
  readonly truncated: boolean
}

export interface WriteFate {
  readonly record: StoredRecord
  readonly acknowledgedBy: readonly ReplicaId[]
}

/** What a replica has of a key, against what clients were told. */
export type Freshness =
  /** Nobody was told of a newer one. */
  | 'fresh'
  /** A newer one was acknowledged. */
  | 'stale'
  /** It has none, though one was acknowledged. */
  | 'missing'
  /** It has none, and nobody was told of one. */
  | 'none'
  /** Nobody was told of it yet. */
  | 'ahead'
  /** It was lost in a failover: no log has it any more. */
  | 'lost'

export interface RowView {
  readonly record: StoredRecord | null
  readonly freshness: Freshness
  /** As a read of it would be told now. */
  readonly staleness: Staleness
  readonly copy: CopyInFlight
}

/** In more detail: what each replica has of the newest keys, and what to make of it. */
export interface DetailedView extends ClusterView {
  /** The last event that is included; 0 where there was none. */
  readonly lastEvent: number
  /** The newest first. */
  readonly keys: readonly string[]
  /** For each replica a row for each of the keys. */
  readonly rows: readonly (readonly RowView[])[]
  /** Who leads an epoch that is over, and has not heard of it. */
  readonly deposed: readonly ReplicaId[]
  /** Messages that each link of `links` holds back. */
  readonly held: readonly number[]
  /** Acknowledged writes that failovers have lost. */
  readonly lostWrites: number
  /** What there is to see, in one sentence. */
  readonly sentence: Sentence
}

export interface Sentence {
  readonly tone: 'calm' | 'busy' | 'stale' | 'fault'
  readonly text: string
}
