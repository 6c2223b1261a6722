// Events, and the parts they are made of, as JSON for the stream, histories and answers: times in ms,
// records with their text forms, `api` by name. Only shapes change here; the words are describe.ts's.
// Problems are rendered where they are answered, in http; views in render-views.ts.

import type { ClusterEvent } from '../events.ts'
import { API, type NodeId, type ReadAnswer, renderStaleness, type StalenessJson } from '../nodes.ts'
import { type RecordJson, renderRecord, type StoredRecord } from '../record.ts'
import { type Microseconds, msFromUs } from '../units.ts'
import { describeEvent } from './describe.ts'
import type { EventGroup, EventLevel } from './event-kinds.ts'

/** A replica's number, or the server's own end. */
export type NodeJson = number | 'api'

export interface ReadAnswerJson {
  readonly replica: number
  readonly role: 'leader' | 'follower'
  readonly record: RecordJson | null
  readonly staleness: StalenessJson
}

/** Any event as JSON: the same fields, in the same order, then its level, its group and its sentence. */
export type EventJson = ClusterEvent extends infer E
  ? E extends ClusterEvent
    ? Json<E>
    : never
  : never

type Json<E> = { readonly [K in keyof E as NameJson<K>]: ValueJson<K, E[K]> } & {
  readonly level: EventLevel
  readonly group: EventGroup
  readonly text: string
}
type NameJson<K> = K extends `${infer Stem}Us` ? `${Stem}Ms` : K
type ValueJson<K, V> = K extends 'from' | 'to'
  ? NodeJson
  : K extends 'groups'
    ? readonly (readonly NodeJson[])[]
    : K extends 'answers'
      ? readonly ReadAnswerJson[]
      : V extends StoredRecord
        ? RecordJson
        : V extends ReadAnswer
          ? ReadAnswerJson
          : V

/** @param startTimeMs when simulated time was zero, in ms since 1970 */
export function renderEvent(event: ClusterEvent, startTimeMs: number): EventJson {
  const json: Record<string, unknown> = {}
  for (const name in event) {
    const value: unknown = event[name as keyof ClusterEvent]
    if (name.endsWith('Us')) json[msName(name)] = renderTime(value as Microseconds | null)
    else if (value === null || typeof value === 'string') json[name] = value
    else json[name] = renderField(name, value, startTimeMs)
  }
  const { level, group, text } = describeEvent(event)
  json.level = level
  json.group = group
  json.text = text
  return json as unknown as EventJson
}

/** Fields are told apart by name: events.ts gives each name one meaning. */
function renderField(name: string, value: unknown, startTimeMs: number): unknown {
  switch (name) {
    case 'record':
      return renderRecord(value as StoredRecord, startTimeMs)
    case 'from':
    case 'to':
      return renderNode(value as NodeId)
    case 'groups':
      return (value as NodeId[][]).map((group) => group.map(renderNode))
    case 'answer':
      return renderAnswer(value as ReadAnswer, startTimeMs)
    case 'answers':
      return (value as ReadAnswer[]).map((answer) => renderAnswer(answer, startTimeMs))
    default:
      return value
  }
}

export function renderNode(node: NodeId): NodeJson {
  return node === API ? 'api' : node
}

export function renderAnswer(answer: ReadAnswer, startTimeMs: number): ReadAnswerJson {
  return {
    replica: answer.replica,
    role: answer.role,
    record: answer.record && renderRecord(answer.record, startTimeMs),
    staleness: renderStaleness(answer.staleness),
  }
}

function renderTime(us: Microseconds | null): number | null {
  return us === null ? null : msFromUs(us)
}

function msName(name: string): string {
  return `${name.slice(0, -2)}Ms`
}
