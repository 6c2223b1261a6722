// What clients saw, as data: operations with their call and return, the faults meanwhile, and which epoch's log
// holds what. The same objects are the lines of our own format, so reading them copies nothing. How
// foreign formats become these is in edn.ts and events.ts; what they amount to is for verdicts/.

import type { Version } from '../../core/version.ts'

export const OPERATION_KINDS = ['write', 'read', 'cas', 'append', 'delete'] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

/** `failed`: it did not happen. `unknown`: it may have happened at any time after its call, or never. */
export const OUTCOMES = ['ok', 'failed', 'unknown'] as const
export type OperationOutcome = (typeof OUTCOMES)[number]

export interface Operation {
  readonly client: string
  readonly kind: OperationKind
  readonly key: string
  /** Written, appended or read; for a cas what it sets. Null is "nothing there". */
  readonly value: string | null
  /** What a cas expected. */
  readonly from?: string | null
  /** What a failed cas saw, where that is known. */
  readonly seen?: string | null
  readonly calledMs: number
  /** Null while it is not known. */
  readonly returnedMs: number | null
  readonly outcome: OperationOutcome
  /** `epoch.offset`, or one number, as the system claims: of the record written or read. */
  readonly version?: string
  /** The version under which the record was first written, where a new leader wrote it again. */
  readonly origin?: string
  readonly replica?: number
  /** Numbers of the lab's events at its call and its return: they order what shares an instant. */
  readonly calledEvent?: number
  readonly returnedEvent?: number
}

export interface FaultNote {
  readonly kind: 'fault'
  readonly atMs: number
  readonly text: string
  /** Its number among the lab's events. */
  readonly event?: number
}

/** A leadership: `table` lists which positions of its log were written in which epoch. */
export interface EpochNote {
  readonly kind: 'epoch'
  readonly epoch: number
  readonly leader: number
  readonly table: readonly (readonly [epoch: number, firstOffset: number])[]
  readonly atMs: number
}

/** So many older operations are not here: what is read may have been written before. */
export interface DroppedNote {
  readonly kind: 'dropped'
  readonly operations: number
  readonly atMs: number
}

export interface History {
  /** In the order of their calls, as far as the file tells it. */
  readonly operations: readonly Operation[]
  readonly faults: readonly FaultNote[]
  readonly epochs: readonly EpochNote[]
  /** Operations before the first that are missing; then values read may be older than the history. */
  readonly dropped: number
  /** From when it is complete, in ms; null when it is from the start. */
  readonly sinceMs: number | null
  /** False where only the order of lines is known, and instants count lines. */
  readonly timed: boolean
}

export const EMPTY_HISTORY: History = {
  operations: [],
  faults: [],
  epochs: [],
  dropped: 0,
  sinceMs: null,
  timed: true,
}

/**
 * What was called since a write was; what came before counts as missing.
 * @returns undefined where no write of that version is in the history
 */
export function sinceVersion(history: History, version: string): History | undefined {
  const { operations, dropped } = history
  const first = operations.findIndex(
    (one) => one.kind !== 'read' && (one.version === version || one.origin === version),
  )
  if (first === -1) return undefined
  const sinceMs = (operations[first] as Operation).calledMs
  return { ...history, operations: operations.slice(first), dropped: dropped + first, sinceMs }
}

/** `1.7`, or `7` for systems that number their writes; undefined for anything else. */
export function parseAnyVersion(text: string): Version | undefined {
  let epoch = 0
  let number = 0
  let digits = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) {
      number = number * 10 + code - 48
      if (++digits > 15) return undefined
    } else if (code === 46 && epoch === 0 && number > 0) {
      epoch = number
      number = 0
      digits = 0
    } else return undefined
  }
  return digits === 0 ? undefined : { epoch, offset: number }
}
