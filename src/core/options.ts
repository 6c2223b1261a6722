// The options of one simulated cluster: what it is made of and what bounds it. Checked by the side that takes
// them from a user (options.ts at the top, scenario, http); here they are only completed and frozen.

import { BOUNDS } from './bounds.ts'
import { DEFAULT_LATENCY, type LatencyOptions } from './latency.ts'
import type { ClockMode } from './nodes.ts'
import { type Microseconds, US_PER_SECOND } from './units.ts'

export interface ClusterOptions {
  /** Followers at start; N is one more. */
  readonly followers: number
  /** Unsigned 32-bit. Every random choice follows from it. */
  readonly seed: number
  /** When simulated time is zero, in ms since 1970. Only timestamps show it. */
  readonly startTimeMs: number
  readonly latency: LatencyOptions
  /** How long a quorum write waits, and how long a replica may take to answer. */
  readonly quorumTimeoutUs: Microseconds
  readonly clock: { readonly mode: ClockMode; readonly rate: number }
  /** Silence after which `api` deposes the leader; null leaves failover to the user. */
  readonly autoFailoverUs: Microseconds | null
  /** Refuse writes while fewer followers are in reach (0: never). */
  readonly minFollowersToWrite: number
  /** A follower is in reach while its last acknowledgement is younger than this. */
  readonly minFollowersMaxLagUs: Microseconds
  readonly keysMax: number
  readonly messagesMax: number
  readonly waitingMax: number
  readonly logEntriesMax: number
  /** Bytes of keys and values in all buffers together (bytes.ts). */
  readonly bytesMax: number
}

export const DEFAULT_OPTIONS: ClusterOptions = Object.freeze({
  followers: 2,
  seed: 1,
  startTimeMs: 0,
  latency: DEFAULT_LATENCY,
  quorumTimeoutUs: 2 * US_PER_SECOND,
  clock: Object.freeze({ mode: 'manual', rate: 1 }),
  autoFailoverUs: null,
  minFollowersToWrite: 0,
  minFollowersMaxLagUs: 10 * US_PER_SECOND,
  keysMax: BOUNDS.keysMax,
  messagesMax: BOUNDS.messagesMax,
  waitingMax: BOUNDS.waitingMax,
  logEntriesMax: BOUNDS.logEntriesMax,
  bytesMax: BOUNDS.bytesMax,
})

export function completeOptions(given: Partial<ClusterOptions>): ClusterOptions {
  return Object.freeze({ ...DEFAULT_OPTIONS, ...given })
}
