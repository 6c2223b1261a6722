// The session guarantees of D. Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (1994), and
// consistent prefix: one pass over each client's operations, by the ranks of what they wrote and read.
// PRAM and causal, which look through other clients' eyes, are in causal.ts.

import type { Case } from './case.ts'
import { grouped, sortedBy } from './groups.ts'
import type { Order } from './order.ts'
import { FAILED, OK, READ } from './what.ts'

/** An operation that is too old, and the one that shows it. */
export interface Breach {
  readonly ops: readonly number[]
  readonly why: string
}

export interface SessionBreaches {
  readonly 'read-your-writes': Breach | undefined
  readonly 'monotonic-reads': Breach | undefined
  readonly 'monotonic-writes': Breach | undefined
  readonly 'writes-follow-reads': Breach | undefined
  readonly 'consistent-prefix': Breach | undefined
}

/** Reads that returned, and writes that count: acknowledged, or seen by somebody. */
export function counts(one: Case, order: Order, op: number): boolean {
  return ((one.what[op] as number) & OK) !== 0 && (order.ranks[op] as number) >= 0
}

/** @param asked only this client's; of all where it is not said */
export function sessionBreaches(one: Case, order: Order, asked?: number): SessionBreaches {
  const pass = new SessionPass(one, order)
  for (let client = 0; client < one.clients.size; client++) {
    if (asked === undefined || client === asked) pass.client(one.clients.members(client))
  }
  return pass.found
}

class SessionPass {
  readonly found: { -readonly [K in keyof SessionBreaches]: SessionBreaches[K] } = {
    'read-your-writes': undefined,
    'monotonic-reads': undefined,
    'monotonic-writes': undefined,
    'writes-follow-reads': undefined,
    'consistent-prefix': undefined,
  }
  readonly #one: Case
  readonly #order: Order
  /** By key: its writes in the order of their ranks. */
  readonly #logs: readonly Int32Array[]
  /** By key, of the client whose turn it is: the operation of the greatest rank, -1 for none. */
  readonly #written: Int32Array
  readonly #read: Int32Array
  /** The greatest of all keys. */
  #lastWritten = -1
  #lastRead = -1
  readonly #open: number[] = []

  constructor(one: Case, order: Order) {
    this.#one = one
    this.#order = order
    this.#written = new Int32Array(one.keys.size).fill(-1)
    this.#read = new Int32Array(one.keys.size).fill(-1)
    this.#logs = logsOf(one, order)
  }

  client(ops: Int32Array): void {
    this.#lastWritten = this.#lastRead = -1
    this.#open.length = 0
    for (const op of ops) {
      if (!counts(this.#one, this.#order, op)) continue
      this.#absorb(this.#one.start[op] as number)
      this.#visit(op)
      this.#open.push(op)
    }
    for (const op of ops) {
      const key = this.#one.keys.of[op] as number
      this.#written[key] = this.#read[key] = -1
    }
  }

  #visit(op: number): void {
    const key = this.#one.keys.of[op] as number
    if (((this.#one.what[op] as number) & READ) !== 0) {
      this.#demand('read-your-writes', op, this.#written[key] as number, 'misses')
      this.#demand('monotonic-reads', op, this.#read[key] as number, 'goes back behind')
      this.#demandPrefix(op, key)
    } else {
      this.#demand('monotonic-writes', op, this.#lastWritten, 'comes before')
      this.#demand('writes-follow-reads', op, this.#lastRead, 'comes before what it follows,')
    }
  }

  /** What had returned by the time the client called again. */
  #absorb(instant: number): void {
    let left = 0
    for (let i = 0; i < this.#open.length; i++) {
      const op = this.#open[i] as number
      if ((this.#one.end[op] as number) <= instant) this.#know(op)
      else this.#open[left++] = op
    }
    this.#open.length = left
  }

  #know(op: number): void {
    const key = this.#one.keys.of[op] as number
    const isRead = ((this.#one.what[op] as number) & READ) !== 0
    const greatest = isRead ? this.#read : this.#written
    greatest[key] = this.#greater(op, greatest[key] as number)
    // Across keys one order must be known for all of them.
    if (this.#order.by === 'key') return
    if (isRead) this.#lastRead = this.#greater(op, this.#lastRead)
    else this.#lastWritten = this.#greater(op, this.#lastWritten)
  }

  #greater(op: number, other: number): number {
    const { ranks } = this.#order
    return other < 0 || (ranks[op] as number) >= (ranks[other] as number) ? op : other
  }

  #demand(name: keyof SessionBreaches, op: number, needed: number, how: string): void {
    if (needed < 0) return
    const { ranks, holds } = this.#order
    // Nearly always, so that nothing else need be asked.
    if (holds(ranks[op] as number, ranks[needed] as number)) return
    this.found[name] ??= { ops: [needed, op], why: how }
  }

  /** The log had come as far as the last read shows; of that, a key's newest record is the least one can read. */
  #demandPrefix(op: number, key: number): void {
    const prefix = this.#lastRead
    if (prefix < 0 || this.found['consistent-prefix']) return
    const { ranks, holds } = this.#order
    const [rank, reached] = [ranks[op] as number, ranks[prefix] as number]
    if (rank > reached) return
    const log = this.#logs[key] as Int32Array
    const next = log[countUpTo(log, ranks, rank)]
    if (next === undefined || !((ranks[next] as number) <= reached)) return
    if (!holds(reached, ranks[next] as number)) return
    const why = 'misses, though an earlier read shows that it was there,'
    this.found['consistent-prefix'] = { ops: [next, prefix, op], why }
  }
}

/** Of each key the writes in the order of their ranks. */
export function logsOf({ what, keys }: Case, { ranks }: Order): Int32Array[] {
  const writes = new Int32Array(what.length)
  const keyOf = new Int32Array(what.length)
  let count = 0
  for (let op = 0; op < what.length; op++) {
    if (((what[op] as number) & (READ | FAILED)) !== 0 || !((ranks[op] as number) > 0)) continue
    writes[count] = op
    keyOf[count++] = keys.of[op] as number
  }
  const { members, first } = grouped(keyOf.subarray(0, count), keys.size)
  for (let i = 0; i < count; i++) members[i] = writes[members[i] as number] as number
  return keys.names.map((_, key) => sortedBy(members.subarray(first[key], first[key + 1]), ranks))
}

/** How many operations of a log, in the order of their ranks, have at most this rank. */
export function countUpTo(log: Int32Array, ranks: Float64Array, rank: number): number {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranks[log[middle] as number] as number) <= rank) low = middle + 1
    else high = middle
  }
  return low
}
