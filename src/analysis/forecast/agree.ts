// Whether two tables of the same settings say the same: a forecast and what was measured, or a closed form and trials. They
// may differ by chance; where they differ by more, one of them is wrong, and that is a bug in this program.

import type { Chance, ForecastRow, Quantiles } from './forecast.ts'

/** So many standard errors are beyond chance, even of the largest of some thousand differences. */
const ERRORS_MAX = 5

/** A chance that the two tables put differently. */
export interface Difference {
  readonly row: number
  /** `atUs` or `k` says which chance of the row. */
  readonly of: { readonly atUs: number } | { readonly k: number }
  readonly expected: number
  readonly found: number
  /** By how many standard errors, both tables' together. */
  readonly errors: number
}

export interface Agreement {
  readonly agrees: boolean
  /** Root mean square of the differences of chances: of being fresh, and of being k versions behind. */
  readonly freshRmse: number
  readonly behindRmse: number
  /** The same of quantiles of latency, each by the widest of its row. */
  readonly latencyRmse: number
  /** Null in tables without chances. */
  readonly worst: Difference | null
}

/** @param found rows of the same settings, in the same order */
export function compare(
  expected: readonly ForecastRow[],
  found: readonly ForecastRow[],
): Agreement {
  const fresh = differences(expected, found, ({ fresh }) =>
    fresh.map((one) => ({ ...one, of: { atUs: one.atUs } })),
  )
  const behind = differences(expected, found, ({ behind }) =>
    behind.map((one) => ({ ...one, of: { k: one.k } })),
  )
  const all = [...fresh, ...behind]
  const worst = all.reduce<Difference | null>(
    (most, one) => (one.errors > (most?.errors ?? -1) ? one : most),
    null,
  )
  const latencies = expected.flatMap((row, i) => [
    ...byWidest(row.write, found[i]?.write),
    ...byWidest(row.read, found[i]?.read),
  ])
  return {
    agrees: !worst || worst.errors <= ERRORS_MAX,
    freshRmse: rootMeanSquare(fresh.map((one) => one.found - one.expected)),
    behindRmse: rootMeanSquare(behind.map((one) => one.found - one.expected)),
    latencyRmse: rootMeanSquare(latencies),
    worst,
  }
}

function differences(
  expected: readonly ForecastRow[],
  found: readonly ForecastRow[],
  chancesOf: (row: ForecastRow) => readonly (Chance & Pick<Difference, 'of'>)[],
): Difference[] {
  return expected.flatMap((row, i) => {
    const others = found[i] ? chancesOf(found[i]) : []
    return chancesOf(row).flatMap((one, j): Difference[] => {
      const other = others[j]
      if (!other) return []
      const error = Math.hypot(one.standardError ?? 0, other.standardError ?? 0)
      const apart = Math.abs(other.chance - one.chance)
      const errors = apart < 1e-9 ? 0 : apart / error
      return [{ row: i, of: one.of, expected: one.chance, found: other.chance, errors }]
    })
  })
}

function byWidest(expected: Quantiles, found: Quantiles | undefined): number[] {
  const widest = expected.p999Us
  if (!found || !Number.isFinite(widest)) return []
  return (['p50Us', 'p99Us', 'p999Us'] as const).map((name) => {
    const apart = found[name] - expected[name]
    return apart === 0 ? 0 : apart / widest
  })
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, one) => sum + one * one, 0) / Math.max(1, values.length))
}
