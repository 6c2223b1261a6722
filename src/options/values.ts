// How the text of one option becomes its value, and what is said when it cannot. Every complaint follows
// the option's name: `--port: must be a whole number from 0 to 65535, not "eighty"`.

import { isAbsolute, resolve } from 'node:path'
import { formatDuration, type Parsed, parseDuration, quote } from '../core/text/duration.ts'
import { readWhole } from '../core/text/legal.ts'

export interface Surroundings {
  /** Where relative file names start from. */
  readonly directory: string
}

export type ReadValue<T> = (text: string, where: Surroundings) => Parsed<T>

export function wholeNumber(min: number, max: number): ReadValue<number> {
  return (text) => {
    const value = readWhole(text)
    if (value !== undefined && value >= min && value <= max) return { ok: true, value }
    return refuse(`must be a whole number from ${min} to ${max}`, text)
  }
}

export function decimalNumber(min: number, max: number): ReadValue<number> {
  return (text) => {
    const value = /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return { ok: true, value }
    return refuse(`must be a number from ${min} to ${max}`, text)
  }
}

/** In microseconds. */
export function duration(minUs: number, maxUs: number): ReadValue<number> {
  return (text) => {
    const parsed = parseDuration(text, Number.MAX_SAFE_INTEGER)
    if (parsed.ok && parsed.value >= minUs && parsed.value <= maxUs) return parsed
    const range = `from ${formatDuration(minUs)} to ${formatDuration(maxUs)}`
    return refuse(`must be a duration ${range}, written 200ms or 1.5s`, text)
  }
}

export function oneOf<const T extends string>(...words: readonly T[]): ReadValue<T> {
  return (text) => {
    const value = words.find((word) => word === text)
    return value ? { ok: true, value } : refuse(`must be one of ${words.join(', ')}`, text)
  }
}

/** Either a value or one word that switches the option off. */
export function orOff<T>(read: ReadValue<T>): ReadValue<T | null> {
  return (text, where) => (text === 'off' ? { ok: true, value: null } : read(text, where))
}

export function file(text: string, where: Surroundings): Parsed<string | null> {
  if (text.trim() === '' || text.includes('\0')) return refuse('must name a file', text)
  return { ok: true, value: isAbsolute(text) ? text : resolve(where.directory, text) }
}

export function host(text: string): Parsed<string> {
  // Brackets belong to addresses in URLs; what one listens on has none.
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  if (/^[\w.:%-]{1,255}$/.test(bare)) return { ok: true, value: bare }
  return refuse('must be a host name or an address, such as 127.0.0.1 or 0.0.0.0', text)
}

/** Names as they stand in a `Host` header, but in lower case and without the port. */
export function hostNames(text: string): Parsed<readonly string[]> {
  const names = commaSeparated(text.toLowerCase())
  const wrong = names.find((name) => !/^([a-z0-9_.-]{1,255}|\[[0-9a-f:.]+\])$/.test(name))
  if (wrong === undefined && names.length > 0) return { ok: true, value: Object.freeze(names) }
  return refuse('must be host names without a port, separated by commas', wrong ?? text)
}

/** What fits an address and a header as it is. */
export function token(text: string): Parsed<string> {
  if (/^[\w.~-]{8,128}$/.test(text)) return { ok: true, value: text }
  return refuse('must be 8 to 128 letters, digits or any of ._~-', text)
}

export function yesOrNo(text: string): Parsed<boolean> {
  if (text === 'true' || text === 'false') return { ok: true, value: text === 'true' }
  return refuse('must be true or false', text)
}

/** As they stand in an `Origin` header. */
export function origins(text: string): Parsed<readonly string[]> {
  const values = commaSeparated(text)
  const wrong = values.find((value) => !URL.canParse(value) || new URL(value).origin !== value)
  if (wrong === undefined && values.length > 0) return { ok: true, value: Object.freeze(values) }
  return refuse('must be origins such as http://localhost:3000, separated by commas', wrong ?? text)
}

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
}

function refuse(rule: string, text: string): Parsed<never> {
  return { ok: false, message: `${rule}, not ${quote(text)}` }
}
