// PRAM and causal: whoever has seen a client's write has seen what that client wrote before it and, for causal, all
// that the client had seen by then. One pass in the order of calls, with a vector for each client that counts
// how many of every client's writes it must know of.

import type { Operation } from '../history/operation.ts'
import type { Order } from './order.ts'
import { type Breach, counts } from './sessions.ts'
import type { Case } from './verdict.ts'

/** Entries of all vectors that causal remembers: 256 MB. */
const ENTRIES_MAX = 64_000_000

interface Session {
  readonly index: number
  /** How many of each client's writes it must know of. */
  readonly known: Int32Array
  /** The read by which it came to know of the last of them; -1 for its own. */
  readonly through: Int32Array
  open: number[]
  writes: number
}

/** One client's writes of one key, by their numbers among all its writes. */
interface Writes {
  readonly numbers: number[]
  readonly ops: number[]
}

/** @returns the first breach met, or as a text why it cannot be told */
export function causalBreach(
  one: Case,
  order: Order,
  clients: ReadonlyMap<string, readonly number[]>,
  isTransitive: boolean,
): Breach | string | undefined {
  const overlapping = overlappingWriter(one, order, clients)
  if (overlapping !== undefined) return `client ${overlapping} makes several writes at once`
  return new CausalPass(one, order, [...clients.keys()], isTransitive).run()
}

function overlappingWriter(
  one: Case,
  order: Order,
  clients: ReadonlyMap<string, readonly number[]>,
): string | undefined {
  for (const [client, ops] of clients) {
    let end = Number.NEGATIVE_INFINITY
    for (const op of ops) {
      if ((one.operations[op] as Operation).kind === 'read' || !counts(one, order, op)) continue
      if ((one.start[op] as number) < end) return client
      end = one.end[op] as number
    }
  }
  return undefined
}

class CausalPass {
  readonly #one: Case
  readonly #order: Order
  readonly #isTransitive: boolean
  readonly #sessions: ReadonlyMap<string, Session>
  readonly #byKey = new Map<string, Map<number, Writes>>()
  /** By rank and key: who wrote it, as which of its writes. */
  readonly #writers = new Map<
    string,
    Map<number, { session: Session; number: number; place: number }>
  >()
  #snapshots = new Int32Array(0)
  #written = 0

  constructor(one: Case, order: Order, names: readonly string[], isTransitive: boolean) {
    this.#one = one
    this.#order = order
    this.#isTransitive = isTransitive
    const n = names.length
    this.#sessions = new Map(
      names.map((name, index) => [
        name,
        {
          index,
          known: new Int32Array(n),
          through: new Int32Array(n).fill(-1),
          open: [],
          writes: 0,
        },
      ]),
    )
  }

  run(): Breach | string | undefined {
    const { operations, start } = this.#one
    if (this.#isTransitive) {
      const writes = operations.filter(({ kind }) => kind !== 'read').length
      const entries = writes * this.#sessions.size
      if (entries > ENTRIES_MAX) return `${this.#sessions.size} clients are too many for that`
      this.#snapshots = new Int32Array(entries)
    }
    const inOrder = operations.map((_, i) => i)
    const isSorted = inOrder.every(
      (i) => i === 0 || (start[i - 1] as number) <= (start[i] as number),
    )
    if (!isSorted) inOrder.sort((a, b) => (start[a] as number) - (start[b] as number) || a - b)
    for (const op of inOrder) {
      const breach = this.#visit(op)
      if (breach) return breach
    }
    return undefined
  }

  #visit(op: number): Breach | undefined {
    if (!counts(this.#one, this.#order, op)) return undefined
    const { client, kind, key } = this.#one.operations[op] as Operation
    const session = this.#sessions.get(client) as Session
    this.#absorb(session, this.#one.start[op] as number)
    const breach = this.#check(session, op, key)
    if (kind !== 'read') this.#write(session, op, key)
    session.open.push(op)
    return breach
  }

  /** What had returned when it called again. */
  #absorb(session: Session, instant: number): void {
    const { end, operations } = this.#one
    let isAllOver = true
    for (const op of session.open) {
      if ((end[op] as number) > instant) isAllOver = false
      else if ((operations[op] as Operation).kind === 'read') this.#see(session, op)
    }
    if (isAllOver) session.open.length = 0
    else session.open = session.open.filter((op) => (end[op] as number) > instant)
  }

  #see(session: Session, read: number): void {
    const { key } = this.#one.operations[read] as Operation
    const writer = this.#writers.get(key)?.get(this.#order.ranks[read] as number)
    if (!writer) return
    this.#raise(session, writer.session.index, writer.number, read)
    if (!this.#isTransitive) return
    const n = this.#sessions.size
    for (let i = 0; i < n; i++) {
      this.#raise(session, i, this.#snapshots[writer.place * n + i] as number, read)
    }
  }

  #raise(session: Session, writer: number, number: number, read: number): void {
    if (writer === session.index || number <= (session.known[writer] as number)) return
    session.known[writer] = number
    session.through[writer] = read
  }

  #write(session: Session, op: number, key: string): void {
    const rank = this.#order.ranks[op] as number
    const number = ++session.writes
    const place = this.#written++
    if (this.#isTransitive) this.#snapshots.set(session.known, place * this.#sessions.size)
    // Its own writes count from their call: writes of one client do not overlap here.
    session.known[session.index] = number
    const writers = this.#writers.get(key) ?? new Map()
    this.#writers.set(key, writers.set(rank, { session, number, place }))
    const byClient = this.#byKey.get(key) ?? new Map<number, Writes>()
    this.#byKey.set(key, byClient)
    const writes = byClient.get(session.index) ?? { numbers: [], ops: [] }
    byClient.set(session.index, writes)
    writes.numbers.push(number)
    writes.ops.push(op)
  }

  #check(session: Session, op: number, key: string): Breach | undefined {
    const { ranks, holds } = this.#order
    const rank = ranks[op] as number
    for (const [writer, writes] of this.#byKey.get(key) ?? []) {
      const needed = this.#lastKnown(session, writer, writes, op)
      if (needed === undefined || holds(rank, ranks[needed] as number)) continue
      const through = session.through[writer] as number
      return { ops: [needed, through, op], why: 'misses what its client must know of, the' }
    }
    return undefined
  }

  /** The last of a client's writes of one key that a session must know of when `op` is called. */
  #lastKnown(session: Session, writer: number, writes: Writes, op: number): number | undefined {
    const known = session.known[writer] as number
    let last = writes.numbers.length - 1
    if (writer !== session.index && (writes.numbers[last] as number) > known) {
      let low = 0
      let high = last
      while (low < high) {
        const middle = (low + high) >> 1
        if ((writes.numbers[middle] as number) <= known) low = middle + 1
        else high = middle
      }
      last = low - 1
    }
    // An own write that has not returned yet binds nobody.
    const isOpen = (i: number) =>
      writer === session.index &&
      (this.#one.end[writes.ops[i] as number] as number) > (this.#one.start[op] as number)
    while (last >= 0 && isOpen(last)) last--
    return writes.ops[last]
  }
}
