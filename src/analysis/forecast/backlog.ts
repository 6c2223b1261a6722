// The writes before a write, as a follower that applies in log order sees them: a copy can be read only when it and every
// earlier one has landed. Here: how likely it is that all earlier ones have, exactly, and how the samplers
// split them into a near part, drawn one by one because the followers share its instants, and a far rest.

import { BOUNDS } from '../../core/bounds.ts'
import { beyond, type Delay, meanUs, survival } from './delay.ts'

export interface WriteProcess {
  readonly writes: 'poisson' | 'even'
  readonly gapUs: number
}

/** Terms of the product for even writes that are taken one by one; the rest is an integral. */
const TERMS_MAX = 20_000
const NEGLIGIBLE = 1e-12

/**
 * −ln of the chance that every copy sent at least `ageUs` before a write has landed `us` after it: under Poisson
 * writes λ·∫ survival; of even writes, a sum over one sent exactly `ageUs` before and all before that one.
 */
function backlog(delay: Delay, { writes, gapUs }: WriteProcess, us: number, ageUs: number): number {
  if (writes === 'poisson') return beyond(delay, us + ageUs) / gapUs
  let sum = 0
  for (let j = 0; j < TERMS_MAX; j++) {
    const late = survival(delay, us + ageUs + j * gapUs)
    if (late >= 1) return Number.POSITIVE_INFINITY
    sum -= Math.log1p(-late)
    if (late < NEGLIGIBLE) return sum
  }
  // Each term stands for the gap around it.
  return sum + beyond(delay, us + ageUs + (TERMS_MAX - 0.5) * gapUs) / gapUs
}

/** V(t): the chance that a copy and all earlier ones have landed `us` after its write. */
export function inOrder(delay: Delay, arrivals: WriteProcess, us: number): number {
  const landed = 1 - survival(delay, us)
  if (landed === 0) return 0
  // Even writes have their own predecessor one gap before, Poisson writes at any time.
  const earlier = backlog(delay, arrivals, us, arrivals.writes === 'even' ? arrivals.gapUs : 0)
  return landed * Math.exp(-earlier)
}

/** How rarely two followers may be late for one write of the far part, where they are drawn apart. */
const SHARED_FAR_MAX = 1e-5
/** Where writes come so densely that more would matter, their instants no longer do. */
const NEAR_WRITES_MAX = 2_000

/** Up to which age the writes before are drawn one by one. */
export function nearUs(delays: readonly Delay[], { gapUs }: WriteProcess): number {
  const shared = (us: number) =>
    (Math.max(...delays.map((delay) => survival(delay, us))) *
      Math.max(...delays.map((delay) => beyond(delay, us)))) /
    gapUs
  const mostUs = NEAR_WRITES_MAX * gapUs
  if (delays.length < 2 || !(shared(mostUs) < SHARED_FAR_MAX)) {
    return delays.length < 2 ? 0 : mostUs
  }
  return bisect((us) => shared(us) <= SHARED_FAR_MAX, 0, mostUs)
}

/** The least `us` between two ends at which `holds`, which stays true once it is; the upper end if none. */
export function bisect(holds: (us: number) => boolean, fromUs: number, toUs: number): number {
  if (holds(fromUs)) return fromUs
  let [low, high] = [fromUs, toUs]
  while (high - low > 1e-9 * high + 1e-6) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

/** The far part of one follower: how late its latest copy is, drawn at one stroke by inversion. */
export class FarCopies {
  readonly #delay: Delay
  readonly #arrivals: WriteProcess
  readonly #ageUs: number
  /** Of none of them being late at all. */
  readonly #most: number

  constructor(delay: Delay, arrivals: WriteProcess, nearEndUs: number) {
    this.#delay = delay
    this.#arrivals = arrivals
    this.#ageUs = nearEndUs
    this.#most = this.#backlog(0)
  }

  /**
   * How long after the write in question the last of them lands, where that is later than `us`; else `us`.
   * @param exponential a draw with mean 1
   */
  landing(exponential: number, us: number): number {
    if (exponential >= this.#most || exponential >= this.#backlog(us)) return us
    if (meanUs(this.#delay) === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    let toUs = Math.max(us, 1) * 2
    while (this.#backlog(toUs) > exponential && toUs < BOUNDS.clockUsMax) toUs *= 2
    return bisect((at) => this.#backlog(at) <= exponential, us, toUs)
  }

  /**
   * Given that one of them has not landed by `us`: how much older than the near part the oldest such is.
   * @param unit a draw from 0 to 1
   */
  oldestLate(unit: number, us: number): number {
    const none = Math.exp(-this.#backlog(us))
    const target = -Math.log(none + unit * (1 - none))
    let toUs = Math.max(us, 1) * 2
    while (this.#backlog(toUs) > target && toUs < BOUNDS.clockUsMax) toUs *= 2
    return bisect((at) => this.#backlog(at) <= target, us, toUs) - us
  }

  #backlog(us: number): number {
    return backlog(this.#delay, this.#arrivals, us, this.#ageUs)
  }
}
