// Units. The core counts simulated time in whole microseconds; JSON and people read milliseconds.

/** A point in simulated time, or a length of it, in whole microseconds. */
export type Microseconds = number

export const US_PER_MS = 1_000
export const US_PER_SECOND = 1_000_000

/** Milliseconds (fractions allowed) to whole microseconds, rounded to the nearest. */
export function usFromMs(ms: number): Microseconds {
  return Math.round(ms * US_PER_MS)
}

/** Whole microseconds to milliseconds with up to three decimals, exactly. */
export function msFromUs(us: Microseconds): number {
  return us / US_PER_MS
}

/** A duration as a person reads it: `143 ms`, `0.25 ms`. */
export function sayMs(us: Microseconds): string {
  return `${msFromUs(us)} ms`
}
