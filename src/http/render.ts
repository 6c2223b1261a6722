// What verbs answer, as JSON: times in ms, records with their text forms, `api` by name. Events and their
// parts are rendered by core/render.ts; the shapes are described to users in answers.ts.

import type { CopyOnItsWay } from '../core/events.ts'
import { type RecordJson, renderRecord } from '../core/record.ts'
import { renderAnswer, renderEvent, renderNode, renderStaleness } from '../core/render.ts'
import { msFromUs } from '../core/units.ts'
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
  RecordPage,
  RepairReadReply,
  ReplicaView,
  WriteFate,
  WriteReply,
} from '../core/verbs.ts'
import type { HttpCluster } from './context.ts'

export class Renderer {
  readonly #cluster: HttpCluster

  constructor(cluster: HttpCluster) {
    this.#cluster = cluster
  }

  readonly write = (reply: WriteReply) => ({
    ...renderRecord(reply.record, this.#cluster.startTimeMs),
    acknowledgedBy: reply.acknowledgedBy,
  })

  readonly quorumWrite = (reply: QuorumWriteReply) => ({
    ...renderRecord(reply.record, this.#cluster.startTimeMs),
    w: reply.w,
    acknowledgedBy: reply.acknowledgedBy,
  })

  readonly read = (reply: ReadReply) => {
    const record: RecordJson = renderRecord(reply.record, this.#cluster.startTimeMs)
    return {
      key: record.key,
      value: record.value,
      version: record.version,
      timestamp: record.timestamp,
      replica: reply.replica,
      role: reply.role,
      staleness: renderStaleness(reply.staleness),
      copy: this.#copy(reply.copy),
    }
  }

  readonly repairRead = (reply: RepairReadReply) => ({
    ...this.read(reply),
    repaired: reply.repaired,
  })

  readonly quorumRead = (reply: QuorumReadReply) => ({
    ...this.repairRead(reply),
    r: reply.r,
    answers: reply.answers.map((answer) => renderAnswer(answer, this.#cluster.startTimeMs)),
  })

  readonly replica = (view: ReplicaView) => {
    const { id, role, state, epoch, appliedOffset, lagVersions, lagUs, keys } = view
    return { id, role, state, epoch, appliedOffset, lagVersions, lagMs: msFromUs(lagUs), keys }
  }

  replicaWithRecords(view: ReplicaView, page: RecordPage, from: number, limit: number) {
    const { startTimeMs } = this.#cluster
    return {
      ...this.replica(view),
      records: page.records.map((record) => renderRecord(record, startTimeMs)),
      page: { from, limit, total: page.total },
    }
  }

  readonly link = (view: LinkView) => ({
    ...view,
    from: renderNode(view.from),
    to: renderNode(view.to),
  })

  linkWithMessages(view: LinkView, messages: readonly MessageView[]) {
    return { ...this.link(view), onTheirWay: messages.map((message) => this.#message(message)) }
  }

  readonly cluster = (view: ClusterView) => ({
    seed: view.seed,
    epoch: view.epoch,
    leader: view.leader,
    clock: this.clock(view.clock),
    replicas: view.replicas.map(this.replica),
    links: view.links.map(this.link),
  })

  readonly clock = (view: ClockView) => ({
    mode: view.mode,
    rate: view.rate,
    nowMs: msFromUs(view.nowUs),
  })

  readonly advance = (reply: AdvanceReply) => ({
    fromMs: msFromUs(reply.fromUs),
    nowMs: msFromUs(reply.nowUs),
    finished: reply.finished,
    events: reply.events.map((event) => renderEvent(event, this.#cluster.startTimeMs)),
    eventsLeftOut: reply.eventsLeftOut,
  })

  readonly failover = (reply: FailoverReply) => ({
    epoch: reply.epoch,
    from: reply.from,
    to: reply.to,
  })

  readonly failovers = (views: readonly FailoverView[]) => ({
    failovers: views.map((view) => ({
      atMs: msFromUs(view.atUs),
      fromEpoch: view.fromEpoch,
      epoch: view.epoch,
      from: view.from,
      to: view.to,
      reason: view.reason,
      leaderlessMs: msFromUs(view.leaderlessUs),
      lost: view.lost.map((fate) => this.#fate(fate)),
      survived: view.survived.map((fate) => this.#fate(fate)),
      lostWorkMs: msFromUs(view.lostWorkUs),
      truncated: view.truncated,
    })),
  })

  #fate(fate: WriteFate) {
    const record = renderRecord(fate.record, this.#cluster.startTimeMs)
    return { record, acknowledgedBy: fate.acknowledgedBy }
  }

  #copy(copy: CopyOnItsWay) {
    return { state: copy.state, dueInMs: this.#dueIn(copy.landsUs) }
  }

  #message(view: MessageView) {
    return {
      message: view.message,
      kind: view.kind,
      record: view.record && renderRecord(view.record, this.#cluster.startTimeMs),
      state: view.state,
      dueMs: msFromUs(view.dueUs),
      dueInMs: this.#dueIn(view.dueUs),
    }
  }

  /** Zero for what is overdue, as held messages may be. */
  #dueIn(atUs: number | null): number | null {
    return atUs === null ? null : msFromUs(Math.max(0, atUs - this.#cluster.nowUs))
  }
}
