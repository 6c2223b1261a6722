// Reads EDN, as far as histories use it: maps, vectors, lists, sets, strings, keywords, symbols and numbers, with
// comments, tags and discarded forms. Keywords keep their colon, so that :a and "a" differ. Not a full
// reader: ratios and characters come out as they are written.

import { excerpt, HistoryMistake } from './mistakes.ts'

export type Edn = string | number | boolean | null | Edn[] | EdnMap | EdnWord
export type EdnMap = Map<string, Edn>

/** A keyword or symbol, and whatever else is no text and no number. */
export class EdnWord {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const DEPTH_MAX = 64
const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** A whole text, form after form. */
export class EdnReader {
  readonly #text: string
  #at = 0
  #line: number
  #depth = 0

  /** @param line the number of its first line */
  constructor(text: string, line = 1) {
    this.#text = text
    this.#line = line
  }

  get line(): number {
    return this.#line
  }

  /** Whether anything but blanks and comments is left. */
  get hasMore(): boolean {
    this.#skip()
    return this.#at < this.#text.length
  }

  /** Steps into a list or vector around everything, so that a long history is not built twice. */
  open(): string | undefined {
    this.#skip()
    const char = this.#text[this.#at]
    if (char !== '[' && char !== '(') return undefined
    this.#at++
    return CLOSERS[char]
  }

  closes(closer: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== closer) return false
    this.#at++
    return true
  }

  /** @throws HistoryMistake */
  form(): Edn {
    this.#skip()
    const char = this.#text[this.#at]
    if (char === undefined) throw this.#cutShort()
    if (char === '"') return this.#string()
    if (char === '{') return this.#map()
    if (char === '[' || char === '(') return this.#list()
    if (char === '#') return this.#tagged()
    return this.#word()
  }

  #skip(): void {
    for (;;) {
      const char = this.#text[this.#at]
      if (char === '\n') this.#line++
      if (char === ';') this.#comment()
      else if (char === ' ' || char === '\n' || char === ',' || char === '\t' || char === '\r') {
        this.#at++
      } else if (char === '#' && this.#text[this.#at + 1] === '_') {
        this.#at += 2
        this.form()
      } else return
    }
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end === -1 ? this.#text.length : end
  }

  #list(): Edn[] {
    const closer = CLOSERS[this.#text[this.#at] as string] as string
    this.#at++
    return this.#until(closer)
  }

  #until(closer: string): Edn[] {
    if (++this.#depth > DEPTH_MAX) throw this.#mistake('it is nested too deep')
    const items: Edn[] = []
    while (!this.closes(closer)) items.push(this.form())
    this.#depth--
    return items
  }

  #map(): EdnMap {
    this.#at++
    const items = this.#until('}')
    if (items.length % 2 === 1) throw this.#mistake('a map has a key without a value')
    const map: EdnMap = new Map()
    for (let i = 0; i < items.length; i += 2)
      map.set(printEdn(items[i] as Edn), items[i + 1] as Edn)
    return map
  }

  /** `#{…}` is a set; `#inst "…"` and `#jepsen.history.Op{…}` are what follows them. */
  #tagged(): Edn {
    this.#at++
    if (this.#text[this.#at] === '{') {
      this.#at++
      return this.#until('}')
    }
    this.#word()
    return this.form()
  }

  #string(): string {
    let end = this.#at + 1
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length) throw this.#cutShort()
      if (this.#text[end] === '\\') end++
    }
    const source = this.#text.slice(this.#at, end + 1)
    this.#at = end + 1
    for (const char of source) if (char === '\n') this.#line++
    try {
      return JSON.parse(source.replaceAll('\n', '\\n').replaceAll('\t', '\\t')) as string
    } catch {
      throw this.#mistake(`this text cannot be read: ${excerpt(source)}`)
    }
  }

  #word(): Edn {
    const word = /[^\s,;"(){}[\]]*/y
    word.lastIndex = this.#at
    const text = word.exec(this.#text)?.[0] ?? ''
    if (text === '') throw this.#mistake(`${excerpt(this.#text[this.#at] ?? '')} is out of place`)
    this.#at += text.length
    if (text === 'nil') return null
    if (text === 'true') return true
    if (text === 'false') return false
    if (/^[-+]?\d+N?$/.test(text)) {
      const number = Number.parseInt(text, 10)
      return Number.isSafeInteger(number) ? number : new EdnWord(text)
    }
    return /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?M?$/.test(text)
      ? Number.parseFloat(text)
      : new EdnWord(text)
  }

  #cutShort(): HistoryMistake {
    return this.#mistake('the file ends inside a form', 'It was cut short: record it again')
  }

  #mistake(message: string, remedy = 'This is no EDN that can be read here'): HistoryMistake {
    return new HistoryMistake(this.#line, message, remedy)
  }
}

/** As text that tells forms apart; a text without its quotes. */
export function printEdn(form: Edn): string {
  if (form === null) return 'nil'
  if (form instanceof EdnWord) return form.text
  if (Array.isArray(form)) return `[${form.map(printEdn).join(' ')}]`
  if (form instanceof Map) {
    return `{${[...form].map(([key, value]) => `${key} ${printEdn(value)}`).join(', ')}}`
  }
  return String(form)
}
