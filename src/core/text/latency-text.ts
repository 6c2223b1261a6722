// Latencies as people write them, and back: `200ms`, `lognormal(20ms,0.5)`,
// `0.9*exponential(1ms)+0.1*pareto(10ms,2)`. What cannot be read is answered with what is wrong, where,
// and an example. The same words serve `--latency`, the route that sets a link, and scenarios.

import { BOUNDS } from '../bounds.ts'
import type { LatencySpec, MixturePart, SimpleLatency } from '../latency.ts'
import {
  DURATION_UNITS,
  formatDuration,
  isDurationUnit,
  type Parsed,
  quote,
  usOf,
} from './duration.ts'

/** How each distribution is written; also the examples of the error messages. */
const EXAMPLES: Record<SimpleLatency['kind'], string> = {
  constant: 'constant(200ms)',
  uniform: 'uniform(100ms,300ms)',
  exponential: 'exponential(50ms)',
  lognormal: 'lognormal(20ms,0.5)',
  pareto: 'pareto(10ms,2)',
}
const MIXTURE_EXAMPLE = '0.9*exponential(1ms)+0.1*pareto(10ms,2)'

/** Nobody writes a longer one by hand; a limit keeps a hostile one from costing anything. */
const TEXT_CHARS_MAX = 1_000
/** Weights that sum to 1 up to this are taken to sum to 1. */
const WEIGHT_SLACK = 1e-6
const SIGMA_MAX = 10
const ALPHA_MAX = 1_000

export function parseLatency(text: string): Parsed<LatencySpec> {
  if (text.length > TEXT_CHARS_MAX) {
    return { ok: false, message: `a latency has at most ${TEXT_CHARS_MAX} characters` }
  }
  const reader = new LatencyReader(text)
  try {
    return { ok: true, value: reader.latency() }
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, message: error.message }
    throw error
  }
}

/** The canonical text: reading it gives the same latency again. */
export function formatLatency(spec: LatencySpec): string {
  if (spec.kind !== 'mixture') return formatSimple(spec)
  return spec.parts.map((part) => `${part.weight}*${formatSimple(part.latency)}`).join('+')
}

function formatSimple(latency: SimpleLatency): string {
  switch (latency.kind) {
    case 'constant':
      return formatDuration(latency.us)
    case 'uniform':
      return `uniform(${formatDuration(latency.fromUs)},${formatDuration(latency.toUs)})`
    case 'exponential':
      return `exponential(${formatDuration(latency.meanUs)})`
    case 'lognormal':
      return `lognormal(${formatDuration(latency.medianUs)},${latency.sigma})`
    case 'pareto':
      return `pareto(${formatDuration(latency.xmUs)},${latency.alpha})`
  }
}

class Unreadable extends Error {}

/** A cursor over the text. Every complaint names the column the trouble begins at, from 1. */
class LatencyReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  latency(): LatencySpec {
    const parts: MixturePart[] = []
    const weighted: boolean[] = []
    do {
      const weight = this.#weight()
      weighted.push(weight !== undefined)
      parts.push({ weight: weight ?? 1, latency: this.#simple() })
    } while (this.#take('+'))
    this.#skipSpace()
    if (this.#at < this.#text.length) {
      this.#fail('the latency should end here', this.#at, MIXTURE_EXAMPLE)
    }
    if (parts.length > 1 && weighted.includes(false)) {
      this.#fail('each part of a mixture needs a weight', 0, MIXTURE_EXAMPLE)
    }
    return this.#weighed(parts)
  }

  #weighed(parts: readonly MixturePart[]): LatencySpec {
    const sum = parts.reduce((total, part) => total + part.weight, 0)
    if (Math.abs(sum - 1) > WEIGHT_SLACK) {
      this.#fail(`the weights sum to ${Number(sum.toPrecision(9))}, not to 1`, 0, MIXTURE_EXAMPLE)
    }
    const [only] = parts
    if (parts.length === 1 && only) return only.latency
    return { kind: 'mixture', parts }
  }

  /** `0.9*`; undefined, and nothing read, where no weight stands. */
  #weight(): number | undefined {
    this.#skipSpace()
    const start = this.#at
    const weight = this.#digits()
    if (weight === undefined || !this.#take('*')) {
      this.#at = start
      return undefined
    }
    if (weight <= 0 || weight > 1)
      this.#fail('a weight lies above 0, up to 1', start, MIXTURE_EXAMPLE)
    return weight
  }

  #simple(): SimpleLatency {
    this.#skipSpace()
    const start = this.#at
    const name = this.#word()
    if (name === '') return this.#constant(EXAMPLES.constant.slice(9, -1))
    if (!Object.hasOwn(EXAMPLES, name)) {
      const known = Object.keys(EXAMPLES).join(', ')
      this.#fail(`there is no distribution ${quote(name)} (there are ${known})`, start)
    }
    const kind = name as SimpleLatency['kind']
    this.#expect('(', kind)
    const latency = this.#parameters(kind)
    this.#expect(')', kind)
    return latency
  }

  #parameters(kind: SimpleLatency['kind']): SimpleLatency {
    const example = EXAMPLES[kind]
    switch (kind) {
      case 'constant':
        return this.#constant(example)
      case 'uniform':
        return this.#uniform(example)
      case 'exponential':
        return { kind, meanUs: this.#positiveDuration('the mean', example) }
      case 'lognormal': {
        const medianUs = this.#positiveDuration('the median', example)
        this.#expect(',', kind)
        return { kind, medianUs, sigma: this.#number('sigma', 0, SIGMA_MAX, example) }
      }
      case 'pareto': {
        const xmUs = this.#positiveDuration('the smallest value', example)
        this.#expect(',', kind)
        return { kind, xmUs, alpha: this.#number('alpha', 0.01, ALPHA_MAX, example) }
      }
    }
  }

  #constant(example: string): SimpleLatency {
    return { kind: 'constant', us: Math.round(this.#duration(example)) }
  }

  #uniform(example: string): SimpleLatency {
    const fromUs = this.#duration(example)
    this.#expect(',', 'uniform')
    const start = this.#at
    const toUs = this.#duration(example)
    if (toUs < fromUs) this.#fail('the upper end lies below the lower', start, example)
    return { kind: 'uniform', fromUs, toUs }
  }

  #positiveDuration(what: string, example: string): number {
    this.#skipSpace()
    const start = this.#at
    const us = this.#duration(example)
    if (us === 0) this.#fail(`${what} must be more than 0`, start, example)
    return us
  }

  /** In microseconds, with at most three decimals. `0` needs no unit. */
  #duration(example: string): number {
    this.#skipSpace()
    const start = this.#at
    const count = this.#digits()
    if (count === undefined) return this.#fail('a duration is expected', start, example)
    this.#skipSpace()
    const unit = this.#word()
    if (unit === '' && count === 0) return 0
    if (unit === '') this.#fail(`the unit is missing (${DURATION_UNITS})`, this.#at, example)
    if (!isDurationUnit(unit)) {
      return this.#fail(`there is no unit ${quote(unit)} (${DURATION_UNITS})`, start, example)
    }
    const us = usOf(count, unit)
    if (us > BOUNDS.latencyUsMax) {
      this.#fail(`a latency is at most ${formatDuration(BOUNDS.latencyUsMax)}`, start, example)
    }
    return us
  }

  #number(what: string, min: number, max: number, example: string): number {
    this.#skipSpace()
    const start = this.#at
    const value = this.#digits()
    if (value === undefined || value < min || value > max || this.#word() !== '') {
      return this.#fail(`${what} is a number from ${min} to ${max}, without a unit`, start, example)
    }
    return value
  }

  #digits(): number | undefined {
    const text = this.#match(/(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?/y)
    return text === '' ? undefined : Number(text)
  }

  #word(): string {
    return this.#match(/[A-Za-z_µμ][\wµμ-]*/y)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += text.length
    return text
  }

  #take(char: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #expect(char: string, kind: SimpleLatency['kind']): void {
    if (!this.#take(char)) this.#fail(`"${char}" is expected`, this.#at, EXAMPLES[kind])
  }

  #skipSpace(): void {
    this.#match(/\s*/y)
  }

  #fail(what: string, at: number, example = EXAMPLES.uniform): never {
    const where = `column ${at + 1} of ${quote(this.#text)}`
    throw new Unreadable(`${what}, at ${where}; for example ${example}`)
  }
}
