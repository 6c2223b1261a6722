// What trials are counted into. Memory is the same for a thousand trials and for a thousand million: a histogram has
// 256 bins for each doubling, from a nanosecond to 12 days, so a quantile is found to within 0.2 % (half a
// bin) beside its sampling error. Counts are whole numbers, so tallies of parts merge in any order to the same.

/** Eight bits of the mantissa: a bin is 1/256 of its octave. */
const BINS_PER_OCTAVE = 256
const MANTISSA_BITS_LEFT = 15
/** 2^-10 µs to 2^40 µs. */
const OCTAVE_MIN = -10
const OCTAVES = 50
const BASE = (OCTAVE_MIN + 127) * BINS_PER_OCTAVE
/** One for all that is at most 0, one for all beyond the last octave. */
const BINS = OCTAVES * BINS_PER_OCTAVE + 2
/** By how much of itself a quantile may be off because of the bins. */
export const QUANTILE_ERROR = 1 / (2 * BINS_PER_OCTAVE)

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

export class Histogram {
  readonly #counts = new Uint32Array(BINS)

  add(us: number): void {
    let bin = 0
    if (us > 0) {
      float[0] = us
      bin = ((bits[0] as number) >> MANTISSA_BITS_LEFT) - BASE + 1
      if (bin < 0) bin = 0
      else if (bin >= BINS) bin = BINS - 1
    }
    const counts = this.#counts
    counts[bin] = (counts[bin] as number) + 1
  }

  merge(other: Histogram): void {
    const counts = this.#counts
    for (let i = 0; i < BINS; i++) counts[i] = (counts[i] as number) + (other.#counts[i] as number)
  }

  /** The least value that so many (from 1) of what was counted do not exceed; 0 for what is not above 0. */
  atRank(rank: number): number {
    let before = 0
    for (let i = 0; i < BINS; i++) {
      const count = this.#counts[i] as number
      if (count > 0 && before + count >= rank) {
        if (i === 0) return 0
        if (i === BINS - 1) return Number.POSITIVE_INFINITY
        // Within a bin it is taken to be spread evenly.
        const from = startOf(i)
        return from + (startOf(i + 1) - from) * ((rank - before - 0.5) / count)
      }
      before += count
    }
    return Number.POSITIVE_INFINITY
  }

  /** How many are at most `us`, at least 0. Within a bin taken to be spread evenly. */
  countUpTo(us: number): number {
    let sum = this.#counts[0] as number
    for (let i = 1; i < BINS - 1; i++) {
      const from = startOf(i)
      if (from >= us) break
      const to = startOf(i + 1)
      const count = this.#counts[i] as number
      sum += to <= us ? count : (count * (us - from)) / (to - from)
    }
    return sum
  }

  /** Bin and count in turn, only where something was counted: short enough for a file. */
  toJSON(): number[] {
    const pairs: number[] = []
    this.#counts.forEach((count, bin) => {
      if (count > 0) pairs.push(bin, count)
    })
    return pairs
  }

  /** @returns undefined when it is none */
  static fromJSON(pairs: unknown): Histogram | undefined {
    if (!isCounts(pairs) || pairs.length % 2 !== 0) return undefined
    const histogram = new Histogram()
    for (let i = 0; i < pairs.length; i += 2) {
      const bin = pairs[i] as number
      if (bin >= BINS) return undefined
      histogram.#counts[bin] = pairs[i + 1] as number
    }
    return histogram
  }
}

function startOf(bin: number): number {
  bits[0] = (bin - 1 + BASE) << MANTISSA_BITS_LEFT
  return float[0] as number
}

/** What a chunk of trials, or all of them, came to. Rows and columns are those of whoever counts. */
export class Tally {
  trials = 0
  /** Trials in which something was asked of the past: versions behind are drawn apart. */
  looks = 0
  /** Per row and time: trials that were fresh then. */
  readonly fresh: Float64Array
  /** Per row: when it became fresh, from the acknowledgement on. */
  readonly freshFrom: readonly Histogram[]
  /** Per row and k: looks that were at least k versions behind. */
  readonly behind: Float64Array
  readonly writes: readonly Histogram[]
  readonly reads: readonly Histogram[]
  readonly #atUs: Float64Array

  constructor(size: TallySize) {
    const { rows, atUs, behind, writes, reads } = size
    this.#atUs = Float64Array.from(atUs)
    this.fresh = new Float64Array(rows * atUs.length)
    this.freshFrom = Array.from({ length: rows }, () => new Histogram())
    this.behind = new Float64Array(rows * behind)
    this.writes = Array.from({ length: writes }, () => new Histogram())
    this.reads = Array.from({ length: reads }, () => new Histogram())
  }

  /** One trial of one row: fresh from `us` after the acknowledgement on. */
  addFresh(row: number, us: number): void {
    const atUs = this.#atUs
    const times = atUs.length
    for (let i = times - 1; i >= 0 && us <= (atUs[i] as number); i--) {
      const at = row * times + i
      this.fresh[at] = (this.fresh[at] as number) + 1
    }
    ;(this.freshFrom[row] as Histogram).add(us)
  }

  merge(other: Tally): void {
    this.trials += other.trials
    this.looks += other.looks
    addTo(this.fresh, other.fresh)
    addTo(this.behind, other.behind)
    for (const [mine, theirs] of [
      [this.freshFrom, other.freshFrom],
      [this.writes, other.writes],
      [this.reads, other.reads],
    ] as const) {
      for (let i = 0; i < mine.length; i++) (mine[i] as Histogram).merge(theirs[i] as Histogram)
    }
  }

  toJSON(): TallyJson {
    const { trials, looks, fresh, behind, freshFrom, writes, reads } = this
    return {
      trials,
      looks,
      fresh: [...fresh],
      behind: [...behind],
      freshFrom: freshFrom.map((one) => one.toJSON()),
      writes: writes.map((one) => one.toJSON()),
      reads: reads.map((one) => one.toJSON()),
    }
  }

  /** @returns undefined when it is no tally of this size */
  static fromJSON(json: unknown, size: TallySize): Tally | undefined {
    if (typeof json !== 'object' || json === null) return undefined
    const from = json as Partial<TallyJson>
    const tally = new Tally(size)
    if (!isCounts([from.trials, from.looks])) return undefined
    tally.trials = from.trials as number
    tally.looks = from.looks as number
    for (const name of ['fresh', 'behind'] as const) {
      const counts = from[name]
      if (!isCounts(counts) || counts.length !== tally[name].length) return undefined
      tally[name].set(counts)
    }
    for (const name of ['freshFrom', 'writes', 'reads'] as const) {
      const all = from[name]
      if (!Array.isArray(all) || all.length !== tally[name].length) return undefined
      for (const [i, pairs] of all.entries()) {
        const histogram = Histogram.fromJSON(pairs)
        if (!histogram) return undefined
        tally[name][i]?.merge(histogram)
      }
    }
    return tally
  }
}

export interface TallySize {
  readonly rows: number
  /** Ascending. */
  readonly atUs: readonly number[]
  /** How many values of k. */
  readonly behind: number
  readonly writes: number
  readonly reads: number
}

/** As it travels between threads and files. */
export interface TallyJson {
  readonly trials: number
  readonly looks: number
  readonly fresh: readonly number[]
  readonly behind: readonly number[]
  readonly freshFrom: readonly (readonly number[])[]
  readonly writes: readonly (readonly number[])[]
  readonly reads: readonly (readonly number[])[]
}

function addTo(sums: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (more[i] as number)
}

function isCounts(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((one) => typeof one === 'number' && Number.isSafeInteger(one) && one >= 0)
  )
}
