// How fast something that runs in this process is, at its best.

/** The best of them counts: whatever else the machine does can only make a round slower. */
const ROUNDS = 5

/** How often a second each of them counts, taking turns. */
export function bestRates(runs: readonly (() => number)[]): number[] {
  const best = runs.map(() => 0)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) best[i] = Math.max(best[i] ?? 0, rateOf(run))
  }
  return best
}

function rateOf(run: () => number): number {
  const began = performance.now()
  const count = run()
  return (count * 1_000) / (performance.now() - began)
}
