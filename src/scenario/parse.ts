// A scenario's text to what it says, or to everything that is wrong with it.
//
//   # A comment. The first ones say what the scenario shows.
//   seed 1                          options of the cluster come first: header.ts
//   followers 2
//
//   write user:1 Jessica            one command a line: commands.ts
//   as alice: read user:1           a client's name comes before its command
//   follower-read user:1 replica=1  -> key-not-found    what is expected: expectations.ts
//   write-with-quorum user:1 "two words" w=3 &          goes on; it is answered later
//
//   show cluster                    looks, and changes nothing
//
// A line runs until it is answered, moving time if it must; with a trailing `&` it only starts. Keys and
// values are bare words of [A-Za-z0-9:._/-] or JSON strings. Blank lines make paragraphs: the steps of a
// lesson. In a lesson `#?` asks a question, `#-` and `#+` below it are its wrong choices and the right
// one, and `#!` says why, once the command has shown it (lesson.ts). For a run they are comments.

import { type ClusterOptions, completeOptions } from '../core/options.ts'
import { isCommandWord, readCommandLine } from './command-line.ts'
import { contradiction, OPTIONS } from './header.ts'
import { LineError, type Token, tokensOf, type Word } from './lexer.ts'
import { complain } from './readers.ts'
import { RestoreReader } from './restore.ts'
import type { Mistake, Parsing, ScenarioLine } from './scenario.ts'
import { finish, type Slices } from './slices.ts'

/** Of a file that is no scenario at all, nobody reads more. */
const MISTAKES_MAX = 20
const SLICE_LINES = 50
/** An exported session of the longest kind, every character of it escaped, is shorter. */
const SCENARIO_CHARS_MAX = 128 * 1024 * 1024

export function parseScenario(text: string): Parsing {
  return finish(parseSlices(text))
}

/** The same in slices, between which others have their turn. */
export function* parseSlices(text: string): Slices<Parsing> {
  if (text.length > SCENARIO_CHARS_MAX) {
    const message = `the file has more than ${SCENARIO_CHARS_MAX} characters`
    return {
      ok: false,
      mistakes: [{ line: 1, column: 1, message, source: '' }],
      mistakesLeftOut: 0,
    }
  }
  return yield* new Parser(text).parse()
}

class Parser {
  readonly #sources: readonly string[]
  readonly #lines: ScenarioLine[] = []
  readonly #mistakes: Mistake[] = []
  #mistakesLeftOut = 0
  #options: Partial<ClusterOptions> = {}
  /** In which line each option stands; the first of them, for latencies. */
  readonly #optionLines = new Map<string, number>()
  #restore: RestoreReader | undefined
  #commands = 0

  constructor(text: string) {
    const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
    // The line break at the end ends a line, it begins none.
    if (lines[lines.length - 1] === '') lines.pop()
    this.#sources = lines
  }

  *parse(): Slices<Parsing> {
    for (const [i, source] of this.#sources.entries()) {
      this.#attempt(i + 1, () => this.#readLine(source, i + 1))
      if (i % SLICE_LINES === 0) yield
    }
    this.#endRestore()
    this.#checkOptions()
    if (this.#mistakes.length > 0) {
      return { ok: false, mistakes: this.#mistakes, mistakesLeftOut: this.#mistakesLeftOut }
    }
    return { ok: true, scenario: { options: this.#options, lines: this.#lines } }
  }

  #attempt(line: number, read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      this.#complain(line, error.column, error.message)
    }
  }

  #complain(line: number, column: number, message: string): void {
    if (this.#mistakes.length >= MISTAKES_MAX) this.#mistakesLeftOut++
    else this.#mistakes.push({ line, column, message, source: this.#sources[line - 1] ?? '' })
  }

  #readLine(source: string, line: number): void {
    const tokens = tokensOf(source)
    const [first] = tokens
    if (!first) {
      const kind = source.trim() === '' ? 'blank' : 'comment'
      this.#lines.push({ kind, line, source })
      return
    }
    if (first.kind === 'word' && first.text === 'restored' && this.#restore) {
      this.#restore.addRecord(tokens, source, line)
      return
    }
    this.#endRestore()
    if (first.kind !== 'word') complain(first, 'a line begins with a command or an option')
    if (Object.hasOwn(OPTIONS, first.text)) this.#readOption(first, tokens, source, line)
    else this.#readCommand(first, tokens, source, line)
  }

  #readOption(first: Word, tokens: readonly Token[], source: string, line: number): void {
    const name = first.text
    const grammar = OPTIONS[name]
    if (!grammar) return
    if (this.#commands > 0) {
      complain(first, `options stand before the first command; ${name} comes too late`)
    }
    const earlier = this.#optionLines.get(name)
    if (earlier !== undefined && name !== 'latency') {
      complain(first, `${name} is given twice, in line ${earlier} too`)
    }
    const [second, third] = tokens.slice(1)
    if (!second) {
      complain({ column: source.length + 1 }, `its value is missing\nexpected: ${grammar.usage}`)
    }
    const last = tokens[tokens.length - 1] ?? second
    const value = source.slice(second.column - 1, last.column - 1 + last.source.length)
    if (name !== 'latency' && third) {
      complain(third, `${third.source} is not expected here\nexpected: ${grammar.usage}`)
    }
    const word: Word = {
      kind: 'word',
      column: second.column,
      source: value,
      text: value,
      quoted: false,
      colon: false,
    }
    this.#options = { ...this.#options, ...grammar.read(word, this.#options) }
    if (earlier === undefined) this.#optionLines.set(name, line)
    this.#lines.push({ kind: 'option', line, source })
  }

  #readCommand(first: Word, tokens: readonly Token[], source: string, line: number): void {
    // An unknown word might have been meant as an option.
    if (isCommandWord(first)) this.#commands++
    if (first.text === 'restore') {
      if (this.#commands > 1) complain(first, 'restore is the first command, or none')
      const { followers } = completeOptions(this.#options)
      this.#restore = new RestoreReader(tokens, source, line, followers)
      return
    }
    this.#lines.push(readCommandLine(tokens, source, line))
  }

  #endRestore(): void {
    const restore = this.#restore
    this.#restore = undefined
    if (restore) this.#lines.push(restore.finish())
  }

  #checkOptions(): void {
    const found = contradiction(completeOptions(this.#options))
    const line = found && this.#optionLines.get(found.option)
    if (found && line !== undefined) this.#complain(line, 1, found.message)
  }
}
