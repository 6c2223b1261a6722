// Views of the cluster for the readers of the event stream who asked for them: at once after something has happened
// while time stands still, and so often at most while it runs. Each is rendered once for all who want so many rows.

import type { Cluster } from '../core/cluster.ts'
import { escapeActing } from '../core/text/say.ts'

/** What somebody does by hand shows at once, but no more than a screen can; what happens by itself, as people can follow. */
const PACE_MS = { manual: 16, instant: 16, real: 100 } as const
/** Lag grows though nothing happens. */
const BEAT_MS = 1_000

interface Reader {
  /** Rows of each replica; null where it wants no views. */
  readonly rows: number | null
  tell(type: 'view', text: string): void
}

export interface Looker {
  readonly cluster: Pick<Cluster, 'mode'>
  /** The view with so many rows, as JSON. Looking may bring new events about. */
  readonly look: (rows: number) => unknown
}

export class ViewFeed {
  readonly #looker: Looker
  readonly #readers: () => Iterable<Reader>
  #shownMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(looker: Looker, readers: () => Iterable<Reader>) {
    this.#looker = looker
    this.#readers = readers
  }

  /** Something has happened, or somebody new reads. */
  changed(): void {
    const { mode } = this.#looker.cluster
    const waitMs = this.#shownMs + PACE_MS[mode] - performance.now()
    if (waitMs <= 0) this.#show()
    else this.#plan(waitMs)
  }

  /** Nobody reads any more. */
  rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #plan(ms: number): void {
    this.rest()
    this.#timer = setTimeout(() => this.#show(), ms).unref()
  }

  #show(): void {
    this.rest()
    const readers = [...this.#readers()].filter(({ rows }) => rows !== null)
    if (readers.length === 0) return
    this.#shownMs = performance.now()
    const texts = new Map<number, string>()
    for (const { rows } of readers) {
      if (rows === null || texts.has(rows)) continue
      texts.set(rows, escapeActing(JSON.stringify(this.#looker.look(rows))))
    }
    for (const reader of readers) {
      reader.tell('view', texts.get(reader.rows as number) as string)
    }
    if (this.#looker.cluster.mode === 'real') this.#plan(BEAT_MS)
  }
}
