// What verbs answer, as JSON: times in ms, records with their text forms, `api` by name. The routes answer with
// it as it is or with more beside it (http/render.ts), and scenarios expect it (scenario/answers.ts).
// Events and the parts they share with answers are render.ts's.

import { renderCopy, renderStaleness } from '../nodes.ts'
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
import { renderAnswer, renderNode } from './render.ts'

/** The times that rendering needs; asked each time, because simulated time goes on. */
export interface Times {
  /** When simulated time was zero, in ms since 1970. */
  readonly startTimeMs: number
  readonly nowUs: Microseconds
}

export class ViewRenderer {
  readonly #times: Times

  constructor(times: Times) {
    this.#times = times
  }

  readonly record = (record: StoredRecord): RecordJson =>
    renderRecord(record, this.#times.startTimeMs)

  readonly write = ({ record, acknowledgedBy }: WriteReply) => ({
    ...this.record(record),
    acknowledgedBy,
  })

  readonly quorumWrite = ({ record, w, acknowledgedBy }: QuorumWriteReply) => ({
    ...this.record(record),
    w,
    acknowledgedBy,
  })

  readonly read = ({ record, replica, role, staleness, copy }: ReadReply) => ({
    ...this.record(record),
    replica,
    role,
    staleness: renderStaleness(staleness),
    copy: renderCopy(copy, this.#times.nowUs),
  })

  readonly repairRead = (reply: RepairReadReply) => ({
    ...this.read(reply),
    repaired: reply.repaired,
  })

  readonly quorumRead = (reply: QuorumReadReply) => ({
    ...this.repairRead(reply),
    r: reply.r,
    answers: reply.answers.map((answer) => renderAnswer(answer, this.#times.startTimeMs)),
  })

  readonly replica = (view: ReplicaView) => {
    const { id, role, state, epoch, appliedOffset, lagVersions, lagUs, keys } = view
    return { id, role, state, epoch, appliedOffset, lagVersions, lagMs: msFromUs(lagUs), keys }
  }

  readonly link = (view: LinkView) => ({
    ...view,
    from: renderNode(view.from),
    to: renderNode(view.to),
  })

  /** Zero is left of what is overdue, as held messages may be. */
  readonly message = ({ message, kind, record, state, dueUs }: MessageView) => ({
    message,
    kind,
    record: record && this.record(record),
    state,
    dueMs: msFromUs(dueUs),
    dueInMs: msFromUs(Math.max(0, dueUs - this.#times.nowUs)),
  })

  readonly clock = ({ mode, rate, nowUs }: ClockView) => ({ mode, rate, nowMs: msFromUs(nowUs) })

  readonly cluster = ({ seed, epoch, leader, clock, replicas, links }: ClusterView) => ({
    seed,
    epoch,
    leader,
    clock: this.clock(clock),
    replicas: replicas.map(this.replica),
    links: links.map(this.link),
  })

  /** Without the events: whoever shows them renders them. */
  readonly advance = ({ fromUs, nowUs, finished }: AdvanceReply) => ({
    fromMs: msFromUs(fromUs),
    nowMs: msFromUs(nowUs),
    finished,
  })

  readonly failover = ({ epoch, from, to }: FailoverReply) => ({ epoch, from, to })

  /** One of the ledger. */
  readonly pastFailover = (view: FailoverView) => ({
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

  readonly #fate = ({ record, acknowledgedBy }: WriteFate) => ({
    record: this.record(record),
    acknowledgedBy,
  })
}
