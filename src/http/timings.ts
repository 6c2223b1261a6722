// How long things took, counted into buckets by up to three labels: plain arrays, cheap enough for every
// request. prom-client's own histograms build and hash a label object on each observation, so one is only made
// of these numbers when somebody scrapes.

import type { Histogram, MetricObjectWithValues, MetricValueWithName } from 'prom-client'

/** Upper bounds in seconds, the last one left out: beyond them all is counted together. */
export const BOUNDS_SIMULATED = [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 60]
export const BOUNDS_REAL = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
]

/** What took so long under one set of labels. */
export class Timing {
  readonly labels: Readonly<Record<string, string>>
  /** One more than there are bounds. */
  readonly counts: number[]
  readonly #bounds: readonly number[]
  sum = 0

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.labels = labels
    this.#bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  add(seconds: number): void {
    let bucket = 0
    while (seconds > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += seconds
  }
}

/** Looked up by text: labels come from small closed sets. */
export class Timings {
  readonly bounds: readonly number[]
  readonly #rows = new Map<string, Timing>()

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
  }

  /** @param labels in the same order each time */
  of(labels: Readonly<Record<string, string>>): Timing {
    const name = Object.values(labels).join(' ')
    let row = this.#rows.get(name)
    if (!row) {
      row = new Timing(labels, this.bounds)
      this.#rows.set(name, row)
    }
    return row
  }

  /** The only label there is: its text is the name. */
  ofKind(kind: string): Timing {
    return this.#rows.get(kind) ?? this.of({ kind })
  }

  rows(): Iterable<Timing> {
    return this.#rows.values()
  }
}

/** As a registry of prom-client takes it: the timings of several labs in one. */
export function histogramOf(
  name: string,
  help: string,
  labs: readonly { readonly lab: string; readonly timings: Timings }[],
): Histogram {
  const metric: Pick<Histogram, 'get'> & { readonly name: string } = {
    name,
    get: async () =>
      ({
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: labs.flatMap(({ lab, timings }) =>
          [...timings.rows()].flatMap((row) => valuesOf(name, lab, row, timings.bounds)),
        ),
      }) as unknown as MetricObjectWithValues<MetricValueWithName<string>>,
  }
  // A registry asks a metric for nothing but these two.
  return metric as unknown as Histogram
}

function valuesOf(name: string, lab: string, row: Timing, bounds: readonly number[]) {
  const { counts, sum } = row
  const labels = { lab, ...row.labels }
  let count = 0
  const buckets = counts.map((one, bucket) => {
    count += one
    const le = bounds[bucket] ?? '+Inf'
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
