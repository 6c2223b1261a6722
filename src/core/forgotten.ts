// What is kept of those writes of a key that the observer has forgotten: their number, and the last of them. It holds for
// as long as one log has all of them; after a failover that may have changed which are live, nobody knows any more.

import type { StoredRecord } from './record.ts'
import type { Microseconds } from './units.ts'
import { type EpochTable, isDead } from './version.ts'

export class Forgotten {
  /** The last that was live, acknowledged or not. */
  last: StoredRecord | undefined
  /** Acknowledged live ones. */
  count = 0
  /** When the first of those was acknowledged; and its last place among all acknowledgements. */
  sinceUs: Microseconds = Number.POSITIVE_INFINITY
  acknowledgedOrder = 0
  #hasDead = false
  /** By it the live are told from the dead. Undefined once it has changed so that nobody knows. */
  #table: EpochTable | undefined

  constructor(table: EpochTable) {
    this.#table = table
  }

  add(record: StoredRecord, table: EpochTable): void {
    // Before anything is added: afterwards nobody could tell.
    this.isSure(table)
    if (isDead(table, record)) this.#hasDead = true
    else this.last = record
  }

  /** One of them was acknowledged, before it was forgotten or since. */
  acknowledged(record: StoredRecord, order: number, atUs: Microseconds, table: EpochTable): void {
    if (!this.isSure(table) || isDead(table, record)) return
    this.count++
    this.sinceUs = Math.min(this.sinceUs, atUs)
    this.acknowledgedOrder = Math.max(this.acknowledgedOrder, order)
  }

  /** Whether `last` and `count` say what is live by this table. */
  isSure(table: EpochTable): boolean {
    if (this.#table === undefined || this.#table === table) return this.#table !== undefined
    // A log that has the last of them has all that came before it; but what was dead may have come alive.
    const isSame = !this.#hasDead && (this.last === undefined || !isDead(table, this.last))
    this.#table = isSame ? table : undefined
    return isSame
  }
}
