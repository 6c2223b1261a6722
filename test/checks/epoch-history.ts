// What a checker writes down for itself about every epoch of a cluster: who led it, what was written in it and
// how far each replica acknowledged it. It hears only events, so that nothing invariants.ts compares with
// comes from the logs and stores it checks.

import { invariant } from '../../src/core/errors.ts'
import type { ReplicaId } from '../../src/core/nodes.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import {
  type Epoch,
  type EpochTable,
  epochAt,
  formatVersion,
  lastCommonOffset,
  nextOffset,
  type Offset,
  type Version,
} from '../../src/core/version.ts'

/** One epoch as it was written: the longest that any replica's log of this epoch may be. */
export interface EpochLog {
  readonly epoch: Epoch
  readonly leader: ReplicaId
  readonly table: EpochTable
  readonly firstOffset: Offset
  readonly records: StoredRecord[]
  /** Per replica: how far it acknowledged this epoch's leader, whichever life it was in. */
  readonly acknowledged: Offset[]
  /** Per replica: the same, as far as it has not lost memory since. */
  readonly kept: Offset[]
}

/** Who wrote what an earlier run left behind: replicas that are no more. */
const NOBODY: ReplicaId = -1

export class EpochHistory {
  readonly #replicas: number
  readonly #epochs = new Map<Epoch, EpochLog>()
  /** Of the epoch begun last. */
  newestTable: EpochTable = []

  constructor(replicas: number) {
    this.#replicas = replicas
  }

  get(epoch: Epoch): EpochLog | undefined {
    return this.#epochs.get(epoch)
  }

  logs(): Iterable<EpochLog> {
    return this.#epochs.values()
  }

  begin(epoch: Epoch, leader: ReplicaId, table: EpochTable): void {
    const nothing = () =>
      Array.from({ length: this.#replicas }, (_, id) => (id === leader ? Infinity : 0))
    const firstOffset = table.find((row) => row.epoch === epoch)?.firstOffset ?? 1
    this.newestTable = table
    const [acknowledged, kept] = [nothing(), nothing()]
    const log = { epoch, leader, table, firstOffset, records: [], acknowledged, kept }
    this.#epochs.set(epoch, log)
  }

  wrote(record: StoredRecord, leader: ReplicaId): void {
    const log = this.#epochs.get(record.epoch)
    invariant(log?.leader === leader, 'only the leader of an epoch writes in it')
    invariant(record.offset === nextOffset(log), 'the offsets of an epoch have no gaps')
    log.records.push(record)
  }

  /** Written by an earlier run. */
  restored(record: StoredRecord): void {
    const { epoch, offset } = record
    if (this.#epochs.get(epoch)?.leader !== NOBODY) {
      this.begin(epoch, NOBODY, [{ epoch, firstOffset: offset }])
    }
    this.#epochs.get(epoch)?.records.push(record)
  }

  acknowledged(epoch: Epoch, by: ReplicaId, offset: Offset, sinceItLostMemory: boolean): void {
    const log = this.#epochs.get(epoch)
    if (!log) return
    log.acknowledged[by] = Math.max(log.acknowledged[by] as Offset, offset)
    if (sinceItLostMemory) log.kept[by] = Math.max(log.kept[by] as Offset, offset)
  }

  lostMemory(id: ReplicaId): void {
    for (const log of this.#epochs.values()) log.kept[id] = 0
  }

  /** A replica gave up what a newer epoch's log never had. */
  learned(id: ReplicaId, table: EpochTable): void {
    for (const log of this.#epochs.values()) {
      const kept = Math.min(log.kept[id] as Offset, nextOffset(log) - 1)
      log.kept[id] = lastCommonOffset(log.table, kept, table, kept)
    }
  }

  /** What was written under a version. */
  written({ epoch, offset }: Version): StoredRecord | undefined {
    const log = this.#epochs.get(epoch)
    return log?.records[offset - log.firstOffset]
  }

  /** What an epoch's leader had at an offset, in whichever epoch that was written. */
  entry(log: EpochLog, offset: Offset): StoredRecord | undefined {
    return this.written({ epoch: epochAt(log.table, offset), offset })
  }
}

export function say(record: StoredRecord | undefined): string {
  return record ? `${record.key}@${formatVersion(record)}` : 'nothing'
}
