// All verbs in one table, and what follows from it: a command is one verb as it was given. A verb without its row,
// here or on any other side, does not compile.

import type { Done, Reply } from '../errors.ts'
import type { Microseconds } from '../units.ts'
import type { Ticket } from '../verbs.ts'
import { CLOCK, type ClockVerbs } from './clock.ts'
import { ABANDON, type DataVerbs, REQUESTS, type RequestVerbs } from './data.ts'
import { LEADERSHIP, type LeadershipVerbs } from './leadership.ts'
import { NETWORK, type NetworkVerbs } from './network.ts'
import { REPLICAS, type ReplicaVerbs } from './replicas.ts'
import type { ActRow, Field, Fields } from './row.ts'

interface ActVerbs extends ClockVerbs, ReplicaVerbs, NetworkVerbs, LeadershipVerbs {}
interface Vocabulary extends DataVerbs, ActVerbs {}

export type Verb = keyof Vocabulary
export type RequestVerb = keyof RequestVerbs
/** One that acts at the present instant. */
export type ActVerb = keyof ActVerbs

export type CommandOf<V extends Verb> = {
  readonly [W in V]: { readonly verb: W } & Vocabulary[W]['given']
}[V]
export type AnswerOf<V extends Verb> = Vocabulary[V]['answer']

/**
 * One command as it was given, for those who record sessions. `request` numbers the writes and reads,
 * so that an `abandon` can say which of them it ended.
 */
export type Command = CommandOf<Verb>
/** One that gets a number, and an answer later. */
export type Request = CommandOf<RequestVerb>

/** Takes commands as data. `Cluster` also has a method for each verb. */
export interface Commanded {
  /** Runs a verb that gets a number; `done` is told when it ends. */
  ask<V extends RequestVerb>(command: CommandOf<V>, done: Done<AnswerOf<V>>): Ticket
  /** Runs a verb that acts at the present instant. */
  act<V extends ActVerb>(command: CommandOf<V>): Reply<AnswerOf<V>>
}

/** Told of each command at the instant it runs, before it does. */
export type CommandListener = (command: Command, atUs: Microseconds) => void

export const ACTS: { readonly [V in ActVerb]: ActRow<Vocabulary[V]> } = {
  ...CLOCK,
  ...REPLICAS,
  ...NETWORK,
  ...LEADERSHIP,
}

/** The fields of every verb, in the shape of its command. */
const VERBS: {
  readonly [V in Verb]: { readonly fields: Fields<Vocabulary[V]['given']> }
} = { ...REQUESTS, abandon: ABANDON, ...ACTS }

export function isRequest(command: { readonly verb: string }): command is Request {
  return Object.hasOwn(REQUESTS, command.verb)
}

export interface NamedField {
  readonly name: string
  readonly field: Field
  /** It stands in the command's `how`. */
  readonly inHow: boolean
}

export function fieldsOf(verb: Verb): readonly NamedField[] {
  const { how = {}, ...target }: Readonly<Record<string, unknown>> = { ...VERBS[verb].fields }
  const list = (fields: unknown, inHow: boolean) =>
    Object.entries(fields as Record<string, Field>).map(([name, field]) => ({ name, field, inHow }))
  return [...list(target, false), ...list(how, true)]
}
