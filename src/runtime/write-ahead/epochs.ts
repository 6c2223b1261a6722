// Replayed lines, put together: one log for each epoch, each continuing the log of an earlier epoch up to
// some offset. What the newest epoch's log holds is live; the rest is dead, whenever it was written:
// a deposed leader may write long after its successor began. A compacted log has gaps, where writes were
// overwritten. Reading lines is replay.ts's part.

import type { ReplicaId } from '../../core/nodes.ts'
import type { StoredRecord } from '../../core/record.ts'
import type { RestoredCluster } from '../../core/verbs.ts'
import {
  type Epoch,
  type EpochTable,
  formatVersion,
  isInTable,
  nextOffset,
  type Offset,
  tableOf,
  tableUpTo,
} from '../../core/version.ts'
import { type CompactedLine, DamagedLine, type EpochLine, type LineReader } from './format.ts'

interface EpochLog {
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly firstOffset: Offset
  readonly continues: EpochLog | Base | undefined
  /** Invariant: contiguous, from `firstOffset`. */
  readonly records: StoredRecord[]
}

/** What a compacted line says, and the records that belong to it. */
interface Base extends CompactedLine {
  readonly found: StoredRecord[]
}

/** Who leads the newest epoch's log, and what is in it. */
export interface NewestLog {
  readonly leader: ReplicaId
  readonly epoch: Epoch
  readonly offset: Offset
  readonly table: EpochTable
  readonly records: readonly StoredRecord[]
  /** Writes are missing. */
  readonly hasGaps: boolean
}

export class EpochLogs implements LineReader {
  #logs = new Map<Epoch, EpochLog>()
  #newest: EpochLog
  #base: Base | undefined
  #reserved: Epoch = 0
  /** Nothing was written since the start or the last reset. */
  #isNew = true

  constructor() {
    this.#newest = this.#begin(1, 0, 1, undefined)
  }

  /** The newest epoch that may have been issued. */
  get reservedEpoch(): Epoch {
    return this.#isNew ? this.#reserved : Math.max(this.#reserved, this.#newest.epoch)
  }

  write(record: StoredRecord): void {
    const { epoch, offset } = record
    if (this.#base && this.#base.found.length < this.#base.records) return this.#fill(record)
    const log = epoch === this.#newest.epoch ? this.#newest : this.#logs.get(epoch)
    if (!log) throw new DamagedLine(`no line before it begins epoch ${epoch}`)
    const due = nextOffset(log)
    if (offset !== due) {
      throw new DamagedLine(`its version is ${formatVersion(record)} where ${epoch}.${due} is due`)
    }
    log.records.push(record)
    this.#isNew = false
  }

  epoch({ epoch, leader, firstOffset, continues }: EpochLine): void {
    this.#checkFilled()
    if (epoch <= this.#newest.epoch) {
      throw new DamagedLine(`it begins epoch ${epoch} after epoch ${this.#newest.epoch}`)
    }
    const before = this.#logs.get(continues)
    if (continues !== 0 && !before) {
      throw new DamagedLine(`no line before it begins epoch ${continues}, which it continues`)
    }
    if (firstOffset > (before ? nextOffset(before) : 1)) {
      throw new DamagedLine(`it begins at offset ${firstOffset}, beyond what it continues`)
    }
    this.#newest = this.#begin(epoch, leader, firstOffset, before)
    const base = baseOf(this.#newest)
    if (base && firstOffset < base.wholeFrom) {
      throw new DamagedLine(`it begins at offset ${firstOffset}, amid what was compacted`)
    }
    this.#isNew = false
  }

  reserved(epoch: Epoch): void {
    this.#checkFilled()
    this.#reserved = Math.max(this.#reserved, epoch)
  }

  compacted(line: CompactedLine): void {
    if (!this.#isNew) throw new DamagedLine('it stands behind what it should have replaced')
    const { epoch, leader, offset } = line
    this.#logs = new Map()
    this.#base = { ...line, found: [] }
    this.#newest = this.#begin(epoch, leader, offset + 1, this.#base)
    this.#isNew = false
  }

  reset(): void {
    this.#checkFilled()
    // What was reserved stays so: no epoch of the time before is to be taken for one of the time after.
    this.#reserved = this.reservedEpoch
    this.#logs = new Map()
    this.#newest = this.#begin(1, 0, 1, undefined)
    this.#base = undefined
    this.#isNew = true
  }

  /** @throws DamagedLine when the end came too early */
  newestLog(): NewestLog {
    this.#checkFilled()
    const { epoch, leader } = this.#newest
    const records = liveRecords(this.#newest)
    const base = baseOf(this.#newest)
    const last = this.#newest.firstOffset + this.#newest.records.length - 1
    if (!base) {
      return { epoch, leader, records, offset: last, table: tableOf(records), hasGaps: false }
    }
    // Past the base every epoch shows by its records; up to it the base says which there were.
    const end = Math.min(base.offset, endOfBase(this.#newest))
    const tail = records.filter((record) => record.offset > end)
    const table = [...tableUpTo(base.table, end)]
    for (const row of tableOf(tail))
      if (row.epoch !== table[table.length - 1]?.epoch) table.push(row)
    return { epoch, leader, records, offset: last, table, hasGaps: true }
  }

  /** The newest epoch's log; undefined when a cluster that never wrote anything would be the same. */
  restored(): RestoredCluster | undefined {
    const epoch = this.reservedEpoch
    if (epoch === 0) return undefined
    const { leader, records, offset, table, hasGaps } = this.newestLog()
    return { leader, epoch, records, ...(hasGaps && offset > 0 && { log: { offset, table } }) }
  }

  #begin(
    epoch: Epoch,
    leader: ReplicaId,
    firstOffset: Offset,
    continues: EpochLog | Base | undefined,
  ): EpochLog {
    const log: EpochLog = { epoch, leader, firstOffset, continues, records: [] }
    this.#logs.set(epoch, log)
    return log
  }

  #fill(record: StoredRecord): void {
    const { found, table, offset } = this.#base as Base
    const before = found[found.length - 1]?.offset ?? 0
    if (record.offset <= before || record.offset > offset || !isInTable(table, record)) {
      throw new DamagedLine(`its version ${formatVersion(record)} was not in the compacted log`)
    }
    found.push(record)
  }

  #checkFilled(): void {
    const missing = this.#base ? this.#base.records - this.#base.found.length : 0
    if (missing > 0)
      throw new DamagedLine(`${missing} of the records that were compacted are missing`)
  }
}

function isBase(log: EpochLog | Base): log is Base {
  return 'found' in log
}

/** What the log of an epoch goes back to, if to a compacted one. */
function baseOf(newest: EpochLog): Base | undefined {
  let log: EpochLog | Base | undefined = newest
  while (log && !isBase(log)) log = log.continues
  return log
}

/** The last offset that an epoch's log takes from its base. */
function endOfBase(newest: EpochLog): Offset {
  let end = Number.POSITIVE_INFINITY
  for (let log: EpochLog | Base | undefined = newest; log && !isBase(log); log = log.continues) {
    end = Math.min(end, log.firstOffset - 1)
  }
  return end
}

/** From the first to the last record of an epoch's log, through the epochs it continues. */
function liveRecords(newest: EpochLog): readonly StoredRecord[] {
  const parts: (readonly StoredRecord[])[] = []
  let end = Number.POSITIVE_INFINITY
  for (let log: EpochLog | Base | undefined = newest; log; ) {
    if (isBase(log)) {
      const isAll = log.offset < end
      parts.push(isAll ? log.found : log.found.filter((record) => record.offset < end))
      break
    }
    const { records, firstOffset } = log
    if (firstOffset + records.length <= end) parts.push(records)
    else if (firstOffset < end) parts.push(records.slice(0, end - firstOffset))
    end = Math.min(end, firstOffset)
    log = log.continues
  }
  const [only, ...more] = parts.reverse()
  return only && more.length === 0 ? only : ([] as StoredRecord[]).concat(...parts)
}
