// Latencies and durations as people write them: what is read, what is written back, and what the
// complaint says when it cannot be read.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LATENCY, type LatencySpec, type SimpleLatency } from '../../src/core/latency.ts'
import { formatDuration, parseDuration } from '../../src/core/text/duration.ts'
import { formatLegs, parseLatencyFlag, withLegs } from '../../src/core/text/latency-legs.ts'
import { formatLatency, parseLatency } from '../../src/core/text/latency-text.ts'

function canonical(text: string): string {
  const parsed = parseLatency(text)
  return parsed.ok ? formatLatency(parsed.value) : parsed.message
}

function complaint(text: string): string {
  const parsed = parseLatency(text)
  return parsed.ok ? `no complaint about ${text}` : parsed.message
}

describe('reading a latency', () => {
  test.each([
    ['200ms', '200ms'],
    ['constant(200ms)', '200ms'],
    ['0', '0ms'],
    ['250us', '250us'],
    ['.5ms', '500us'],
    ['1500 ms', '1.5s'],
    ['2m', '120s'],
    [' uniform( 1ms , 2ms ) ', 'uniform(1ms,2ms)'],
    ['uniform(0,2ms)', 'uniform(0ms,2ms)'],
    ['exponential(0.183ms)', 'exponential(183us)'],
    ['lognormal(20ms,0.5)', 'lognormal(20ms,0.5)'],
    ['pareto(1.05ms,1.51)', 'pareto(1.05ms,1.51)'],
    ['0.9*exponential(1ms) + 0.1*pareto(10ms,2)', '0.9*exponential(1ms)+0.1*pareto(10ms,2)'],
    ['0.5*1ms+0.5*2ms', '0.5*1ms+0.5*2ms'],
    ['1*exponential(1ms)', 'exponential(1ms)'],
    // Weights that sum to 1 but for rounding.
    ['0.1*1ms+0.2*2ms+0.7*3ms', '0.1*1ms+0.2*2ms+0.7*3ms'],
  ])('%s is %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  test.each([
    ['', 'a duration is expected, at column 1 of ""; for example 200ms'],
    ['200', 'the unit is missing (us, ms, s or m), at column 4 of "200"; for example 200ms'],
    ['2h', 'there is no unit "h" (us, ms, s or m), at column 1 of "2h"; for example 200ms'],
    ['-1ms', 'a duration is expected, at column 1 of "-1ms"; for example 200ms'],
    ['2h0s', 'there is no unit "h0s" (us, ms, s or m), at column 1'],
    ['5000s', 'a latency is at most 3600s, at column 1'],
    ['unifrom(1ms,2ms)', 'there is no distribution "unifrom" (there are constant, uniform'],
    ['toString(1ms)', 'there is no distribution "toString"'],
    ['uniform(2ms,1ms)', 'the upper end lies below the lower, at column 13'],
    ['uniform(2ms)', '"," is expected, at column 12'],
    ['exponential(1ms', '")" is expected, at column 16'],
    ['exponential 1ms', '"(" is expected, at column 13'],
    ['exponential(0)', 'the mean must be more than 0, at column 13'],
    ['lognormal(20ms,0.5ms)', 'sigma is a number from 0 to 10, without a unit, at column 16'],
    ['pareto(10ms,0)', 'alpha is a number from 0.01 to 1000, without a unit, at column 13'],
    ['1ms 2ms', 'the latency should end here, at column 5'],
    ['exponential(1ms)+pareto(1ms,2)', 'each part of a mixture needs a weight'],
    ['0*1ms+1*2ms', 'a weight lies above 0, up to 1, at column 1'],
    ['0.9*1ms+0.2*2ms', 'the weights sum to 1.1, not to 1'],
    ['0.5*exponential(1ms)', 'the weights sum to 0.5, not to 1'],
    ['x'.repeat(1_001), 'a latency has at most 1000 characters'],
  ])('%j is answered with what is wrong and where', (text, message) => {
    expect(complaint(text)).toContain(message)
  })

  test('a complaint stays on one line whatever it quotes', () => {
    expect(complaint('1ms\n2026 [FAULT] forged')).not.toContain('\n')
  })
})

describe('writing a latency', () => {
  const us = fc.integer({ min: 1, max: 3_600e9 }).map((nanoseconds) => nanoseconds / 1e3)
  const simple: fc.Arbitrary<SimpleLatency> = fc.oneof(
    fc.record({ kind: fc.constant('constant' as const), us: us.map(Math.round) }),
    fc
      .tuple(us, us)
      .map(
        ([a, b]) => ({ kind: 'uniform', fromUs: Math.min(a, b), toUs: Math.max(a, b) }) as const,
      ),
    fc.record({ kind: fc.constant('exponential' as const), meanUs: us }),
    fc.record({
      kind: fc.constant('lognormal' as const),
      medianUs: us,
      sigma: fc.double({ min: 0, max: 10, noNaN: true }).map((sigma) => sigma + 0),
    }),
    fc.record({
      kind: fc.constant('pareto' as const),
      xmUs: us,
      alpha: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    }),
  )
  const mixture: fc.Arbitrary<LatencySpec> = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), simple), { minLength: 2, maxLength: 5 })
    .map((parts) => {
      const sum = parts.reduce((total, [share]) => total + share, 0)
      return {
        kind: 'mixture',
        parts: parts.map(([share, latency]) => ({ weight: share / sum, latency })),
      }
    })

  test('what is written reads back as exactly the same latency', () => {
    fc.assert(
      fc.property(fc.oneof(simple, mixture), (spec) => {
        expect(parseLatency(formatLatency(spec))).toEqual({ ok: true, value: spec })
      }),
    )
  })

  test('no text makes the reader throw', () => {
    const scrap = fc.constantFrom(
      'uniform(',
      'pareto(',
      '1ms',
      '0.5*',
      '+',
      ',',
      ')',
      '(',
      '1e',
      '9',
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(scrap).map((scraps) => scraps.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseLatency(text)
        if (!parsed.ok) expect(parsed.message).not.toBe('')
      }),
    )
  })
})

describe('the latency of the legs', () => {
  function legs(text: string): string {
    const parsed = parseLatencyFlag(text)
    return parsed.ok ? formatLegs(withLegs(DEFAULT_LATENCY, parsed.value)) : parsed.message
  }
  const others = 'acknowledge=0ms;request=0ms;respond=0ms'

  test.each([
    ['replicate=200ms,500ms', `replicate=200ms,500ms;${others}`],
    ['200ms,500ms', `replicate=200ms,500ms;${others}`],
    ['replicate=uniform(1ms,2ms),3ms', `replicate=uniform(1ms,2ms),3ms;${others}`],
    ['acknowledge=exponential(5ms)', 'acknowledge=exponential(5ms);request=0ms;respond=0ms'],
    ['request=1ms;respond=2ms;', 'acknowledge=0ms;request=1ms;respond=2ms'],
    [' replicate = 1ms ; request = 2ms ', 'replicate=1ms;acknowledge=0ms;request=2ms;respond=0ms'],
  ])('%s', (text, expected) => {
    expect(legs(text)).toBe(expected)
  })

  test.each([
    ['replicat=1ms', 'there is no leg "replicat": the legs are replicate, acknowledge, request'],
    ['request=1ms,2ms', 'request takes one latency; only replicate takes one for each follower'],
    ['replicate=1ms;replicate=2ms', 'the leg replicate is given twice'],
    ['replicate=1ms,,2ms', 'a duration is expected'],
    ['', 'a duration is expected'],
  ])('%j is refused', (text, message) => {
    expect(legs(text)).toContain(message)
  })
})

describe('durations', () => {
  test.each([
    ['2s', 2_000_000],
    ['1.5 ms', 1_500],
    ['90m', 5_400_000_000],
    ['0', 0],
    ['0.4us', 0],
  ])('%s is %i microseconds', (text, us) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: us })
  })

  test.each([
    ['200', '"200" has no unit: write 200ms (us, ms, s or m)'],
    ['soon', '"soon" is not a duration: write 200ms (us, ms, s or m)'],
    ['-5ms', '"-5ms" is not a duration'],
    ['5 years', '"5 years" has an unknown unit "years"'],
    ['99999999s', '"99999999s" is more than 31536000s, the most there may be'],
  ])('%s is refused', (text, message) => {
    const parsed = parseDuration(text)
    expect(parsed.ok ? '' : parsed.message).toContain(message)
  })

  test('what is written reads back as the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (us) => {
        expect(parseDuration(formatDuration(us), 1e15)).toEqual({ ok: true, value: us })
      }),
    )
  })
})
