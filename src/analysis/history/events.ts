// Histories told as events, invoke and then ok, fail or info of the same process, become operations. Jepsen's
// printed log and its EDN differ only in how an event is written, which jepsen.ts knows. The order of
// lines is the order of events, even where times are equal.

import { type Edn, EdnWord, printEdn } from './edn.ts'
import { HistoryMistake } from './mistakes.ts'
import type { FaultNote, History, Operation, OperationKind } from './operation.ts'

export interface HistoryEvent {
  readonly process: string
  readonly type: 'invoke' | 'ok' | 'fail' | 'info'
  /** Without its colon. */
  readonly f: string
  readonly key: Edn | undefined
  readonly value: Edn
  readonly timeMs: number | undefined
  readonly version: string | undefined
  readonly replica: number | undefined
  readonly line: number
}

export interface EventOptions {
  /**
   * A failed cas is a fact about the state, or never happened. Where it never happened, as Knossos has it, a
   * read of nil says nothing either.
   */
  readonly failedCas: 'fact' | 'never'
}

interface Call {
  readonly event: HistoryEvent
  readonly place: number
}

const KINDS: Readonly<Record<string, OperationKind>> = {
  read: 'read',
  get: 'read',
  r: 'read',
  write: 'write',
  put: 'write',
  w: 'write',
  cas: 'cas',
  append: 'append',
  delete: 'delete',
}

export class EventsReader {
  readonly #options: EventOptions
  readonly #open = new Map<string, Call>()
  readonly #operations: Operation[] = []
  readonly #faults: FaultNote[] = []
  #count = 0
  #timed: boolean | undefined
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(options: EventOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  /** @throws HistoryMistake */
  push(event: HistoryEvent): void {
    this.#count++
    const atMs = this.#instantOf(event)
    if (!/^\d+$/.test(event.process)) {
      const value = event.value === null ? '' : ` ${printEdn(event.value)}`
      this.#faults.push({ kind: 'fault', atMs, text: `${event.process} ${event.f}${value}` })
    } else if (event.type === 'invoke') this.#invoke(event, atMs)
    else this.#complete(event, atMs)
  }

  finish(): History {
    for (const { event, place } of this.#open.values()) this.#end(event, undefined, place, null)
    this.#open.clear()
    return {
      operations: this.#operations.filter((one) => one !== undefined),
      faults: this.#faults,
      epochs: [],
      dropped: 0,
      sinceMs: null,
      timed: this.#timed ?? true,
    }
  }

  #invoke(event: HistoryEvent, atMs: number): void {
    const { process, line } = event
    const open = this.#open.get(process)
    if (open) {
      const message = `process ${process} calls again before its call of line ${open.event.line} returned`
      throw new HistoryMistake(line, message, 'Give each thread a process number of its own')
    }
    kindOf(event)
    // Its place among the operations is that of its call.
    this.#open.set(process, { event: { ...event, timeMs: atMs }, place: this.#operations.length })
    this.#operations.length++
  }

  #complete(event: HistoryEvent, atMs: number): void {
    const { process, line } = event
    const call = this.#open.get(process)
    if (!call) {
      const message = `process ${process} returns without a call`
      throw new HistoryMistake(
        line,
        message,
        'Put its :invoke before this line, or delete the line',
      )
    }
    if (call.event.f !== event.f) {
      const message = `process ${process} called :${call.event.f} in line ${call.event.line}, but returns from :${event.f}`
      throw new HistoryMistake(line, message, 'Each return repeats the :f of its call')
    }
    this.#open.delete(process)
    this.#end(call.event, event, call.place, atMs)
  }

  #end(
    call: HistoryEvent,
    event: HistoryEvent | undefined,
    place: number,
    atMs: number | null,
  ): void {
    const kind = kindOf(call)
    const outcome =
      event?.type === 'ok' ? 'ok' : event?.type === 'fail' && atMs !== null ? 'failed' : 'unknown'
    const isAnswer = kind === 'read' && outcome === 'ok'
    const { key, value } = keyAndValue(kind, isAnswer ? event : call, call)
    const saysNothing = isAnswer && value === null && this.#options.failedCas === 'never'
    const [from, to] = kind === 'cas' ? pairOf(value, call) : [undefined, value]
    const version = event?.version
    const replica = event?.replica
    this.#operations[place] = {
      client: call.process,
      kind,
      key: textOf(key) ?? '',
      value: textOf(to),
      ...(from !== undefined && { from: textOf(from) }),
      calledMs: call.timeMs as number,
      returnedMs: outcome === 'unknown' ? null : atMs,
      outcome: saysNothing ? 'unknown' : outcome,
      ...(version !== undefined && { version }),
      ...(replica !== undefined && { replica }),
    }
  }

  /** Without times, lines are counted. */
  #instantOf({ timeMs, line }: HistoryEvent): number {
    this.#timed ??= timeMs !== undefined
    if (this.#timed !== (timeMs !== undefined)) {
      const remedy = 'Give every event a :time, or none; then the order of lines counts'
      throw new HistoryMistake(line, 'some events have a :time and some have none', remedy)
    }
    const instant = timeMs ?? line
    if (timeMs !== undefined && timeMs < Math.round(this.#lastMs * 1e6) / 1e6) {
      const remedy =
        'Sort the lines by :time, or take the times out; then the order of lines counts'
      throw new HistoryMistake(
        line,
        `time goes back, from ${this.#lastMs} ms to ${timeMs} ms`,
        remedy,
      )
    }
    this.#lastMs = instant > this.#lastMs ? instant : justAfter(this.#lastMs)
    return this.#lastMs
  }
}

function justAfter(ms: number): number {
  // The second for what is so small that the first adds nothing.
  return Math.max(ms + Math.abs(ms) * Number.EPSILON, ms + Number.MIN_VALUE)
}

function kindOf({ f, line }: HistoryEvent): OperationKind {
  const kind = KINDS[f]
  if (kind !== undefined) return kind
  if (f === 'txn') {
    const remedy = 'This is for elle; here an operation is a read, write, cas, append or delete'
    throw new HistoryMistake(line, 'this is a history of transactions', remedy)
  }
  const message = `unknown operation :${f}, which belongs to another model`
  throw new HistoryMistake(line, message, `Known are ${Object.keys(KINDS).join(', ')}`)
}

/** Keys stand apart, or in front of the value as jepsen.independent has them. */
function keyAndValue(
  kind: OperationKind,
  event: HistoryEvent | undefined,
  call: HistoryEvent,
): { key: Edn | undefined; value: Edn } {
  const value = event?.value ?? null
  if (call.key !== undefined) return { key: call.key, value }
  const isPair = (one: Edn): one is Edn[] => Array.isArray(one) && one.length === 2
  const isKeyed = isPair(call.value) && (kind !== 'cas' || isPair(call.value[1] as Edn))
  if (!isKeyed) return { key: undefined, value }
  if (isPair(value)) return { key: value[0], value: value[1] as Edn }
  return { key: (call.value as Edn[])[0], value: null }
}

function pairOf(value: Edn, { line }: HistoryEvent): [Edn, Edn] {
  if (Array.isArray(value) && value.length === 2) return value as [Edn, Edn]
  const message = `this cas has the value ${printEdn(value)}`
  throw new HistoryMistake(line, message, 'It is written [expected new]')
}

function textOf(value: Edn | undefined): string | null {
  if (value === null || value === undefined) return null
  return value instanceof EdnWord ? value.text : printEdn(value)
}
