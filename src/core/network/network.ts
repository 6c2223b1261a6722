// The network between the replicas and `api`: directed links with latency, cuts, holds, losses and
// duplicates. It tells its owner of every message that arrived or was lost. That the sender is told of a
// loss is an oracle no real network has; it spares the model time-outs for what is known anyway.

import { bytesOf } from '../bytes.ts'
import type { Emitter } from '../emitter.ts'
import { invariant } from '../errors.ts'
import { type LatencyOptions, type LatencySpec, latencyTo, sampleUs } from '../latency.ts'
import { API, type LossReason, type MessageKind, type NodeId } from '../nodes.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Microseconds } from '../units.ts'
import { type HoldOnly, Link } from './link.ts'
import {
  type Carrier,
  type CopyBody,
  type Errand,
  Handing,
  type Host,
  Message,
  type MessageBody,
  type Sending,
} from './message.ts'

/** Who hears of messages that reached their node, or never will. */
export interface NetworkOwner {
  host(node: NodeId): Host
  deliver(message: Message): void
  lost(message: Message, reason: LossReason): void
}

export class Network implements Carrier {
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #emitter: Emitter
  readonly #latency: LatencyOptions
  readonly #owner: NetworkOwner
  readonly #nodes: number
  readonly #links: (Link | undefined)[]
  #nextMessage = 1
  /** Everything on its way: travelling, held and queued at a paused replica. */
  #messages = 0
  #bytes = 0

  constructor(
    timeline: Timeline,
    random: Random,
    emitter: Emitter,
    latency: LatencyOptions,
    replicas: number,
    owner: NetworkOwner,
  ) {
    this.#timeline = timeline
    this.#random = random
    this.#emitter = emitter
    this.#latency = latency
    this.#owner = owner
    this.#nodes = replicas + 1
    this.#links = new Array(this.#nodes * this.#nodes)
  }

  get messages(): number {
    return this.#messages
  }

  /** Of keys and values in them. */
  get bytes(): number {
    return this.#bytes
  }

  /** Links that were used or touched, in order of their ends. */
  links(): Link[] {
    return this.#links.filter((link) => link !== undefined)
  }

  link(from: NodeId, to: NodeId): Link {
    const index = (from - API) * this.#nodes + (to - API)
    let link = this.#links[index]
    if (!link) {
      link = new Link(from, to, this.#random.fork(`link ${from} ${to}`))
      this.#links[index] = link
    }
    return link
  }

  /** Running or paused, and neither direction cut: the best anyone at `from` can know. */
  isReachable(from: NodeId, to: NodeId): boolean {
    return (
      this.#owner.host(to).state !== 'crashed' &&
      this.link(from, to).state !== 'cut' &&
      this.link(to, from).state !== 'cut'
    )
  }

  send(from: NodeId, to: NodeId, body: MessageBody, how: Sending = {}): Message {
    const message = this.#message(from, to, body, how.request ?? null, how.bytes ?? 0)
    message.attempt = how.attempt ?? 0
    message.background = how.background ?? false
    this.#dispatch(message, how.extraUs ?? 0)
    return message
  }

  /** The copy of a write to one follower: `send` without its options, for the busiest path. */
  sendCopy(from: NodeId, to: NodeId, body: CopyBody): Message {
    const message = this.#message(from, to, body, null, bytesOf(body.record))
    this.#dispatch(message, 0)
    return message
  }

  /** How many are on their way, held ones and those that queue at the other end included. */
  travelling(from: NodeId, to: NodeId): number {
    return this.#links[(from - API) * this.#nodes + (to - API)]?.messages ?? 0
  }

  /** All of them on their way to a node, in no order. */
  *onTheirWay(to: NodeId): Iterable<Message> {
    for (const due of this.#timeline.scheduled()) {
      const item = due instanceof Handing ? due.item : due
      if (item instanceof Message && item.to === to) yield item
    }
    for (const link of this.links()) if (link.to === to) yield* link.held
    for (const item of this.#owner.host(to).inbox) if (item instanceof Message) yield item
  }

  /** A new sender begins on a link, and keeps no count of what travels there already. */
  noteStrays(from: NodeId, to: NodeId): void {
    if (this.travelling(from, to) === 0) return
    const link = this.link(from, to)
    for (const message of this.onTheirWay(to)) {
      if (message.from === from) link.straysUntilUs = Math.max(link.straysUntilUs, message.dueUs)
    }
  }

  /** A message came due. */
  arrive(message: Message): void {
    const link = this.link(message.from, message.to)
    if (link.state === 'cut') this.#lose(link, message, 'cut')
    else if (link.holds(message)) this.#hold(link, message)
    else this.#hand(link, message)
  }

  cut(link: Link): void {
    link.state = 'cut'
    link.holding = null
    const held = link.held
    link.held = []
    for (const message of held) this.#lose(link, message, 'cut')
  }

  heal(link: Link): void {
    link.state = 'up'
    link.cutByHand = false
    link.cutByPartition = false
  }

  hold(link: Link, only: HoldOnly): void {
    link.state = 'held'
    link.holding = only
  }

  /** Lets what is overdue arrive now, in the order it came due. @param told called before that */
  release(link: Link, told: () => void): void {
    link.state = 'up'
    link.holding = null
    told()
    const held = link.held
    link.held = []
    for (const message of held) {
      message.dueUs = this.#timeline.now()
      message.isHeld = false
      if (this.#emitter.hasListeners) {
        const { id, from, to } = message
        this.#emitter.emit({ type: 'message-released', message: id, from, to })
      }
      this.#timeline.scheduleDue(0, message)
    }
  }

  /** An errand takes no link and no time; only a pause delays it, behind what queues already. */
  queue(host: Host, errand: Errand): void {
    host.inbox.push(errand)
  }

  /** A paused replica runs on: what queued is handed to it now, in order. Its links have let it through before. */
  resume(host: Host): void {
    const { incarnation } = host
    for (const item of host.inbox.splice(0)) {
      const handing = new Handing(item, () => {
        if (item instanceof Message) this.#hand(this.link(item.from, item.to), item)
        else if (host.state === 'paused') this.queue(host, item)
        else if (host.state === 'running' && host.incarnation === incarnation) item.carryOut()
      })
      this.#timeline.scheduleDue(0, handing)
    }
  }

  /** A replica crashed: what queued at it is gone. */
  dropInbox(host: Host): void {
    for (const item of host.inbox.splice(0)) {
      if (item instanceof Message) this.#lose(this.link(item.from, item.to), item, 'crashed')
    }
  }

  /** The latency a message on this link takes, as it is set now. */
  latencyOf(link: Link, kind: MessageKind): LatencySpec {
    return link.latency ?? latencyTo(this.#latency, link.to, kind)
  }

  #message(
    from: NodeId,
    to: NodeId,
    body: MessageBody,
    request: number | null,
    bytes: number,
  ): Message {
    const { incarnation } = this.#owner.host(to)
    return new Message(this, this.#nextMessage++, from, to, body, incarnation, request, bytes)
  }

  #dispatch(message: Message, extraUs: Microseconds): void {
    const link = this.link(message.from, message.to)
    const delayUs = this.#delay(link, message) + extraUs
    this.#depart(link, message, delayUs)
    if (link.state === 'cut') return this.#lose(link, message, 'cut')
    if (link.lossRatio > 0 && link.chanceRandom.float() < link.lossRatio) {
      return this.#lose(link, message, 'loss')
    }
    this.#timeline.scheduleDue(delayUs, message)
    if (link.duplicateRatio > 0 && link.chanceRandom.float() < link.duplicateRatio) {
      this.#duplicate(link, message)
    }
  }

  #depart(link: Link, message: Message, delayUs: Microseconds): void {
    message.dueUs = this.#timeline.now() + delayUs
    this.#messages++
    this.#bytes += message.bytes
    link.messages++
    if (this.#emitter.hasListeners && !message.background) this.#announceSent(message)
  }

  /** The same message once more, with a latency of its own. A duplicate is never doubled again. */
  #duplicate(link: Link, original: Message): void {
    const { from, to, body, request, bytes } = original
    const twin = this.#message(from, to, body, request, bytes)
    twin.background = original.background
    const delayUs = this.#delay(link, twin)
    this.#depart(link, twin, delayUs)
    link.straysUntilUs = Math.max(link.straysUntilUs, twin.dueUs)
    this.#timeline.scheduleDue(delayUs, twin)
  }

  #delay(link: Link, message: Message): Microseconds {
    const spec = this.latencyOf(link, message.body.kind)
    // A constant draws nothing; asking for its generator would only make one.
    return spec.kind === 'constant' ? spec.us : sampleUs(spec, link.latencyRandom)
  }

  #hold(link: Link, message: Message): void {
    // Heartbeats would pile up behind a hold without end, and the next one after it says the same.
    if (message.background) return this.#forget(link, message)
    link.held.push(message)
    message.isHeld = true
    if (!this.#emitter.hasListeners) return
    const { id, from, to } = message
    this.#emitter.emit({ type: 'message-held', message: id, from, to })
  }

  #hand(link: Link, message: Message): void {
    const host = this.#owner.host(message.to)
    if (host.state === 'crashed') return this.#lose(link, message, 'crashed')
    if (host.incarnation !== message.toIncarnation) return this.#lose(link, message, 'restarted')
    if (host.state === 'paused') {
      if (message.background) return this.#forget(link, message)
      host.inbox.push(message)
      return
    }
    this.#forget(link, message)
    this.#owner.deliver(message)
  }

  #lose(link: Link, message: Message, reason: LossReason): void {
    this.#forget(link, message)
    this.drop(message, reason)
  }

  /** Tells that a message will never be taken. */
  drop(message: Message, reason: LossReason): void {
    message.lostBy = reason
    if (this.#emitter.hasListeners && !message.background) {
      const { id, kind, from, to, record } = message
      this.#emitter.emit({ type: 'message-lost', message: id, kind, from, to, reason, record })
    }
    this.#owner.lost(message, reason)
  }

  /** For whoever takes a message of which no other event tells that it did. */
  tellArrived({ id, kind, from, to, background }: Message): void {
    if (!this.#emitter.hasListeners || background) return
    this.#emitter.emit({ type: 'message-arrived', message: id, kind, from, to })
  }

  #forget(link: Link, message: Message): void {
    this.#messages--
    this.#bytes -= message.bytes
    link.messages--
    invariant(link.messages >= 0, 'a link never has fewer than no messages')
  }

  #announceSent({ id: message, kind, from, to, dueUs, record, request }: Message): void {
    const type = 'message-sent'
    this.#emitter.emit({ type, message, kind, from, to, dueUs, record, request })
  }
}
