// Reads the query of a URL. Stricter than what Express brings: a parameter may stand once, and escapes must
// be well-formed UTF-8, because a guess here would read or write another key than the one meant.

import { quote } from '../core/text/duration.ts'
import { BadRequest, type FieldError, invalidRequest } from './problems.ts'

export type Query = Record<string, string>

/** What stands behind the `?`; undefined when there is none. */
export function queryText(url: string): string | undefined {
  const mark = url.indexOf('?')
  return mark === -1 ? undefined : url.slice(mark + 1)
}

/** Parses `a=1&b=two%20words`. `+` is a space, as forms and curl's --data-urlencode have it. */
export function parseQuery(text: string): Query {
  const query: Query = {}
  let errors: FieldError[] | undefined
  let start = 0
  while (start < text.length) {
    let end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end > start) {
      const error = readPair(query, text.slice(start, end))
      if (error) {
        errors ??= []
        errors.push(error)
      }
    }
    start = end + 1
  }
  if (errors) throw new BadRequest(invalidRequest(errors))
  return query
}

function readPair(query: Query, pair: string): FieldError | undefined {
  const equals = pair.indexOf('=')
  const rawName = equals === -1 ? pair : pair.slice(0, equals)
  const name = decode(rawName)
  const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
  if (name === undefined || value === undefined) return badEscape(name ?? rawName)
  if (Object.hasOwn(query, name)) return repeated(name)
  // `__proto__` is a name like any other.
  if (name === '__proto__') Object.defineProperty(query, name, { value, enumerable: true })
  else query[name] = value
  return undefined
}

function decode(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

function badEscape(name: string): FieldError {
  const message =
    `Parameter ${quote(name)} is not well-formed: a percent sign must be followed by the ` +
    'hexadecimal digits of UTF-8 text, and is itself written %25.'
  return { in: 'query', field: name, message }
}

function repeated(name: string): FieldError {
  const message = `Parameter ${quote(name)} is given more than once: give it once.`
  return { in: 'query', field: name, message }
}
