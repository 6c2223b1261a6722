// What people ask of a forecast, in their words, to settings; or every reason why not, with the field it is about. The
// command line and the route ask with the same words, so what is wrong is told in the same sentences.

import { BOUNDS } from '../../core/bounds.ts'
import { invariant } from '../../core/errors.ts'
import { defaultReplicateUs, type Leg } from '../../core/latency.ts'
import { SEED_MAX } from '../../core/random.ts'
import { majority } from '../../core/requests/quorum.ts'
import { formatDuration, type Parsed, parseDuration, quote } from '../../core/text/duration.ts'
import { parseLegs } from '../../core/text/latency-legs.ts'
import { parseLatency } from '../../core/text/latency-text.ts'
import { didYouMean } from '../../core/text/nearest.ts'
import { type Delay, meanUs, NO_DELAY, type Samples } from './delay.ts'
import { PRESETS, presetOf } from './presets.ts'
import { type ForecastSettings, type Legs, ROWS_MAX, routesOf } from './settings.ts'

/** Everything as text, as on a command line; what is left out takes its default. */
export interface Ask {
  readonly topology?: string
  readonly followers?: string
  readonly n?: string
  /** `replicate=exponential(100ms);acknowledge=1ms`, a preset, or `replicate=@FILE`. */
  readonly latency?: string
  readonly rate?: string
  readonly writes?: string
  readonly keys?: string
  readonly at?: string
  readonly w?: string
  readonly r?: string
  readonly readsTo?: string
  readonly trials?: string
  readonly trialsFrom?: string
  readonly seed?: string
}

export type Field = keyof Ask

export interface AskProblem {
  readonly field: Field
  /** What is wrong with it, and how to write it. */
  readonly message: string
}

export type AskReading =
  | { readonly ok: true; readonly settings: ForecastSettings; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly AskProblem[] }

const TRIALS_MIN = 100
const TRIALS_MAX = 1_000_000_000
const AT_MAX = 50
const KEYS_MAX = 1_000_000_000
const RATE_MAX = 1e9
export const DEFAULT_AT = '0,10,50,100,500ms'
const DEFAULT_RATE = '10/s'

/** @param samples the measured samples that an `@NAME` stands for */
export function readAsk(ask: Ask, samples: (name: string) => Parsed<Samples>): AskReading {
  return new Reader(ask, samples).read()
}

class Reader {
  readonly #ask: Ask
  readonly #samples: (name: string) => Parsed<Samples>
  readonly #problems: AskProblem[] = []
  readonly #notes: string[] = []

  constructor(ask: Ask, samples: (name: string) => Parsed<Samples>) {
    this.#ask = ask
    this.#samples = samples
  }

  read(): AskReading {
    const topology = this.#field('topology', 'leader', oneOf('leader', 'leaderless'))
    const replicas = this.#replicas(topology)
    const { legs, betweenCentresUs } = this.#latency(topology, replicas)
    const quorums = defaultQuorums(replicas)
    const trials = replicas <= 5 ? 1_000_000 : replicas <= 16 ? 200_000 : 100_000
    const count = wholeNumber(TRIALS_MIN, TRIALS_MAX)
    const settings: ForecastSettings = {
      by: 'forecast',
      topology,
      replicas,
      legs,
      betweenCentresUs,
      ratePerSecond: this.#field('rate', DEFAULT_RATE, readRate),
      writes: this.#field('writes', 'poisson', oneOf('poisson', 'even')),
      keys: this.#field('keys', '1', wholeNumber(1, KEYS_MAX)),
      atUs: this.#field('at', DEFAULT_AT, readTimes),
      w: this.#field('w', quorums, wholeNumbers(1, replicas)),
      r: this.#field('r', quorums, wholeNumbers(1, replicas)),
      readsTo: this.#field('readsTo', 'all', oneOf('all', 'r')),
      trials: this.#field('trials', String(trials), count),
      trialsFrom: this.#field('trialsFrom', '0', wholeNumber(0, Number.MAX_SAFE_INTEGER / 2)),
      seed: this.#field('seed', '1', wholeNumber(0, SEED_MAX)),
    }
    if (this.#problems.length === 0) this.#checkTogether(settings)
    if (this.#problems.length > 0) return { ok: false, problems: this.#problems }
    return { ok: true, settings, notes: this.#notes }
  }

  #field<T>(field: Field, fallback: string, read: (text: string) => Parsed<T>): T {
    const given = read(this.#ask[field] ?? fallback)
    if (given.ok) return given.value
    this.#complain(field, given.message)
    const usual = read(fallback)
    invariant(usual.ok, 'a default can be read')
    return usual.value
  }

  #complain(field: Field, message: string): void {
    this.#problems.push({ field, message })
  }

  #replicas(topology: 'leader' | 'leaderless'): number {
    const { followersMax } = BOUNDS
    if (topology === 'leader') {
      if (this.#ask.n !== undefined) {
        this.#complain('n', 'belongs to a leaderless cluster: say followers instead, N is one more')
      }
      return 1 + this.#field('followers', '2', wholeNumber(1, followersMax))
    }
    if (this.#ask.followers !== undefined) {
      this.#complain('followers', 'a leaderless cluster has none: say n, the number of replicas')
    }
    return this.#field('n', '3', wholeNumber(1, followersMax + 1))
  }

  #latency(topology: 'leader' | 'leaderless', replicas: number) {
    const receivers = topology === 'leader' ? replicas - 1 : replicas
    const given = this.#ask.latency
    let betweenCentresUs: number | null = null
    let legs: Legs = {
      replicate: Array.from({ length: receivers }, (_, i) => {
        return { kind: 'constant', us: defaultReplicateUs(i + 1) }
      }),
      acknowledge: NO_DELAY,
      request: NO_DELAY,
      respond: NO_DELAY,
    }
    if (given === undefined && topology === 'leaderless') {
      this.#complain(
        'latency',
        'a leaderless forecast needs it: a preset such as lnkd-ssd, or legs',
      )
    }
    for (const piece of (given ?? '').split(';').filter((one) => one.trim() !== '')) {
      const preset = presetOf(piece.trim())
      if (preset) {
        betweenCentresUs = preset.betweenCentresUs
        legs = { ...preset.legs, replicate: Array(receivers).fill(preset.legs.replicate) }
      } else legs = this.#leg(piece, legs, receivers)
    }
    if (given?.trim() === '') this.#complain('latency', 'must not be empty')
    if (betweenCentresUs !== null && topology === 'leader') {
      const why = 'wan draws the centre of the writer anew for each write; a leader stays in one'
      this.#complain('latency', `${why}: say topology leaderless`)
    }
    return { legs, betweenCentresUs }
  }

  #leg(piece: string, legs: Legs, receivers: number): Legs {
    const parsed = parseLegs(piece, (text, leg) => this.#delay(text, leg))
    if (!parsed.ok) {
      this.#complain('latency', parsed.message)
      return legs
    }
    let result = legs
    for (const { leg, specs } of parsed.value) {
      const [first = NO_DELAY] = specs
      if (leg !== 'replicate') result = { ...result, [leg]: first }
      else if (specs.length === 1) result = { ...result, replicate: Array(receivers).fill(first) }
      else if (specs.length === receivers) result = { ...result, replicate: specs }
      else {
        const message = `there are ${specs.length} replicate latencies for ${receivers} receivers: give one for each, or one for all`
        this.#complain('latency', message)
      }
    }
    return result
  }

  #delay(text: string, leg: Leg): Parsed<Delay> {
    if (text.startsWith('@')) return this.#samples(text.slice(1))
    const preset = presetOf(text)
    if (preset?.betweenCentresUs) {
      return { ok: false, message: `${text} is about all legs at once: write it without ${leg}=` }
    }
    if (preset) return { ok: true, value: preset.legs[leg] }
    // A bare word was meant as a preset; a distribution has parentheses, a duration digits.
    if (!/^[a-z][\w-]*$/i.test(text)) return parseLatency(text)
    const hint = didYouMean(text, Object.keys(PRESETS))
    const known = `there are ${Object.keys(PRESETS).join(', ')}`
    return { ok: false, message: `there is no preset ${quote(text)}${hint || `: ${known}`}` }
  }

  #checkTogether(settings: ForecastSettings): void {
    const { topology, legs, ratePerSecond, readsTo, w } = settings
    if (topology === 'leader') {
      if (readsTo === 'r') this.#complain('readsTo', 'r belongs to topology leaderless')
      for (const [i, delay] of legs.replicate.entries())
        this.#checkQueue(i + 1, delay, ratePerSecond)
    }
    const rows = w.length * routesOf(settings).length
    if (rows <= ROWS_MAX) return
    this.#complain(
      'w',
      `the table would have ${rows} rows, more than ${ROWS_MAX}: name fewer w or r`,
    )
  }

  #checkQueue(follower: number, delay: Delay, ratePerSecond: number): void {
    const mean = meanUs(delay)
    if (mean === Number.POSITIVE_INFINITY) {
      this.#notes.push(
        `The copies to follower ${follower} have a delay without a mean: some earlier one is always missing, so it is never fresh. Quantiles of latencies hold.`,
      )
      return
    }
    const onTheirWay = (ratePerSecond * mean) / 1e6
    const most = BOUNDS.earlyCopiesMax
    if (onTheirWay <= most) return
    const copies = Math.round(onTheirWay).toLocaleString('en-US')
    const carried = most.toLocaleString('en-US')
    const message = `is more than the link to follower ${follower} carries: with copies that take ${formatDuration(Math.round(mean))} on average, ${copies} would wait at any time (at most ${carried} can), and the queue never empties`
    this.#complain('rate', message)
  }
}

/** All of them where they are few; else the ones that people choose. */
function defaultQuorums(replicas: number): string {
  const few = Array.from({ length: Math.min(replicas, 5) }, (_, i) => i + 1)
  const chosen = replicas <= 5 ? few : [1, 2, 3, majority(replicas), replicas]
  return [...new Set(chosen)].join(',')
}

function oneOf<const T extends string>(...words: readonly T[]): (text: string) => Parsed<T> {
  return (text) => {
    const value = words.find((word) => word === text)
    if (value) return { ok: true, value }
    const hint = didYouMean(text, words)
    return refuse(`must be ${words.join(' or ')}, not ${quote(text)}${hint}`)
  }
}

/** `1e6` is a whole number too. */
function wholeNumber(min: number, max: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,16}(e\d{1,2})?$/.test(text.trim()) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return { ok: true, value }
    return refuse(`must be a whole number from ${min} to ${max}, not ${quote(text)}`)
  }
}

/** `1,2,3` or `1..3`; ascending, each once. */
function wholeNumbers(min: number, max: number): (text: string) => Parsed<number[]> {
  return (text) => {
    const values = new Set<number>()
    for (const piece of text.split(',')) {
      const [, from = piece, to = from] = /^\s*(\d+)\.\.(\d+)\s*$/.exec(piece) ?? []
      const ends = [from, to].map(wholeNumber(min, max))
      const [low, high] = ends
      if (!low?.ok || !high?.ok || low.value > high.value) {
        return refuse(`must be whole numbers from ${min} to ${max}, N, not ${quote(piece)}`)
      }
      for (let value = low.value; value <= high.value; value++) values.add(value)
    }
    return { ok: true, value: [...values].sort((a, b) => a - b) }
  }
}

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3_600 } as const

function readRate(text: string): Parsed<number> {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)(e\d{1,2})?\s*\/\s*(ms|s|m|h)\s*$/.exec(text)
  if (!match) return refuse(`${quote(text)} is no rate: write 20/s (per ms, s, m or h)`)
  const [, digits = '', exponent = '', unit = 's'] = match
  const perSecond = Number(digits + exponent) / SECONDS[unit as keyof typeof SECONDS]
  if (perSecond > 0 && perSecond <= RATE_MAX) return { ok: true, value: perSecond }
  if (perSecond > 0) return refuse(`${quote(text)} is more than ${RATE_MAX}/s`)
  return refuse('at 0 nothing is written, and nothing can be stale: write 20/s')
}

/** `0,50,100ms`: a number without a unit takes the next one's. */
/** Times as `--at` has them: a number without a unit takes that of the next one. In microseconds, ascending. */
export function readTimes(text: string): Parsed<number[]> {
  const pieces = text.split(',').map((piece) => piece.trim())
  if (pieces.length > AT_MAX) return refuse(`has ${pieces.length} times; at most ${AT_MAX} fit`)
  const times = new Set<number>()
  let unit = ''
  for (const piece of pieces.reverse()) {
    if (/[a-z]/i.test(piece)) unit = piece.replace(/^[\d.\s]*/, '')
    const parsed = parseDuration(/^[\d.]+$/.test(piece) ? piece + unit : piece)
    if (!parsed.ok) return parsed
    times.add(parsed.value)
  }
  return { ok: true, value: [...times].sort((a, b) => a - b) }
}

function refuse(message: string): Parsed<never> {
  return { ok: false, message }
}

/** The names of the files that a latency takes its samples from. */
export function sampleNames(latency: string): string[] {
  return [
    ...new Set(
      [...latency.matchAll(/(?:^|[=,;])\s*@([^,;]+)/g)].map(([, name = '']) => name.trim()),
    ),
  ]
}
