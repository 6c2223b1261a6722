// The log: pino writing JSON lines, or on a terminal the bare sentence with the date and time in front.
// `logEvents` makes the cluster's events into lines; their words are core/describe.ts's. Where the
// lines go, and what happens when nobody reads them, is log-output.ts's affair.

import { type DestinationStream, type Logger, pino } from 'pino'
import type { ClusterEvent, Listener } from '../core/events.ts'
import { sayEvent } from '../core/output/describe.ts'
import { type EventLevel, groupOfEvent, levelOfEvent } from '../core/output/event-kinds.ts'
import { renderField } from '../core/output/json.ts'
import { escapeActing, VALUE_CHARS_SHOWN } from '../core/text/say.ts'
import { formatVersion } from '../core/version.ts'
import { bytesTo, LogOutput, type WriteBytes } from './log-output.ts'

export type { Logger } from 'pino'

type LogFormat = 'auto' | 'pretty' | 'json'
type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LoggerOptions {
  /** `auto` is pretty on a terminal, else JSON lines. */
  readonly format: LogFormat
  readonly level: LogLevel
  readonly isTTY: boolean
  /** Whether pretty warnings and errors are coloured; on a terminal unless said. */
  readonly color?: boolean
  /** Where lines go; standard output unless said. */
  readonly write?: WriteBytes
  readonly bufferBytesMax?: number
}

export interface Log {
  readonly logger: Logger
  /** A line with an event's facts, as `logger` would write it, but without its generality: most lines are such. */
  tell(level: EventLevel, fields: object, text: string): void
  /** Writes what is left, within a quarter of a second. Also done at exit. */
  close(): void
}

export async function createLogger(options: LoggerOptions): Promise<Log> {
  const pretty = options.format === 'auto' ? options.isTTY : options.format === 'pretty'
  const output = new LogOutput({
    write: options.write ?? bytesTo(1),
    onDropped: (lines) => logger.warn({ dropped: lines }, sayDropped(lines)),
    ...(options.bufferBytesMax !== undefined && { bufferBytesMax: options.bufferBytesMax }),
  })
  const stream = pretty
    ? await prettyStream(output, options.color ?? options.isTTY)
    : jsonStream(output)
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: timestampField,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  return {
    logger,
    tell(level, fields, text) {
      const facts = JSON.stringify(fields).slice(1, -1)
      stream.write(
        `{"level":"${level}"${timestampField()},${facts},"msg":${JSON.stringify(text)}}\n`,
      )
    },
    close: () => output.close(),
  }
}

let lastMs = 0
let lastField = ''

/** pino's own ISO time, but made once a millisecond: it was a fifth of the cost of a line. */
function timestampField(): string {
  const nowMs = Date.now()
  if (nowMs !== lastMs) {
    lastMs = nowMs
    lastField = `,"time":"${new Date(nowMs).toISOString()}"`
  }
  return lastField
}

function sayDropped(lines: number): string {
  return `Dropped ${lines} log ${lines === 1 ? 'line' : 'lines'}: the reader did not keep up`
}

/** Anything but visible ASCII and the line break at the end, which alone need a closer look. */
const UNUSUAL = /[^ -~\n]/

function jsonStream(output: LogOutput): DestinationStream {
  return {
    write(line) {
      // JSON leaves U+2028 and terminal escapes above ASCII as they are; inside its strings, where
      // alone they can stand, the \u form means the same.
      output.write(UNUSUAL.test(line) ? `${escapeActing(line.slice(0, -1))}\n` : line)
    },
  }
}

async function prettyStream(output: LogOutput, color: boolean): Promise<DestinationStream> {
  // Loaded only here: JSON users never pay for it.
  const { prettyFactory } = (await import('pino-pretty')).default
  const prettify = prettyFactory({
    // Its colours would also paint every plain message, so the two that are wanted are set below.
    colorize: false,
    // Time and level are part of the message format.
    ignore: 'time,level',
    hideObject: true,
    messageFormat: (line, messageKey) => {
      const text = escapeActing(String(line[messageKey] ?? ''))
      const shown = color ? paint(text, line.level) : text
      return `${sayLocalTime(String(line.time))} ${shown}${sayError(line.err)}`
    },
  })
  return { write: (line) => output.write(prettify(line)) }
}

/** Red for errors, yellow for warnings. */
function paint(text: string, level: unknown): string {
  if (level === 'error' || level === 'fatal') return `\u001b[31m${text}\u001b[39m`
  return level === 'warn' ? `\u001b[33m${text}\u001b[39m` : text
}

/** `2025/06/14 16:05:52`, in the zone of this computer. */
function sayLocalTime(iso: string): string {
  const at = new Date(iso)
  const day = `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n)
}

/** The stack of an error that was logged, on indented lines of its own: no line of it can pass for another. */
function sayError(error: unknown): string {
  const stack = (error as { stack?: unknown } | undefined)?.stack
  if (typeof stack !== 'string') return ''
  return stack
    .split('\n')
    .map((line) => `\n    ${escapeActing(line.trim())}`)
    .join('')
}

/** What of the cluster the log needs. */
interface EventSource {
  listen(listener: Listener): () => void
}

/** A replay says so many records one by one, then only the total. */
export const RESTORED_LINES_MAX = 1_000

/** Logs every event from now on, at its level; the returned function ends it. */
export function logEvents(source: EventSource, { logger, tell }: Log): () => void {
  // Asked once, because most events are below the level and must cost next to nothing.
  const enabled = {
    debug: logger.isLevelEnabled('debug'),
    info: logger.isLevelEnabled('info'),
    warn: logger.isLevelEnabled('warn'),
  }
  let restored = 0
  return source.listen((event) => {
    const level = levelOfEvent(event)
    if (!enabled[level]) return
    if (event.type === 'restore-finished') restored = 0
    if (event.type === 'record-restored' && ++restored > RESTORED_LINES_MAX) return
    tell(level, fieldsOf(event), sayEvent(event))
  })
}

/**
 * The event's facts beside its sentence: flat, times in ms, a record as key, value and version. A value
 * too long for the sentence is left out here too, and so are the answers a read weighed.
 */
function fieldsOf(event: ClusterEvent): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    type: event.type,
    group: groupOfEvent(event),
  }
  for (const name in event) {
    if (name === 'record' || name === 'answer' || name === 'answers') continue
    // Records are left out, and only they need the time of day.
    renderField(fields, name, event[name as keyof ClusterEvent], 0)
  }
  const answer = 'answer' in event ? event.answer : null
  if (answer) fields.replica = answer.replica
  const record = 'record' in event ? event.record : answer?.record
  if (record) {
    fields.key = record.key
    if (record.value.length <= VALUE_CHARS_SHOWN) fields.value = record.value
    fields.version = formatVersion(record)
  }
  return fields
}
