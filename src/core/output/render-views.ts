// What verbs answer, as JSON: times in ms, records with their text forms, `api` by name. The routes answer with
// it as it is or with more beside it (http/render.ts), and scenarios expect it (scenario/answers.ts).
// Written out by hand, because rendering is much of the cost of a request; what each makes is typed by json.ts's
// rule. Events are render.ts's.

import { renderCopy, renderNode, renderStaleness } from '../nodes.ts'
import { type RecordJson, renderRecord, type StoredRecord } from '../record.ts'
import { type Microseconds, msFromUs } from '../units.ts'
import type {
  AdvanceReply,
  ClockView,
  ClusterView,
  FailoverReply,
  FailoverView,
  LinkView,
  MessageView,
  QuorumReadReply,
  QuorumWriteReply,
  ReadReply,
  RepairReadReply,
  ReplicaView,
  WriteFate,
  WriteReply,
} from '../verbs.ts'
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

export class ViewRenderer {
  readonly #times: Times

  constructor(times: Times) {
    this.#times = times
  }

  readonly record = (record: StoredRecord): RecordJson =>
    renderRecord(record, this.#times.startTimeMs)

  readonly write = ({ record, acknowledgedBy }: WriteReply): JsonBeside<WriteReply> => ({
    ...this.record(record),
    acknowledgedBy,
  })

  readonly quorumWrite = ({
    record,
    w,
    acknowledgedBy,
  }: QuorumWriteReply): JsonBeside<QuorumWriteReply> => ({
    ...this.record(record),
    w,
    acknowledgedBy,
  })

  readonly read = ({
    record,
    replica,
    role,
    staleness,
    copy,
  }: ReadReply): JsonBeside<ReadReply> => ({
    ...this.record(record),
    replica,
    role,
    staleness: renderStaleness(staleness),
    copy: renderCopy(copy, this.#times.nowUs),
  })

  readonly repairRead = (reply: RepairReadReply): JsonBeside<RepairReadReply> => ({
    ...this.read(reply),
    repaired: reply.repaired,
  })

  readonly quorumRead = (reply: QuorumReadReply): JsonBeside<QuorumReadReply> => ({
    ...this.repairRead(reply),
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
