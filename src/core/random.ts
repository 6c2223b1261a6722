// Chance. Every random choice of the simulation comes from one of these, and all of them stem from one
// seed. A part of the program forks its own by name, so one more draw in one place shifts nothing
// elsewhere. The generator is xoroshiro128+ of pure-rand; ours is only how its state is seeded.

import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { invariant } from './errors.ts'

/** Seeds are unsigned 32-bit integers: short enough to be read out to a colleague. */
export const SEED_MAX = 0xffff_ffff

type Generator = ReturnType<typeof xoroshiro128plusFromState>
/** 128 bits that name one generator: the seed and the path of forks that led to it. */
type Key = readonly [number, number, number, number]

const TWO_TO_27 = 134_217_728
const TWO_TO_MINUS_53 = 1 / 9_007_199_254_740_992

export class Random {
  /** Never changes; forks descend from it, not from the generator's state. */
  readonly #key: Key
  readonly #generator: Generator

  private constructor(key: Key) {
    this.#key = key
    this.#generator = xoroshiro128plusFromState(key)
  }

  static fromSeed(seed: number): Random {
    invariant(
      Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX,
      `a seed is a whole number from 0 to ${SEED_MAX}, not ${seed}`,
    )
    return new Random(hash([seed, 0, 0, 0], ''))
  }

  /** An independent generator, determined by this one's seed and path and by `name` alone. */
  fork(name: string): Random {
    return new Random(hash(this.#key, name))
  }

  /** From 0 (included) to 1 (excluded), in steps of 2^-53. */
  float(): number {
    // The upper bits of each output: the lowest ones of xoroshiro128+ are its weak spot.
    const high = this.#generator.next() >>> 6
    const low = this.#generator.next() >>> 5
    return (high * TWO_TO_27 + low) * TWO_TO_MINUS_53
  }

  /** A whole number from 0 (included) to `maxExclusive` (excluded), at most 2^32. */
  int(maxExclusive: number): number {
    invariant(
      Number.isInteger(maxExclusive) && maxExclusive >= 1 && maxExclusive <= SEED_MAX + 1,
      `int() draws below a whole number from 1 to 2^32, not ${maxExclusive}`,
    )
    // 53 bits over at most 32: the bias is below 2^-21 of one part, and every draw costs the same.
    return Math.floor(this.float() * maxExclusive)
  }
}

/** MurmurHash3's 128-bit mixing over the parent's key and the name's UTF-16 units. */
function hash(key: Key, name: string): Key {
  let [a, b, c, d] = key
  for (let i = 0; i <= name.length; i++) {
    // One step more than the name is long, so that the empty name mixes too.
    const unit = i < name.length ? name.charCodeAt(i) : 0x10000 + name.length
    a = (Math.imul(rotate(a ^ Math.imul(unit, 0x239b961b), 19) + b, 5) + 0x561ccd1b) | 0
    b = (Math.imul(rotate(b ^ Math.imul(unit, 0xab0e9789), 17) + c, 5) + 0x0bcaa747) | 0
    c = (Math.imul(rotate(c ^ Math.imul(unit, 0x38b34ae5), 15) + d, 5) + 0x96cd1c35) | 0
    d = (Math.imul(rotate(d ^ Math.imul(unit, 0xa1e38b93), 13) + a, 5) + 0x32ac3b17) | 0
  }
  return spread(finish(a), finish(b), finish(c), finish(d))
}

/** Lets every word of the key depend on all four. */
function spread(a: number, b: number, c: number, d: number): Key {
  const sum = (a + b + c + d) | 0
  const key: Key = [sum, finish(b + sum), finish(c + sum), finish(d + sum)]
  // The one state xoroshiro128+ never leaves.
  return key.some((word) => word !== 0) ? key : [1, 0, 0, 0]
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

/** MurmurHash3's `fmix32`: a change of one bit flips half of the others. */
function finish(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
