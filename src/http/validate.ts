// Checks what a request carries against a route's schemas, and tells every fault in a sentence that names
// the field and the limit. The schemas themselves are in fields.ts and routes/.

import { z } from 'zod'
import { quote } from '../core/text/duration.ts'
import { nearestWord } from '../core/text/nearest.ts'
import { BadRequest, type FieldError, invalidRequest } from './problems.ts'

export type Place = 'query' | 'body'

/** Names the other place takes, so that a field sent to the wrong one is told where it belongs. */
export type ElsewhereNames = readonly string[]

const NO_FIELDS = z.strictObject({})

/** The checked input, or a BadRequest that names every wrong field. */
export function validate(
  schema: z.ZodObject | undefined,
  input: unknown,
  place: Place,
  elsewhere: ElsewhereNames = [],
): Record<string, unknown> {
  const result = (schema ?? NO_FIELDS).safeParse(input)
  if (result.success) return result.data
  const names = Object.keys(schema?.shape ?? {})
  const errors = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((name) => unknownField(name, place, names, elsewhere))
      : [fieldError(issue, input, place)],
  )
  throw new BadRequest(invalidRequest(firstOfEach(errors)))
}

/** A second fault of the same field is often the first one in other words. */
function firstOfEach(errors: readonly FieldError[]): readonly FieldError[] {
  const byField = new Map<string, FieldError>()
  for (const error of errors) if (!byField.has(error.field)) byField.set(error.field, error)
  return [...byField.values()]
}

function fieldError(issue: z.core.$ZodIssue, input: unknown, place: Place): FieldError {
  const field = issue.path.map(String).join('.')
  if (field === '') return { in: place, field: '', message: sayWhole(issue) }
  const missing = issue.code === 'invalid_type' && isMissing(input, issue.path)
  const fault = missing ? 'is required' : sayFault(issue)
  return { in: place, field, message: `${sayField(place, field)} ${fault}.` }
}

/** The body as a whole is wrong, or its fields do not go together. */
function sayWhole(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return issue.message
  return `The body must be a JSON object, as in {"key":"user:1"}.`
}

function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  let value = input
  for (const name of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[name]
  return value === undefined
}

function sayField(place: Place, field: string): string {
  return place === 'query' ? `Parameter ${quote(field)}` : `Field ${quote(field)}`
}

function sayFault(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return isOurs(issue) ? issue.message : `must be ${sayType(issue.expected)}`
    case 'too_small':
      return isOurs(issue) ? issue.message : `must be at least ${issue.minimum}${sayUnit(issue)}`
    case 'too_big':
      return `must be at most ${issue.maximum}${sayUnit(issue)}`
    case 'invalid_value':
      return `must be ${sayChoice(issue.values.map((value) => JSON.stringify(value)))}`
    default:
      return issue.message
  }
}

/** Messages of our own finish the sentence; zod's begin with a capital. */
function isOurs(issue: z.core.$ZodIssue): boolean {
  return /^[a-z]/.test(issue.message)
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
}

function sayType(expected: string): string {
  return TYPES[expected] ?? `of type ${expected}`
}

function sayUnit(issue: { readonly origin: string }): string {
  return issue.origin === 'array' ? ' items long' : ''
}

function sayChoice(choices: readonly string[]): string {
  return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`
}

function unknownField(
  name: string,
  place: Place,
  names: readonly string[],
  elsewhere: ElsewhereNames,
): FieldError {
  const what = `${sayField(place, name)} is not known here`
  return { in: place, field: name, message: `${what}${sayInstead(name, place, names, elsewhere)}` }
}

function sayInstead(
  name: string,
  place: Place,
  names: readonly string[],
  elsewhere: ElsewhereNames,
): string {
  if (elsewhere.includes(name)) {
    const there = place === 'query' ? 'the JSON body' : 'the query of the URL'
    return `: it belongs in ${there}.`
  }
  const nearest = nearestWord(name, names)
  if (nearest !== undefined) return `: did you mean ${quote(nearest)}?`
  if (names.length === 0) return ': none is expected.'
  return `: expected ${names.map(quote).join(', ')}.`
}
