// Where a record stands among all that were written, by its version. One leader numbers its records without a gap, so
// their places are known by where each run of them begins; there is a new run where another leader writes.

import type { Epoch, Offset, Version } from './version.ts'

interface Run {
  readonly epoch: Epoch
  readonly firstOffset: Offset
  /** The place of its first record. */
  readonly place: number
}

export class WriteOrder {
  readonly #runs: Run[] = []

  /**
   * The record at the next place.
   * @param from places before it are of no interest any more
   */
  add({ epoch, offset }: Version, place: number, from: number): void {
    const runs = this.#runs
    const last = runs[runs.length - 1]
    const goesOn = last?.epoch === epoch && place - last.place === offset - last.firstOffset
    if (goesOn) return
    while ((runs[1]?.place ?? place) < from) runs.shift()
    runs.push({ epoch, firstOffset: offset, place })
  }

  /** Where a record would be; undefined if its leader wrote none of the kind. */
  placeOf({ epoch, offset }: Version): number | undefined {
    let end = Number.POSITIVE_INFINITY
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i] as Run
      const place = run.place + offset - run.firstOffset
      if (run.epoch === epoch && offset >= run.firstOffset) return place < end ? place : undefined
      end = run.place
    }
    return undefined
  }
}
