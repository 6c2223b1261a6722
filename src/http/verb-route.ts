// A route that does nothing but one verb: what it takes is built from the fields of the verb (core/verbs), and its
// handler calls it. story-call.ts goes the other way, from a command to the call that does the same.

import { z } from 'zod'
import { BOUNDS } from '../core/bounds.ts'
import type { Cluster } from '../core/cluster.ts'
import { invariant } from '../core/errors.ts'
import { jsonName } from '../core/output/json.ts'
import { msFromUs, usFromMs } from '../core/units.ts'
import type { Field, FieldKind } from '../core/verbs/row.ts'
import {
  type ActVerb,
  type AnswerOf,
  type CommandOf,
  fieldsOf,
  type RequestVerb,
  type Verb,
} from '../core/verbs/table.ts'
import type { Exchange } from './exchange.ts'
import * as fields from './fields.ts'
import { linkOf, replicaOf } from './path.ts'
import type { Renderer } from './render.ts'
import { type Input, type Route, type RouteFacts, route } from './route.ts'

const LATENCY_CHARS_MAX = 1_000
/** Every replica, and `api`. */
const NODES_MAX = BOUNDS.followersMax + 2

const NO_FIELDS = z.strictObject({})

interface VerbFacts<V extends Verb> extends Omit<RouteFacts, 'client'> {
  readonly render: (render: Renderer) => (answer: AnswerOf<V>) => unknown
  /** Where its fields stand; in the body unless said. */
  readonly place?: Place
  /** Fields that are the route's own affair, beside those of the verb. */
  readonly beside?: z.ZodRawShape
  /** What must hold of all fields together, and what is said where it does not. */
  readonly check?: readonly [holds: (given: object) => boolean, error: string]
}

type Place = 'query' | 'body'

/** A verb that is answered later. */
export function requestRoute<V extends RequestVerb>(verb: V, facts: VerbFacts<V>): Route {
  return verbRoute(verb, { ...facts, client: true }, (command, exchange, render) =>
    exchange.wait((done) => exchange.context.cluster.ask(command, done), render),
  )
}

/** A verb that is answered at once. */
export function actRoute<V extends ActVerb>(verb: V, facts: VerbFacts<V>): Route {
  return verbRoute(verb, facts, (command, exchange, render) =>
    exchange.reply(exchange.context.cluster.act(command), render),
  )
}

function verbRoute<V extends Verb>(
  verb: V,
  declared: VerbFacts<V> & { readonly client?: boolean },
  call: (
    command: CommandOf<V>,
    exchange: Exchange,
    render: (answer: AnswerOf<V>) => unknown,
  ) => void,
): Route {
  const { render, place = 'body', check, beside = {}, ...facts } = declared
  const commandOf = commandReader(verb, facts.path)
  const schema = schemaOf(verb, place, facts.path).extend(beside)
  const checked = check ? schema.refine(check[0], { error: check[1] }) : schema
  return route({
    ...facts,
    ...(place === 'query' && { query: checked }),
    // A command by POST takes a body, be it an empty one.
    ...(place === 'body' ? { body: checked } : facts.effect === 'command' && { body: NO_FIELDS }),
    handle: (input: Input<z.ZodObject, z.ZodObject>, exchange) => {
      const { cluster, render: renderer } = exchange.context
      call(commandOf(input, input[place], cluster), exchange, render(renderer))
    },
  })
}

/** The fields that do not stand in the path or in a header. */
export function ownFields(verb: Verb, path: string) {
  return fieldsOf(verb).filter(
    ({ name, field }) =>
      field.kind !== 'client' && !path.includes(name === 'replica' ? '{id}' : `{${name}}`),
  )
}

export function schemaOf(verb: Verb, place: Place, path: string): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(
      ownFields(verb, path).map(({ name, field }) => {
        const json = jsonName(name)
        const ofKind = KINDS[field.kind] as ((field: Field, isText: boolean) => z.ZodType) | null
        invariant(ofKind !== null, `a ${field.kind} comes as a field`)
        const given = ofKind(field, place === 'query')
        const schema = field.optional || 'unsaid' in field ? given.optional() : given
        const note = NOTES[json]
        return [json, note ? schema.meta(note) : schema]
      }),
    ),
  )
}

const NOTES: Readonly<Record<string, { description: string; example: unknown }>> = {
  w: { description: 'Acknowledgements to wait for.', example: 2 },
  forMs: { description: 'Undo it after this many milliseconds of simulated time.', example: 500 },
  timeoutMs: {
    description: 'How long to wait, in milliseconds of simulated time.',
    example: 2000,
  },
}

/** What each kind of field has to be, in a body or as text in a query. Null: it does not come as a field. */
const KINDS: {
  readonly [K in FieldKind['kind']]:
    | ((field: Extract<FieldKind, { kind: K }>, isText: boolean) => z.ZodType)
    | null
} = {
  key: () => fields.key,
  value: () => fields.value,
  replica: (_, isText) => (isText ? fields.replicaText : fields.replica),
  replicas: () => fields.replicasText,
  node: () => fields.node,
  groups: () => z.array(z.array(fields.node).max(NODES_MAX)).max(NODES_MAX),
  flag: () => z.boolean(),
  latency: () => z.string().max(LATENCY_CHARS_MAX).nullable(),
  whole: ({ min, max }, isText) => (isText ? fields.wholeText(min, max) : fields.whole(min, max)),
  number: ({ min, max }) => z.number().min(min).max(max),
  duration: ({ minUs, maxUs }) => fields.milliseconds(msFromUs(minUs), maxUs),
  word: ({ words, also = {} }) =>
    words.length === 1 ? z.literal(words) : z.enum([...Object.keys(also), ...words]),
  position: () => z.strictObject({ replica: fields.replica, version: fields.version }),
  client: null,
  records: null,
  log: null,
}

type CommandReader<V extends Verb> = (
  input: Input<z.ZodObject, z.ZodObject>,
  given: Readonly<Record<string, unknown>>,
  cluster: Cluster,
) => CommandOf<V>

/** Makes a command of what a request says; what does not depend on the request is worked out once. */
function commandReader<V extends Verb>(verb: V, path: string): CommandReader<V> {
  const slots = fieldsOf(verb).map((one) => ({ ...one, json: jsonName(one.name) }))
  const hasHow = slots.some(({ inHow }) => inHow)
  const isOfReplica = path.includes('{id}')
  const isOfLink = path.includes('{from}')
  return (input, given, cluster) => {
    const how: Record<string, unknown> = {}
    const command: Record<string, unknown> = hasHow ? { verb, how } : { verb }
    if (isOfReplica) command.replica = replicaOf(input.path, cluster)
    if (isOfLink) Object.assign(command, linkOf(input.path, cluster))
    for (const { name, field, inHow, json } of slots) {
      const value = field.kind === 'client' ? input.client : heldBy(field, given[json])
      if (value !== undefined) (inHow ? how : command)[name] = value
      else if ('unsaid' in field) command[name] = field.unsaid
    }
    // The schema was built from the fields of the command, so it let nothing else through.
    return command as unknown as CommandOf<V>
  }
}

function heldBy(field: Field, given: unknown): unknown {
  if (given === undefined) return undefined
  if (field.kind === 'duration') return usFromMs(given as number)
  return field.kind === 'word' ? (field.also?.[given as string] ?? given) : given
}
