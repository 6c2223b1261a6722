// What is remembered of writes: one entry a write, linked by key, and one a key. The observer keeps them;
// no replica ever looks.

import type { Forgotten } from './forgotten.ts'
import type { ReplicaId } from './nodes.ts'
import type { StoredRecord } from './record.ts'
import type { Microseconds } from './units.ts'

/** One write and what became of it. */
export interface ObservedWrite {
  readonly record: StoredRecord
  /** The leader that wrote it. */
  readonly writer: ReplicaId
  readonly history: KeyEntry
  /** Its place among the writes of its key, from 1. */
  readonly number: number
  /** Position among all acknowledgements to clients; 0 while there was none. Kept by the first record. */
  acknowledgedOrder: number
  acknowledgedUs: Microseconds
  /** The record of the same write that a new leader wrote again as this one; itself where that never was. */
  readonly first: ObservedWrite
  /** Its later records, made by new leaders; only the first has them. */
  again: readonly ObservedWrite[]
  /** It has left the observer's memory; whoever waits for its acknowledgement holds it still. */
  isForgotten: boolean
  /** The writes of the same key before and after it, while they are remembered. */
  previous: ObservedWrite | undefined
  next: ObservedWrite | undefined
}

/** One key, and what the observer remembers of it. */
export interface KeyEntry {
  readonly key: string
  /** Its place in every store. */
  readonly slot: number
  /** Of those that are remembered. */
  oldest: ObservedWrite | undefined
  newest: ObservedWrite | undefined
  /**
   * The number of the last write that broke the ordinary course: its leader is another than that of the one before it,
   * or that one had not been acknowledged yet, or either was written again.
   */
  brokenAt: number
  /** What is left of those that are remembered no longer. */
  forgotten: Forgotten | undefined
  /** The newest record that a read has returned before any client was told that it is written, and when. */
  returned?: { readonly record: StoredRecord; readonly order: number }
}
