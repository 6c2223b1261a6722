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
  const { key, value, writtenUs, origin } = record
  const version = formatVersion(record)
  const timestamp = timestampOf(writtenUs, startTimeMs)
  if (!origin) return { key, value, version, timestamp }
  return { key, value, version, timestamp, origin: formatVersion(origin) }
}

/** The version under which a write was first made: two records with the same one are one write. */
export function firstVersion(record: StoredRecord): Version {
  return record.origin ?? record
}

const MS_PER_DAY = 86_400_000
let lastDay = Number.NaN
let lastDate = ''

/** As `toISOString` has it, but the date is worked out once a day: every answer has such a time. */
export function timestampOf(atUs: Microseconds, startTimeMs: number): string {
  const atMs = Math.trunc(startTimeMs + Math.floor(atUs / US_PER_MS))
  const day = Math.floor(atMs / MS_PER_DAY)
  if (day !== lastDay) {
    lastDate = new Date(day * MS_PER_DAY).toISOString().slice(0, -'00:00:00.000Z'.length)
    lastDay = day
  }
  const ms = atMs - day * MS_PER_DAY
  const s = Math.floor(ms / 1_000)
  const [hours, minutes] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60]
  return `${lastDate}${two(hours)}:${two(minutes)}:${two(s % 60)}.${String(ms % 1_000).padStart(3, '0')}Z`
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n)
}
