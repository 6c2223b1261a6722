// Our own format, JSON lines: one operation, fault or epoch a line. A line that is right becomes the operation
// itself, so reading costs little more than JSON.parse; only a line that is wrong is looked at twice.

import { nearestWord } from '../../core/text/nearest.ts'
import { excerpt, HistoryMistake } from './mistakes.ts'
import {
  type DroppedNote,
  type EpochNote,
  type FaultNote,
  type History,
  OPERATION_KINDS,
  type Operation,
  OUTCOMES,
  parseAnyVersion,
} from './operation.ts'
import { rankOfText } from './ranks.ts'

type Line = Operation | FaultNote | EpochNote | DroppedNote

const NOTES = ['fault', 'epoch', 'dropped']

/** Collects lines into a history. */
export class LinesReader {
  readonly #operations: Operation[] = []
  /** Where each of them stands. */
  readonly #lineOf: number[] = []
  /** Of each client, the first and the last write so far. */
  readonly #ends = new Map<string, { readonly first: Operation; last: Operation }>()
  readonly #faults: FaultNote[] = []
  readonly #epochs: EpochNote[] = []
  #dropped = 0
  #sinceMs: number | null = null
  #inOrder = true
  #lastMs = Number.NEGATIVE_INFINITY

  /** @throws HistoryMistake */
  push(text: string, line: number, isLast: boolean): void {
    let read: unknown
    try {
      read = JSON.parse(text)
    } catch {
      throw isLast
        ? new HistoryMistake(line, 'the last line is cut short', 'Delete it, or record it again')
        : new HistoryMistake(line, `this is no JSON: ${excerpt(text)}`, 'Each line is one object')
    }
    const operation = read as Operation
    if (isSound(operation)) this.#add(operation, line)
    else this.#note(read, line)
  }

  finish(): History {
    const operations = this.#operations
    this.#refuseSameVersions()
    // Stable, so that what shares an instant stays in the order of the lines.
    if (!this.#inOrder) operations.sort((a, b) => a.calledMs - b.calledMs)
    return {
      operations,
      faults: this.#faults,
      epochs: this.#epochs,
      dropped: this.#dropped,
      sinceMs: this.#sinceMs,
      timed: true,
    }
  }

  #add(operation: Operation, line: number): void {
    const { calledMs, returnedMs, kind } = operation
    if (returnedMs !== null && returnedMs < calledMs) {
      const what = `returned at ${returnedMs} ms, before it was called at ${calledMs} ms`
      throw new HistoryMistake(line, `this operation ${what}`, 'Take both from one clock')
    }
    if (operation.outcome === 'ok' && returnedMs === null) {
      const remedy = 'Give it returnedMs, or the outcome unknown'
      throw new HistoryMistake(line, 'it is ok, but it never returned', remedy)
    }
    if (kind === 'cas' && operation.from === undefined) {
      throw new HistoryMistake(line, 'this cas does not say what it expected', 'Give it from')
    }
    if (kind !== 'read') this.#refuseAgain(operation, line)
    if (calledMs < this.#lastMs) this.#inOrder = false
    this.#lastMs = calledMs
    this.#operations.push(operation)
    this.#lineOf.push(line)
  }

  /**
   * A write that is there again right away, or from the beginning, as in a file that was appended to itself. A read is
   * not: clients of one name may read at the same time, and it changes no verdict.
   */
  #refuseAgain(operation: Operation, line: number): void {
    const { client, kind, calledMs } = operation
    const ends = this.#ends.get(client)
    if (!ends) this.#ends.set(client, { first: operation, last: operation })
    else if (isSame(ends.last, operation) || isSame(ends.first, operation)) {
      const message = `${client} makes this ${kind} at ${calledMs} ms twice`
      throw new HistoryMistake(line, message, 'Delete what was recorded twice')
    } else ends.last = operation
  }

  /** A version names one write of its key: systems may count on every key. */
  #refuseSameVersions(): void {
    const ranks: number[] = []
    for (const { kind, version } of this.#operations) {
      if (kind !== 'read' && version !== undefined) ranks.push(rankOfText(version) ?? Number.NaN)
    }
    const sorted = Float64Array.from(ranks).sort()
    if (sorted.every((rank, i) => rank > (sorted[i - 1] ?? -1))) return
    const byKey = new Map<string, Map<string, Operation>>()
    for (const [i, operation] of this.#operations.entries()) {
      const { kind, key, version } = operation
      if (kind === 'read' || version === undefined) continue
      const writes = byKey.get(key) ?? new Map<string, Operation>()
      byKey.set(key, writes)
      const other = writes.get(version)
      writes.set(version, operation)
      if (!other) continue
      const message = `version ${version} was written before, by ${other.client} at ${other.calledMs} ms`
      const remedy = 'Delete what was recorded twice, or its version'
      throw new HistoryMistake(this.#lineOf[i] as number, message, remedy)
    }
  }

  #note(read: unknown, line: number): void {
    if (typeof read !== 'object' || read === null || Array.isArray(read)) {
      throw new HistoryMistake(line, 'this is no operation', 'Each line is one JSON object')
    }
    const note = read as Line & Record<string, unknown>
    if (note.kind === 'fault' && isTime(note.atMs) && typeof note.text === 'string') {
      this.#faults.push(note)
    } else if (note.kind === 'epoch' && isTime(note.atMs) && isTable(note.table)) {
      this.#epochs.push(note)
    } else if (note.kind === 'dropped' && isTime(note.atMs) && isTime(note.operations)) {
      this.#dropped += note.operations
      this.#sinceMs = note.atMs
    } else throw whatIsWrong(read as Record<string, unknown>, line)
  }
}

/** In a lab's own history events tell one from another; elsewhere nothing could, if time passed. */
function isSame(a: Operation, b: Operation): boolean {
  return (
    a.calledMs === b.calledMs &&
    a.returnedMs === b.returnedMs &&
    a.calledMs !== a.returnedMs &&
    a.kind === b.kind &&
    a.key === b.key &&
    a.value === b.value &&
    a.calledEvent === undefined
  )
}

/** Everything that is cheap to see. */
function isSound(o: Operation): boolean {
  if (typeof o !== 'object' || o === null) return false
  switch (o.kind) {
    case 'write':
    case 'read':
    case 'cas':
    case 'append':
    case 'delete':
      break
    default:
      return false
  }
  return (
    typeof o.client === 'string' &&
    typeof o.key === 'string' &&
    (typeof o.value === 'string' || o.value === null) &&
    isTime(o.calledMs) &&
    (o.returnedMs === null || isTime(o.returnedMs)) &&
    (o.outcome === 'ok' || o.outcome === 'failed' || o.outcome === 'unknown') &&
    (o.version === undefined || isVersion(o.version)) &&
    (o.origin === undefined || isVersion(o.origin))
  )
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isVersion(value: unknown): boolean {
  return typeof value === 'string' && parseAnyVersion(value) !== undefined
}

function isTable(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((row) => Array.isArray(row) && row.length === 2 && row.every(isTime))
  )
}

/** Looked for only once it is known that something is. */
function whatIsWrong(read: Record<string, unknown>, line: number): HistoryMistake {
  const mistake = (message: string, remedy: string) => new HistoryMistake(line, message, remedy)
  const { kind } = read
  const kinds = [...OPERATION_KINDS, ...NOTES]
  if (typeof kind !== 'string' || !kinds.includes(kind)) {
    const nearest = typeof kind === 'string' ? nearestWord(kind, kinds) : undefined
    const known = `It is one of ${kinds.join(', ')}`
    if (kind === undefined) return mistake('it has no kind', known)
    const remedy = nearest === undefined ? known : `Perhaps it is a ${nearest}`
    return mistake(`unknown kind ${JSON.stringify(kind)}`, remedy)
  }
  if (NOTES.includes(kind)) {
    const fields = { fault: 'atMs, text', epoch: 'epoch, leader, table, atMs' }
    const needed = fields[kind as 'fault' | 'epoch'] ?? 'operations, atMs'
    return mistake(`this ${kind} lacks a field or has it wrong`, `It needs ${needed}`)
  }
  for (const name of ['client', 'key']) {
    if (typeof read[name] !== 'string') return mistake(`${name} is no text`, `Give it "${name}"`)
  }
  if (typeof read.value !== 'string' && read.value !== null) {
    return mistake('value is neither text nor null', 'null is for nothing there')
  }
  if (!OUTCOMES.some((one) => one === read.outcome)) {
    return mistake(
      `unknown outcome ${JSON.stringify(read.outcome)}`,
      `It is ${OUTCOMES.join(', ')}`,
    )
  }
  if (!isTime(read.calledMs)) return mistake('calledMs is no number', 'It is a time in ms')
  if (read.returnedMs !== null && !isTime(read.returnedMs)) {
    return mistake('returnedMs is neither a number nor null', 'null is for not known')
  }
  return mistake('version or origin is no version', 'It is written "1.7", or "7"')
}
