// The parts that every module of the protocol works on: time, chance, network, replicas, and the counters they
// share. They last from a start or a full reset to the next. protocol.ts puts them together with the modules.

import { type Shares, sharesOf } from './bytes.ts'
import type { Emitter } from './emitter.ts'
import { advise, type Problem, type ProblemFacts, problem } from './errors.ts'
import type { Host, Message } from './network/message.ts'
import { Network, type NetworkOwner } from './network/network.ts'
import { API, type LossReason, type ReplicaId } from './nodes.ts'
import { Observer } from './observer.ts'
import type { ClusterOptions } from './options.ts'
import type { Order } from './order.ts'
import type { EpochReserve } from './ports.ts'
import { Random } from './random.ts'
import type { Setting } from './remedy.ts'
import { Keys } from './replica/keys.ts'
import { Replica } from './replica/replica.ts'
import type { Timeline } from './timeline.ts'
import type { Epoch } from './version.ts'

const API_HOST: Host = Object.freeze({ state: 'running', incarnation: 1, inbox: [] })

/** Who handles a message that arrived, or that the network dropped. */
export interface Router {
  deliver(message: Message): void
  lost(message: Message, reason: LossReason): void
}

export class Parts {
  readonly options: ClusterOptions
  readonly shares: Shares
  readonly timeline: Timeline
  readonly emitter: Emitter
  readonly random: Random
  readonly network: Network
  readonly keys = new Keys()
  readonly observer: Observer
  readonly replicas: readonly Replica[]
  /** The newest epoch issued. One counter issues them all, so no two leaders share one. */
  epoch: Epoch = 0
  /** The newest epoch that anybody took over, and who did. */
  ledEpoch: Epoch = 0
  newestLeader: ReplicaId = 0
  /** Asked before an epoch is issued; nobody, when nothing outlives the process. */
  reserve: EpochReserve | undefined
  /** An order of the newest epoch that nobody has carried out yet. */
  order: Order | undefined
  /** Who was ordered to lead and has not been heard of by `api` since, with the epoch of its last order. */
  readonly unheard = new Map<ReplicaId, Epoch>()
  /** Bytes of what waits for an answer. */
  waitingBytes = 0
  #nextRequest = 1

  constructor(options: ClusterOptions, timeline: Timeline, emitter: Emitter, router: Router) {
    this.options = options
    this.timeline = timeline
    this.emitter = emitter
    this.random = Random.fromSeed(options.seed)
    const n = options.followers + 1
    this.shares = sharesOf(options.bytesMax, n)
    this.replicas = Array.from(
      { length: n },
      (_, id) => new Replica(id, this.keys, options.logEntriesMax, this.shares),
    )
    this.observer = new Observer(this.keys, n, options.logEntriesMax, this.shares.log)
    const random = this.random.fork('network')
    const owner: NetworkOwner = {
      host: (node) => (node === API ? API_HOST : this.replica(node)),
      deliver: (message) => router.deliver(message),
      lost: (message, reason) => router.lost(message, reason),
    }
    this.network = new Network(timeline, random, emitter, options.latency, n, owner)
  }

  get now(): number {
    return this.timeline.now()
  }

  get n(): number {
    return this.replicas.length
  }

  /** Whether the next epoch may be issued: its number is set aside now, if it was not before. */
  reserveEpoch(): boolean {
    return this.reserve?.reserve(this.epoch + 1) ?? true
  }

  nextRequest(): number {
    return this.#nextRequest++
  }

  replica(id: ReplicaId): Replica {
    return this.replicas[id] as Replica
  }

  has(id: number): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.n
  }

  /** The newest epoch's leader, unless it is down or has yet to take over. It may be paused or out of reach. */
  leader(): Replica | undefined {
    return this.order ? undefined : this.lastLeader()
  }

  /** The last that took over, unless it is down or leads no more. While an order waits it still believes it leads. */
  lastLeader(): Replica | undefined {
    const replica = this.replica(this.newestLeader)
    const leads = replica.role === 'leader' && replica.epoch === this.ledEpoch
    return leads && replica.state !== 'crashed' ? replica : undefined
  }

  /** Why a number names no replica, with the ones that do. */
  noSuchReplica(id: unknown, code: 'invalid-request' | 'replica-not-found'): Problem {
    const last = this.n - 1
    return problem(code, `There is no replica ${id}: the replicas are 0 to ${last}.`, {
      replicas: this.replicas.map((replica) => replica.id),
    })
  }

  /** Of keys and values on their way, or in requests that wait. */
  get travellingBytes(): number {
    return this.network.bytes + this.waitingBytes
  }

  /** Why `more` messages have no room on the network, if so. */
  tooManyMessages(more: number): Problem | undefined {
    const { messages } = this.network
    if (messages + more <= this.options.messagesMax) return undefined
    return this.#crowded(`${messages} messages are`, { messages }, 'max-messages')
  }

  /** Why no more keys and values may be sent, if so. */
  tooManyBytes(): Problem | undefined {
    const bytes = this.travellingBytes
    if (bytes < this.shares.travelling) return undefined
    const what = `${bytes} of ${this.shares.travelling} bytes of keys and values, two bytes a character, are`
    return this.#crowded(what, { bytes }, 'max-bytes')
  }

  #crowded(what: string, facts: ProblemFacts, setting: Setting['setting']): Problem {
    const detail = `${what} on their way already. Wait until some have landed, advance the clock, or release the link or resume the replica that holds them up.`
    return advise(problem('too-many-messages', detail, facts), { setting, change: 'raise' })
  }
}
