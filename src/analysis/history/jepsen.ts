// How Jepsen writes an event: as a line of its printed log, or as an EDN map.

import { type Edn, EdnReader, EdnWord, printEdn } from './edn.ts'
import type { HistoryEvent } from './events.ts'
import { excerpt, HistoryMistake } from './mistakes.ts'

export const NS_PER_MS = 1_000_000
const TYPES = ['invoke', 'ok', 'fail', 'info']

/** With or without what the logger puts in front. */
const LOG_LINE =
  /(?:^|jepsen\.util\s+(?:-\s+)?)(\d+|:[\w-]+)\s+:(invoke|ok|fail|info)\s+:([\w-]+)\s*(.*)$/

export function looksLikeLog(text: string): boolean {
  return LOG_LINE.test(text)
}

/** @returns undefined for a line that tells of something else */
export function readLogLine(text: string, line: number): HistoryEvent | undefined {
  const match = LOG_LINE.exec(text)
  if (!match) return undefined
  const [, process = '', type, f = '', rest = ''] = match
  const reader = new EdnReader(rest, line)
  return {
    process: bare(process),
    type: type as HistoryEvent['type'],
    f,
    key: undefined,
    value: reader.hasMore ? reader.form() : null,
    timeMs: undefined,
    version: undefined,
    replica: undefined,
    line,
  }
}

/** @throws HistoryMistake */
export function readEdnEvent(form: Edn, line: number): HistoryEvent {
  if (!(form instanceof Map)) {
    throw new HistoryMistake(line, `${excerpt(printEdn(form))} is no operation`, 'It is a map')
  }
  const type = word(form, ':type')
  const f = word(form, ':f')
  const process = form.get(':process')
  if (process === undefined || type === undefined || f === undefined) {
    const message = 'an operation lacks :process, :type or :f'
    throw new HistoryMistake(line, message, 'All three are needed')
  }
  if (!TYPES.includes(type)) {
    throw new HistoryMistake(line, `unknown :type :${type}`, `It is one of ${TYPES.join(', ')}`)
  }
  const time = form.get(':time')
  const version = form.get(':version')
  const replica = form.get(':replica')
  return {
    process: bare(printEdn(process)),
    type: type as HistoryEvent['type'],
    f,
    key: form.get(':key'),
    value: form.get(':value') ?? null,
    timeMs: typeof time === 'number' ? time / NS_PER_MS : undefined,
    version: typeof version === 'string' ? version : undefined,
    replica: typeof replica === 'number' ? replica : undefined,
    line,
  }
}

function word(form: Map<string, Edn>, name: string): string | undefined {
  const value = form.get(name)
  return value instanceof EdnWord ? bare(value.text) : undefined
}

/** A keyword without its colon. */
function bare(text: string): string {
  return text.replace(/^:/, '')
}
