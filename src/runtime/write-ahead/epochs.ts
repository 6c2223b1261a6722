// Replayed lines, put together: one log for each epoch, each continuing the log of an earlier epoch up to
// some offset. What the newest epoch's log holds is live; the rest is dead, whenever it was written:
// a deposed leader may write long after its successor began. Reading lines is replay.ts's part.

import type { ReplicaId } from '../../core/nodes.ts'
import type { StoredRecord } from '../../core/record.ts'
import type { RestoredCluster } from '../../core/verbs.ts'
import { type Epoch, formatVersion, nextOffset, type Offset } from '../../core/version.ts'
import { DamagedLine, type EpochLine, type LineReader } from './format.ts'

interface EpochLog {
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly firstOffset: Offset
  readonly continues: EpochLog | undefined
  /** Invariant: contiguous, from `firstOffset`. */
  readonly records: StoredRecord[]
}

export class EpochLogs implements LineReader {
  #logs = new Map<Epoch, EpochLog>()
  #newest: EpochLog
  /** Nothing was written since the start or the last reset. */
  #isNew = true

  constructor() {
    this.#newest = this.#begin()
  }

  write(record: StoredRecord): void {
    const { epoch, offset } = record
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
    this.#newest = { epoch, leader, firstOffset, continues: before, records: [] }
    this.#logs.set(epoch, this.#newest)
    this.#isNew = false
  }

  reset(): void {
    this.#logs = new Map()
    this.#newest = this.#begin()
    this.#isNew = true
  }

  /** The newest epoch's log; undefined when a cluster that never wrote anything would be the same. */
  restored(): RestoredCluster | undefined {
    if (this.#isNew) return undefined
    const { epoch, leader } = this.#newest
    return { epoch, leader, records: liveRecords(this.#newest) }
  }

  /** As every cluster begins: replica 0 leads epoch 1. */
  #begin(): EpochLog {
    const log: EpochLog = {
      epoch: 1,
      leader: 0,
      firstOffset: 1,
      continues: undefined,
      records: [],
    }
    this.#logs.set(1, log)
    return log
  }
}

/** From the first to the last record of an epoch's log, through the epochs it continues. */
function liveRecords(newest: EpochLog): readonly StoredRecord[] {
  const parts: (readonly StoredRecord[])[] = []
  let end = Number.POSITIVE_INFINITY
  for (let log: EpochLog | undefined = newest; log; log = log.continues) {
    const { records, firstOffset } = log
    if (firstOffset + records.length <= end) parts.push(records)
    else if (firstOffset < end) parts.push(records.slice(0, end - firstOffset))
    end = Math.min(end, firstOffset)
  }
  const [only, ...more] = parts.reverse()
  return only && more.length === 0 ? only : ([] as StoredRecord[]).concat(...parts)
}
