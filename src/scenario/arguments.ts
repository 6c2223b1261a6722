// What follows a command's name: words in order, `name=value` pairs in any order. A verb of the grammar takes
// what it knows, and `end` complains about the rest. Every complaint shows how the command is written.

import { didYouMean } from '../core/text/nearest.ts'
import { LineError, type Pair, type Token, type Word } from './lexer.ts'
import { complain, type Read } from './readers.ts'

export class Arguments {
  readonly #usage: string
  readonly #words: Word[] = []
  readonly #pairs = new Map<string, Pair>()
  /** Where the line ends: what is missing is missing there. */
  readonly #endColumn: number
  /** The options the verb asked for. */
  readonly #known: string[] = []

  constructor(tokens: readonly Token[], usage: string, endColumn: number) {
    this.#usage = usage
    this.#endColumn = endColumn
    for (const token of tokens) {
      if (token.kind === 'word') this.#words.push(token)
      else if (token.kind === 'pair') this.#addPair(token)
    }
  }

  get hasWords(): boolean {
    return this.#words.length > 0
  }

  /** The next word, which must be there. */
  take<T>(what: string, read: Read<T>): T {
    const word = this.#words.shift()
    if (word) return this.#read(word, what, read)
    return this.#complain({ column: this.#endColumn }, `${what} is missing`)
  }

  option<T>(name: string, read: Read<T>): T | undefined {
    this.#known.push(name)
    const pair = this.#pairs.get(name)
    this.#pairs.delete(name)
    return pair && this.#read(pair.value, name, read)
  }

  /** An option without which the command means nothing. */
  required<T>(name: string, read: Read<T>): T {
    const value = this.option(name, read)
    if (value !== undefined) return value
    return this.#complain({ column: this.#endColumn }, `${name} is missing`)
  }

  /** A word that is there or not, such as `force`. */
  flag(name: string): boolean {
    this.#known.push(name)
    const index = this.#words.findIndex((word) => !word.quoted && word.text === name)
    if (index >= 0) this.#words.splice(index, 1)
    return index >= 0
  }

  /** Nothing may be left. */
  end(): void {
    const [word] = this.#words
    const [pair] = this.#pairs.values()
    const name = pair?.name ?? word?.text ?? ''
    const hint = didYouMean(name, this.#known)
    if (pair) this.#complain(pair, `there is no option ${name} here${hint}`)
    if (word) this.#complain(word, `${word.source} is not expected here${hint}`)
  }

  /** What is wrong with the arguments as a whole. */
  refuse(message: string): never {
    return this.#complain({ column: this.#endColumn }, message)
  }

  #addPair(pair: Pair): void {
    if (pair.not) complain(pair, '!= may only follow ->, where it says what is not so')
    if (this.#pairs.has(pair.name)) complain(pair, `${pair.name} is given twice`)
    this.#pairs.set(pair.name, pair)
  }

  #read<T>(word: Word, what: string, read: Read<T>): T {
    try {
      return read(word, what)
    } catch (error) {
      if (error instanceof LineError) return this.#complain(error, error.message)
      throw error
    }
  }

  #complain(at: { readonly column: number }, message: string): never {
    return complain(at, `${message}\nexpected: ${this.#usage}`)
  }
}
