// Writing the newest live record back to replicas that answered with an older one, or with none. A repair
// travels the same legs as a read, runs ahead of the log, and never counts as an acknowledgement. It carries the
// epoch it was decided under: who knows an older one learns, and who knows a newer one may refuse.

import { bytesOf } from '../bytes.ts'
import { API, type ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'
import { type Epoch, type EpochTable, isDead } from '../version.ts'
import type { Decision, FullAnswer, Read } from './read.ts'

/** What a repair needs of others at the replica it comes to. */
export interface RepairHost {
  learn(replica: Replica, epoch: Epoch, table: EpochTable): void
  answerOf(read: Read, replica: Replica): FullAnswer
}

/** Hears at `api` what became of the repairs of a read. */
export interface RepairListener {
  /**
   * A replica has the record it was given, or a newer live one.
   * @param news whether the repair brought it, not a copy that came meanwhile
   */
  confirmed(
    read: Read,
    replica: ReplicaId,
    given: StoredRecord,
    held: StoredRecord,
    news: boolean,
  ): void
  /** It knows a newer epoch, in which that record is dead, and answers anew. */
  refused(read: Read, given: StoredRecord, answer: FullAnswer): void
  /** It is down. */
  repairFailed(read: Read, replica: ReplicaId, given: StoredRecord): void
}

export class Repair {
  readonly #parts: Parts
  readonly #host: RepairHost

  constructor(parts: Parts, host: RepairHost) {
    this.#parts = parts
    this.#host = host
  }

  /** Gives one replica the record that won. */
  send(read: Read, id: ReplicaId, decision: Decision, listener: RepairListener): void {
    const given = decision.winner.record as StoredRecord
    const { network } = this.#parts
    const how = { request: read.request, bytes: bytesOf(given) }
    let served = false
    const serve = () => {
      // A doubled request is handed on once, as a connection would.
      if (served) return
      served = true
      const take = this.#serve(read, this.#parts.replica(id), given, decision, listener)
      network.send(id, API, { kind: 'response', take }, how)
    }
    const refused = () => listener.repairFailed(read, id, given)
    network.send(API, id, { kind: 'request', serve, refused }, how)
  }

  /** Runs at the replica. @returns what its answer does at `api` */
  #serve(
    read: Read,
    replica: Replica,
    given: StoredRecord,
    { epoch, table }: Decision,
    listener: RepairListener,
  ): () => void {
    const { key } = given
    const before = replica.store.get(key)
    if (epoch > replica.epoch) this.#host.learn(replica, epoch, table)
    if (isDead(replica.table, given)) {
      const answer = this.#host.answerOf(read, replica)
      return () => listener.refused(read, given, answer)
    }
    replica.repair(given)
    const held = replica.store.get(key) as StoredRecord
    // It may have gone back to it when it learned of the epoch.
    const news = held === given && before !== given
    const { emitter } = this.#parts
    if (news && emitter.hasListeners) {
      const { id, role } = replica
      emitter.emit({ type: 'record-repaired', replica: id, role, record: given })
    }
    return () => listener.confirmed(read, replica.id, given, held, news)
  }
}
