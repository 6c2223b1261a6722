// Measured delays from a file: one number a line, in milliseconds, or a duration such as `850us`. Blank lines and lines
// that begin with # are passed over. Reading the file is others' affair.

import { BOUNDS } from '../../core/bounds.ts'
import { formatDuration, type Parsed, parseDuration, quote } from '../../core/text/duration.ts'
import { US_PER_MS } from '../../core/units.ts'
import { type Samples, samplesOf } from './delay.ts'

/** More than anyone needs for quantiles of one in a million; 80 MB in memory. */
const SAMPLES_MAX = 10_000_000

export function parseSamples(name: string, text: string): Parsed<Samples> {
  const us: number[] = []
  const lines = text.replace(/^\ufeff/, '').split('\n')
  for (const [i, whole] of lines.entries()) {
    const line = whole.trim()
    if (line === '' || line.startsWith('#')) continue
    const parsed = readDelay(line)
    if (!parsed.ok) return { ok: false, message: `${name}, line ${i + 1}: ${parsed.message}` }
    if (us.length === SAMPLES_MAX) {
      return { ok: false, message: `${name} has more than ${SAMPLES_MAX} samples` }
    }
    us.push(parsed.value)
  }
  if (us.length === 0) {
    return { ok: false, message: `${name} has no samples: write one delay a line, in ms` }
  }
  return { ok: true, value: samplesOf(name, us) }
}

function readDelay(text: string): Parsed<number> {
  const max = BOUNDS.latencyUsMax
  const ms = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined
  if (ms === undefined) {
    const parsed = parseDuration(text, max)
    return parsed.ok ? parsed : { ok: false, message: `${quote(text)} is no delay in milliseconds` }
  }
  if (ms < 0) return { ok: false, message: `${quote(text)} is negative, and no delay is` }
  if (ms * US_PER_MS <= max) return { ok: true, value: ms * US_PER_MS }
  return { ok: false, message: `${quote(text)} ms is more than ${formatDuration(max)}` }
}
