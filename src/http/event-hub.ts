// Listens to the cluster for all readers of the event stream, keeps the newest events for those who come
// back, and wakes the streams. One reader's pace is event-stream.ts's business.

import type { ServerResponse } from 'node:http'
import { BOUNDS } from '../core/bounds.ts'
import type { ClusterEvent } from '../core/events.ts'
import type { ClusterVerbs } from '../core/verbs.ts'
import { EventRing } from './event-ring.ts'
import { EventStream, type StreamLimits, type StreamRequest } from './event-stream.ts'

export interface HubOptions extends StreamLimits {
  /** Events kept for those who come back. */
  readonly keptMax: number
  /** Events kept while a stream has yet to send them. One `advance` may bring so many at once. */
  readonly backlogMax: number
  readonly heartbeatMs: number
  readonly streamsMax: number
}

const HUB_DEFAULTS: HubOptions = {
  keptMax: BOUNDS.eventsMax,
  backlogMax: BOUNDS.eventsMax * 10,
  bufferedBytesMax: 1024 * 1024,
  stallMsMax: 5_000,
  heartbeatMs: 15_000,
  streamsMax: 100,
}

export interface OpenRequest {
  /** The last event the reader has seen; undefined when it wants only what is to come. */
  readonly afterId: number | undefined
  readonly types: ReadonlySet<string> | undefined
}

export class EventHub {
  readonly #options: HubOptions
  readonly #startTimeMs: number
  readonly #ring = new EventRing()
  readonly #streams = new Set<EventStream>()
  readonly #unlisten: () => void
  #heartbeat: NodeJS.Timeout | undefined
  #pumping = false
  #trimAtLength: number
  #cutOffs = 0

  constructor(
    cluster: Pick<ClusterVerbs, 'listen'> & { readonly startTimeMs: number },
    options: Partial<HubOptions> = {},
  ) {
    this.#options = { ...HUB_DEFAULTS, ...options }
    this.#startTimeMs = cluster.startTimeMs
    this.#trimAtLength = this.#options.keptMax * 2
    this.#unlisten = cluster.listen((event) => this.#heard(event))
  }

  get streams(): number {
    return this.#streams.size
  }

  /** Readers that were too slow. */
  get cutOffs(): number {
    return this.#cutOffs
  }

  get isFull(): boolean {
    return this.#streams.size >= this.#options.streamsMax
  }

  /** Begins to send events on an answer whose headers are written. */
  open(res: ServerResponse, request: OpenRequest): void {
    const wanted: StreamRequest = { fromId: this.#firstWanted(request), types: request.types }
    const stream = new EventStream(
      res,
      this.#ring,
      this.#startTimeMs,
      this.#options,
      wanted,
      () => {
        this.#cutOffs++
      },
    )
    this.#streams.add(stream)
    this.#heartbeat ??= setInterval(() => this.#beat(), this.#options.heartbeatMs).unref()
    res.once('close', () => this.#close(stream))
    stream.pump()
  }

  end(): void {
    this.#unlisten()
    for (const stream of this.#streams) stream.end()
  }

  /** An id from the future was given out before a restart: such a reader gets all there is. */
  #firstWanted({ afterId }: OpenRequest): number {
    const { firstId, nextId } = this.#ring
    if (afterId === undefined) return nextId
    return afterId < nextId ? afterId + 1 : firstId
  }

  #close(stream: EventStream): void {
    stream.release()
    this.#streams.delete(stream)
    if (this.#streams.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  #beat(): void {
    for (const stream of this.#streams) stream.heartbeat()
  }

  #heard(event: ClusterEvent): void {
    this.#ring.push(event)
    if (this.#ring.length >= this.#trimAtLength) this.#trim()
    if (this.#streams.size === 0 || this.#pumping) return
    // What one command brings about goes out together.
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      for (const stream of this.#streams) stream.pump()
    })
  }

  /**
   * Drops what nobody needs: all but the newest events, unless a stream has yet to send older ones; and
   * those too once they are too many. A stalled stream that would lose events this way is cut off.
   */
  #trim(): void {
    const { keptMax, backlogMax } = this.#options
    const { nextId } = this.#ring
    let needed = nextId - keptMax
    for (const stream of this.#streams) needed = Math.min(needed, stream.nextId)
    this.#ring.dropBefore(Math.max(needed, nextId - backlogMax))
    for (const stream of this.#streams) {
      if (stream.stalled && stream.nextId < this.#ring.firstId) stream.cutOff()
    }
    this.#trimAtLength = this.#ring.length + keptMax
  }
}
