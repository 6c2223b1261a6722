// Long work beside the requests: one job after the other, a few milliseconds at a time, and whoever asks the server
// something meanwhile is answered in between. Only one of them takes memory at a time.

import type { Slices } from '../scenario/slices.ts'

const SLICE_MS = 8

interface Job {
  /** @returns whether there is more to do */
  goOn(): boolean
}

export class LongWork {
  /** The first is being done. */
  readonly #jobs: Job[] = []
  #isBusy = false

  /**
   * @param done told what came of it
   * @param failed told what it threw
   * @returns calls it off
   */
  begin<T>(
    work: Slices<T>,
    done: (value: T) => void,
    failed: (error: unknown) => void,
  ): () => void {
    const goOn = () => {
      try {
        const next = work.next()
        if (next.done) done(next.value)
        return !next.done
      } catch (error) {
        failed(error)
        return false
      }
    }
    const job = { goOn }
    // Whatever refuses it at once need not wait for others, and what it is about is as it was when it was asked.
    if (goOn()) this.#jobs.push(job)
    this.#goOn()
    return () => {
      this.#end(job)
      // What it has begun is its own to undo.
      work.return(undefined as T)
    }
  }

  #goOn(): void {
    if (this.#isBusy || this.#jobs.length === 0) return
    this.#isBusy = true
    setImmediate(() => {
      this.#isBusy = false
      this.#slice()
      this.#goOn()
    })
  }

  #slice(): void {
    const untilMs = performance.now() + SLICE_MS
    for (let [job] = this.#jobs; job; [job] = this.#jobs) {
      if (!job.goOn()) this.#end(job)
      if (performance.now() >= untilMs) return
    }
  }

  #end(job: Job): void {
    const place = this.#jobs.indexOf(job)
    if (place !== -1) this.#jobs.splice(place, 1)
  }
}
