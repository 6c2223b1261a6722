// What each failover cost. It is computed when asked, from what the observer saw,
// so that what a deposed leader goes on to acknowledge joins the losses.

import { BOUNDS } from '../bounds.ts'
import type { ObservedWrite } from '../observed-write.ts'
import { recordsOf } from '../observer.ts'
import type { Parts } from '../parts.ts'
import type { Microseconds } from '../units.ts'
import type { FailoverView, WriteFate } from '../verbs.ts'
import { type EpochTable, isDead } from '../version.ts'

/** A failover as it was noted down when it happened. */
export interface FailoverEntry
  extends Omit<FailoverView, 'lost' | 'survived' | 'lostWorkUs' | 'truncated'> {
  /** The new leader's table: it decides what lives on. */
  readonly table: EpochTable
}

interface Fates {
  readonly lost: WriteFate[]
  readonly survived: WriteFate[]
}

export class FailoverCosts {
  readonly #parts: Parts
  readonly #entries: FailoverEntry[] = []
  /** What was counted last, and what it followed from. */
  #known: { readonly table: EpochTable; readonly acknowledgements: number; readonly lost: number } =
    {
      table: [],
      acknowledgements: -1,
      lost: 0,
    }

  constructor(parts: Parts) {
    this.#parts = parts
  }

  add(entry: FailoverEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > BOUNDS.failoversMax) this.#entries.shift()
  }

  /** How many acknowledged writes were lost. Counted anew only when there may be others. */
  lostWrites(): number {
    const { table, acknowledgements } = this.#parts.observer
    if (this.#entries.length === 0) return 0
    const known = this.#known
    if (known.table === table && known.acknowledgements === acknowledgements) return known.lost
    const lost = this.view().reduce((sum, one) => sum + one.lost.length, 0)
    this.#known = { table, acknowledgements, lost }
    return lost
  }

  view(): FailoverView[] {
    const fates = this.#entries.map((): Fates => ({ lost: [], survived: [] }))
    for (const write of this.#parts.observer.writes()) this.#judge(write, fates)
    const truncated = this.#parts.observer.forgot
    return this.#entries.map((entry, i) => {
      const { lost, survived } = fates[i] as Fates
      const { table: _, ...told } = entry
      return { ...told, lost, survived, lostWorkUs: this.#lostWork(entry, lost), truncated }
    })
  }

  /**
   * A write is lost when the newest log has none of its records; the failover that ended the last of them is to
   * blame. One that was dead for a while, until somebody led who had never heard of it, is not lost.
   */
  #judge(first: ObservedWrite, fates: Fates[]): void {
    const newest = this.#entries[this.#entries.length - 1]
    // Told once, under its first version.
    if (!newest || newest.epoch <= first.record.epoch || first.first !== first) return
    const records = recordsOf(first)
    const lives = records.some(({ record }) => !isDead(newest.table, record))
    const acknowledged = first.acknowledgedOrder > 0
    if (lives === acknowledged) return
    const fate = this.#fate(first)
    if (lives) {
      const after = this.#entries.findIndex((entry) => entry.epoch > first.record.epoch)
      fates[after]?.survived.push(fate)
    } else {
      const lastHad = this.#entries.findLastIndex(({ table }) =>
        records.some(({ record }) => !isDead(table, record)),
      )
      fates[lastHad + 1]?.lost.push(fate)
    }
  }

  /** Whoever acknowledged a later version did not acknowledge this one, and may have it from nobody else. */
  #fate({ record, writer }: ObservedWrite): WriteFate {
    const acknowledgedBy = this.#parts.observer.acknowledgedBy(record, writer)
    if (record.origin === undefined) return { record, acknowledgedBy }
    const { origin, ...again } = record
    return { record: { ...again, ...origin }, acknowledgedBy }
  }

  /** From the first lost write to the failover, or to the last one that a deposed leader went on to take. */
  #lostWork({ atUs }: FailoverEntry, lost: readonly WriteFate[]): Microseconds {
    const { observer } = this.#parts
    const [first, last] = [lost[0], lost[lost.length - 1]]
    if (!first || !last) return 0
    return Math.max(atUs, observer.writtenUs(last.record)) - observer.writtenUs(first.record)
  }
}
