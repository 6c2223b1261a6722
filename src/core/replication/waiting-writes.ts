// The writes of one leadership that wait for acknowledgements, by offset. The verb behind them lives in
// requests/writes.ts.

import type { ReplicaId } from '../nodes.ts'
import type { Offset } from '../version.ts'

export interface WaitingWrite {
  acknowledgedBy(replica: ReplicaId): void
  end(code: 'replica-down' | 'leader-changed'): void
}

export class WaitingWrites {
  readonly #writes = new Map<Offset, WaitingWrite>()
  /** By follower: acknowledgements up to here were counted, whichever incarnation gave them. */
  readonly #counted: Offset[] = []
  readonly #after: Offset

  /** @param after the last offset before the leadership began */
  constructor(after: Offset) {
    this.#after = after
  }

  add(offset: Offset, write: WaitingWrite): void {
    this.#writes.set(offset, write)
  }

  delete(offset: Offset): void {
    this.#writes.delete(offset)
  }

  /** A follower acknowledged everything up to an offset; it counts once for each write. */
  acknowledged(by: ReplicaId, upTo: Offset): void {
    const counted = this.#counted[by] ?? this.#after
    if (upTo <= counted) return
    this.#counted[by] = upTo
    for (let offset = counted + 1; this.#writes.size > 0 && offset <= upTo; offset++) {
      this.#writes.get(offset)?.acknowledgedBy(by)
    }
  }

  /** The leadership is over. */
  endAll(code: 'replica-down' | 'leader-changed'): void {
    for (const write of [...this.#writes.values()]) write.end(code)
    this.#writes.clear()
  }
}
