// Durations as people write them: `250us`, `200ms`, `1.5s`, `2m`. One spelling for flags, latencies and
// scenarios. Kept to the nanosecond, so that what is printed reads back as exactly the same number.

import { BOUNDS } from '../bounds.ts'
import type { Microseconds } from '../units.ts'
import { escapeActing } from './say.ts'

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string }

/** How long each unit is, in nanoseconds, longest first. */
const NANOSECONDS = { m: 60e9, s: 1e9, ms: 1e6, us: 1e3 } as const

export type DurationUnit = keyof typeof NANOSECONDS

export const DURATION_UNITS = 'us, ms, s or m'

export function isDurationUnit(text: string): text is DurationUnit {
  return Object.hasOwn(NANOSECONDS, text)
}

/** A count of some unit, in microseconds; at most three decimals. */
export function usOf(count: number, unit: DurationUnit): Microseconds {
  return Math.round(count * NANOSECONDS[unit]) / 1e3
}

/** A whole number of microseconds, at most `maxUs`. `0` needs no unit. */
export function parseDuration(text: string, maxUs: number = BOUNDS.advanceUsMax): Parsed<number> {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zA-Z]*)\s*$/.exec(text)
  if (!match) return refuse(text, 'is not a duration')
  const [, digits = '', unit = ''] = match
  if (unit === '' && Number(digits) === 0) return { ok: true, value: 0 }
  if (unit === '') return refuse(text, 'has no unit', `${digits}ms`)
  if (!isDurationUnit(unit)) return refuse(text, `has an unknown unit "${unit}"`)
  const us = Math.round(usOf(Number(digits), unit))
  if (us > maxUs) {
    const message = `${quote(text)} is more than ${formatDuration(maxUs)}, the most there may be`
    return { ok: false, message }
  }
  return { ok: true, value: us }
}

/** The largest unit below a minute that leaves no leading zero: `250us`, `200ms`, `1.5s`. */
export function formatDuration(us: Microseconds): string {
  if (us === 0) return '0ms'
  if (us < 1e3) return `${us}us`
  return us < 1e6 ? `${us / 1e3}ms` : `${us / 1e6}s`
}

function refuse(text: string, what: string, example = '200ms'): Parsed<never> {
  return { ok: false, message: `${quote(text)} ${what}: write ${example} (${DURATION_UNITS})` }
}

/** Somebody else's text inside a message: shortened, and unable to break the line. */
export function quote(text: string): string {
  return escapeActing(JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text))
}
