// What a verb is on the side of scenarios: how its line is written and read, and what is told of its answer. Most lines
// follow from their usage and the fields of the verb (core/verbs); kinds of fields get their words here.

import { invariant } from '../../core/errors.ts'
import { API, type NodeId } from '../../core/nodes.ts'
import { formatLatency, parseLatency } from '../../core/text/latency-text.ts'
import type { Field, FieldKind } from '../../core/verbs/row.ts'
import { type AnswerOf, type CommandOf, fieldsOf, type Verb } from '../../core/verbs/table.ts'
import type { AnswerRenderer, Fields } from '../answers.ts'
import type { Arguments } from '../arguments.ts'
import {
  complain,
  decimalNumber,
  duration,
  formatWord,
  oneOf,
  type Read,
  readKey,
  readNode,
  readReplica,
  readReplicas,
  readValue,
  wholeNumber,
  writeDuration,
} from '../readers.ts'

export interface Grammar<C> {
  /** What follows three spaces is an explanation. */
  readonly usage: string
  readonly read: (args: Arguments) => C
}

/** What a line was answered, in the words of an expectation, and the fields worth telling behind it. */
export interface Told {
  readonly head: string
  readonly names: readonly string[]
}

export interface Row<V extends Verb> {
  /** Null where the line is another row's (heal-all), or several lines (restore). */
  readonly grammar: Grammar<CommandOf<Verb>> | null
  /** The lines that read back as the same command, without a client and without `&`. */
  readonly write: (command: CommandOf<V>) => readonly string[]
  readonly answer: (render: AnswerRenderer) => (answer: AnswerOf<V>) => Fields
  /** Without it, events have said it already. */
  readonly tell?: (fields: Fields) => Told
}

type Line<V extends Verb> = Pick<Row<V>, 'write'> & { readonly grammar: Grammar<CommandOf<V>> }

/**
 * A line by its usage: `NAME` is a word, `[name]` a flag, `name=VALUE` an option and `[name=VALUE]` one that may be
 * missing. The fields stand in the same order.
 */
export function line<V extends Verb>(
  verb: V,
  usage: string,
  names: readonly string[],
  refuse: (how: Record<string, unknown>) => string | undefined = () => undefined,
): Line<V> {
  const [name = verb, ...pieces] = (usage.split('   ')[0] ?? '').split(' ')
  invariant(pieces.length === names.length, `each word of ${name} has its field`)
  const fields = new Map(fieldsOf(verb).map((found) => [found.name, found]))
  const places = names.map((field, i) => {
    const found = fields.get(field)
    invariant(found !== undefined, `${verb} has a field ${field}`)
    return { ...found, ...placeOf(field, pieces[i] as string, found.field) }
  })
  const hasHow = [...fields.values()].some(({ inHow }) => inHow)
  return {
    grammar: {
      usage,
      read: (args) => {
        const target: Record<string, unknown> = {}
        const how: Record<string, unknown> = {}
        for (const { name, inHow, read } of places) {
          const value = read(args)
          if (value !== undefined) (inHow ? how : target)[name] = value
        }
        const refusal = refuse(how)
        if (refusal !== undefined) args.refuse(refusal)
        // The fields are those of the command: their type says so, a loop cannot.
        return { verb, ...target, ...(hasHow && { how }) } as unknown as CommandOf<V>
      },
    },
    write: (command) => {
      const { how, ...target } = command as { readonly how?: object }
      const given: Readonly<Record<string, unknown>> = { ...target, ...how }
      const words = places.map(({ name, write }) => write(given[name]))
      return [[name, ...words].filter((word) => word !== '').join(' ')]
    },
  }
}

interface Place {
  readonly read: (args: Arguments) => unknown
  /** Nothing where there is nothing to write. */
  readonly write: (value: unknown) => string
}

function placeOf(field: string, piece: string, { unsaid, ...kind }: Field): Place {
  const isOptional = piece.startsWith('[')
  const [name = '', value] = piece.replace(/^\[|\]$/g, '').split('=')
  if (kind.kind === 'flag') {
    return { read: (args) => args.flag(name) || undefined, write: (is) => (is ? name : '') }
  }
  const ofKind = KINDS[kind.kind] as ((field: FieldKind) => KindOfWord) | null
  invariant(ofKind !== null, `a ${kind.kind} is one word of a line`)
  const { read, write } = ofKind(kind) as { read: Read<unknown>; write: (it: unknown) => string }
  if (value === undefined) {
    const what = WHAT[field] ?? `the ${field}`
    return { read: (args) => args.take(what, read), write }
  }
  const optionOf = (args: Arguments) => {
    const it = args.option(name, read)
    return it === undefined ? unsaid : it
  }
  return {
    read: (args) => (isOptional ? optionOf(args) : args.required(name, read)),
    write: (it) => (it === undefined || it === unsaid ? '' : `${name}=${write(it)}`),
  }
}

/** What a word is called when it is missing or wrong. */
const WHAT: Readonly<Record<string, string>> = {
  from: 'the end of the link where it begins',
  to: 'the end of the link where it leads',
  request: 'the number of a request',
}

interface KindOfWord {
  readonly read: Read<unknown>
  readonly write: (value: never) => string
}

/** How each kind of field is written in one word, and read again. Null: not as one word. */
const KINDS: {
  readonly [K in FieldKind['kind']]: ((field: Extract<FieldKind, { kind: K }>) => KindOfWord) | null
} = {
  key: () => ({ read: readKey, write: formatWord }),
  value: () => ({ read: readValue, write: formatWord }),
  replica: () => ({ read: readReplica, write: String }),
  replicas: () => ({ read: readReplicas, write: (all: readonly number[]) => all.join(',') }),
  node: () => ({ read: readNode, write: formatNode }),
  latency: () => ({ read: readLatency, write: writeLatency }),
  whole: ({ min, max }) => ({ read: wholeNumber(min, max), write: String }),
  number: ({ min, max }) => ({ read: decimalNumber(min, max), write: String }),
  duration: ({ minUs, maxUs }) => ({ read: duration(minUs, maxUs), write: writeDuration }),
  word: ({ words, also = {} }) => {
    const read = oneOf(...Object.keys(also), ...words)
    return { read: (word, what) => also[read(word, what)] ?? read(word, what), write: String }
  },
  client: null,
  flag: null,
  groups: null,
  position: null,
  records: null,
  log: null,
}

export function formatNode(node: NodeId): string {
  return node === API ? 'api' : String(node)
}

/** In its canonical spelling; null is the default. */
const readLatency: Read<string | null> = (word, what) => {
  if (word.text === 'default') return null
  const parsed = parseLatency(word.text)
  return parsed.ok ? formatLatency(parsed.value) : complain(word, `${what}: ${parsed.message}`)
}

/** Without the spaces that somebody may have sent. */
function writeLatency(text: string | null): string {
  if (text === null) return 'default'
  const parsed = parseLatency(text)
  return parsed.ok ? formatLatency(parsed.value) : text
}
