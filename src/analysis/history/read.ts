// Reads a history of any known format, line by line: tells which one it is, and hands each line to its reader.
// Only EDN is kept until the end, for its forms may span lines.

import { EdnReader } from './edn.ts'
import { type EventOptions, EventsReader } from './events.ts'
import { looksLikeLog, readEdnEvent, readLogLine } from './jepsen.ts'
import { LinesReader } from './lines.ts'
import { excerpt, HistoryMistake } from './mistakes.ts'
import type { History } from './operation.ts'

export const FORMATS = ['jsonl', 'edn', 'jepsen'] as const
export type Format = (typeof FORMATS)[number]

/** More would not fit into memory. */
const OPERATIONS_MAX = 5_000_000
const EDN_CHARS_MAX = 400 * 1024 * 1024

export interface ReadOptions extends EventOptions {
  /** Found out where it is not said. */
  readonly format?: Format | undefined
  /** Characters that there is memory for. */
  readonly charsMax?: number
}

/** Takes the lines of one file. Every method throws a HistoryMistake for what is wrong with them. */
export class HistoryReader {
  readonly #events: EventsReader
  readonly #lines = new LinesReader()
  #format: Format | undefined
  readonly #edn: string[] = []
  readonly #charsMax: number
  #chars = 0
  #line = 0
  #taken = 0

  constructor(options: ReadOptions) {
    this.#format = options.format
    this.#charsMax = options.charsMax ?? Number.POSITIVE_INFINITY
    this.#events = new EventsReader(options)
  }

  /** @param isLast nothing comes after it, not even a line break */
  push(text: string, isLast = false): void {
    const line = ++this.#line
    if (this.#format === undefined) {
      this.#format = formatOf(text, line)
      // Before it is known, nothing has come but blanks and comments, which only EDN has.
      if (this.#format === undefined) {
        this.#edn.push(text)
        return
      }
    }
    if (this.#format === 'edn') this.#pushEdn(text, line)
    else if (this.#format === 'jepsen') this.#pushLog(text, line)
    else this.#pushJson(text, line, isLast)
  }

  finish(): History {
    if (this.#format === 'edn') this.#readEdn()
    if (this.#taken === 0) throw this.#empty()
    const history = this.#format === 'jsonl' ? this.#lines.finish() : this.#events.finish()
    if (history.operations.length === 0) throw this.#empty()
    return history
  }

  #empty(): HistoryMistake {
    const message = this.#line === 0 ? 'the file is empty' : 'there is no operation in it'
    return new HistoryMistake(null, message, 'Give it one operation a line')
  }

  #pushJson(text: string, line: number, isLast: boolean): void {
    if (!text.startsWith('{') && text.trim() === '') return
    this.#take(line)
    this.#keep(text, line, this.#charsMax)
    this.#lines.push(text, line, isLast)
  }

  #pushLog(text: string, line: number): void {
    const event = readLogLine(text, line)
    if (!event) return
    this.#take(line)
    this.#events.push(event)
  }

  #pushEdn(text: string, line: number): void {
    this.#keep(text, line, Math.min(this.#charsMax, EDN_CHARS_MAX))
    this.#edn.push(text)
  }

  #readEdn(): void {
    const text = this.#edn.join('\n')
    if (/^\s*\[?\s*\{\s*"[^"]*"\s*:/.test(text)) {
      const remedy = "Write one object a line, as jq -c '.[]' does"
      throw new HistoryMistake(1, 'this is one JSON document', remedy)
    }
    const reader = new EdnReader(text)
    this.#edn.length = 0
    const closer = reader.open()
    while (closer === undefined ? reader.hasMore : !reader.closes(closer)) {
      const { line } = reader
      this.#take(line)
      this.#events.push(readEdnEvent(reader.form(), line))
    }
    if (closer !== undefined && reader.hasMore) {
      const message = 'something stands behind the end of the list'
      throw new HistoryMistake(reader.line, message, 'One history a file')
    }
  }

  #keep(text: string, line: number, max: number): void {
    this.#chars += text.length + 1
    if (this.#chars <= max) return
    const message = `there is no memory for more than ${Math.floor(max)} characters`
    throw new HistoryMistake(line, message, 'Split the file by key, or give Node more memory')
  }

  #take(line: number): void {
    if (++this.#taken <= OPERATIONS_MAX) return
    const message = `there are more than ${OPERATIONS_MAX} operations`
    throw new HistoryMistake(line, message, 'Split the file by key, and check each part')
  }
}

/** By the first line that says something. */
function formatOf(text: string, line: number): Format | undefined {
  const start = text.trim()
  if (start === '' || start.startsWith(';')) return undefined
  if (/^\{\s*"/.test(start)) return 'jsonl'
  if (/^(\{|\[|\(|#)/.test(start)) return 'edn'
  if (looksLikeLog(start) || /^(INFO|WARN|DEBUG|ERROR)\b/.test(start)) return 'jepsen'
  const message = `the format of ${excerpt(start)} is not known`
  throw new HistoryMistake(line, message, `Say which it is: ${FORMATS.join(' or ')}`)
}
