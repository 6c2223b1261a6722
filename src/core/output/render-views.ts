// What verbs answer, as JSON: times in ms, records with their text forms, `api` by name. The routes answer with
// it as it is or with more beside it (http/render.ts), and scenarios expect it (scenario/answers.ts).
// Written out by hand, because rendering is much of the cost of a request; what each makes is typed by json.ts's
// rule. Events are render.ts's.

import {
  type CopyJson,
  renderCopy,
  renderNode,
  renderStaleness,
  type StalenessJson,
} from '../nodes.ts'
import { type RecordJson, renderRecord, type StoredRecord } from '../record.ts'
import { type Microseconds, msFromUs } from '../units.ts'
import type {
  AdvanceReply,
  ClockView,
  ClusterView,
  DetailedView,
  FailoverReply,
  FailoverView,
  Freshness,
  LinkView,
  MessageView,
  QuorumReadReply,
  QuorumWriteReply,
  ReadReply,
  RepairReadReply,
  ReplicaView,
  RowView,
  Sentence,
  WriteFate,
  WriteReply,
} from '../verbs.ts'
import { formatVersion } from '../version.ts'
import { type Json, type JsonBeside, renderAnswer } from './json.ts'

/** The times that rendering needs; asked each time, because simulated time goes on. */
export interface Times {
  /** When simulated time was zero, in ms since 1970. */
  readonly startTimeMs: number
  readonly nowUs: Microseconds
}

/** `dueInMs`: what is left of the time. */
export type MessageJson = Json<MessageView> & { readonly dueInMs: number }

/** Without the events: who shows them renders them. */
type AdvanceJson = Json<Omit<AdvanceReply, 'events' | 'eventsLeftOut'>>

/** The value of a row is cut after so many characters. */
const ROW_CHARS_MAX = 100

export interface RowJson {
  /** Null where there is no record. */
  readonly version: string | null
  /** Longer ones are cut, and end in three dots. */
  readonly value: string | null
  readonly freshness: Freshness
  readonly staleness: StalenessJson
  readonly copy: CopyJson
}

export interface DetailedJson extends Omit<Json<ClusterView>, 'replicas' | 'links'> {
  readonly lastEvent: string
  readonly keys: readonly string[]
  readonly replicas: readonly (Json<ReplicaView> & {
    readonly deposed?: true
    readonly rows: readonly RowJson[]
  })[]
  readonly links: readonly (Json<LinkView> & { readonly held: number })[]
  readonly lostWrites: number
  readonly sentence: Sentence
}

export class ViewRenderer {
  readonly #times: Times

  constructor(times: Times) {
    this.#times = times
  }

  readonly record = (record: StoredRecord): RecordJson =>
    renderRecord(record, this.#times.startTimeMs)

  // What writes and reads answer is put beside the record's own fields: to spread those took longer than all the rest.

  readonly write = ({ record, acknowledgedBy }: WriteReply): JsonBeside<WriteReply> =>
    Object.assign(this.record(record), { acknowledgedBy })

  readonly quorumWrite = ({
    record,
    w,
    acknowledgedBy,
  }: QuorumWriteReply): JsonBeside<QuorumWriteReply> =>
    Object.assign(this.record(record), { w, acknowledgedBy })

  readonly read = (reply: ReadReply): JsonBeside<ReadReply> => {
    const { record, replica, role, staleness, because } = reply
    const copy = renderCopy(reply.copy, this.#times.nowUs)
    const json = { replica, role, staleness: renderStaleness(staleness), copy }
    return Object.assign(this.record(record), because ? { ...json, because } : json)
  }

  readonly repairRead = (reply: RepairReadReply): JsonBeside<RepairReadReply> =>
    Object.assign(this.read(reply), { repaired: reply.repaired })

  readonly quorumRead = (reply: QuorumReadReply): JsonBeside<QuorumReadReply> =>
    Object.assign(this.repairRead(reply), {
      r: reply.r,
      answers: reply.answers.map((answer) => renderAnswer(answer, this.#times.startTimeMs)),
    })

  readonly replica = (view: ReplicaView): Json<ReplicaView> => {
    const { id, role, state, epoch, appliedOffset, lagVersions, lagUs, lagAtLeast, keys } = view
    const lag = { lagVersions, lagMs: msFromUs(lagUs), ...(lagAtLeast && { lagAtLeast }) }
    return { id, role, state, epoch, appliedOffset, ...lag, keys }
  }

  readonly link = (view: LinkView): Json<LinkView> => ({
    ...view,
    from: renderNode(view.from),
    to: renderNode(view.to),
  })

  /** Zero is left of what is overdue, as held messages may be. */
  readonly message = ({ message, kind, record, state, dueUs }: MessageView): MessageJson => ({
    message,
    kind,
    record: record && this.record(record),
    state,
    dueMs: msFromUs(dueUs),
    dueInMs: msFromUs(Math.max(0, dueUs - this.#times.nowUs)),
  })

  readonly clock = ({ mode, rate, nowUs }: ClockView): Json<ClockView> => ({
    mode,
    rate,
    nowMs: msFromUs(nowUs),
  })

  readonly cluster = ({
    seed,
    epoch,
    leader,
    clock,
    replicas,
    links,
    bytes,
    waiting,
  }: ClusterView): Json<ClusterView> => ({
    seed,
    epoch,
    leader,
    clock: this.clock(clock),
    replicas: replicas.map(this.replica),
    links: links.map(this.link),
    bytes,
    waiting,
  })

  /**
   * With values cut, for whoever shows them has no room for more.
   * @param eventId how an event is called
   */
  readonly detailed = (view: DetailedView, eventId: (id: number) => string): DetailedJson => ({
    ...this.cluster(view),
    lastEvent: eventId(view.lastEvent),
    keys: view.keys,
    replicas: view.replicas.map((one) => ({
      ...this.replica(one),
      ...(view.deposed.includes(one.id) && { deposed: true as const }),
      rows: (view.rows[one.id] ?? []).map((row) => rowJson(row, view.clock.nowUs)),
    })),
    links: view.links.map((link, i) => ({ ...this.link(link), held: view.held[i] ?? 0 })),
    lostWrites: view.lostWrites,
    sentence: view.sentence,
  })

  readonly advance = ({ fromUs, nowUs, finished }: AdvanceReply): AdvanceJson => ({
    fromMs: msFromUs(fromUs),
    nowMs: msFromUs(nowUs),
    finished,
  })

  readonly failover = ({ epoch, from, to, pending }: FailoverReply): Json<FailoverReply> => ({
    epoch,
    from,
    to,
    ...(pending && { pending }),
  })

  /** One that is past, with what it cost. */
  readonly pastFailover = (view: FailoverView): Json<FailoverView> => ({
    atMs: msFromUs(view.atUs),
    fromEpoch: view.fromEpoch,
    epoch: view.epoch,
    from: view.from,
    to: view.to,
    reason: view.reason,
    leaderlessMs: msFromUs(view.leaderlessUs),
    lost: view.lost.map(this.#fate),
    survived: view.survived.map(this.#fate),
    lostWorkMs: msFromUs(view.lostWorkUs),
    truncated: view.truncated,
  })

  readonly #fate = ({ record, acknowledgedBy }: WriteFate): Json<WriteFate> => ({
    record: this.record(record),
    acknowledgedBy,
  })
}

/** The time is that of the view, which may be of the past. */
function rowJson({ record, freshness, staleness, copy }: RowView, nowUs: Microseconds): RowJson {
  return {
    version: record && formatVersion(record),
    value: record && cut(record.value),
    freshness,
    staleness: renderStaleness(staleness),
    copy: renderCopy(copy, nowUs),
  }
}

function cut(value: string): string {
  return value.length > ROW_CHARS_MAX ? `${value.slice(0, ROW_CHARS_MAX)}...` : value
}
