// What the core, and http above it, need of the world outside, as interfaces. runtime/ implements them;
// tests hand in their own or none. This is how the core stays free of clocks, files and sockets.

import type { Microseconds } from './units.ts'
import type { Epoch } from './version.ts'

/** Moves simulated time along. Without one, time stands still until somebody advances it. */
export interface Pacer {
  /** Called before each command: bring the timeline up to the present. */
  before(): void
  /** Called after each command, when nothing is due any more at the present instant. */
  after(): void
}

/** What a pacer may do with the cluster it paces. */
export interface Paced {
  readonly nowUs: Microseconds
  readonly mode: 'real' | 'manual' | 'instant'
  readonly rate: number
  /** When the next event is due; undefined when nothing is. */
  nextDueUs(): Microseconds | undefined
  /**
   * Moves time to `toUs`, running what falls due on the way, but no more than `eventsMax` events.
   * Returns whether it got there.
   */
  runTo(toUs: Microseconds, eventsMax: number): boolean
  /** Requests that wait for an answer. */
  readonly waiting: number
}

/** Makes time pass for one more cluster, from now on until what it returns is called. */
export type StartPacing = (cluster: Paced & { pacedBy(pacer: Pacer): void }) => () => void

/** The write-ahead file as http sees it: an answer may leave once what it acknowledges is durable. */
export interface Durability {
  /** Calls back when everything appended so far is on disk, or with the error that prevented it. */
  whenDurable(done: (error: Error | undefined) => void): void
  /** Set once an append failed: no further write may be accepted. */
  readonly failure: Error | undefined
}

/** Numbers set aside where they outlive the process, so that no later run issues one again. */
export interface EpochReserve {
  /** Called before an epoch is issued. Returns false when its number cannot be set aside: it must not be used. */
  reserve(epoch: Epoch): boolean
}
