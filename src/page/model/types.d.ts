// The shapes the page's pure modules share. Events and answers are the server's JSON; only their types
// come from core, no code does.

import type { output } from 'zod'
import type { Report } from '../../analysis/verdicts/judge.ts'
import type { NodeJson, ReplicaState, Role } from '../../core/nodes.ts'
import type { Json } from '../../core/output/json.ts'
import type { EventJson } from '../../core/output/render.ts'
import type { DetailedJson, RowJson } from '../../core/output/render-views.ts'
import type { RecordJson } from '../../core/record.ts'
import type { ClockView } from '../../core/verbs.ts'
import type { Call as SaidCall } from '../../http/call.ts'
import type { AskedQuestion, Classroom } from '../../http/class/classroom.ts'
import type { prediction } from '../../http/predictions.ts'

export type { PartJson as StoryPart, ShelfJson, Story } from '../../http/stories/shapes.ts'
export type { RecordJson, ReplicaState, Role }

/** What is undefined is not sent. */
export interface Call extends Omit<SaidCall, 'query'> {
  readonly query?: Readonly<Record<string, string | number | undefined>>
}

export type LabEvent = EventJson
export type EventOf<T extends LabEvent['type']> = Extract<LabEvent, { type: T }>
export type Node = NodeJson
export type ClockJson = Json<ClockView>

export type ViewJson = DetailedJson
export type Asked = AskedQuestion
export type CourseJson = ReturnType<Classroom['view']> & { readonly followers: number }
export type Replica = DetailedJson['replicas'][number]
export type Row = RowJson

export type PredictionJson = output<typeof prediction>

export type ReportJson = Omit<Report, 'deltaMs' | 'k'> & {
  readonly deltaMs: number | 'none' | null
}

export type Fate = 'travelling' | 'held' | 'landed' | 'early' | 'refused' | 'lost'

/** What an event said of it, in its words. */
export interface Told {
  readonly atMs: number
  readonly text: string
}

/** A message, on its way or ended; also an arrow of the diagram. */
export interface Message {
  readonly item: 'message'
  readonly id: number
  readonly kind: 'copy' | 'acknowledgement' | 'announcement' | 'snapshot' | 'request' | 'response'
  readonly from: Node
  readonly to: Node
  readonly client: string | null
  readonly record: RecordJson | null
  readonly request: number | null
  readonly atMs: number
  slot: number
  readonly dueMs: number
  endMs: number | null
  endSlot: number
  fate: Fate
  heldMs: number | null
  readonly told: Told[]
}

/** A write or a read, from its start to its answer. */
export interface Operation {
  readonly item: 'operation'
  readonly request: number
  /** The id of the event with which it began. */
  readonly event: number
  readonly verb: string
  readonly client: string
  readonly key: string
  readonly replicas: readonly number[]
  readonly atMs: number
  readonly slot: number
  record: RecordJson | null
  endMs: number | null
  endSlot: number
  outcome: 'open' | 'done' | 'failed'
  /** Who answered. */
  replica: number | null
  stale: boolean
  /** The message that should have brought what the answer lacked. */
  cause: number | null
  readonly told: Told[]
}

export interface Mark {
  readonly item: 'mark'
  readonly id: number
  readonly atMs: number
  readonly slot: number
  readonly type: LabEvent['type']
  readonly told: readonly Told[]
  /** Lanes it is drawn on; empty is all. */
  readonly replicas: readonly number[]
}

export type Item = Message | Operation | Mark

/** A stretch of one replica's lifeline. */
export interface Span {
  readonly replica: number
  readonly atMs: number
  readonly slot: number
  endMs: number | null
  endSlot: number
  readonly role: Role
  readonly state: ReplicaState
}

export interface LagPoint {
  readonly atMs: number
  readonly slot: number
  readonly versions: number
}

export interface History {
  items: Item[]
  spans: Span[]
  lag: Map<number, LagPoint[]>
  /** The instants at which more than one thing happened: the slot of the first, and of the last. */
  slots: { atMs: number; from: number; slot: number }[]
  slot: number
  lastMs: number
  dropped: number
}

export interface LogLine {
  readonly id: number
  readonly atMs: number
  readonly text: string
  /** Empty where no client asked for it. */
  readonly client: string
  readonly level: LabEvent['level']
  readonly type: LabEvent['type']
  readonly isStale: boolean
}

export interface Model {
  /** The last that was shown; null before the first. */
  view: ViewJson | null
  /** Who has the leader's seat: the newest epoch's leader, running or not. */
  leader: number
  nowMs: number
  clock: { mode: ClockJson['mode']; rate: number }
  /** On their way. */
  messages: Map<number, Message>
  operations: Map<number, Operation>
  history: History
  log: LogLine[]
  /** The operation that ended last. */
  last: Operation | null
  lastFault: Mark | null
  /** Counts changes; a view whose number is old is out of date. */
  changes: number
}
