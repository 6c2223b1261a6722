// What a call was given, as a command: the fields of the verb (core/verbs) say what there may be, as they do for routes
// and scenarios. Names and units are those of HTTP; a duration may also be written in words, under its plain name.

import { BOUNDS } from '../core/bounds.ts'
import { API, type NodeId } from '../core/nodes.ts'
import { jsonName } from '../core/output/json.ts'
import { formatDuration, type Parsed, parseDuration, quote } from '../core/text/duration.ts'
import { clientFault, keyFault, valueFault } from '../core/text/legal.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { US_PER_MS, usFromMs } from '../core/units.ts'
import type { Field, FieldKind } from '../core/verbs/row.ts'
import { type CommandOf, fieldsOf, type Verb } from '../core/verbs/table.ts'
import { parseVersion } from '../core/version.ts'

export type Given = Readonly<Record<string, unknown>>

/** What is wrong with it: sentences without their full stops. */
export class WrongCall extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('; '))
    this.faults = faults
  }
}

/**
 * @param targets what stands before the options, by the names of the fields
 * @throws WrongCall that tells all faults
 */
export function commandOf<V extends Verb>(
  verb: V,
  targets: Given,
  options: unknown = {},
): CommandOf<V> {
  if (!isGiven(options)) {
    const hint = verb === 'partition' ? ': the groups are one list, as in [[0], [1, 2]]' : ''
    throw new WrongCall([`the options are ${say(options)}, not an object${hint}`])
  }
  const faults: string[] = []
  const rest = { ...options }
  const target: Record<string, unknown> = {}
  const how: Record<string, unknown> = {}
  let hasHow = false
  for (const { name, field, inHow } of fieldsOf(verb)) {
    hasHow ||= inHow
    const read = name in targets ? only(name, targets[name], field) : take(name, field, rest)
    if (!read.ok) faults.push(read.message.replace(/^us /, 'ms '))
    else if (read.value !== undefined) (inHow ? how : target)[name] = read.value
    else if ('unsaid' in field) target[name] = field.unsaid
  }
  faults.push(...unknownFields(rest, namesOf(verb, targets)))
  if (verb === 'write' && rest.w !== undefined) faults.push('writeWithQuorum waits for w replicas')
  if (faults.length === 0) faults.push(...contradictions(verb, how))
  if (faults.length > 0) throw new WrongCall(faults)
  // The fields are those of the command: their type says so, a loop cannot.
  return { verb, ...target, ...(hasHow && { how }) } as unknown as CommandOf<V>
}

/** Of fields that are fine by themselves. */
function contradictions(verb: Verb, how: Given): string[] {
  if (verb === 'hold' && 'copies' in how && 'key' in how)
    return ['copies and key exclude each other']
  if (verb !== 'set-link') return []
  const settings = Object.keys(how).filter((name) => name !== 'forUs')
  return settings.length > 0 ? [] : ['name a latency, a lossRatio or a duplicateRatio']
}

export function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function unknownFields(given: Given, known: readonly string[]): string[] {
  return Object.keys(given)
    .filter((name) => given[name] !== undefined)
    .map((name) => `there is no field ${quote(name)} here${didYouMean(name, known)}`)
}

/** A duration in words, such as `500ms`, or a number of milliseconds under the name that says so. */
function takeDuration(
  stem: string,
  { minUs, maxUs }: { readonly minUs: number; readonly maxUs: number },
  rest: Record<string, unknown>,
): Parsed<number | undefined> {
  const [inWords, inMs] = [rest[stem], rest[`${stem}Ms`]]
  delete rest[stem]
  delete rest[`${stem}Ms`]
  if (inWords !== undefined && inMs !== undefined) {
    return refuse(`${stem} and ${stem}Ms exclude each other`)
  }
  if (inMs !== undefined) return within(`${stem}Ms`, readMs(`${stem}Ms`, inMs), minUs, maxUs)
  if (inWords === undefined) return { ok: true, value: undefined }
  return within(stem, readDuration(stem, inWords), minUs, maxUs)
}

/** In words. */
export function readDuration(name: string, value: unknown): Parsed<number> {
  if (typeof value !== 'string') {
    return refuse(`${name} must be a duration in words, as in '200ms', not ${say(value)}`)
  }
  const parsed = parseDuration(value, Number.MAX_SAFE_INTEGER)
  return parsed.ok ? parsed : refuse(`${name}: ${parsed.message}`)
}

function readMs(name: string, value: unknown): Parsed<number> {
  const us = typeof value === 'number' ? usFromMs(value) : Number.NaN
  if (us / US_PER_MS === value) return { ok: true, value: us }
  return refuse(`${name} must be milliseconds with at most three decimals, not ${say(value)}`)
}

function within(name: string, read: Parsed<number>, minUs: number, maxUs: number): Parsed<number> {
  if (!read.ok || (read.value >= minUs && read.value <= maxUs)) return read
  return refuse(`${name} must be from ${formatDuration(minUs)} to ${formatDuration(maxUs)}`)
}

function namesOf(verb: Verb, targets: Given): string[] {
  return fieldsOf(verb)
    .filter(({ name, field }) => !(name in targets) && field.kind !== 'client')
    .flatMap(({ name }) => (name.endsWith('Us') ? [stemOf(name), jsonName(name)] : [name]))
}

function stemOf(name: string): string {
  return name.replace(/Us$/, '')
}

/** Takes a field out of the options. */
function take(name: string, field: Field, rest: Record<string, unknown>): Parsed<unknown> {
  if (field.kind === 'duration') return takeDuration(stemOf(name), field, rest)
  const value = rest[name]
  delete rest[name]
  return only(name, value, field)
}

function only(name: string, value: unknown, field: Field): Parsed<unknown> {
  if (value === undefined) {
    const mayBeMissing = field.optional || 'unsaid' in field
    return mayBeMissing ? { ok: true, value } : refuse(`${name} is missing`)
  }
  const ofKind = KINDS[field.kind] as Reader<FieldKind> | null
  if (ofKind === null) return refuse(`${name} is not for calls`)
  const read = ofKind(value, field)
  return read.ok ? read : refuse(`${name} ${read.message}`)
}

type Reader<F extends FieldKind> = (value: unknown, field: F) => Parsed<unknown>

/** What follows the name of a field that is wrong. */
const KINDS: {
  readonly [K in FieldKind['kind']]: Reader<Extract<FieldKind, { kind: K }>> | null
} = {
  key: text(keyFault),
  value: text(valueFault),
  client: text(clientFault),
  replica: readReplica,
  replicas: listOf(readReplica),
  node: readNode,
  groups: listOf(listOf(readNode)),
  flag: (value) => must(typeof value === 'boolean', value, 'must be true or false'),
  latency: (value) =>
    must(
      value === null || typeof value === 'string',
      value,
      "must be a latency, as in 'exponential(50ms)', or null for the default",
    ),
  whole: (value, { min, max }) =>
    must(isWhole(value, min, max), value, `must be a whole number from ${min} to ${max}`),
  number: (value, { min, max }) =>
    must(
      typeof value === 'number' && value >= min && value <= max,
      value,
      `must be a number from ${min} to ${max}`,
    ),
  word: (value, { words, also = {} }) => {
    const word = typeof value === 'boolean' ? String(value) : value
    const known = [...Object.keys(also), ...words]
    const read = must(known.includes(word as string), value, `must be one of ${known.join(', ')}`)
    return read.ok ? { ok: true, value: also[word as string] ?? word } : read
  },
  position: readPosition,
  /** Among options it has two names (takeDuration); before them it stands as microseconds. */
  duration: (value, { minUs, maxUs }) =>
    isWhole(value, minUs, maxUs)
      ? { ok: true, value }
      : refuse(`must be a time from ${formatDuration(minUs)} to ${formatDuration(maxUs)}`),
  records: null,
  log: null,
}

function text(fault: (text: string) => string | undefined) {
  return (value: unknown): Parsed<unknown> => {
    if (typeof value !== 'string') return must(false, value, 'must be a string')
    const message = fault(value)
    return message === undefined ? { ok: true, value } : refuse(message)
  }
}

function readReplica(value: unknown): Parsed<unknown> {
  return must(
    isWhole(value, 0, Number.MAX_SAFE_INTEGER),
    value,
    "must be a replica's number, such as 1",
  )
}

function readNode(value: unknown): Parsed<unknown> {
  if (value === 'api') return { ok: true, value: API }
  return readReplica(value).ok
    ? { ok: true, value }
    : must(false, value, "must be a replica's number or 'api'")
}

function listOf(read: (value: unknown) => Parsed<unknown>) {
  return (value: unknown): Parsed<unknown> => {
    if (!Array.isArray(value) || value.length > BOUNDS.followersMax + 2) {
      return must(false, value, `must be a list of at most ${BOUNDS.followersMax + 2}`)
    }
    const items = value.map(read)
    const wrong = items.find((item) => !item.ok)
    return wrong ?? { ok: true, value: items.map((item) => item.ok && item.value) }
  }
}

function readPosition(value: unknown): Parsed<unknown> {
  const { replica, version, ...rest } = isGiven(value) ? value : { replica: undefined, version: '' }
  const parsed = typeof version === 'string' ? parseVersion(version) : undefined
  if (parsed && readReplica(replica).ok && Object.keys(rest).length === 0) {
    return { ok: true, value: { replica, version: parsed } }
  }
  return must(false, value, "must name both, as in { replica: 1, version: '1.7' }")
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}

function must(holds: boolean, value: unknown, rule: string): Parsed<unknown> {
  return holds ? { ok: true, value } : refuse(`${rule}, not ${say(value)}`)
}

/** Somebody's value in a message, whatever it is. */
export function say(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function refuse(message: string): Parsed<never> {
  return { ok: false, message }
}

/** A node that is no field of a verb. @throws WrongCall */
export function nodeOf(value: unknown): NodeId {
  const read = readNode(value)
  if (read.ok) return read.value as NodeId
  throw new WrongCall([`the node ${read.message}`])
}
