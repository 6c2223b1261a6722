// What explains a history, written down beside its operations: faults, and who led which epoch. Bounded; the oldest go.

import type { ClusterEvent } from '../../core/events.ts'
import { describeEvent } from '../../core/output/describe.ts'
import { groupOfEvent } from '../../core/output/event-kinds.ts'
import { msFromUs } from '../../core/units.ts'
import type { EpochTable } from '../../core/version.ts'
import type { EpochNote, FaultNote } from './operation.ts'

/** Of either kind. */
const NOTES_MAX = 1_000

const FIRST_TABLE: EpochTable = [{ epoch: 1, firstOffset: 1 }]

interface Epoch extends Omit<EpochNote, 'table'> {
  readonly table: EpochTable
}

export class Notes {
  #faults: FaultNote[] = []
  #epochs: Epoch[] = [firstEpoch(0)]

  get faults(): FaultNote[] {
    return [...this.#faults]
  }

  get epochs(): EpochNote[] {
    return this.#epochs.map(({ table, ...epoch }) => ({
      ...epoch,
      table: table.map(({ epoch: of, firstOffset }) => [of, firstOffset] as const),
    }))
  }

  hear(event: ClusterEvent): void {
    const group = groupOfEvent(event)
    if (group !== 'fault' && group !== 'leadership') return
    const atMs = msFromUs(event.atUs)
    if (event.type === 'leader-elected') {
      const { epoch, to, table } = event
      const note: Epoch = { kind: 'epoch', epoch, leader: to, table, atMs }
      this.#epochs = [...this.#epochs.slice(-NOTES_MAX), note]
    }
    const { level, text } = describeEvent(event)
    if (level === 'debug') return
    this.#faults.push({ kind: 'fault', atMs, text, event: event.id })
    if (this.#faults.length >= 2 * NOTES_MAX) this.#faults = this.#faults.slice(-NOTES_MAX)
  }

  /** A reset, after which time begins anew. */
  begin(keepsData: boolean, atMs: number): void {
    this.#faults = []
    this.#epochs = keepsData
      ? this.#epochs.map((epoch) => ({ ...epoch, atMs }))
      : [firstEpoch(atMs)]
  }
}

function firstEpoch(atMs: number): Epoch {
  return { kind: 'epoch', epoch: 1, leader: 0, table: FIRST_TABLE, atMs }
}
