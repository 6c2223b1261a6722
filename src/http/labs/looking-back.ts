// The past of a lab for those who ask: one look after the other, each in slices. What is kept for the next look takes
// as much memory as the lab itself, so only a few labs of a server may keep it.

import type { Cluster } from '../../core/cluster.ts'
import { Past } from '../../scenario/past.ts'
import type { Sight } from '../../scenario/replay.ts'
import type { Slices } from '../../scenario/slices.ts'
import { LongWork } from '../long-work.ts'

const WARM_MAX = 4

/** Who was looked at last, of all labs of a server. */
export class WarmPasts {
  readonly #warm = new Set<Past>()

  keep(past: Past): void {
    this.#warm.delete(past)
    this.#warm.add(past)
    const [oldest] = this.#warm
    if (oldest && this.#warm.size > WARM_MAX) this.drop(oldest)
  }

  drop(past: Past): void {
    this.#warm.delete(past)
    past.forget()
  }
}

export class LookingBack {
  readonly #past = new Past()
  readonly #work = new LongWork()
  readonly #warm: WarmPasts

  constructor(warm: WarmPasts) {
    this.#warm = warm
  }

  /** @returns calls it off */
  begin<T>(
    sight: Sight,
    look: (cluster: Cluster) => T,
    done: (seen: T) => void,
    failed: (error: unknown) => void,
  ): () => void {
    return this.#work.begin(this.#see(sight, look), done, failed)
  }

  end(): void {
    this.#warm.drop(this.#past)
  }

  *#see<T>({ recording, moment }: Sight, look: (cluster: Cluster) => T): Slices<T> {
    // Another look may be under way.
    yield
    this.#warm.keep(this.#past)
    return yield* this.#past.see(recording, moment, look)
  }
}
