// One direction between two nodes: its state, its latency, its chances of losing or doubling a message,
// and what it holds back. What to do with a message is decided in network.ts.

import type { LatencySpec } from '../latency.ts'
import type { LinkState, NodeId } from '../nodes.ts'
import type { Random } from '../random.ts'
import type { Microseconds } from '../units.ts'
import type { Message } from './message.ts'

/** What a held link holds: everything (null), the next few copies, or one key's copies. */
export type HoldOnly = { copies: number } | { readonly key: string } | null

/** All that can be set of a link; latency null is its receiver's leg. */
export interface LinkSettings {
  readonly latency: LatencySpec | null
  readonly lossRatio: number
  readonly duplicateRatio: number
}

export class Link {
  readonly from: NodeId
  readonly to: NodeId
  state: LinkState = 'up'
  holding: HoldOnly = null
  /** Overdue, in the order they came due. Written by the network only. */
  held: Message[] = []
  /** On their way, the held ones included. */
  messages = 0
  /**
   * Until when some of them travel that the sender keeps no count of: doubles, and what it sent in an earlier leadership
   * or before it knew the receiver's present life. -1 where there are none.
   */
  straysUntilUs: Microseconds = -1
  lossRatio = 0
  duplicateRatio = 0
  /** Set for this link alone; otherwise the receiver's leg decides. */
  latency: LatencySpec | null = null
  /** What settings that are to pass will give way to; undefined while there are none. */
  lasting: LinkSettings | undefined
  /** It is cut for as long as one of these is so: each is ended by its own counterpart, or its time. */
  cutByHand = false
  cutByPartition = false
  readonly #random: Random
  #latencyRandom: Random | undefined
  #chanceRandom: Random | undefined

  constructor(from: NodeId, to: NodeId, random: Random) {
    this.from = from
    this.to = to
    this.#random = random
  }

  get latencyRandom(): Random {
    this.#latencyRandom ??= this.#random.fork('latency')
    return this.#latencyRandom
  }

  get chanceRandom(): Random {
    this.#chanceRandom ??= this.#random.fork('chance')
    return this.#chanceRandom
  }

  get settings(): LinkSettings {
    const { latency, lossRatio, duplicateRatio } = this
    return { latency, lossRatio, duplicateRatio }
  }

  get isDefault(): boolean {
    return (
      this.state === 'up' &&
      this.lossRatio === 0 &&
      this.duplicateRatio === 0 &&
      this.latency === null
    )
  }

  /** Whether a message would be held back if it were due now. */
  wouldHold(message: Message): boolean {
    if (this.state !== 'held') return false
    if (this.holding === null) return true
    if (message.body.kind !== 'copy') return false
    return 'key' in this.holding
      ? message.body.record.key === this.holding.key
      : this.holding.copies > 0
  }

  /** Whether a message due now is held back. Counts down a hold of the next few copies. */
  holds(message: Message): boolean {
    if (!this.wouldHold(message)) return false
    if (this.holding && 'copies' in this.holding) this.holding.copies--
    return true
  }
}
