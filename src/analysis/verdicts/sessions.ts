// The session guarantees of D. Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (1994), and
// consistent prefix: one pass over each client's operations, by the ranks of what they wrote and read.
// PRAM and causal, which look through other clients' eyes, are in causal.ts.

import type { Operation } from '../history/operation.ts'
import type { Order } from './order.ts'
import type { Case } from './verdict.ts'

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

/** Calls `visit` with each operation of a client after all that had returned before it was passed to `absorb`. */
export function inSessionOrder(
  one: Case,
  ops: readonly number[],
  visit: (op: number) => void,
  absorb: (op: number) => void,
): void {
  let open: number[] = []
  for (const op of ops) {
    const start = one.start[op] as number
    const still: number[] = []
    open.sort((a, b) => (one.end[a] as number) - (one.end[b] as number))
    for (const other of open) {
      if ((one.end[other] as number) <= start) absorb(other)
      else if ((one.end[other] as number) < Number.POSITIVE_INFINITY) still.push(other)
    }
    visit(op)
    still.push(op)
    open = still
  }
}

/** Each client's operations in the order of their calls. */
export function byClient(one: Case): Map<string, number[]> {
  const clients = new Map<string, number[]>()
  for (let i = 0; i < one.operations.length; i++) {
    const { client } = one.operations[i] as Operation
    const same = clients.get(client)
    if (same) same.push(i)
    else clients.set(client, [i])
  }
  return clients
}

/** Reads that returned, and writes that count: acknowledged, or seen by somebody. */
export function counts(one: Case, order: Order, op: number): boolean {
  const { outcome } = one.operations[op] as Operation
  return outcome === 'ok' && (order.ranks[op] as number) >= 0
}

/** What one client has done so far: per key, the greatest rank written and read, and the operation it was. */
interface Seen {
  readonly written: Map<string, number>
  readonly read: Map<string, number>
  lastWritten: number
  lastRead: number
  /** How far the log had come at least, as its reads show. */
  prefix: number
}

export function sessionBreaches(
  one: Case,
  order: Order,
  clients: ReadonlyMap<string, readonly number[]>,
): SessionBreaches {
  const pass = new SessionPass(one, order)
  for (const ops of clients.values()) pass.client(ops)
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
  readonly #logs = new Map<string, number[]>()

  constructor(one: Case, order: Order) {
    this.#one = one
    this.#order = order
    for (const [key, ops] of one.byKey) {
      const ranks = order.ranks
      const writes = ops.filter((op) => this.#isWrite(op) && (ranks[op] as number) > 0)
      this.#logs.set(
        key,
        writes.sort((a, b) => (ranks[a] as number) - (ranks[b] as number)),
      )
    }
  }

  client(ops: readonly number[]): void {
    const seen: Seen = {
      written: new Map(),
      read: new Map(),
      lastWritten: -1,
      lastRead: -1,
      prefix: -1,
    }
    inSessionOrder(
      this.#one,
      ops,
      (op) => this.#visit(op, seen),
      (op) => this.#absorb(op, seen),
    )
  }

  #visit(op: number, seen: Seen): void {
    if (!counts(this.#one, this.#order, op)) return
    const { key } = this.#one.operations[op] as Operation
    if (!this.#isWrite(op)) {
      this.#demand('read-your-writes', op, seen.written.get(key), 'misses the own')
      this.#demand('monotonic-reads', op, seen.read.get(key), 'goes back behind the')
      this.#demandPrefix(op, key, seen.prefix)
      return
    }
    this.#demand('monotonic-writes', op, seen.lastWritten, 'comes before the own')
    this.#demand('writes-follow-reads', op, seen.lastRead, 'comes before what it follows, the')
  }

  #absorb(op: number, seen: Seen): void {
    if (!counts(this.#one, this.#order, op)) return
    const { key } = this.#one.operations[op] as Operation
    const map = this.#isWrite(op) ? seen.written : seen.read
    map.set(key, this.#greater(op, map.get(key) ?? -1))
    // Across keys one order must be known for all of them.
    if (this.#order.by === 'key') return
    if (this.#isWrite(op)) seen.lastWritten = this.#greater(op, seen.lastWritten)
    else {
      seen.lastRead = this.#greater(op, seen.lastRead)
      seen.prefix = this.#greater(op, seen.prefix)
    }
  }

  #greater(op: number, other: number): number {
    const { ranks } = this.#order
    return other < 0 || (ranks[op] as number) >= (ranks[other] as number) ? op : other
  }

  #demand(name: keyof SessionBreaches, op: number, needed: number | undefined, how: string): void {
    if (needed === undefined || needed < 0 || this.found[name]) return
    const { ranks, holds } = this.#order
    if (holds(ranks[op] as number, ranks[needed] as number)) return
    this.found[name] = { ops: [needed, op], why: how }
  }

  /** The log had come as far as `prefix`; then this key's newest record of it is the least one can read. */
  #demandPrefix(op: number, key: string, prefix: number): void {
    if (prefix < 0 || this.found['consistent-prefix']) return
    const { ranks, holds } = this.#order
    const [rank, reached] = [ranks[op] as number, ranks[prefix] as number]
    if (rank > reached) return
    const log = this.#logs.get(key) ?? []
    const next = log[countUpTo(log, ranks, rank)]
    if (next === undefined || !((ranks[next] as number) <= reached)) return
    if (!holds(reached, ranks[next] as number)) return
    const why = 'is older than what an earlier read shows to have been there'
    this.found['consistent-prefix'] = { ops: [next, prefix, op], why }
  }

  #isWrite(op: number): boolean {
    const { kind, outcome } = this.#one.operations[op] as Operation
    return kind !== 'read' && outcome !== 'failed'
  }
}

/** How many operations of a log, in the order of their ranks, have at most this rank. */
function countUpTo(log: readonly number[], ranks: Float64Array, rank: number): number {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranks[log[middle] as number] as number) <= rank) low = middle + 1
    else high = middle
  }
  return low
}
