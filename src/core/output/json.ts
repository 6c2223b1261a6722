// The one rule by which core values become JSON, as a type and as code: `xUs` becomes `xMs`, a version `e.o`, a
// record its text forms, `API` the word `api`. Everything that leaves the program goes by it: events (render.ts)
// and views (render-views.ts), the log, stories and the page's types.

import {
  type CopyInFlight,
  type CopyJson,
  type IsNode,
  type NodeId,
  type NodeJson,
  type ReadAnswer,
  renderNode,
  renderStaleness,
  type Staleness,
  type StalenessJson,
} from '../nodes.ts'
import { type RecordJson, renderRecord, type StoredRecord } from '../record.ts'
import { type Microseconds, msFromUs } from '../units.ts'
import { formatVersion, type Version } from '../version.ts'

/** What a value of the core looks like as JSON. */
export type Json<T> = T extends StoredRecord
  ? RecordJson
  : T extends Staleness
    ? StalenessJson
    : T extends CopyInFlight
      ? CopyJson
      : T extends Version
        ? string
        : T extends number
          ? IsNode<T> extends true
            ? NodeJson
            : T
          : T extends readonly (infer E)[]
            ? readonly Json<E>[]
            : T extends object
              ? { readonly [K in keyof T as JsonName<K>]: Json<T[K]> }
              : T

/** A value with a record, once the record's own fields stand beside the others. */
export type JsonBeside<T extends { readonly record: StoredRecord }> = RecordJson &
  Json<Omit<T, 'record'>>

type JsonName<K> = K extends 'us' ? 'ms' : K extends `${infer Stem}Us` ? `${Stem}Ms` : K

interface Rule {
  readonly name: string
  /** Absent where the value leaves as it is. */
  readonly render?: (value: never, startTimeMs: number) => unknown
}

/** Code knows no types, so it goes by the names of fields: each has one meaning, in events and in commands. */
const RULES: Record<string, Rule> = {
  us: { name: 'ms', render: msFromUs },
  from: { name: 'from', render: renderNode },
  to: { name: 'to', render: renderNode },
  groups: {
    name: 'groups',
    render: (groups: NodeId[][]) => groups.map((group) => group.map(renderNode)),
  },
  record: { name: 'record', render: renderRecord },
  answer: { name: 'answer', render: renderAnswer },
  answers: {
    name: 'answers',
    render: (answers: ReadAnswer[], startTimeMs) =>
      answers.map((answer) => renderAnswer(answer, startTimeMs)),
  },
  version: { name: 'version', render: (version: Version) => formatVersion(version) },
  until: { name: 'until', render: renderFields },
}

/** Worked out once for each name: events are too many for it. The names are those of our own types. */
function ruleOf(name: string): Rule {
  const rule: Rule = name.endsWith('Us')
    ? { name: `${name.slice(0, -2)}Ms`, render: (us: Microseconds) => msFromUs(us) }
    : { name }
  RULES[name] = rule
  return rule
}

/** What a field of the core is called in JSON. */
export function jsonName(name: string): string {
  return (RULES[name] ?? ruleOf(name)).name
}

/** Puts one field of an event or a command into its JSON. */
export function renderField(
  json: Record<string, unknown>,
  name: string,
  value: unknown,
  startTimeMs: number,
): void {
  if (value === undefined) return
  const { name: jsonName, render } = RULES[name] ?? ruleOf(name)
  // A word stands for itself wherever it stands, and so does null.
  const isPlain = render === undefined || value === null || typeof value === 'string'
  json[jsonName] = isPlain ? value : render(value as never, startTimeMs)
}

/**
 * The fields of an event or a command, in their order; undefined ones are left out.
 * @param startTimeMs when simulated time was zero, in ms since 1970; only records need it
 */
export function renderFields<T extends object>(value: T, startTimeMs: number): Json<T> {
  const json: Record<string, unknown> = {}
  for (const name in value) renderField(json, name, value[name], startTimeMs)
  return json as Json<T>
}

export function renderAnswer(answer: ReadAnswer, startTimeMs: number): Json<ReadAnswer> {
  return {
    replica: answer.replica,
    role: answer.role,
    record: answer.record && renderRecord(answer.record, startTimeMs),
    staleness: renderStaleness(answer.staleness),
  }
}
