// One line of a scenario to its tokens: words, `name=value` pairs, `->` and `&`. Spaces and tabs separate
// them, a `#` where a token could begin starts a comment. A word is bare, or a JSON string; whether a
// bare word may stand where it stands is readers.ts's business, since only keys and values need quotes.

/** What is wrong with a line, and from which column on, counted from 1. */
export class LineError extends Error {
  readonly column: number

  constructor(column: number, message: string) {
    super(message)
    this.column = column
  }
}

export interface Word {
  readonly kind: 'word'
  readonly column: number
  /** As it stands in the file. */
  readonly source: string
  /** What it means: a JSON string without its quotes. */
  readonly text: string
  readonly quoted: boolean
  /** A colon follows the closing quote, as in `as "Ann B": read user:1`. */
  readonly colon: boolean
}

/** `name=value`; `name!=value` says that it is not so, which only expectations may. */
export interface Pair {
  readonly kind: 'pair'
  readonly column: number
  readonly source: string
  readonly name: string
  readonly not: boolean
  readonly value: Word
}

export interface Mark {
  readonly kind: 'arrow' | 'ampersand'
  readonly column: number
  readonly source: string
}

export type Token = Word | Pair | Mark

const SPACE = /[ \t]*/y
const PAIR = /([A-Za-z][A-Za-z0-9.-]*)(!?=)/y
const BARE = /[^ \t"]*/y
const STRING = /"(?:[^"\\]|\\.)*"/y

export function tokensOf(line: string): Token[] {
  const tokens: Token[] = []
  let at = lengthAt(SPACE, line, 0)
  while (at < line.length && line[at] !== '#') {
    const token = tokenAt(line, at)
    tokens.push(token)
    at += token.source.length
    at += lengthAt(SPACE, line, at)
  }
  return tokens
}

function tokenAt(line: string, at: number): Token {
  const column = at + 1
  if (line.startsWith('->', at)) return { kind: 'arrow', column, source: '->' }
  if (line[at] === '"') return stringAt(line, at, true)
  PAIR.lastIndex = at
  const match = PAIR.exec(line)
  if (match) return pairAt(line, at, match)
  const word = bareAt(line, at)
  return word.source === '&' ? { kind: 'ampersand', column, source: '&' } : word
}

function pairAt(line: string, at: number, match: RegExpExecArray): Pair {
  const [head, name = '', sign] = match
  const valueAt = at + head.length
  const value = line[valueAt] === '"' ? stringAt(line, valueAt, false) : bareAt(line, valueAt)
  const source = head + value.source
  return { kind: 'pair', column: at + 1, source, name, not: sign === '!=', value }
}

function bareAt(line: string, at: number): Word {
  const source = line.slice(at, at + lengthAt(BARE, line, at))
  if (line[at + source.length] === '"') {
    const message = 'a quote begins in the middle of a word: put the whole word in quotes'
    throw new LineError(at + source.length + 1, message)
  }
  return { kind: 'word', column: at + 1, source, text: source, quoted: false, colon: false }
}

function stringAt(line: string, at: number, mayTakeColon: boolean): Word {
  const length = lengthAt(STRING, line, at)
  if (length === 0) throw new LineError(at + 1, 'this string does not end: a closing " is missing')
  const text = readString(line.slice(at, at + length), at)
  const colon = mayTakeColon && line[at + length] === ':'
  const end = at + length + (colon ? 1 : 0)
  if (end < line.length && !/[ \t]/.test(line[end] ?? '')) {
    throw new LineError(end + 1, 'a space is expected after the closing "')
  }
  return { kind: 'word', column: at + 1, source: line.slice(at, end), text, quoted: true, colon }
}

function readString(source: string, at: number): string {
  try {
    return JSON.parse(source) as string
  } catch {
    const message =
      'this is no JSON string: after a backslash comes one of " \\ / b f n r t or u and four digits, ' +
      'and control characters are written so'
    throw new LineError(at + 1, message)
  }
}

function lengthAt(pattern: RegExp, line: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0].length ?? 0
}
