// The lines of a write-ahead file: one readable JSON object each, after a header that names the format.
// Here they are made and read back, each checked by itself; whether they fit together is
// epochs.ts's affair. Checked by hand, because a start may read millions of them.

import { crc32 } from 'node:zlib'
import { BOUNDS } from '../../core/bounds.ts'
import type { ReplicaId } from '../../core/nodes.ts'
import { type StoredRecord, timestampOf } from '../../core/record.ts'
import { keyFault, valueFault } from '../../core/text/legal.ts'
import { US_PER_MS } from '../../core/units.ts'
import {
  type Epoch,
  type EpochTable,
  formatVersion,
  type Offset,
  parseVersion,
  type Version,
} from '../../core/version.ts'

export const FORMAT = 'replication-lab-wal'
/** Layout 1 had no checksums and reserved no epochs; it is read, and rewritten at once. */
export type Layout = 1 | 2
export const LAYOUT = 2
export const HEADER = headerOf(LAYOUT)

/** No line is longer, in bytes: key and value may grow sixfold by JSON's escapes. */
export const LINE_BYTES_MAX = 6 * (BOUNDS.valueBytesMax + BOUNDS.keyBytesMax) + 1_024

export function headerOf(layout: Layout): string {
  return `{"format":"${FORMAT}","layout":${layout}}\n`
}

/** A leadership begins; it continues the log of an earlier epoch up to `firstOffset`. */
export interface EpochLine {
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly firstOffset: Offset
  /** 0: of none, the log begins anew. */
  readonly continues: Epoch
}

/** All that came before, reduced to what can still be asked for: so many of the lines below it. */
export interface CompactedLine {
  readonly leader: ReplicaId
  /** The newest epoch, even when nothing was written in it. */
  readonly epoch: Epoch
  /** The last of its log. */
  readonly offset: Offset
  /** From here on no write is missing, up to `offset`. */
  readonly wholeFrom: Offset
  readonly table: EpochTable
  /** How many writes follow that belong to it. */
  readonly records: number
}

/** What lines do to whoever replays them. */
export interface LineReader {
  write(record: StoredRecord): void
  epoch(line: EpochLine): void
  /** Epochs up to this one may have been issued. */
  reserved(epoch: Epoch): void
  compacted(line: CompactedLine): void
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
  const { key, value, writtenUs, quorum, origin } = record
  const first = origin ? `,"origin":"${formatVersion(origin)}"` : ''
  const mark = (quorum ? ',"quorum":true' : '') + first
  return seal(
    `{"type":"write","key":${JSON.stringify(key)},"value":${JSON.stringify(value)},"version":"${formatVersion(record)}","timestamp":"${timestampOf(writtenUs, startTimeMs)}"${mark}`,
  )
}

export function formatEpoch({ epoch, leader, firstOffset, continues }: EpochLine): string {
  return sealed({ type: 'epoch', epoch, leader, firstOffset, continues })
}

export function formatReserved(epoch: Epoch): string {
  return sealed({ type: 'reserved', epoch })
}

export function formatCompacted({ table, ...line }: CompactedLine): string {
  const firsts = table.map(({ epoch, firstOffset }) =>
    formatVersion({ epoch, offset: firstOffset }),
  )
  return sealed({ type: 'compacted', ...line, table: firsts })
}

export function formatReset(): string {
  return sealed({ type: 'reset' })
}

function sealed(line: object): string {
  return seal(JSON.stringify(line).slice(0, -1))
}

/** Ends a line, given without its closing brace, with the checksum of what comes before it. */
function seal(text: string): string {
  return `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}\n`
}

const SEAL = /,"crc":"([0-9a-f]{8})"\}$/
const SEAL_LENGTH = ',"crc":"01234567"}'.length

/** @returns the line as layout 1 had it @throws DamagedLine */
function unseal(text: string): string {
  const found = SEAL.exec(text.slice(-SEAL_LENGTH))
  const body = text.slice(0, -SEAL_LENGTH)
  if (found && crc32(body) === Number.parseInt(found[1] as string, 16)) return `${body}}`
  // A crash leaves no line that is whole in its form and wrong in its sum.
  if (parseObject(text).crc === undefined) throw new DamagedLine('it has no checksum', true)
  throw new DamagedLine('its checksum does not match')
}

/** A line of layout 1 as layout 2 has it. */
export function upgrade(text: string): string {
  return seal(text.slice(0, text.lastIndexOf('}')))
}

/** Reads lines one by one and hands them on. */
export class LineParser {
  readonly #layout: Layout
  readonly #startTimeMs: number
  readonly #reader: LineReader
  /** Many writes share their millisecond, so the last one is remembered. */
  #timestamp = ''
  #timestampMs = 0

  constructor(layout: Layout, startTimeMs: number, reader: LineReader) {
    this.#layout = layout
    this.#startTimeMs = startTimeMs
    this.#reader = reader
  }

  /** @param text one line, without its line break @throws DamagedLine */
  read(text: string): void {
    const line = parseObject(this.#layout === 1 ? text : unseal(text))
    switch (line.type) {
      case 'write':
        this.#reader.write(this.#readWrite(line))
        return
      case 'epoch':
        this.#reader.epoch(readEpoch(line))
        return
      case 'reserved':
        checkFields(line, 2)
        this.#reader.reserved(readCount(line, 'epoch', 1))
        return
      case 'compacted':
        this.#reader.compacted(readCompacted(line))
        return
      case 'reset':
        checkFields(line, 1)
        this.#reader.reset()
        return
      default:
        throw new DamagedLine('its type is none of write, epoch, reserved, compacted and reset')
    }
  }

  /** Whether it is no leftover of a crash, whatever it says. */
  isWhole(text: string): boolean {
    try {
      parseObject(this.#layout === 1 ? text : unseal(text))
      return true
    } catch {
      return false
    }
  }

  #readWrite(line: Fields): StoredRecord {
    const { key, value, version, timestamp, quorum, origin } = line
    checkFields(line, 5 + Number(quorum !== undefined) + Number(origin !== undefined))
    if (typeof key !== 'string' || keyFault(key) !== undefined) {
      throw new DamagedLine('its key is not a legal key')
    }
    if (typeof value !== 'string' || valueFault(value) !== undefined) {
      throw new DamagedLine('its value is not a legal value')
    }
    const parsed = typeof version === 'string' ? parseVersion(version) : undefined
    if (!parsed) throw new DamagedLine('its version is not one, like "1.7"')
    if (quorum !== undefined && quorum !== true) throw new DamagedLine('its quorum is not true')
    const first = typeof origin === 'string' ? parseVersion(origin) : undefined
    if (origin !== undefined && !first)
      throw new DamagedLine('its origin is no version, like "1.7"')
    const { epoch, offset } = parsed
    const writtenUs = (this.#readTimestamp(timestamp) - this.#startTimeMs) * US_PER_MS
    const record = { key, value, epoch, offset, writtenUs, quorum: quorum === true }
    return first ? { ...record, origin: first } : record
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

function readCompacted(line: Fields): CompactedLine {
  checkFields(line, 7)
  const { table } = line
  const firsts = Array.isArray(table) ? table.map((text) => parseVersion(String(text))) : []
  if (!Array.isArray(table) || firsts.includes(undefined)) {
    throw new DamagedLine('its table is not a list of versions, like ["1.1","4.30"]')
  }
  return {
    leader: readCount(line, 'leader', 0),
    epoch: readCount(line, 'epoch', 1),
    offset: readCount(line, 'offset', 0),
    wholeFrom: readCount(line, 'wholeFrom', 1),
    records: readCount(line, 'records', 0),
    table: firsts.map((first) => {
      const { epoch, offset: firstOffset } = first as Version
      return { epoch, firstOffset }
    }),
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
