// How often a property is tried, and from which seed: always the same one, so that a red run is red for everybody.
// `npm run test:long` tries it more often; to explore, set FC_SEED to another number and FC_RUNS to how many times
// as many runs.

export function pinned(numRuns: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: times(numRuns), seed: Number(process.env.FC_SEED ?? 2025) }
}

/** So often, or as many times as often as FC_RUNS says. */
export function times(count: number): number {
  return Math.ceil(count * Number(process.env.FC_RUNS ?? 1))
}
