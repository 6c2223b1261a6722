// One leg's delay as forecasts see it: a latency in the lab's own words, or samples that somebody measured. What is
// asked of it here are exact figures: how likely it is to last longer, its mean, what lies beyond a time.
// Drawing from it is draw.ts's part.

import type { LatencySpec, SimpleLatency } from '../../core/latency.ts'

/** Measured delays, ascending. `beyondUs[i]` is the sum of all from i on. */
export interface Samples {
  readonly kind: 'samples'
  readonly name: string
  readonly sortedUs: Float64Array
  readonly beyondUs: Float64Array
}

export type Delay = LatencySpec | Samples

export const NO_DELAY: Delay = Object.freeze({ kind: 'constant', us: 0 })

export function samplesOf(name: string, us: readonly number[]): Samples {
  const sortedUs = Float64Array.from(us).sort()
  const beyondUs = new Float64Array(sortedUs.length + 1)
  for (let i = sortedUs.length - 1; i >= 0; i--) {
    beyondUs[i] = (beyondUs[i + 1] as number) + (sortedUs[i] as number)
  }
  return { kind: 'samples', name, sortedUs, beyondUs }
}

/** The chance that it lasts longer than `us`, which may be negative. */
export function survival(delay: Delay, us: number): number {
  if (us < 0) return 1
  switch (delay.kind) {
    case 'mixture':
      return weighed(delay.parts, (part) => survival(part, us))
    case 'samples':
      return 1 - countUpTo(delay.sortedUs, us) / delay.sortedUs.length
    case 'constant':
      return us < delay.us ? 1 : 0
    case 'uniform':
      if (us < delay.fromUs) return 1
      return us >= delay.toUs ? 0 : (delay.toUs - us) / (delay.toUs - delay.fromUs)
    case 'exponential':
      return Math.exp(-us / delay.meanUs)
    case 'lognormal':
      if (us === 0) return 1
      if (delay.sigma === 0) return us < delay.medianUs ? 1 : 0
      return normalSurvival(Math.log(us / delay.medianUs) / delay.sigma)
    case 'pareto':
      return us < delay.xmUs ? 1 : Math.exp(delay.alpha * Math.log(delay.xmUs / us))
  }
}

/** What is to be expected beyond a time, ∫ survival from `us` on, in µs; at 0 the mean. May be infinite. */
export function beyond(delay: Delay, us: number): number {
  if (us < 0) return beyond(delay, 0) - us
  switch (delay.kind) {
    case 'mixture':
      return weighed(delay.parts, (part) => beyond(part, us))
    case 'samples': {
      const { sortedUs, beyondUs } = delay
      const i = countUpTo(sortedUs, us)
      return ((beyondUs[i] as number) - us * (sortedUs.length - i)) / sortedUs.length
    }
    default:
      return beyondSimple(delay, us)
  }
}

export function meanUs(delay: Delay): number {
  return beyond(delay, 0)
}

/** The one value it always has, or null. */
export function constantOf(delay: Delay): number | null {
  return delay.kind === 'constant' ? delay.us : null
}

function beyondSimple(delay: SimpleLatency, us: number): number {
  switch (delay.kind) {
    case 'constant':
      return Math.max(0, delay.us - us)
    case 'uniform': {
      const { fromUs, toUs } = delay
      if (us <= fromUs) return (fromUs + toUs) / 2 - us
      return us >= toUs ? 0 : ((toUs - us) * (toUs - us)) / (2 * (toUs - fromUs))
    }
    case 'exponential':
      return delay.meanUs * Math.exp(-us / delay.meanUs)
    case 'lognormal': {
      const { medianUs, sigma } = delay
      const mean = medianUs * Math.exp((sigma * sigma) / 2)
      if (us === 0) return mean
      if (sigma === 0) return Math.max(0, medianUs - us)
      const d = Math.log(us / medianUs) / sigma
      return Math.max(0, mean * normalSurvival(d - sigma) - us * normalSurvival(d))
    }
    case 'pareto': {
      const { xmUs, alpha } = delay
      if (alpha <= 1) return Number.POSITIVE_INFINITY
      if (us < xmUs) return xmUs - us + xmUs / (alpha - 1)
      return (us * survival(delay, us)) / (alpha - 1)
    }
  }
}

function weighed(
  parts: readonly { readonly weight: number; readonly latency: SimpleLatency }[],
  figure: (part: SimpleLatency) => number,
): number {
  let sum = 0
  for (const { weight, latency } of parts) sum += weight * figure(latency)
  return sum
}

/** How many are at most `us`. */
function countUpTo(sorted: Float64Array, us: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) <= us) low = middle + 1
    else high = middle
  }
  return low
}

/** P(Z > z), by its series below 3 and its continued fraction above: good to 14 digits. */
function normalSurvival(z: number): number {
  if (z < 0) return 1 - normalSurvival(-z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < 3) {
    let term = z
    let sum = z
    for (let i = 3; term > sum * 1e-17; i += 2) {
      term *= (z * z) / i
      sum += term
    }
    return 0.5 - density * sum
  }
  let fraction = 0
  for (let i = 100; i >= 1; i--) fraction = i / (z + fraction)
  return density / (z + fraction)
}
