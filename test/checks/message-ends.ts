// Every message that was sent ends once, by one event, and not before the network has let go of it. What somebody
// makes of events alone can so be as true as the cluster.

import { InvariantError } from '../../src/core/errors.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { Parts } from '../../src/core/parts.ts'

export class MessageEnds {
  readonly #open = new Set<number>()
  /** Arrived, and waiting at the follower for their predecessors. */
  readonly #early = new Set<number>()

  hear(event: ClusterEvent): void {
    switch (event.type) {
      case 'message-sent':
        this.#open.add(event.message)
        return
      case 'copy-early':
        this.#early.add(event.message)
        return this.#end(event.message)
      case 'copy-applied':
        return this.#early.delete(event.message) ? undefined : this.#end(event.message)
      case 'message-lost':
      case 'message-arrived':
      case 'copy-refused':
      case 'acknowledgement-received':
        return this.#end(event.message)
      case 'cluster-reset':
        if (event.keep === 'data') return
        this.#open.clear()
        this.#early.clear()
        return
    }
  }

  check({ network }: Parts): void {
    if (this.#open.size <= network.messages) return
    const [first] = this.#open
    throw new InvariantError(
      `${this.#open.size} messages have no end, ${network.messages} are on their way; the first is ${first}`,
    )
  }

  #end(message: number): void {
    if (this.#open.delete(message)) return
    throw new InvariantError(`message ${message} ended, and was not on its way`)
  }
}
