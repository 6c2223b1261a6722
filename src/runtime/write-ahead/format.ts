// The lines of a write-ahead file: one readable JSON object each, after a header that names the format.
// Here they are made and read back, each checked by itself; whether they fit together is
// epochs.ts's affair. Checked by hand, because a start may read millions of them.

import { BOUNDS } from '../../core/bounds.ts'
import type { ReplicaId } from '../../core/nodes.ts'
import { type StoredRecord, timestampOf } from '../../core/record.ts'
import { keyFault, valueFault } from '../../core/text/legal.ts'
import { US_PER_MS } from '../../core/units.ts'
import { type Epoch, formatVersion, type Offset, parseVersion } from '../../core/version.ts'

export const FORMAT = 'replication-lab-wal'
export const LAYOUT = 1
export const HEADER = `{"format":"${FORMAT}","layout":${LAYOUT}}\n`

/** No line is longer, in bytes: key and value may grow sixfold by JSON's escapes. */
export const LINE_BYTES_MAX = 6 * (BOUNDS.valueBytesMax + BOUNDS.keyBytesMax) + 1_024

/** A leadership begins; it continues the log of an earlier epoch up to `firstOffset`. */
export interface EpochLine {
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly firstOffset: Offset
  /** 0: of none, the log begins anew. */
  readonly continues: Epoch
}

/** What lines do to whoever replays them. */
export interface LineReader {
  write(record: StoredRecord): void
  epoch(line: EpochLine): void
  reset(): void
}

/** A line that cannot be, and why. */
export class DamagedLine extends Error {
  override readonly name = 'DamagedLine'
  /** Not even JSON, as a line is that a crash cut short. */
  readonly unparsable: boolean

  constructor(reason: string, unparsable = false) {
    super(reason)
    this.unparsable = unparsable
  }
}

export function formatWrite(record: StoredRecord, startTimeMs: number): string {
  const { key, value, writtenUs, quorum } = record
  const mark = quorum ? ',"quorum":true' : ''
  return `{"type":"write","key":${JSON.stringify(key)},"value":${JSON.stringify(value)},"version":"${formatVersion(record)}","timestamp":"${timestampOf(writtenUs, startTimeMs)}"${mark}}\n`
}

export function formatEpoch({ epoch, leader, firstOffset, continues }: EpochLine): string {
  return `${JSON.stringify({ type: 'epoch', epoch, leader, firstOffset, continues })}\n`
}

export function formatReset(): string {
  return '{"type":"reset"}\n'
}

/** Reads lines one by one and hands them on. */
export class LineParser {
  readonly #startTimeMs: number
  readonly #reader: LineReader
  /** Many writes share their millisecond, so the last one is remembered. */
  #timestamp = ''
  #timestampMs = 0

  constructor(startTimeMs: number, reader: LineReader) {
    this.#startTimeMs = startTimeMs
    this.#reader = reader
  }

  /** @param text one line, without its line break @throws DamagedLine */
  read(text: string): void {
    const line = parseObject(text)
    switch (line.type) {
      case 'write':
        this.#reader.write(this.#readWrite(line))
        return
      case 'epoch':
        this.#reader.epoch(readEpoch(line))
        return
      case 'reset':
        checkFields(line, 1)
        this.#reader.reset()
        return
      default:
        throw new DamagedLine('its type is none of write, epoch and reset')
    }
  }

  #readWrite(line: Fields): StoredRecord {
    const { key, value, version, timestamp, quorum } = line
    checkFields(line, quorum === undefined ? 5 : 6)
    if (typeof key !== 'string' || keyFault(key) !== undefined) {
      throw new DamagedLine('its key is not a legal key')
    }
    if (typeof value !== 'string' || valueFault(value) !== undefined) {
      throw new DamagedLine('its value is not a legal value')
    }
    const parsed = typeof version === 'string' ? parseVersion(version) : undefined
    if (!parsed) throw new DamagedLine('its version is not one, like "1.7"')
    if (quorum !== undefined && quorum !== true) throw new DamagedLine('its quorum is not true')
    const { epoch, offset } = parsed
    const writtenUs = (this.#readTimestamp(timestamp) - this.#startTimeMs) * US_PER_MS
    return { key, value, epoch, offset, writtenUs, quorum: quorum === true }
  }

  /** In ms since 1970. */
  #readTimestamp(timestamp: unknown): number {
    if (timestamp === this.#timestamp) return this.#timestampMs
    const isLike = typeof timestamp === 'string' && TIMESTAMP.test(timestamp)
    const ms = isLike ? Date.parse(timestamp) : Number.NaN
    if (!isLike || Number.isNaN(ms)) {
      throw new DamagedLine('its timestamp is not one, like "2025-06-14T16:05:52.000Z"')
    }
    this.#timestamp = timestamp
    this.#timestampMs = ms
    return ms
  }
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

type Fields = Readonly<Record<string, unknown>>

function parseObject(text: string): Fields {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new DamagedLine('it is not JSON', true)
  }
  if (typeof json !== 'object' || json === null) throw new DamagedLine('it is not a JSON object')
  return json as Fields
}

function readEpoch(line: Fields): EpochLine {
  checkFields(line, 5)
  return {
    epoch: readCount(line, 'epoch', 1),
    leader: readCount(line, 'leader', 0),
    firstOffset: readCount(line, 'firstOffset', 1),
    continues: readCount(line, 'continues', 0),
  }
}

function readCount(line: Fields, name: string, min: number): number {
  const value = line[name]
  if (Number.isSafeInteger(value) && (value as number) >= min) return value as number
  throw new DamagedLine(`its ${name} is not a whole number from ${min}`)
}

/** Every field a line needs is looked at, so the right number means that there is no other. */
function checkFields(line: Fields, count: number): void {
  let found = 0
  for (const _ in line) found++
  if (found !== count) throw new DamagedLine(`it has ${found} fields, not ${count}`)
}
