// Quorum arithmetic: pure, and small enough to be checked against a dumb twin.

export type QuorumState = 'pending' | 'reached' | 'impossible'

/** More than half of `n`. */
export function majority(n: number): number {
  return Math.floor(n / 2) + 1
}

/**
 * Where a quorum of `needed` stands when `have` have answered and `mayStill` others still might.
 * All three are counts of replicas.
 */
export function quorumState(needed: number, have: number, mayStill: number): QuorumState {
  if (have >= needed) return 'reached'
  return have + mayStill < needed ? 'impossible' : 'pending'
}
