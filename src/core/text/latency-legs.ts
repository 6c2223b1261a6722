// The latencies of the four legs as people set them at once: `replicate=200ms,500ms;acknowledge=1ms`.
// One distribution is latency-text.ts's affair.

import { type LatencyOptions, type LatencySpec, LEGS, type Leg } from '../latency.ts'
import { type Parsed, quote } from './duration.ts'
import { formatLatency, parseLatency } from './latency-text.ts'

export interface LegLatency<T = LatencySpec> {
  readonly leg: Leg
  /** More than one only for `replicate`: one for each follower. */
  readonly specs: readonly T[]
}

/** Several legs are separated by `;`. Without a leg's name it is the one that makes followers lag. */
export function parseLatencyFlag(text: string): Parsed<readonly LegLatency[]> {
  return parseLegs(text, parseLatency)
}

/** The same, for those who know more words for one latency. */
export function parseLegs<T>(
  text: string,
  parseOne: (text: string, leg: Leg) => Parsed<T>,
): Parsed<readonly LegLatency<T>[]> {
  const legs: LegLatency<T>[] = []
  const pieces = text.split(';').filter((piece, i) => i === 0 || piece.trim() !== '')
  for (const piece of pieces) {
    const parsed = parseLeg(piece, parseOne)
    if (!parsed.ok) return parsed
    const { leg } = parsed.value
    if (legs.some((earlier) => earlier.leg === leg)) {
      return { ok: false, message: `the leg ${leg} is given twice` }
    }
    legs.push(parsed.value)
  }
  return { ok: true, value: legs }
}

/** The legs given, over those of `base`. */
export function withLegs(base: LatencyOptions, legs: readonly LegLatency[]): LatencyOptions {
  const result: { -readonly [K in keyof LatencyOptions]: LatencyOptions[K] } = { ...base }
  for (const { leg, specs } of legs) {
    const [first] = specs
    if (leg === 'replicate') result.replicate = Object.freeze([...specs])
    else if (first) result[leg] = first
  }
  return Object.freeze(result)
}

/** The canonical text of legs: reading it gives the same latencies again. */
export function formatLegs(latency: LatencyOptions): string {
  const specsOf = (leg: Leg) => (leg === 'replicate' ? latency.replicate : [latency[leg]])
  return LEGS.filter((leg) => specsOf(leg).length > 0)
    .map((leg) => `${leg}=${specsOf(leg).map(formatLatency).join(',')}`)
    .join(';')
}

function parseLeg<T>(
  text: string,
  parseOne: (text: string, leg: Leg) => Parsed<T>,
): Parsed<LegLatency<T>> {
  const equals = text.indexOf('=')
  const name = equals < 0 ? 'replicate' : text.slice(0, equals).trim()
  const leg = LEGS.find((known) => known === name)
  if (!leg) {
    const message = `there is no leg ${quote(name)}: the legs are ${LEGS.join(', ')}`
    return { ok: false, message }
  }
  const specs: T[] = []
  for (const piece of splitAtCommas(text.slice(equals + 1))) {
    const parsed = parseOne(piece.trim(), leg)
    if (!parsed.ok) return parsed
    specs.push(parsed.value)
  }
  if (leg !== 'replicate' && specs.length > 1) {
    const message = `${leg} takes one latency; only replicate takes one for each follower`
    return { ok: false, message }
  }
  return { ok: true, value: { leg, specs } }
}

/** Commas inside parentheses belong to the distribution. */
function splitAtCommas(text: string): string[] {
  const pieces = ['']
  let depth = 0
  for (const char of text) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === ',' && depth === 0) pieces.push('')
    else pieces[pieces.length - 1] += char
  }
  return pieces
}
