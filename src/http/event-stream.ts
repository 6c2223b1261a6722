// One reader of the event stream: server-sent events, as the HTML standard has them. The stream pulls from
// the ring at the pace of its reader, so what it holds in memory is bounded; a reader that takes nothing
// for a while is cut off, and may come back with `Last-Event-ID`.

import type { ServerResponse } from 'node:http'
import type { ClusterEvent } from '../core/events.ts'
import { renderEvent } from '../core/output/render.ts'
import type { EventRing } from './event-ring.ts'

export interface StreamLimits {
  /** Bytes that may wait for one reader, beyond what its socket holds. */
  readonly bufferedBytesMax: number
  /** Wall time a reader may take nothing while bytes wait for it. */
  readonly stallMsMax: number
}

export interface StreamRequest {
  /** The first event wanted. */
  readonly fromId: number
  /** Only events of these types; undefined is all. */
  readonly types: ReadonlySet<string> | undefined
}

/** What goes into one write: small writes cost a system call each. */
const WRITE_CHARS = 64 * 1024

export class EventStream {
  readonly #res: ServerResponse
  readonly #ring: EventRing
  readonly #startTimeMs: number
  readonly #limits: StreamLimits
  readonly #types: ReadonlySet<string> | undefined
  readonly #onCut: () => void
  #nextId: number
  #stall: NodeJS.Timeout | undefined

  constructor(
    res: ServerResponse,
    ring: EventRing,
    startTimeMs: number,
    limits: StreamLimits,
    request: StreamRequest,
    onCut: () => void,
  ) {
    this.#res = res
    this.#ring = ring
    this.#startTimeMs = startTimeMs
    this.#limits = limits
    this.#types = request.types
    this.#nextId = request.fromId
    this.#onCut = onCut
  }

  /** The oldest event it has yet to send. */
  get nextId(): number {
    return this.#nextId
  }

  get stalled(): boolean {
    return this.#stall !== undefined
  }

  /** Sends what the reader has room for. */
  pump(): void {
    if (this.stalled || this.#res.destroyed) return
    this.#sayMissed()
    while (this.#nextId < this.#ring.nextId) {
      this.#res.write(this.#nextChunk())
      if (this.#res.writableLength < this.#limits.bufferedBytesMax) continue
      this.#waitForReader()
      break
    }
  }

  heartbeat(): void {
    if (!this.stalled) this.#res.write(':\n\n')
  }

  end(): void {
    clearTimeout(this.#stall)
    this.#res.end()
  }

  cutOff(): void {
    clearTimeout(this.#stall)
    this.#onCut()
    this.#res.destroy()
  }

  /** The reader is gone. */
  release(): void {
    clearTimeout(this.#stall)
  }

  /** More happened at once than the ring holds; not the reader's fault, so it is told and goes on. */
  #sayMissed(): void {
    const { firstId } = this.#ring
    if (this.#nextId >= firstId) return
    const data = { fromId: this.#nextId, toId: firstId - 1 }
    this.#res.write(`event: missed\ndata: ${JSON.stringify(data)}\n\n`)
    this.#nextId = firstId
  }

  #nextChunk(): string {
    let chunk = ''
    while (chunk.length < WRITE_CHARS) {
      const event = this.#ring.at(this.#nextId)
      if (!event) break
      this.#nextId++
      if (!this.#types || this.#types.has(event.type)) chunk += this.#line(event)
    }
    return chunk
  }

  #line(event: ClusterEvent): string {
    return `id: ${event.id}\ndata: ${JSON.stringify(renderEvent(event, this.#startTimeMs))}\n\n`
  }

  #waitForReader(): void {
    this.#stall = setTimeout(() => this.cutOff(), this.#limits.stallMsMax).unref()
    this.#res.once('drain', () => {
      clearTimeout(this.#stall)
      this.#stall = undefined
      this.pump()
    })
  }
}
