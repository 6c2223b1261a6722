// A history as text: JSON lines, as lines.ts reads them, or EDN as Jepsen's tools do. In both, what was missing
// or went wrong stands at its instant among the operations.

import { NS_PER_MS } from './jepsen.ts'
import type { History, Operation } from './operation.ts'

/** One JSON object a line, by the instant of the call. */
export function* jsonLines(history: History): Generator<string> {
  const { operations, faults, epochs, dropped, sinceMs } = history
  if (dropped > 0) {
    yield JSON.stringify({ kind: 'dropped', operations: dropped, atMs: sinceMs ?? 0 })
  }
  const notes = [...epochs, ...faults].sort((a, b) => a.atMs - b.atMs)
  let next = 0
  for (const operation of operations) {
    for (; (notes[next]?.atMs ?? Number.POSITIVE_INFINITY) <= operation.calledMs; next++) {
      yield JSON.stringify(notes[next])
    }
    yield JSON.stringify(operation)
  }
  for (; next < notes.length; next++) yield JSON.stringify(notes[next])
}

interface Moment {
  readonly ms: number
  /** Orders what shares an instant. */
  readonly order: number
  readonly text: string
}

/**
 * One map a line, a call and a return for each operation. A client that calls again before it was answered becomes
 * several processes, for a process does one thing at a time; and one whose call never returned goes on as another.
 */
export function* ednLines({ operations, faults }: History): Generator<string> {
  const moments: Moment[] = []
  const processOf = processes(operations)
  for (const [i, operation] of operations.entries()) {
    const { calledMs, returnedMs, outcome, kind, value, calledEvent = i } = operation
    const { returnedEvent = calledEvent } = operation
    const line = (type: string, said: string, ms: number, order: number) => {
      moments.push({
        ms,
        order,
        text: eventLine(operation, processOf[i] as number, type, said, ms),
      })
    }
    const called = kind === 'cas' ? `[${edn(operation.from)} ${edn(value)}]` : edn(value)
    line('invoke', kind === 'read' ? 'nil' : called, calledMs, calledEvent)
    if (outcome === 'unknown' || returnedMs === null) continue
    line(outcome === 'ok' ? 'ok' : 'fail', called, returnedMs, returnedEvent + 0.5)
  }
  for (const { atMs, text } of faults) {
    const said = `{:process :nemesis, :type :info, :f :fault, :value ${edn(text)}, :time ${ns(atMs)}}`
    moments.push({ ms: atMs, order: 0, text: said })
  }
  moments.sort((a, b) => a.ms - b.ms || a.order - b.order)
  for (const { text } of moments) yield text
}

function eventLine(
  { kind, key, version, replica }: Operation,
  process: number,
  type: string,
  value: string,
  ms: number,
): string {
  const facts = [
    ...(type === 'invoke' || version === undefined ? [] : [`:version ${edn(version)}`]),
    ...(type === 'invoke' || replica === undefined ? [] : [`:replica ${replica}`]),
  ]
  const fields = [`:key ${edn(key)}`, `:value ${value}`, ...facts, `:time ${ns(ms)}`]
  return `{:process ${process}, :type :${type}, :f :${kind}, ${fields.join(', ')}}`
}

/** A number for each operation: that of a process of the same client which is free by then. */
function processes(operations: readonly Operation[]): number[] {
  interface Process {
    readonly number: number
    /** By milliseconds, then by the lab's events. */
    free: readonly [ms: number, event: number]
  }
  const byClient = new Map<string, Process[]>()
  let next = 0
  return operations.map(({ client, calledMs, returnedMs, calledEvent = 0, ...operation }) => {
    const own = byClient.get(client) ?? []
    byClient.set(client, own)
    let found = own.find(
      ({ free: [ms, event] }) => ms < calledMs || (ms === calledMs && event < calledEvent),
    )
    if (!found) {
      found = { number: next++, free: [0, 0] }
      own.push(found)
    }
    const { returnedEvent = calledEvent } = operation
    found.free = [returnedMs ?? Number.POSITIVE_INFINITY, returnedEvent]
    if (returnedMs === null) own.splice(own.indexOf(found), 1)
    return found.number
  })
}

/** Strings are written as JSON has them, which EDN reads. */
function edn(value: string | null | undefined): string {
  return value == null ? 'nil' : JSON.stringify(value)
}

function ns(ms: number): number {
  return Math.round(ms * NS_PER_MS)
}
