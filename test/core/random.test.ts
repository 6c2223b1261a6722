// Three kinds of test, told apart by name: pinned output, which must never change (a seed in a bug report
// names one run for ever); examples of forking; and properties that hold for every seed.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random, SEED_MAX } from '../../src/core/random.ts'

const seeds = fc.integer({ min: 0, max: SEED_MAX })

function floats(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.float())
}

describe('pinned output', () => {
  test('seed 1 draws these floats on every Node, for ever', () => {
    expect(floats(Random.fromSeed(1), 4)).toMatchInlineSnapshot(`
      [
        0.11111809733535127,
        0.7798604715879655,
        0.03360046161877683,
        0.5723956450952535,
      ]
    `)
  })

  test('seed 1 forked by name draws these', () => {
    const link = Random.fromSeed(1).fork('network').fork('0>1')
    expect(floats(link, 3)).toMatchInlineSnapshot(`
      [
        0.2812595054367223,
        0.0633314654382865,
        0.3951183840997753,
      ]
    `)
  })

  test('seed 2025 draws these numbers below ten', () => {
    const random = Random.fromSeed(2025)
    expect(Array.from({ length: 20 }, () => random.int(10)).join(' ')).toMatchInlineSnapshot(
      `"0 5 2 9 2 9 8 6 8 1 4 5 5 3 1 9 8 4 5 9"`,
    )
  })
})

describe('forks', () => {
  test('a draw from the parent shifts nothing in its forks', () => {
    const quiet = Random.fromSeed(7)
    const busy = Random.fromSeed(7)
    floats(busy, 13)
    expect(floats(busy.fork('reads'), 5)).toEqual(floats(quiet.fork('reads'), 5))
  })

  test('a fork says nothing new when it is made again', () => {
    const parent = Random.fromSeed(7)
    expect(floats(parent.fork('a'), 3)).toEqual(floats(parent.fork('a'), 3))
  })

  test('the path decides, not the letters in it', () => {
    const root = Random.fromSeed(7)
    const firsts = [
      root.fork('ab'),
      root.fork('a').fork('b'),
      root.fork('b').fork('a'),
      root.fork(''),
    ]
    expect(new Set(firsts.map((random) => random.float())).size).toBe(4)
  })

  test('neighbouring names and seeds are not correlated', () => {
    const root = Random.fromSeed(1)
    const links = Array.from({ length: 20_000 }, (_, i) => root.fork(`0>${i}`).float())
    const starts = Array.from({ length: 20_000 }, (_, seed) => Random.fromSeed(seed).float())
    for (const sample of [links, starts]) {
      expect(Math.abs(serialCorrelation(sample))).toBeLessThan(0.025)
      expect(Math.abs(mean(sample) - 0.5)).toBeLessThan(0.01)
    }
  })
})

describe('properties', () => {
  test('a float lies in [0, 1) and is a multiple of 2^-53', () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, name) => {
        for (const value of floats(Random.fromSeed(seed).fork(name), 20)) {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThan(1)
          expect(Number.isInteger(value * 2 ** 53)).toBe(true)
        }
      }),
    )
  })

  test('the same seed and path give the same draws', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.string(), { maxLength: 4 }), (seed, path) => {
        const draw = () => path.reduce((random, name) => random.fork(name), Random.fromSeed(seed))
        expect(floats(draw(), 5)).toEqual(floats(draw(), 5))
      }),
    )
  })

  test('different seeds give different draws', () => {
    fc.assert(
      fc.property(seeds, seeds, (a, b) => {
        fc.pre(a !== b)
        expect(floats(Random.fromSeed(a), 3)).not.toEqual(floats(Random.fromSeed(b), 3))
      }),
    )
  })

  test('int stays below its bound', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, max) => {
        const value = Random.fromSeed(seed).int(max)
        expect(Number.isInteger(value) && value >= 0 && value < max).toBe(true)
      }),
    )
  })
})

test('int(6) falls on every side of the die equally often', () => {
  const random = Random.fromSeed(6)
  const tally = new Map<number, number>()
  for (let i = 0; i < 60_000; i++) {
    const side = random.int(6)
    tally.set(side, (tally.get(side) ?? 0) + 1)
  }
  const chiSquare = [...tally.values()].reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)
  expect(tally.size).toBe(6)
  // 99.99th percentile of chi-square with five degrees of freedom.
  expect(chiSquare).toBeLessThan(25.7)
})

test.each([-1, 1.5, SEED_MAX + 1, Number.NaN])('%s is no seed', (seed) => {
  expect(() => Random.fromSeed(seed)).toThrow('a seed is a whole number from 0 to 4294967295')
})

test.each([0, -1, 2.5, 2 ** 32 + 1])('int(%s) is a bug', (max) => {
  expect(() => Random.fromSeed(1).int(max)).toThrow('int() draws below a whole number')
})

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Correlation of each value with its successor, for values uniform in [0, 1). */
function serialCorrelation(values: readonly number[]): number {
  const products = values.slice(1).map((value, i) => (value - 0.5) * ((values[i] as number) - 0.5))
  return mean(products) * 12
}
