// PRAM and causal: whoever has seen a client's write has seen what that client wrote before it and, for causal, all
// that the client had seen by then. One pass in the order of calls, with a vector for each client that counts
// how many of every client's writes it must know of; each write is learned once by each client.

import type { Case } from './case.ts'
import { sortedBy } from './groups.ts'
import type { Order } from './order.ts'
import { type Breach, counts, countUpTo, logsOf } from './sessions.ts'
import { READ } from './what.ts'

/** Entries of all vectors and floors: 256 MB each. */
const ENTRIES_MAX = 64_000_000

interface Session {
  /** How many of each client's writes it must know of. */
  readonly known: Int32Array
  /** By key, the newest write it must know of, and the read through which it does; -1 for none. */
  readonly floor: Int32Array
  readonly through: Int32Array
  readonly writes: number[]
  open: number[]
}

/** Tells the first breach met, or as a text why it cannot be told. */
export type CausalCheck = (isTransitive: boolean) => Breach | string | undefined

/** PRAM, and transitively causal: what both need is worked out once. */
export function causalCheck(one: Case, order: Order): CausalCheck {
  const overlapping = overlappingWriter(one, order)
  if (overlapping !== undefined) return () => `client ${overlapping} makes several writes at once`
  let sources: Int32Array | undefined
  return (isTransitive) => {
    const clients = one.clients.size
    const entries = Math.max(one.keys.size, isTransitive ? one.operations.length : 0)
    if (clients * entries > ENTRIES_MAX) {
      return `${clients} clients are too many for so long a history`
    }
    sources ??= sourcesOf(one, order)
    return new CausalPass(one, order, isTransitive, sources).run()
  }
}

function overlappingWriter(one: Case, order: Order): string | undefined {
  const { clients, what, start, end } = one
  const lastEnd = new Float64Array(clients.size).fill(Number.NEGATIVE_INFINITY)
  for (let op = 0; op < what.length; op++) {
    if (((what[op] as number) & READ) !== 0 || !counts(one, order, op)) continue
    const client = clients.of[op] as number
    if ((start[op] as number) < (lastEnd[client] as number)) return clients.names[client]
    lastEnd[client] = end[op] as number
  }
  return undefined
}

class CausalPass {
  readonly #one: Case
  readonly #order: Order
  readonly #isTransitive: boolean
  readonly #sessions: readonly Session[]
  /** By read: the write it returned; -1 where nobody's is known. */
  readonly #sources: Int32Array
  /** By write: its number among those of its client, from 1; 0 until it is called. */
  readonly #numbers: Int32Array
  /** By write: what its client knew when it called, one vector after the other. */
  readonly #snapshots: Int32Array

  constructor(one: Case, order: Order, isTransitive: boolean, sources: Int32Array) {
    this.#one = one
    this.#order = order
    this.#isTransitive = isTransitive
    const { size } = one.clients
    const n = one.operations.length
    this.#sources = sources
    this.#numbers = new Int32Array(n)
    this.#snapshots = new Int32Array(isTransitive ? n * size : 0)
    this.#sessions = Array.from({ length: size }, () => ({
      known: new Int32Array(size),
      floor: new Int32Array(one.keys.size).fill(-1),
      through: new Int32Array(one.keys.size).fill(-1),
      writes: [],
      open: [],
    }))
  }

  run(): Breach | string | undefined {
    const { start } = this.#one
    const sorted = isAscending(start) ? undefined : sortedBy(Int32Array.from(start.keys()), start)
    for (let i = 0; i < start.length; i++) {
      const op = sorted ? (sorted[i] as number) : i
      const breach = counts(this.#one, this.#order, op) ? this.#visit(op) : undefined
      if (breach) return breach
    }
    return undefined
  }

  #visit(op: number): Breach | undefined {
    const client = this.#one.clients.of[op] as number
    const session = this.#sessions[client] as Session
    this.#absorb(session, client, this.#one.start[op] as number)
    const breach = this.#check(session, op)
    if (((this.#one.what[op] as number) & READ) === 0) this.#call(session, op)
    session.open.push(op)
    return breach
  }

  /** What had returned when it called again. */
  #absorb(session: Session, client: number, instant: number): void {
    const { end, what } = this.#one
    const { open } = session
    let left = 0
    for (let i = 0; i < open.length; i++) {
      const op = open[i] as number
      if ((end[op] as number) > instant) open[left++] = op
      else if (((what[op] as number) & READ) === 0) this.#raise(session, op, -1)
      else this.#see(session, client, op)
    }
    open.length = left
  }

  #see(session: Session, client: number, read: number): void {
    const source = this.#sources[read] as number
    if (source < 0 || this.#numbers[source] === 0) return
    const writer = this.#one.clients.of[source] as number
    const number = this.#numbers[source] as number
    // Whoever knows a write knows all that its client knew.
    if ((session.known[writer] as number) >= number) return
    this.#learn(session, client, writer, number, read)
    if (!this.#isTransitive) return
    const size = this.#sessions.length
    for (let other = 0; other < size; other++) {
      const upTo = this.#snapshots[source * size + other] as number
      if (upTo > (session.known[other] as number)) this.#learn(session, client, other, upTo, read)
    }
  }

  /** Takes in another client's writes up to a number. */
  #learn(session: Session, client: number, writer: number, upTo: number, read: number): void {
    if (writer === client) return
    const { known } = session
    const { writes } = this.#sessions[writer] as Session
    for (let number = (known[writer] as number) + 1; number <= upTo; number++) {
      this.#raise(session, writes[number - 1] as number, read)
      known[writer] = number
    }
  }

  #raise(session: Session, write: number, read: number): void {
    const key = this.#one.keys.of[write] as number
    const { ranks } = this.#order
    const present = session.floor[key] as number
    if (present >= 0 && (ranks[present] as number) >= (ranks[write] as number)) return
    session.floor[key] = write
    session.through[key] = read
  }

  #call(session: Session, write: number): void {
    const size = this.#sessions.length
    const number = session.writes.push(write)
    this.#numbers[write] = number
    if (this.#isTransitive) {
      const { known } = session
      for (let i = 0; i < size; i++) this.#snapshots[write * size + i] = known[i] as number
    }
    session.known[this.#one.clients.of[write] as number] = number
  }

  #check(session: Session, op: number): Breach | undefined {
    const key = this.#one.keys.of[op] as number
    const needed = session.floor[key] as number
    const { ranks, holds } = this.#order
    if (needed < 0 || holds(ranks[op] as number, ranks[needed] as number)) return undefined
    const through = session.through[key] as number
    return { ops: [needed, through, op], why: 'misses what its client must know of,' }
  }
}

function isAscending(instants: Float64Array): boolean {
  for (let i = 1; i < instants.length; i++) {
    if ((instants[i] as number) < (instants[i - 1] as number)) return false
  }
  return true
}

/** By binary search: at this size a Map of versions would take longer than all the rest. */
function sourcesOf(one: Case, order: Order): Int32Array {
  const { what, keys } = one
  const { ranks } = order
  const logs = logsOf(one, order)
  return what.reduce((sources, is, op) => {
    if ((is & READ) === 0) return sources
    const log = logs[keys.of[op] as number] as Int32Array
    const rank = ranks[op] as number
    const write = log[countUpTo(log, ranks, rank) - 1]
    if (write !== undefined && ranks[write] === rank) sources[op] = write
    return sources
  }, new Int32Array(what.length).fill(-1))
}
