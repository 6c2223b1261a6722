// The table the benchmarks end in.

export interface Row {
  readonly what: string
  /** Measured by limit, so that above 1 is beyond the limit; absent where there is none. */
  readonly ratio?: number
  /** What the ratio should be at least, or at most. */
  readonly aim?: string
  readonly measured: string
  readonly limit: string
}

export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, ratio, aim = '', measured, limit }) => [
    ratio === undefined ? '' : ratio.toFixed(2),
    aim,
    what,
    measured,
    limit,
  ])
  const all = [['ratio', 'aim', 'what', 'measured', 'against'], ...lines]
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...all.map((line) => line[i]?.length ?? 0)))
  return all
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? Number.NaN, sorted[middle] ?? Number.NaN]
  return (low + high) / 2
}

/** `12,345/s` */
export function perSecond(count: number): string {
  return `${Math.round(count).toLocaleString('en-US')}/s`
}

export function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`
}

export function nanoseconds(ns: number): string {
  return `${Math.round(ns).toLocaleString('en-US')} ns`
}

export function bytes(count: number): string {
  return `${Math.round(count).toLocaleString('en-US')} bytes`
}
