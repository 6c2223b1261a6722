// Many swarm runs one after the other, and what they amounted to. Runs that did nothing prove nothing: a batch
// in which a fault was drawn often and never fired, or hardly any write was acknowledged, has failed.
// Batches of other seeds, run on other machines, merge into one.

import { z } from 'zod'
import { COMMANDS_PER_SECOND, drawPlan, FAULT_KINDS, type FaultKind } from './draw.ts'
import { runPlan, type SwarmResult } from './session.ts'

/** A run with fewer acknowledged writes than this says little. */
const WRITES_MIN = 10

const SUMS = [
  ...['loadedUs', 'simulatedUs', 'steps'],
  ...['acknowledgedWrites', 'answeredReads', 'staleReads', 'failovers'],
] as const satisfies readonly (keyof SwarmResult)[]

const count = z.int().min(0)
const counts = z.record(z.string(), count)

const figures = z.strictObject({
  /** Both included. */
  ranges: z.array(z.tuple([count, count])),
  commands: count,
  seconds: z.number(),
  seeds: count,
  idle: count,
  sums: z.record(z.enum(SUMS), count),
  drawn: counts,
  fired: counts,
  problems: counts,
})

type Figures = z.output<typeof figures>

export class Batch {
  readonly #is: Figures

  private constructor(is: Figures) {
    this.#is = is
  }

  static over(from: number, to: number, commands: number): Batch {
    return new Batch({
      ...{ ranges: [[from, to]], commands, seconds: 0, seeds: 0, idle: 0 },
      sums: Object.fromEntries(SUMS.map((name) => [name, 0])) as Figures['sums'],
      ...{ drawn: {}, fired: {}, problems: {} },
    })
  }

  /** @throws where it is not what `toJSON` gave */
  static fromJSON(json: unknown): Batch {
    return new Batch(figures.parse(json))
  }

  toJSON(): Figures {
    return this.#is
  }

  add(result: SwarmResult, drawn: readonly FaultKind[]): void {
    const is = this.#is
    is.seeds++
    if (result.acknowledgedWrites < WRITES_MIN) is.idle++
    for (const name of SUMS) is.sums[name] += result[name]
    addCounts(is.drawn, Object.fromEntries(drawn.map((kind) => [kind, 1])))
    addCounts(is.fired, Object.fromEntries(result.fired))
    addCounts(is.problems, Object.fromEntries(result.problems))
  }

  took(seconds: number): void {
    this.#is.seconds = seconds
  }

  /** @throws where both ran the same seed, or other loads */
  merge({ ranges, ...other }: Figures): void {
    const is = this.#is
    if (other.commands !== is.commands) throw new Error('Only equal --commands can be merged')
    for (const [from, to] of ranges) {
      const twice = is.ranges.find(([low, high]) => from <= high && low <= to)
      if (twice) throw new Error(`Both ${from}..${to} and ${twice.join('..')} hold the same seeds`)
      is.ranges.push([from, to])
    }
    is.seeds += other.seeds
    is.idle += other.idle
    is.seconds += other.seconds
    for (const name of SUMS) is.sums[name] += other.sums[name]
    for (const name of ['drawn', 'fired', 'problems'] as const) addCounts(is[name], other[name])
  }

  /** Throws when too little happened. */
  demandNotEmpty(): void {
    const { idle, seeds, sums, drawn, fired } = this.#is
    if (idle > seeds / 4) throw new Error(`Empty: ${idle} of ${seeds} runs wrote next to nothing`)
    if (seeds >= 20 && !sums.staleReads) throw new Error('Empty: no read that was stale for sure')
    const silent = FAULT_KINDS.filter((kind) => (drawn[kind] ?? 0) >= 20 && !fired[kind])
    if (silent.length > 0) throw new Error(`Empty: ${silent.join(', ')} drawn, but never fired`)
  }

  text(): string {
    const { seeds, seconds, sums, fired, problems } = this.#is
    const loaded = sums.loadedUs / 1e6
    const simulated = sums.simulatedUs / 1e6
    return [
      `${seeds} seeds in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(1)} seeds/s`,
      `${simulated.toFixed(0)} s simulated: ${(simulated / seconds).toFixed(0)} times real time (${loaded.toFixed(0)} s of it at ${COMMANDS_PER_SECOND} commands a second, the rest healing)`,
      `${sums.steps} steps, each checked`,
      `${sums.acknowledgedWrites} writes acknowledged, ${sums.answeredReads} reads answered, ${sums.failovers} failovers`,
      `${sums.staleReads} stale reads, counted alike by the core and by the judge`,
      `faults: ${sayCounts(fired)}`,
      `problems: ${sayCounts(problems)}`,
    ].join('\n')
  }
}

/** @param to the last seed, which runs too */
export function runBatch(from: number, to: number, commands: number): Batch {
  const batch = Batch.over(from, to, commands)
  for (let seed = from; seed <= to; seed++) {
    const plan = drawPlan(seed, commands)
    batch.add(runPlan(plan), Object.keys(plan.faults) as FaultKind[])
  }
  return batch
}

function addCounts(to: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [name, times] of Object.entries(from)) to[name] = (to[name] ?? 0) + times
}

function sayCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')
}
