// What a line says after its `->`, and whether an answer is that.
//
//   -> Jessica             the value that a read brings back
//   -> "key-not-found"     a JSON string is always a value
//   -> key-not-found       a bare word that is a problem's code is that problem
//   -> applied             likewise an outcome: applied, not-applied or unknown. `applied` means, for any
//                          command but a read, that it was done
//   -> not Jessica         anything but that
//   -> Jessica replica=1 staleness.versions!=0   fields of the answer, alone or behind the above; lists
//                          are written 0,2 and nothing at all is `none`

import { ERRORS, type ErrorCode, type Outcome } from '../core/errors.ts'
import { didYouMean, nearestWord } from '../core/text/nearest.ts'
import { escapeActing } from '../core/text/say.ts'
import { type Answer, CODES, FIELDS, fieldOf, writeField } from './answers.ts'
import type { Pair, Token, Word } from './lexer.ts'
import { complain, PLAIN, readValue } from './readers.ts'

export interface FieldCheck {
  readonly name: string
  readonly not: boolean
  readonly text: string
}

export type ExpectedResult =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'code'; readonly code: ErrorCode }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }

export interface Expectation {
  /** As it stands in the file. */
  readonly source: string
  readonly result: ExpectedResult | null
  /** The result is what it must not be. */
  readonly not: boolean
  readonly fields: readonly FieldCheck[]
}

const OUTCOMES: readonly string[] = ['applied', 'not-applied', 'unknown'] satisfies Outcome[]

/** How an expectation is told apart from a value that looks the same. */
function isCodeOrOutcome(text: string): boolean {
  return Object.hasOwn(ERRORS, text) || OUTCOMES.includes(text)
}

/** @param isRead only a read brings back a value, and only it has no outcome */
export function readExpectation(
  tokens: readonly Token[],
  source: string,
  isRead: boolean,
  endColumn: number,
): Expectation {
  const words = tokens.filter((token) => token.kind === 'word')
  const not = words[0]?.source === 'not'
  const [word, surplus] = not ? words.slice(1) : words
  const ampersand = tokens.find((token) => token.kind === 'ampersand')
  if (ampersand) complain(ampersand, '& stands before the ->')
  if (surplus) {
    complain(surplus, 'after the first word only fields may follow, as in version=1.1')
  }
  const fields = tokens.filter((token) => token.kind === 'pair').map(readField)
  if (!word && (not || fields.length === 0)) {
    const what = isRead ? 'a value, a problem' : 'applied, a problem'
    complain({ column: endColumn }, `what is expected is missing: ${what} or a field`)
  }
  return { source, result: word ? readResult(word, isRead) : null, not, fields }
}

function readResult(word: Word, isRead: boolean): ExpectedResult {
  const { text, quoted } = word
  if (!quoted && Object.hasOwn(ERRORS, text)) return { kind: 'code', code: text as ErrorCode }
  if (!quoted && OUTCOMES.includes(text)) {
    if (!isRead) return { kind: 'outcome', outcome: text as Outcome }
    complain(
      word,
      `a read has no outcome; if it is the value, write ${escapeActing(JSON.stringify(text))}`,
    )
  }
  if (!isRead) {
    const hint = didYouMean(text, [...CODES, ...OUTCOMES])
    complain(word, `this command answers no value: expected is applied or a problem${hint}`)
  }
  const nearest = quoted || !text.includes('-') ? undefined : nearestWord(text, CODES)
  if (nearest !== undefined) {
    const quotes = escapeActing(JSON.stringify(text))
    complain(word, `did you mean the problem ${nearest}? If it is the value, write ${quotes}`)
  }
  return { kind: 'value', value: readValue(word, 'the value') }
}

function readField(pair: Pair): FieldCheck {
  const { name, not, value } = pair
  if (!FIELDS.includes(name)) {
    complain(pair, `no answer has a field ${name}${didYouMean(name, FIELDS)}`)
  }
  if (value.source === '') complain(pair, `${name} of what? Nothing at all is written ${name}=none`)
  // Nothing else can stand here, so no quotes are needed but for spaces.
  return { name, not, text: value.text }
}

/** @returns why the answer is not what was expected; undefined when it is */
export function mismatch(expectation: Expectation, answer: Answer): string | undefined {
  const { result, not, fields } = expectation
  if (result) {
    const expected = writeResult(result)
    const is = matches(result, answer)
    if (is && not) return `expected anything but ${expected}`
    if (!is && !not) return `expected ${expected}, but it is ${sayResult(result, answer)}`
  }
  for (const check of fields) {
    const why = fieldMismatch(check, answer)
    if (why !== undefined) return why
  }
  return undefined
}

function matches(result: ExpectedResult, answer: Answer): boolean {
  switch (result.kind) {
    case 'value':
      return answer.ok && answer.fields.value === result.value
    case 'code':
      return !answer.ok && answer.problem.code === result.code
    case 'outcome':
      return outcomeOf(answer) === result.outcome
  }
}

function outcomeOf(answer: Answer): string {
  return answer.ok ? 'applied' : answer.problem.outcome
}

/** What the answer is, in the words of the expectation that it fails. */
function sayResult(expected: ExpectedResult, answer: Answer): string {
  if (answer.ok) {
    const { value, outcome } = answer.fields
    return value === undefined || outcome !== undefined ? 'applied' : writeValue(String(value))
  }
  const { code, outcome } = answer.problem
  return expected.kind === 'outcome' ? `${outcome} (${code})` : code
}

function fieldMismatch({ name, not, text }: FieldCheck, answer: Answer): string | undefined {
  const field = fieldOf(answer.fields, name)
  if (!field) return `expected ${name}, which this answer does not have`
  const is = writeField(field.value, name)
  const equal = is === text || (typeof field.value === 'number' && field.value === Number(text))
  if (equal !== not) return undefined
  return `expected ${name}${not ? '!=' : '='}${text}, but it is ${is}`
}

function writeResult(result: ExpectedResult): string {
  switch (result.kind) {
    case 'value':
      return writeValue(result.value)
    case 'code':
      return result.code
    case 'outcome':
      return result.outcome
  }
}

/** A value as an expectation writes it. */
export function writeValue(value: string): string {
  const bare = PLAIN.test(value) && !isCodeOrOutcome(value) && value !== 'not'
  const misleading = bare && value.includes('-') && nearestWord(value, CODES) !== undefined
  return bare && !misleading ? value : escapeActing(JSON.stringify(value))
}
