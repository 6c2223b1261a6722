// Writing the newest live record back to replicas that answered with an older one, or with none. A repair
// travels the same legs as a read, runs ahead of the log, and never counts as an acknowledgement.

import { API, type ReplicaId } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import type { StoredRecord } from '../record.ts'
import type { Replica } from '../replica/replica.ts'

interface RepairListener {
  /** A replica took the record. Not called for one that got it by a copy meanwhile. */
  repaired(replica: ReplicaId): void
  /** Every target has taken it, had it by then, or is down. */
  finished(): void
}

export class Repair {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @param request the read this repair belongs to */
  run(
    request: number,
    targets: readonly Replica[],
    record: StoredRecord,
    listener: RepairListener,
  ): void {
    const awaited = new Set(targets)
    const over = (target: Replica) => {
      if (awaited.delete(target) && awaited.size === 0) listener.finished()
    }
    for (const target of targets) {
      const serve = () => {
        const news = this.#apply(target, record)
        const take = () => {
          if (news && awaited.has(target)) listener.repaired(target.id)
          over(target)
        }
        this.#parts.network.send(target.id, API, { kind: 'response', take }, { request })
      }
      const body = { kind: 'request', serve, refused: () => over(target) } as const
      this.#parts.network.send(API, target.id, body, { request })
    }
  }

  #apply(target: Replica, record: StoredRecord): boolean {
    const news = target.repair(record)
    const { emitter } = this.#parts
    if (news && emitter.hasListeners) {
      emitter.emit({ type: 'record-repaired', replica: target.id, role: target.role, record })
    }
    return news
  }
}
