// The ledger of failovers: what each of them cost. It is computed when asked, from what the observer saw,
// so that what a deposed leader goes on to acknowledge joins the losses.

import { BOUNDS } from './bounds.ts'
import type { System } from './system.ts'
import type { Trace } from './trace.ts'
import type { Microseconds } from './units.ts'
import type { FailoverView, WriteFate } from './verbs.ts'
import { type EpochTable, isDead } from './version.ts'

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

export class Ledger {
  readonly #system: System
  readonly #entries: FailoverEntry[] = []

  constructor(system: System) {
    this.#system = system
  }

  add(entry: FailoverEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > BOUNDS.failoversMax) this.#entries.shift()
  }

  view(): FailoverView[] {
    const fates = this.#entries.map((): Fates => ({ lost: [], survived: [] }))
    for (const trace of this.#system.observer.traces()) this.#judge(trace, fates)
    const truncated = this.#system.observer.forgot
    return this.#entries.map((entry, i) => {
      const { lost, survived } = fates[i] as Fates
      const { table: _, ...told } = entry
      return { ...told, lost, survived, lostWorkUs: span(lost), truncated }
    })
  }

  /** A write is lost by the first later failover whose log lacks it. */
  #judge(trace: Trace, fates: Fates[]): void {
    const { record, acknowledgedOrder, carriedOver } = trace
    const first = this.#entries.findIndex((entry) => entry.epoch > record.epoch)
    if (first < 0) return
    const killer = this.#entries.findIndex((entry, i) => i >= first && isDead(entry.table, record))
    const acknowledged = acknowledgedOrder > 0
    if (killer >= 0 && acknowledged && !carriedOver) fates[killer]?.lost.push(this.#fate(trace))
    if (killer < 0 && !acknowledged) fates[first]?.survived.push(this.#fate(trace))
  }

  #fate({ record, writer }: Trace): WriteFate {
    return { record, acknowledgedBy: this.#system.observer.acknowledgedBy(record, writer) }
  }
}

function span(fates: readonly WriteFate[]): Microseconds {
  const first = fates[0]
  const last = fates[fates.length - 1]
  return first && last ? last.record.writtenUs - first.record.writtenUs : 0
}
