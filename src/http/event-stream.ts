// One reader of the event stream: server-sent events, as the HTML standard has them. The stream pulls from
// the ring at the pace of its reader, so what it holds in memory is bounded; a reader that takes nothing
// for a while is cut off, and may come back with `Last-Event-ID`.

import type { ServerResponse } from 'node:http'
import type { ClusterEvent } from '../core/events.ts'
import { renderEvent } from '../core/output/render.ts'
import { escapeActing } from '../core/text/say.ts'
import type { EventRing } from './event-ring.ts'

export interface StreamLimits {
  /** Bytes that may wait for one reader, beyond what its socket holds. */
  readonly bufferedBytesMax: number
  /** Wall time a reader may take nothing while bytes wait for it. */
  readonly stallMsMax: number
}

export interface StreamSource {
  readonly ring: EventRing
  /** Stands in front of every id. */
  readonly run: string
  /** When time was zero for an event, in ms since 1970. */
  startOf(id: number): number
}

/** Events that can never be sent; `toId` is null where nobody knows how many they were. */
interface Missed {
  readonly fromId: number
  readonly toId: number | null
}

export interface StreamRequest {
  /** The first event wanted. */
  readonly fromId: number
  /** Only events of these types; undefined is all. */
  readonly types: ReadonlySet<string> | undefined
  /** Rows of each replica in the views that it wants too; null: none. */
  readonly rows: number | null
  /** Its reader came by the link of a class. */
  readonly follows: boolean
  /** What the reader lacks of an earlier run of the server. */
  readonly lost?: Missed
}

/** What goes into one write: small writes cost a system call each. */
const WRITE_CHARS = 64 * 1024

export class EventStream {
  readonly #res: ServerResponse
  readonly #source: StreamSource
  readonly #limits: StreamLimits
  readonly #types: ReadonlySet<string> | undefined
  readonly #onCut: () => void
  readonly rows: number | null
  readonly follows: boolean
  #nextId: number
  #lost: Missed | undefined
  /** The newest message of each type that has no id, until it is sent. */
  readonly #latest = new Map<string, string>()
  #stall: NodeJS.Timeout | undefined

  constructor(
    res: ServerResponse,
    source: StreamSource,
    limits: StreamLimits,
    request: StreamRequest,
    onCut: () => void,
  ) {
    this.#res = res
    this.#source = source
    this.#limits = limits
    this.#types = request.types
    this.#nextId = request.fromId
    this.rows = request.rows
    this.follows = request.follows
    this.#lost = request.lost
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
    if (this.stalled || this.#res.writableEnded || this.#res.destroyed) return
    this.#sayMissed()
    while (this.#nextId < this.#source.ring.nextId) {
      this.#res.write(this.#nextChunk())
      if (this.#res.writableLength < this.#limits.bufferedBytesMax) continue
      this.#waitForReader()
      return
    }
    for (const [type, data] of this.#latest) this.#res.write(`event: ${type}\ndata: ${data}\n\n`)
    this.#latest.clear()
    if (this.#res.writableLength >= this.#limits.bufferedBytesMax) this.#waitForReader()
  }

  /**
   * Sends what is no event, such as a view, behind the events that were before it. A reader that has yet to take
   * those gets only the latest of each type.
   */
  tell(type: string, data: string): void {
    this.#latest.set(type, data)
    this.pump()
  }

  heartbeat(): void {
    if (!this.stalled && !this.#res.writableEnded) this.#res.write(':\n\n')
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

  /** The server was started anew, or more happened at once than the ring holds: not the reader's fault. */
  #sayMissed(): void {
    if (this.#lost) this.#writeMissed(this.#lost)
    this.#lost = undefined
    const { firstId } = this.#source.ring
    if (this.#nextId >= firstId) return
    this.#writeMissed({ fromId: this.#nextId, toId: firstId - 1 })
    this.#nextId = firstId
  }

  #writeMissed(missed: Missed): void {
    this.#res.write(`event: missed\ndata: ${JSON.stringify(missed)}\n\n`)
  }

  #nextChunk(): string {
    let chunk = ''
    while (chunk.length < WRITE_CHARS) {
      const event = this.#source.ring.at(this.#nextId)
      if (!event) break
      this.#nextId++
      if (!this.#types || this.#types.has(event.type)) chunk += this.#line(event)
    }
    return chunk
  }

  #line(event: ClusterEvent): string {
    const { run, startOf } = this.#source
    const json = renderEvent(event, startOf(event.id))
    return `id: ${run}-${event.id}\ndata: ${escapeActing(JSON.stringify(json))}\n\n`
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
