// How often a property is tried in CI, and from which seed: always the same one, so that a red run is red for
// everybody. To explore, set FC_SEED to another number and FC_RUNS to how many times as many runs.

export function pinned(numRuns: number): { readonly numRuns: number; readonly seed: number } {
  const { FC_SEED = '2025', FC_RUNS = '1' } = process.env
  return { numRuns: numRuns * Number(FC_RUNS), seed: Number(FC_SEED) }
}
