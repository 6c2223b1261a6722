// Draws by the million. core/random.ts decides every seed; from there on a stream has a generator of its own, inlined
// into one loop per kind of distribution, because a call per draw costs more than the draw. Each stream
// of a chunk is forked by name, so that one more draw in one leg shifts nothing in another.

import type { LatencySpec, SimpleLatency } from '../../core/latency.ts'
import type { Random } from '../../core/random.ts'
import type { Delay } from './delay.ts'

const SIZE = 2_048
/** Half a step above 0, so that a logarithm is never asked of 0. Resolves chances down to 2^-32. */
const HALF = 0.5
const TWO_TO_32 = 4_294_967_296
const STEP = 1 / TWO_TO_32

/** xoshiro128+, as core/random.ts has it, but 32 bits a draw and nothing between the loop and its state. */
export class Bits {
  a: number
  b: number
  c: number
  d: number

  constructor(random: Random) {
    this.a = random.int(TWO_TO_32) | 0
    this.b = random.int(TWO_TO_32) | 0
    this.c = random.int(TWO_TO_32) | 0
    // The one state it never leaves is all zero.
    this.d = random.int(TWO_TO_32) | 1
  }

  /** Above 0 and below 1. */
  unit(): number {
    const out = (this.a + this.d) >>> 0
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return (out + HALF) * STEP
  }

  /** The same, so many at once. */
  fill(out: Float64Array, length: number): void {
    let { a, b, c, d } = this
    for (let i = 0; i < length; i++) {
      out[i] = (((a + d) >>> 0) + HALF) * STEP
      const shifted = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= shifted
      d = (d << 11) | (d >>> 21)
    }
    this.a = a
    this.b = b
    this.c = c
    this.d = d
  }
}

/** An endless row of draws of one delay, in µs, from buffers of fixed size. */
export class Stream {
  readonly #out = new Float64Array(SIZE)
  readonly #fill: (out: Float64Array) => void
  #at = SIZE

  constructor(delay: Delay, random: Random) {
    this.#fill = filler(delay, new Bits(random))
  }

  next(): number {
    if (this.#at === SIZE) {
      this.#fill(this.#out)
      this.#at = 0
    }
    return this.#out[this.#at++] as number
  }
}

/** Exponential with mean 1: gaps of a Poisson process, and what inversion of survivals needs. */
export function unitExponential(random: Random): Stream {
  return new Stream({ kind: 'exponential', meanUs: 1 }, random)
}

function filler(delay: Delay, bits: Bits): (out: Float64Array) => void {
  switch (delay.kind) {
    case 'constant':
      return (out) => out.fill(delay.us)
    case 'samples': {
      const { sortedUs } = delay
      return (out) => {
        bits.fill(out, SIZE)
        for (let i = 0; i < SIZE; i++) {
          out[i] = sortedUs[Math.floor((out[i] as number) * sortedUs.length)] as number
        }
      }
    }
    case 'mixture':
      return mixtureFiller(delay, bits)
    case 'lognormal':
      return (out) => fillNormal(out, bits, delay.medianUs, delay.sigma)
    default: {
      const transform = TRANSFORMS[delay.kind] as (out: Float64Array, delay: SimpleLatency) => void
      return (out) => {
        bits.fill(out, SIZE)
        transform(out, delay)
      }
    }
  }
}

/** Uniform draws in, delays out, in place. 1 − u is as uniform as u, so the logarithm takes u itself. */
const TRANSFORMS = {
  uniform(out: Float64Array, { fromUs, toUs }: Extract<SimpleLatency, { kind: 'uniform' }>): void {
    const width = toUs - fromUs
    for (let i = 0; i < SIZE; i++) out[i] = fromUs + width * (out[i] as number)
  },
  exponential(out: Float64Array, { meanUs }: Extract<SimpleLatency, { kind: 'exponential' }>) {
    for (let i = 0; i < SIZE; i++) out[i] = -meanUs * Math.log(out[i] as number)
  },
  pareto(out: Float64Array, { xmUs, alpha }: Extract<SimpleLatency, { kind: 'pareto' }>): void {
    const power = -1 / alpha
    for (let i = 0; i < SIZE; i++) out[i] = xmUs * Math.exp(power * Math.log(out[i] as number))
  },
} as const

/** Each part has a row of its own; a draw only picks from which one it takes. */
function mixtureFiller(
  { parts }: Extract<LatencySpec, { kind: 'mixture' }>,
  bits: Bits,
): (out: Float64Array) => void {
  const rows = parts.map(({ latency }) => ({
    fill: filler(latency, bits),
    out: new Float64Array(SIZE),
    at: SIZE,
  }))
  let sum = 0
  const limits = parts.map(({ weight }) => {
    sum += weight
    return sum
  })
  return (out) => {
    bits.fill(out, SIZE)
    for (let i = 0; i < SIZE; i++) {
      const u = out[i] as number
      let part = 0
      while (part < rows.length - 1 && u >= (limits[part] as number)) part++
      const row = rows[part] as (typeof rows)[number]
      if (row.at === SIZE) {
        row.fill(row.out)
        row.at = 0
      }
      out[i] = row.out[row.at++] as number
    }
  }
}

/** Box and Muller's transform, both of its values. */
function fillNormal(out: Float64Array, bits: Bits, medianUs: number, sigma: number): void {
  bits.fill(out, SIZE)
  for (let i = 0; i < SIZE; i += 2) {
    const radius = sigma * Math.sqrt(-2 * Math.log(out[i] as number))
    const angle = 2 * Math.PI * (out[i + 1] as number)
    out[i] = medianUs * Math.exp(radius * Math.cos(angle))
    out[i + 1] = medianUs * Math.exp(radius * Math.sin(angle))
  }
}
