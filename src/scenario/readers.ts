// What the words of a scenario mean, each with its bounds: the same ones that the routes have. What cannot
// be read is answered with what was expected there.

import { API, type NodeId, type ReplicaId } from '../core/nodes.ts'
import { formatDuration, parseDuration, quote } from '../core/text/duration.ts'
import { clientFault, keyFault, readWhole, valueFault } from '../core/text/legal.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { escapeActing } from '../core/text/say.ts'
import type { Microseconds } from '../core/units.ts'
import { parseVersion, type Version } from '../core/version.ts'
import { LineError, type Word } from './lexer.ts'

/** A word that may stand bare. Whatever holds another character is written as a JSON string. */
export const PLAIN = /^[A-Za-z0-9:._/-]+$/

/** A word that reads back as this text: bare where it may be. */
export function formatWord(text: string): string {
  // Acting characters are written as escapes: the file may be shown in a terminal.
  return PLAIN.test(text) ? text : escapeActing(JSON.stringify(text))
}

export type Read<T> = (word: Word, what: string) => T

export function readKey(word: Word, what: string): string {
  return judged(word, textOf(word, what), what, keyFault)
}

export function readValue(word: Word, what: string): string {
  return judged(word, textOf(word, what), what, valueFault)
}

export function readClient(word: Word, text: string): string {
  const what = "a client's name"
  if (!word.quoted && !PLAIN.test(text)) complain(word, needsQuotes(what, text))
  return judged(word, text, what, clientFault)
}

function judged(
  word: Word,
  text: string,
  what: string,
  judge: (text: string) => string | undefined,
): string {
  const fault = judge(text)
  return fault === undefined ? text : complain(word, `${what} ${fault}`)
}

/** Whether there is such a replica is for the cluster to say: a scenario may show what it answers. */
export function readReplica(word: Word, what: string): ReplicaId {
  const number = readWhole(word.text)
  return number ?? complain(word, `${what} is a replica's number, not ${quote(word.text)}`)
}

export function readNode(word: Word, what: string): NodeId {
  if (word.text === 'api') return API
  if (/^\d/.test(word.text)) return readReplica(word, what)
  return complain(word, `${what} is a replica's number or api, not ${quote(word.text)}`)
}

/** `0,2`. */
export function readReplicas(word: Word, what: string): ReplicaId[] {
  return piecesOf(word).map((piece) => readReplica(piece, `each of ${what}`))
}

export function readGroup(word: Word, what: string): NodeId[] {
  return piecesOf(word).map((piece) => readNode(piece, `each of ${what}`))
}

export function readVersion(word: Word, what: string): Version {
  const version = parseVersion(word.text)
  return version ?? complain(word, `${what} is epoch.offset, as in 1.7, not ${quote(word.text)}`)
}

export function wholeNumber(min: number, max: number): Read<number> {
  return (word, what) => {
    const number = readWhole(word.text) ?? Number.NaN
    if (number >= min && number <= max) return number
    return complain(
      word,
      `${what} is a whole number from ${min} to ${max}, not ${quote(word.text)}`,
    )
  }
}

export function decimalNumber(min: number, max: number): Read<number> {
  return (word, what) => {
    const number = /^\d+(\.\d+)?(e-?\d+)?$/.test(word.text) ? Number(word.text) : Number.NaN
    if (number >= min && number <= max) return number
    return complain(word, `${what} is a number from ${min} to ${max}, not ${quote(word.text)}`)
  }
}

export function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (word, what) => {
    const found = words.find((known) => known === word.text)
    if (found !== undefined) return found
    const hint = didYouMean(word.text, words)
    return complain(word, `${what} is ${words.join(', ')}, not ${quote(word.text)}${hint}`)
  }
}

export function duration(minUs: Microseconds, maxUs: Microseconds): Read<Microseconds> {
  return (word, what) => {
    const us = parseExactly(word.text)
    if (us === undefined) {
      const parsed = parseDuration(word.text)
      complain(word, parsed.ok ? `${what} is no duration` : `${what}: ${parsed.message}`)
    }
    if (us >= minUs && us <= maxUs) return us
    const range = `from ${formatDuration(minUs)} to ${formatDuration(maxUs)}`
    return complain(word, `${what} lies ${range}, so not at ${quote(word.text)}`)
  }
}

/** How long ago, by this simulation's start; negative for what lies after it. */
export function readAge(word: Word, what: string): Microseconds {
  const isLater = word.text.startsWith('-')
  const us = parseExactly(isLater ? word.text.slice(1) : word.text)
  if (us === undefined) return complain(word, `${what} is a duration, not ${quote(word.text)}`)
  return isLater ? -us : us
}

/** A duration that reads back as exactly these microseconds. */
export function writeDuration(us: Microseconds): string {
  const text = formatDuration(us)
  return parseExactly(text) === us ? text : `${us}us`
}

/** Whole microseconds are taken digit by digit: over decades, seconds with decimals are not exact. */
function parseExactly(text: string): Microseconds | undefined {
  const digits = /^(\d{1,16})us$/.exec(text)?.[1]
  if (digits !== undefined) return Number.isSafeInteger(Number(digits)) ? Number(digits) : undefined
  const parsed = parseDuration(text, Number.MAX_SAFE_INTEGER)
  return parsed.ok ? parsed.value : undefined
}

/** A word that stands for itself. */
function textOf(word: Word, what: string): string {
  if (word.quoted || PLAIN.test(word.text)) return word.text
  if (word.text === '') return complain(word, `${what} is missing; nothing at all is written ""`)
  return complain(word, needsQuotes(what, word.text))
}

function needsQuotes(what: string, text: string): string {
  return `${what} is written as a JSON string unless it is all letters, digits and : . _ / - , so ${escapeActing(JSON.stringify(text))}`
}

/** The parts between commas, each with its own column. */
function piecesOf(word: Word): Word[] {
  let { column } = word
  return word.text.split(',').map((text) => {
    const piece: Word = { ...word, column, source: text, text }
    column += text.length + 1
    return piece
  })
}

export function complain(at: { readonly column: number }, message: string): never {
  throw new LineError(at.column, message)
}
