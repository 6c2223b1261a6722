// The shapes of the promise port: what calls take and what they answer. They follow from the verbs of the core
// (core/verbs.ts) by the rule by which these leave the program (core/output/json.ts).

import type { NodeJson } from '../core/nodes.ts'
import type { Json, JsonBeside } from '../core/output/json.ts'
import type { EventJson } from '../core/output/render.ts'
import type { RecordJson } from '../core/record.ts'
import type * as V from '../core/verbs.ts'

/** A replica's number, or `'api'`: the clients' end of the network. */
export type Node = NodeJson

/** In words under the plain name, `timeout: '1s'`, or as milliseconds, `timeoutMs: 1000`; never both. */
export type Duration<Name extends string> =
  | ({ readonly [N in Name]?: string } & { readonly [N in `${Name}Ms`]?: never })
  | ({ readonly [N in `${Name}Ms`]?: number } & { readonly [N in Name]?: never })

type Plain<How> = {
  readonly [K in keyof How as K extends 'key' | 'value' | 'client' | `${string}Us`
    ? never
    : K]: How[K]
}

type StemOf<K> = K extends `${infer Stem}Us` ? Stem : never

/** What a verb is given beside its targets. */
type Options<How> = How extends unknown
  ? Plain<How> & ([StemOf<keyof How>] extends [never] ? unknown : Duration<StemOf<keyof How>>)
  : never

export type WriteOptions = Options<V.WriteRequest>
export type QuorumWriteOptions = Options<V.QuorumWriteRequest>
export type FollowerReadOptions = Options<V.FollowerReadRequest>
export type QuorumReadOptions = Options<V.QuorumReadRequest>
export type ForOptions = Options<V.ForTime>
export type CrashOptions = ForOptions & { readonly keepData?: boolean }
/** Of all messages, of so many of the next copies, or of the copies of one key. */
export type HoldOptions = ForOptions & {
  readonly copies?: number
  readonly key?: string
}
export type LinkOptions = Options<V.LinkSettings>

export interface FailoverOptions {
  /** The best reachable follower unless said. */
  readonly to?: number
  /** Although writes would be lost. */
  readonly force?: boolean
}

export interface ResetOptions {
  /** `faults`: only the data goes. `data`: only the faults go. Everything goes unless said. */
  readonly keep?: 'faults' | 'data'
}

export interface ClockOptions {
  readonly mode: 'real' | 'manual' | 'instant'
  /** Simulated seconds a second. */
  readonly rate?: number
}

/** How far: a duration in words, or one of the ways of `POST /clock/advance`. */
export type AdvanceTarget =
  | (string & {})
  | 'idle'
  | { readonly ms: number }
  | { readonly to: 'idle' }
  | { readonly until: { readonly replica: number; readonly version: string } }

/** `vi` of vitest, `jest`, or a clock of sinon's fake timers. */
export type FakeTimers =
  | { advanceTimersByTime(ms: number): unknown }
  | { tick(ms: number): unknown }

export interface AdvanceOptions {
  /** Moved along, a millisecond at a time. */
  readonly timers?: FakeTimers
  /** Not before so many requests wait, those over HTTP included; at most ten seconds of real time. */
  readonly whenWaiting?: number
}

export interface ListenOptions {
  /** 0, any free one, unless said. */
  readonly port?: number
  /** 127.0.0.1 unless said. Beyond this machine it asks nobody for a token. */
  readonly host?: string
}

export type WriteAnswer = JsonBeside<V.WriteReply>
export type QuorumWriteAnswer = JsonBeside<V.QuorumWriteReply>
export type ReadAnswer = JsonBeside<V.ReadReply>
export type RepairReadAnswer = JsonBeside<V.RepairReadReply>
export type QuorumReadAnswer = JsonBeside<V.QuorumReadReply>
export type AdvanceAnswer = Json<Omit<V.AdvanceReply, 'events'>> & {
  readonly events: readonly EventJson[]
}
export type ClockAnswer = Json<V.ClockView>
export type ClusterAnswer = Json<V.ClusterView>
export type ReplicaAnswer = Json<V.ReplicaView>
export type ReplicaRecordsAnswer = ReplicaAnswer & { readonly records: readonly RecordJson[] }
export type LinkAnswer = Json<V.LinkView>
export type FailoverAnswer = Json<V.FailoverReply>
export type PastFailover = Json<V.FailoverView>
