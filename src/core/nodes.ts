// The nouns of the cluster: its replicas, links and messages, and what a read found. Nothing happens here; what happens
// is in events.ts.

import type { StoredRecord } from './record.ts'
import { type Microseconds, msFromUs } from './units.ts'

/** A replica's number; it never changes. */
export type ReplicaId = number

/** The server's own end of the network, where clients arrive. */
export const API = -1

declare const node: unique symbol

/** A replica, or `API`. Any number will do; the mark is there for types alone, which tell its JSON by it. */
export type NodeId = number & { readonly [node]?: never }

export type IsNode<T> = typeof node extends keyof T ? true : false

/** As it goes out. */
export type NodeJson = ReplicaId | 'api'

export function renderNode(id: NodeId): NodeJson {
  return id === API ? 'api' : id
}

export type Role = 'leader' | 'follower'
export type ReplicaState = 'running' | 'paused' | 'crashed'
export type LinkState = 'up' | 'cut' | 'held'
export type ReadKind = 'read' | 'follower-read' | 'read-with-repair' | 'read-with-quorum'
export type ClockMode = 'real' | 'manual' | 'instant'

/** `announcement`: an empty copy, by which a leader tells its epoch; heartbeats are the same. */
export const MESSAGE_KINDS = [
  'copy',
  'acknowledgement',
  'announcement',
  'snapshot',
  'request',
  'response',
] as const

export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** Why the network or a replica dropped a message. */
export type LossReason = 'cut' | 'loss' | 'crashed' | 'restarted' | 'overflow'

/** How old an answer was, against what had been acknowledged when the read was issued. */
export interface Staleness {
  /** Newer acknowledged records of the key that the answer missed. */
  readonly versions: number
  /** Since the first of those was acknowledged; 0 when none was missed. */
  readonly us: Microseconds
  /** The answer is a version that was lost: it is in no log any more. */
  readonly diverged: boolean
  /** The history no longer reaches back far enough: both numbers are lower bounds. */
  readonly atLeast: boolean
}

/** What is on its way to a replica for one key. `landsUs`: when it can be read there, if known. */
export interface CopyInFlight {
  readonly state: 'in-flight' | 'held' | 'none'
  readonly landsUs: Microseconds | null
}

/** What kept the newest record from a stale answer; `unsent`: nothing is on its way. */
export const CAUSES = [
  'in-flight',
  'held',
  'lost',
  'cut',
  'early',
  'unsent',
  'forgotten',
  'diverged',
] as const

export type Cause = (typeof CAUSES)[number]

/** Why an answer was stale, when it was given. */
export interface Because {
  readonly cause: Cause
  /** Ends a sentence: "…, because …". */
  readonly text: string
  /** The message that should have brought the record, where there is one. */
  readonly message: number | null
}

/** One replica's answer to a read. */
export interface ReadAnswer {
  readonly replica: ReplicaId
  readonly role: Role
  readonly record: StoredRecord | null
  readonly staleness: Staleness
}

/** Something that clients had been told of is missing in it. */
export function isStale({ versions, diverged }: Staleness): boolean {
  return versions > 0 || diverged
}

/** `diverged` and `atLeast` appear only where they are true. */
export interface StalenessJson {
  readonly versions: number
  readonly ms: number
  readonly diverged?: true
  readonly atLeast?: true
}

export function renderStaleness(staleness: Staleness): StalenessJson {
  const { versions, us, diverged, atLeast } = staleness
  const ms = msFromUs(us)
  if (!diverged && !atLeast) return { versions, ms }
  return { versions, ms, ...(diverged && { diverged }), ...(atLeast && { atLeast }) }
}

/** As it goes out: with the time left, in ms. */
export interface CopyJson {
  readonly state: 'in-flight' | 'held' | 'none'
  readonly dueInMs: number | null
}

export function renderCopy(copy: CopyInFlight, nowUs: Microseconds): CopyJson {
  const { state, landsUs } = copy
  return { state, dueInMs: landsUs === null ? null : msFromUs(Math.max(0, landsUs - nowUs)) }
}
