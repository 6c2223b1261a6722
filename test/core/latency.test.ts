// Drawing from latencies. Chance has a formula: each distribution's quantiles are compared with its
// distribution function, at fixed seeds, so a failure is a bug and never bad luck.

import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import {
  DEFAULT_LATENCY,
  defaultReplicateUs,
  drawUs,
  type LatencySpec,
  sampleUs,
} from '../../src/core/latency.ts'
import { Random } from '../../src/core/random.ts'
import { parseLatency } from '../../src/core/text/latency-text.ts'

const DRAWS = 100_000

function latency(text: string): LatencySpec {
  const parsed = parseLatency(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.value
}

function draws(text: string, seed = 1): number[] {
  const spec = latency(text)
  const random = Random.fromSeed(seed)
  return Array.from({ length: DRAWS }, () => drawUs(spec, random))
}

/** The largest distance between the drawn and the true distribution function. */
function kolmogorovDistance(sample: readonly number[], cdf: (us: number) => number): number {
  const sorted = Float64Array.from(sample).sort()
  return sorted.reduce((worst, us, i) => Math.max(worst, Math.abs(cdf(us) - (i + 0.5) / DRAWS)), 0)
}

/** The distance exceeded by one sample of this size in a thousand. */
const DISTANCE_MAX = 1.95 / Math.sqrt(DRAWS)

const cases: [text: string, cdf: (us: number) => number][] = [
  ['uniform(100ms,300ms)', (us) => (us - 100_000) / 200_000],
  ['exponential(50ms)', (us) => 1 - Math.exp(-us / 50_000)],
  ['pareto(10ms,2)', (us) => 1 - (10_000 / us) ** 2],
  ['pareto(0.235ms,10)', (us) => 1 - (235 / us) ** 10],
  ['lognormal(20ms,0.5)', (us) => normalCdf(Math.log(us / 20_000) / 0.5)],
  [
    '0.9122*pareto(0.235ms,10)+0.0878*exponential(1.66ms)',
    (us) => 0.9122 * (us < 235 ? 0 : 1 - (235 / us) ** 10) + 0.0878 * (1 - Math.exp(-us / 1660)),
  ],
]

test.each(cases)('%s follows its distribution function', (text, cdf) => {
  for (const seed of [1, 2]) {
    expect(kolmogorovDistance(draws(text, seed), cdf)).toBeLessThan(DISTANCE_MAX)
  }
})

describe('moments', () => {
  test('the mean of exponential(50ms) is 50 ms, and so is its deviation', () => {
    const sample = draws('exponential(50ms)')
    expect(mean(sample)).toBeCloseTo(50_000, -3)
    expect(deviation(sample)).toBeCloseTo(50_000, -3)
  })

  test('the mean of lognormal(20ms,0.5) is 20 ms * e^(0.5^2/2)', () => {
    expect(mean(draws('lognormal(20ms,0.5)')) / (20_000 * Math.exp(0.125))).toBeCloseTo(1, 2)
  })

  test('the mean of pareto(10ms,4) is 10 ms * 4/3', () => {
    expect(mean(draws('pareto(10ms,4)')) / (10_000 * (4 / 3))).toBeCloseTo(1, 2)
  })
})

test('a constant draws nothing, so switching it on shifts no other choice', () => {
  const random = Random.fromSeed(3)
  expect(sampleUs(latency('200ms'), random)).toBe(200_000)
  expect(random.float()).toBe(Random.fromSeed(3).float())
})

test('lognormal with sigma 0 is its median', () => {
  expect(sampleUs(latency('lognormal(20ms,0)'), Random.fromSeed(1))).toBe(20_000)
})

test('a mixture draws each part as often as its weight says', () => {
  const spec = latency('0.25*1ms+0.75*9ms')
  const random = Random.fromSeed(4)
  const sample = Array.from({ length: DRAWS }, () => sampleUs(spec, random))
  expect(sample.filter((us) => us === 1_000).length / DRAWS).toBeCloseTo(0.25, 2)
  expect(new Set(sample)).toEqual(new Set([1_000, 9_000]))
})

test('what is drawn is a whole number of microseconds, from 0 to an hour', () => {
  const random = Random.fromSeed(5)
  for (const text of ['exponential(2us)', 'pareto(1s,0.01)', 'lognormal(3600s,10)']) {
    const spec = latency(text)
    const sample = Array.from({ length: 10_000 }, () => sampleUs(spec, random))
    expect(sample.every((us) => Number.isInteger(us) && us >= 0)).toBe(true)
    expect(Math.max(...sample)).toBeLessThanOrEqual(BOUNDS.latencyUsMax)
  }
})

test('the first draws of each distribution are pinned', () => {
  const firsts = cases.map(([text]) => [text, sampleUs(latency(text), Random.fromSeed(42))])
  expect(Object.fromEntries(firsts)).toMatchInlineSnapshot(`
    {
      "0.9122*pareto(0.235ms,10)+0.0878*exponential(1.66ms)": 2183,
      "exponential(50ms)": 285498,
      "lognormal(20ms,0.5)": 16449,
      "pareto(0.235ms,10)": 416,
      "pareto(10ms,2)": 173741,
      "uniform(100ms,300ms)": 299337,
    }
  `)
})

describe('defaults', () => {
  test.each([
    [1, 200],
    [2, 500],
    [3, 800],
    [10, 2_900],
    [0, 200],
  ])('replica %i is reached in %i ms', (replica, ms) => {
    expect(defaultReplicateUs(replica)).toBe(ms * 1_000)
  })

  test('the other legs take no time', () => {
    const { acknowledge, request, respond } = DEFAULT_LATENCY
    for (const leg of [acknowledge, request, respond]) {
      expect(sampleUs(leg, Random.fromSeed(1))).toBe(0)
    }
  })
})

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}

/** Abramowitz and Stegun, 26.2.17; within 7.5e-8. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail =
    Math.exp((-z * z) / 2) *
    t *
    (0.127414796 + t * (-0.142248368 + t * (0.7107068705 + t * (-0.7265760135 + t * 0.5307027145))))
  return z > 0 ? 1 - tail : tail
}
