// What a row of the verbs is made of: the fields of its command, each with its kind and bounds, and what it runs. The
// schemas of routes and the words of scenarios are built from the fields. The rows lie beside, by subject.

import { BOUNDS } from '../bounds.ts'
import type { Clock } from '../clock.ts'
import type { Emitter } from '../emitter.ts'
import type { Done, Problem, Reply } from '../errors.ts'
import type { Protocol } from '../protocol.ts'
import type { Microseconds } from '../units.ts'
import type { Ticket } from '../verbs.ts'

/** A kind of field that says everything by its name. */
type PlainKind =
  | 'key'
  | 'value'
  | 'client'
  | 'replica'
  | 'replicas'
  /** A replica, or the server's own end. */
  | 'node'
  /** Lists of nodes. */
  | 'groups'
  | 'flag'
  /** In the words of `--latency`; null is the default. */
  | 'latency'
  /** A replica and the version that it is to have. */
  | 'position'
  | 'records'
  /** The last offset and the epoch table of a log. */
  | 'log'

export type FieldKind =
  | { readonly kind: PlainKind }
  | { readonly kind: 'whole' | 'number'; readonly min: number; readonly max: number }
  /** In core its name ends in `Us`, in JSON in `Ms`, and in scenarios it is the plain word. */
  | { readonly kind: 'duration'; readonly minUs: Microseconds; readonly maxUs: Microseconds }
  | {
      readonly kind: 'word'
      readonly words: readonly string[]
      /** Other words for some of them. */
      readonly also?: Readonly<Record<string, string>>
    }

export type Field = FieldKind & {
  readonly optional?: true
  /** What a command holds where nothing is said. */
  readonly unsaid?: unknown
}

/** What a verb is given, besides its name, and what it answers. */
export interface Says<Given, Answer> {
  readonly given: Given
  readonly answer: Answer
}

type KeysOf<T> = T extends unknown ? keyof T : never

/** A field for each part of a command, in the command's own shape. */
export type Fields<Given> = {
  readonly [K in Exclude<KeysOf<Given>, 'how'>]: Field
} & (Given extends { readonly how: infer How }
  ? { readonly how: { readonly [K in KeysOf<How>]: Field } }
  : unknown)

/** What a verb works on. A reset brings a new protocol. */
export interface Workings {
  protocol: Protocol
  readonly clock: Clock
  readonly emitter: Emitter
  /** When simulated time was zero, in ms since 1970. */
  startTimeMs: number
}

/** A verb that acts at the present instant. */
export interface ActRow<S extends Says<unknown, unknown>> {
  readonly fields: Fields<S['given']>
  /** Why it is no command at all: then nobody records it. */
  readonly refuse?: (given: S['given']) => Problem | undefined
  /** What it returns is called once all that falls due at this instant has run, and gives the answer. */
  readonly run: (workings: Workings, given: S['given']) => () => Reply<S['answer']>
}

/** A verb that gets a number, and an answer when simulated time has brought it. */
export interface RequestRow<S extends Says<{ readonly how: unknown }, unknown>> {
  readonly fields: Fields<S['given']>
  readonly start: (protocol: Protocol, how: S['given']['how'], done: Done<S['answer']>) => Ticket
}

export const KEY: Field = { kind: 'key' }
export const VALUE: Field = { kind: 'value' }
export const CLIENT: Field = { kind: 'client', optional: true }
export const REPLICA: Field = { kind: 'replica' }
export const NODE: Field = { kind: 'node' }
export const FLAG: Field = { kind: 'flag', optional: true }
export const RATIO: Field = { kind: 'number', min: 0, max: 1, optional: true }
/** After which a fault undoes itself. */
export const FOR: Field = { ...duration(1, BOUNDS.advanceUsMax), optional: true }
/** Acknowledgements, or answers. */
export const QUORUM: Field = { ...whole(1, BOUNDS.followersMax + 1), optional: true }

export function whole(min: number, max: number): FieldKind {
  return { kind: 'whole', min, max }
}

export function duration(minUs: Microseconds, maxUs: Microseconds): FieldKind {
  return { kind: 'duration', minUs, maxUs }
}

export function optional(field: FieldKind): Field {
  return { ...field, optional: true }
}
