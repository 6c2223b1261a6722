// A record: one value of one key as one leader wrote it. Made once, then shared by every log, store and
// copy that carries it. Its text forms (`version`, `timestamp`) are made only when somebody looks.

import { type Microseconds, US_PER_MS } from './units.ts'
import { type Epoch, formatVersion, type Offset, type Version } from './version.ts'

export interface StoredRecord {
  readonly key: string
  readonly value: string
  readonly epoch: Epoch
  readonly offset: Offset
  /** Simulated; negative for a record restored from an earlier run. Of a record written again: of the first. */
  readonly writtenUs: Microseconds
  /** Written by a quorum write. Its copies are told apart in the log, late ones too. */
  readonly quorum: boolean
  /** The version of its first record, where a new leader wrote it again: both name one write. */
  readonly origin?: Version
}

/** A record as it leaves the program. */
export interface RecordJson {
  readonly key: string
  readonly value: string
  /** `epoch.offset`. */
  readonly version: string
  /** ISO 8601: start time plus simulated time. */
  readonly timestamp: string
  /** Its first version, where a new leader wrote it again. */
  readonly origin?: string
}

/** @param startTimeMs when simulated time was zero, in ms since 1970 */
export function renderRecord(record: StoredRecord, startTimeMs: number): RecordJson {
  return {
    key: record.key,
    value: record.value,
    version: formatVersion(record),
    timestamp: timestampOf(record.writtenUs, startTimeMs),
    ...(record.origin && { origin: formatVersion(record.origin) }),
  }
}

/** The version under which a write was first made: two records with the same one are one write. */
export function firstVersion(record: StoredRecord): Version {
  return record.origin ?? record
}

export function timestampOf(atUs: Microseconds, startTimeMs: number): string {
  return new Date(startTimeMs + Math.floor(atUs / US_PER_MS)).toISOString()
}
