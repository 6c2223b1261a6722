// Finds the word that somebody probably meant, for error messages. Small vocabularies only: it compares
// with every candidate.

/** The closest candidate, or undefined when none is close enough to be a slip of the fingers. */
export function nearestWord(given: string, candidates: Iterable<string>): string | undefined {
  if (given.length > 100) return undefined
  let best: string | undefined
  let bestDistance = (given.length <= 3 ? 1 : given.length <= 6 ? 2 : 3) + 1
  for (const candidate of candidates) {
    const distance = editDistance(given.toLowerCase(), candidate.toLowerCase())
    // A word of which not one letter stays is another word.
    const shares = distance < Math.max(given.length, candidate.length)
    if (!shares || distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** `; did you mean "write"?`, or nothing. */
export function didYouMean(given: string, candidates: Iterable<string>): string {
  const nearest = nearestWord(given, candidates)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/** Letters to add, drop, change, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + changed)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
