// Grouping and sorting of what is meant by a number, for many millions: no object, no closure and no comparison more
// than it takes.

/** The members of each group one after the other, in their order, and where each group begins; its end besides. */
export interface Grouped {
  readonly members: Int32Array
  readonly first: Int32Array
}

/** @param groupOf for each member, from 0, less than `groups` */
export function grouped(groupOf: Int32Array, groups: number): Grouped {
  const first = new Int32Array(groups + 2)
  for (let i = 0; i < groupOf.length; i++) (first[(groupOf[i] as number) + 2] as number)++
  for (let group = 2; group < first.length; group++) {
    first[group] = (first[group] as number) + (first[group - 1] as number)
  }
  const members = new Int32Array(groupOf.length)
  for (let i = 0; i < groupOf.length; i++) {
    const at = (groupOf[i] as number) + 1
    members[first[at] as number] = i
    ;(first[at] as number)++
  }
  return { members, first: first.subarray(0, groups + 1) }
}

/** Things by a name they share; groups are numbered in the order in which their names appear. */
export class Groups {
  readonly names: string[] = []
  /** The number of each one's group. */
  readonly of: Int32Array
  readonly #numbers = new Map<string, number>()
  #grouped: Grouped | undefined

  constructor(n: number) {
    this.of = new Int32Array(n)
  }

  place(i: number, name: string): void {
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.names.push(name) - 1
      this.#numbers.set(name, number)
    }
    this.of[i] = number
  }

  get size(): number {
    return this.names.length
  }

  numberOf(name: string): number | undefined {
    return this.#numbers.get(name)
  }

  /** To be asked when all are placed. */
  members(group: number): Int32Array {
    this.#grouped ??= grouped(this.of, this.size)
    const { members, first } = this.#grouped
    return members.subarray(first[group], first[group + 1])
  }
}

/** Steps that each may be moved on average before another way of sorting is the faster. */
const STEPS_EACH = 64

export function sortedBy(rows: Int32Array, column: Float64Array): Int32Array {
  return sortBy(rows.slice(), column)
}

/** Some rows by a column; stable. Histories are nearly in order already, which costs little more than one look. */
export function sortBy(sorted: Int32Array, column: Float64Array): Int32Array {
  let steps = STEPS_EACH * sorted.length
  for (let i = 1; i < sorted.length; i++) {
    const row = sorted[i] as number
    const value = column[row] as number
    let at = i
    for (; at > 0 && (column[sorted[at - 1] as number] as number) > value; at--) {
      sorted[at] = sorted[at - 1] as number
    }
    sorted[at] = row
    steps -= i - at
    if (steps < 0) return sorted.sort((a, b) => compare(column[a] as number, column[b] as number))
  }
  return sorted
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
