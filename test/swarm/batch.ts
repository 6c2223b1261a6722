// Many swarm runs one after the other, and what they amounted to. Runs that did nothing prove nothing: a batch
// in which a fault was drawn often and never fired, or hardly any write was acknowledged, has failed.

import { COMMANDS_PER_SECOND, drawPlan, FAULT_KINDS, type FaultKind } from './draw.ts'
import { runPlan, type SwarmResult } from './session.ts'

/** A run with fewer acknowledged writes than this says little. */
const WRITES_MIN = 10

export class Batch {
  readonly #results: SwarmResult[] = []
  readonly #drawn = new Map<FaultKind, number>()
  readonly #fired = new Map<FaultKind, number>()
  readonly #problems = new Map<string, number>()

  add(result: SwarmResult, drawn: readonly FaultKind[]): void {
    this.#results.push(result)
    for (const kind of drawn) this.#drawn.set(kind, (this.#drawn.get(kind) ?? 0) + 1)
    for (const [kind, times] of result.fired) {
      this.#fired.set(kind, (this.#fired.get(kind) ?? 0) + times)
    }
    for (const [code, times] of result.problems) {
      this.#problems.set(code, (this.#problems.get(code) ?? 0) + times)
    }
  }

  /** Throws when too little happened. */
  demandNotEmpty(): void {
    const idle = this.#results.filter((result) => result.acknowledgedWrites < WRITES_MIN)
    if (idle.length > this.#results.length / 4) {
      throw new Error(`Empty: ${idle.length} of ${this.#results.length} runs wrote next to nothing`)
    }
    const silent = FAULT_KINDS.filter(
      (kind) => (this.#drawn.get(kind) ?? 0) >= 20 && !this.#fired.get(kind),
    )
    if (silent.length > 0) throw new Error(`Empty: ${silent.join(', ')} drawn, but never fired`)
  }

  text(seconds: number): string {
    const sum = (of: (result: SwarmResult) => number) =>
      this.#results.reduce((total, result) => total + of(result), 0)
    const loaded = sum((result) => result.loadedUs) / 1e6
    const simulated = sum((result) => result.simulatedUs) / 1e6
    return [
      `${this.#results.length} seeds in ${seconds.toFixed(1)} s: ${(this.#results.length / seconds).toFixed(1)} seeds/s`,
      `${simulated.toFixed(0)} s simulated: ${(simulated / seconds).toFixed(0)} times real time (${loaded.toFixed(0)} s of it at ${COMMANDS_PER_SECOND} commands a second, the rest healing)`,
      `${sum((result) => result.steps)} steps, each checked`,
      `${sum((result) => result.acknowledgedWrites)} writes acknowledged, ${sum((result) => result.answeredReads)} reads answered, ${sum((result) => result.failovers)} failovers`,
      `faults: ${sayCounts(this.#fired)}`,
      `problems: ${sayCounts(this.#problems)}`,
    ].join('\n')
  }
}

export function runBatch(from: number, seeds: number, commands: number): Batch {
  const batch = new Batch()
  for (let seed = from; seed < from + seeds; seed++) {
    const plan = drawPlan(seed, commands)
    batch.add(runPlan(plan), Object.keys(plan.faults) as FaultKind[])
  }
  return batch
}

function sayCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, times]) => `${name} ${times}`).join(', ')
}
