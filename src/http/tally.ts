// Counts by up to two labels, in plain memory: cheap enough for every event. prom-client's own counters
// build and hash a label object on each increment, so they are only filled when somebody scrapes.

export class Tally {
  readonly #counts = new Map<string, Map<string, number>>()

  add(first: string, second = ''): void {
    let row = this.#counts.get(first)
    if (!row) {
      row = new Map()
      this.#counts.set(first, row)
    }
    row.set(second, (row.get(second) ?? 0) + 1)
  }

  *entries(): Iterable<readonly [first: string, second: string, count: number]> {
    for (const [first, row] of this.#counts) {
      for (const [second, count] of row) yield [first, second, count]
    }
  }
}
