// Listens to the cluster for all readers of the event stream, keeps the newest events for those who come
// back, and wakes the streams. One reader's pace is event-stream.ts's business.

import type { ServerResponse } from 'node:http'
import { BOUNDS } from '../core/bounds.ts'
import type { Cluster } from '../core/cluster.ts'
import type { ClusterEvent } from '../core/events.ts'
import type { LastSeen } from './event-id.ts'
import { EventRing } from './event-ring.ts'
import { EventStream, type StreamLimits, type StreamRequest } from './event-stream.ts'
import { type Looker, ViewFeed } from './view-feed.ts'

export interface HubOptions extends StreamLimits {
  /** Events kept for those who come back. */
  readonly keptMax: number
  /** Events kept while a stream has yet to send them. One `advance` may bring this many at once. */
  readonly backlogMax: number
  /** Bytes of keys and values in all events that are kept. */
  readonly bytesMax: number
  readonly heartbeatMs: number
  readonly streamsMax: number
  /** Stands in front of the ids of its events: none of another lab, or of an earlier run, begins so. */
  readonly run: string | undefined
}

const HUB_DEFAULTS: HubOptions = {
  keptMax: BOUNDS.eventsMax,
  backlogMax: BOUNDS.eventsMax * 10,
  bytesMax: Number.POSITIVE_INFINITY,
  bufferedBytesMax: 1024 * 1024,
  stallMsMax: 5_000,
  heartbeatMs: 15_000,
  streamsMax: BOUNDS.streamsMax,
  run: undefined,
}

type HubCluster = Pick<Cluster, 'listen' | 'watch'> & { readonly startTimeMs: number }

export interface OpenRequest {
  /** Undefined when the reader wants only what is to come. */
  readonly after: LastSeen | undefined
  readonly types: ReadonlySet<string> | undefined
  /** Rows of each replica in the views that are wanted too; null: none. */
  readonly rows: number | null
  readonly follows: boolean
}

export class EventHub {
  readonly #options: HubOptions
  /** The chapters whose events are kept, the oldest first: each renders its times by its own start. */
  readonly #chapters: { readonly firstId: number; readonly startTimeMs: number }[]
  readonly #cluster: HubCluster
  /** Tells the ids of this lab's events from those before a restart, which began at 1 as well. */
  readonly #run: string
  readonly #ring = new EventRing()
  readonly #streams = new Set<EventStream>()
  readonly #unlisten: () => void
  readonly #unwatch: () => void
  readonly #views: ViewFeed
  #heartbeat: NodeJS.Timeout | undefined
  #pumping = false
  #trimAtLength: number
  #trimAtBytes: number
  #cutOffs = 0

  constructor(cluster: HubCluster, options: Partial<HubOptions>, looker: Looker) {
    this.#views = new ViewFeed(looker, () => this.#streams)
    this.#options = { ...HUB_DEFAULTS, ...options }
    this.#cluster = cluster
    this.#chapters = [{ firstId: 0, startTimeMs: cluster.startTimeMs }]
    this.#run = this.#options.run ?? cluster.startTimeMs.toString(36)
    this.#trimAtLength = this.#options.keptMax * 2
    this.#trimAtBytes = this.#options.bytesMax / 2
    this.#unlisten = cluster.listen((event) => this.#heard(event))
    this.#unwatch = cluster.watch(() => this.#pumpSoon())
  }

  get streams(): number {
    return this.#streams.size
  }

  /** Readers that came by the link of a class. */
  get followers(): number {
    let count = 0
    for (const { follows } of this.#streams) if (follows) count++
    return count
  }

  /** Readers that were too slow. */
  get cutOffs(): number {
    return this.#cutOffs
  }

  /** Of keys and values in the events that are kept. */
  get bytes(): number {
    return this.#ring.bytes
  }

  /** The id of the newest event; 0 before the first. */
  get lastId(): number {
    return this.#ring.nextId - 1
  }

  /** As ids begin. */
  get run(): string {
    return this.#run
  }

  get isFull(): boolean {
    return this.#streams.size >= this.#options.streamsMax
  }

  /**
   * Begins to send events on an answer whose headers are written.
   * @param ofClass what is to be told of the class at once, to those who want views
   */
  open(res: ServerResponse, request: OpenRequest, ofClass?: string): void {
    const startOf = (id: number) => this.#startOf(id)
    const source = { ring: this.#ring, run: this.#run, startOf }
    const wanted = this.#wantedBy(request)
    const stream = new EventStream(res, source, this.#options, wanted, () => this.#cutOffs++)
    this.#streams.add(stream)
    this.#heartbeat ??= setInterval(() => this.#beat(), this.#options.heartbeatMs).unref()
    res.once('close', () => this.#close(stream))
    stream.pump()
    if (stream.rows === null) return
    if (ofClass !== undefined) stream.tell('class', ofClass)
    this.#views.changed()
  }

  /** Sends a message that is no event, and has no id, to all who want views. */
  tell(type: string, data: string): void {
    for (const stream of this.#streams) if (stream.rows !== null) stream.tell(type, data)
  }

  /** Ends the streams of those who came by the link of a class. */
  dismiss(): void {
    for (const stream of this.#streams) {
      if (!stream.follows) continue
      if (stream.stalled) stream.cutOff()
      else stream.end()
    }
  }

  end(): void {
    this.#unlisten()
    this.#unwatch()
    this.#views.rest()
    for (const stream of this.#streams) stream.end()
  }

  /** Who comes from before a restart is told so, and gets all there is. */
  #wantedBy({ after, ...wanted }: OpenRequest): StreamRequest {
    const { firstId, nextId } = this.#ring
    if (after === undefined) return { fromId: nextId, ...wanted }
    const isOfThisRun = (after.run ?? this.#run) === this.#run && after.id < nextId
    if (isOfThisRun) return { fromId: after.id + 1, ...wanted }
    return { fromId: firstId, ...wanted, lost: { fromId: after.id + 1, toId: null } }
  }

  #close(stream: EventStream): void {
    stream.release()
    this.#streams.delete(stream)
    if (this.#streams.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
    this.#views.rest()
  }

  #beat(): void {
    for (const stream of this.#streams) stream.heartbeat()
  }

  /** When time was zero in the chapter of an event. */
  #startOf(id: number): number {
    const chapter = this.#chapters.findLast(({ firstId }) => firstId <= id)
    return chapter?.startTimeMs ?? this.#cluster.startTimeMs
  }

  #heard(event: ClusterEvent): void {
    if (event.type === 'cluster-reset' && event.keep === 'nothing') {
      this.#chapters.push({ firstId: event.id, startTimeMs: this.#cluster.startTimeMs })
    }
    this.#ring.push(event)
    const { length, bytes } = this.#ring
    if (length >= this.#trimAtLength || bytes > this.#trimAtBytes) this.#trim()
    this.#pumpSoon()
  }

  #pumpSoon(): void {
    if (this.#streams.size === 0 || this.#pumping) return
    // What one command brings about goes out together.
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      for (const stream of this.#streams) stream.pump()
      this.#views.changed()
    })
  }

  /**
   * Drops what nobody needs: all but the newest events, unless a stream has yet to send older ones; and
   * those too once they are too many. A stalled stream that would lose events this way is cut off.
   */
  #trim(): void {
    const { keptMax, backlogMax, bytesMax } = this.#options
    const { nextId } = this.#ring
    let needed = Math.max(nextId - keptMax, this.#ring.firstIdWithin(bytesMax / 4))
    for (const stream of this.#streams) needed = Math.min(needed, stream.nextId)
    const most = Math.max(nextId - backlogMax, this.#ring.firstIdWithin(bytesMax / 2))
    this.#ring.dropBefore(Math.max(needed, most))
    while (this.#chapters[1] && this.#chapters[1].firstId <= this.#ring.firstId) {
      this.#chapters.shift()
    }
    for (const stream of this.#streams) {
      if (stream.stalled && stream.nextId < this.#ring.firstId) stream.cutOff()
    }
    this.#trimAtLength = this.#ring.length + keptMax
    this.#trimAtBytes = this.#ring.bytes + bytesMax / 4
  }
}
