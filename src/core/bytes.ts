// How much memory keys and values may take, and who may keep how much of it. Buffers are bounded by entries and by
// bytes: a hundred thousand entries of 64 KiB are more than any process has.

import { BOUNDS } from './bounds.ts'
import type { ClusterEvent } from './events.ts'

interface KeyAndValue {
  readonly key: string
  readonly value: string
}

/** Two bytes a character, as V8 needs for all but Latin letters: at most what it takes. */
export function bytesOf({ key, value }: KeyAndValue): number {
  return 2 * (key.length + value.length)
}

/** Bytes that each may keep. Records are shared, but at worst no two of these hold the same. */
export interface Shares {
  /** The records of one replica. */
  readonly store: number
  /** The log of one replica; and all that the observer remembers. */
  readonly log: number
  /** What is on its way, and what waits for an answer. */
  readonly travelling: number
  /** Copies that wait for a gap at one replica. */
  readonly early: number
  /** Events for those who resume the stream. */
  readonly events: number
  /** The recording of the session. */
  readonly recording: number
  /** What clients saw. */
  readonly history: number
}

/** Room for a few of the largest records, so that a share is never too small for one. */
const SHARE_MIN = 8 * BOUNDS.valueBytesMax

/** @param bytesMax for all of them together, but for the least that each needs */
export function sharesOf(bytesMax: number, replicas: number): Shares {
  const share = (part: number, among: number) =>
    Math.max(Math.floor((bytesMax * part) / among), SHARE_MIN)
  return {
    store: share(0.4, replicas),
    log: share(0.25, replicas + 1),
    travelling: share(0.1, 1),
    early: share(0.05, replicas),
    events: share(0.075, 1),
    recording: share(0.075, 1),
    history: share(0.05, 1),
  }
}

/** Of what an event keeps that nothing before it kept: others of the same write share its record. */
export function bytesOfEvent(event: ClusterEvent): number {
  switch (event.type) {
    case 'write-applied':
      return bytesOf(event.record)
    case 'write-started':
    case 'write-failed':
      return bytesOf(event)
    default:
      return 0
  }
}
