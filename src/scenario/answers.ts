// What a command was answered, in one shape for all of them: the fields that its route would answer with, or
// the problem. Expectations look at it, the trace shows it.

import { ERRORS, type Problem, type Reply } from '../core/errors.ts'
import type { Staleness } from '../core/events.ts'
import { renderCopy } from '../core/on-its-way.ts'
import { renderRecord } from '../core/record.ts'
import { renderAnswer, renderNode } from '../core/render.ts'
import { msFromUs } from '../core/units.ts'
import type {
  AdvanceReply,
  ClockView,
  ClusterView,
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

export type Fields = Readonly<Record<string, unknown>>

export type Answer =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly fields: Fields; readonly problem: Problem }

export const NOTHING_TO_SAY: Answer = { ok: true, fields: {} }

export function answerOf<T>(reply: Reply<T>, render: (value: T) => Fields): Answer {
  if (reply.ok) return { ok: true, fields: render(reply.value) }
  const { code, detail, outcome, facts } = reply.problem
  return { ok: false, fields: { code, detail, outcome, ...facts }, problem: reply.problem }
}

/** The times that rendering needs. */
export interface Times {
  readonly startTimeMs: number
  readonly nowUs: number
}

export class AnswerRenderer {
  readonly #times: Times

  /** @param times asked each time, because simulated time goes on */
  constructor(times: Times) {
    this.#times = times
  }

  readonly write = ({ record, acknowledgedBy }: WriteReply): Fields => ({
    outcome: 'applied',
    ...renderRecord(record, this.#times.startTimeMs),
    acknowledgedBy: [...acknowledgedBy],
  })

  readonly quorumWrite = (reply: QuorumWriteReply): Fields => ({
    ...this.write(reply),
    w: reply.w,
  })

  readonly read = ({ record, replica, role, staleness, copy }: ReadReply): Fields => ({
    ...renderRecord(record, this.#times.startTimeMs),
    replica,
    role,
    staleness: wholeStaleness(staleness),
    copy: renderCopy(copy, this.#times.nowUs),
  })

  readonly repairRead = (reply: RepairReadReply): Fields => ({
    ...this.read(reply),
    repaired: [...reply.repaired],
  })

  readonly quorumRead = (reply: QuorumReadReply): Fields => ({
    ...this.repairRead(reply),
    r: reply.r,
    answeredBy: reply.answers.map((answer) => answer.replica),
    answers: reply.answers.map((answer) => renderAnswer(answer, this.#times.startTimeMs)),
  })

  readonly clock = ({ mode, rate, nowUs }: ClockView): Fields => ({
    mode,
    rate,
    nowMs: msFromUs(nowUs),
  })

  readonly advance = ({ fromUs, nowUs, finished }: AdvanceReply): Fields => ({
    fromMs: msFromUs(fromUs),
    nowMs: msFromUs(nowUs),
    finished,
  })

  readonly cluster = ({ seed, epoch, leader, clock, replicas, links }: ClusterView): Fields => ({
    seed,
    epoch,
    leader,
    clock: this.clock(clock),
    replicas: replicas.map(this.replica),
    links: links.map(this.link),
  })

  readonly replica = ({ lagUs, ...view }: ReplicaView): Fields => ({
    ...view,
    lagMs: msFromUs(lagUs),
  })

  readonly records = ({ records }: RecordPage): Fields => ({
    records: records.map((record) => renderRecord(record, this.#times.startTimeMs)),
  })

  readonly link = (view: LinkView): Fields => ({
    ...view,
    from: renderNode(view.from),
    to: renderNode(view.to),
  })

  readonly messages = (messages: readonly MessageView[]): Fields => ({
    onTheirWay: messages.map(({ message, kind, record, state, dueUs }) => ({
      message,
      kind,
      record: record && renderRecord(record, this.#times.startTimeMs),
      state,
      dueMs: msFromUs(dueUs),
    })),
  })

  /** `lost` and `survived` once more for all of them together: what a story wants to say of them. */
  readonly failovers = (views: readonly FailoverView[]): Fields => {
    const failovers = views.map(({ atUs, leaderlessUs, lostWorkUs, lost, survived, ...view }) => ({
      ...view,
      atMs: msFromUs(atUs),
      leaderlessMs: msFromUs(leaderlessUs),
      lost: lost.map(this.#fate),
      survived: survived.map(this.#fate),
      lostWorkMs: msFromUs(lostWorkUs),
    }))
    const lost = failovers.flatMap((failover) => failover.lost)
    return { failovers, lost, survived: failovers.flatMap((failover) => failover.survived) }
  }

  readonly #fate = ({ record, acknowledgedBy }: WriteFate) => ({
    record: renderRecord(record, this.#times.startTimeMs),
    acknowledgedBy: [...acknowledgedBy],
  })
}

/** All four facts, where JSON answers leave out what is not so: an expectation may ask for it. */
function wholeStaleness({ versions, us, diverged, atLeast }: Staleness): Fields {
  return { versions, ms: msFromUs(us), diverged, atLeast }
}

/** The fields that answers and problems may have, for whoever misspells one. */
export const FIELDS: readonly string[] = [
  ...['key', 'value', 'version', 'timestamp', 'outcome', 'code', 'detail'],
  ...['acknowledgedBy', 'w', 'required', 'missing', 'reachable', 'followers'],
  ...['replica', 'role', 'staleness.versions', 'staleness.ms', 'staleness.diverged'],
  ...['staleness.atLeast', 'copy.state', 'copy.dueInMs', 'repaired', 'r', 'answers'],
  ...['answeredBy', 'silent', 'replicas', 'leader', 'lastLeader', 'mostAdvanced', 'state'],
  ...['from', 'to', 'epoch', 'nowMs', 'fromMs', 'finished', 'mode', 'rate', 'seed', 'clock.mode'],
  ...['clock.rate', 'clock.nowMs', 'links', 'id', 'appliedOffset', 'lagVersions', 'lagMs'],
  ...['keys', 'records', 'messages', 'latency', 'lossRatio', 'duplicateRatio', 'holding.copies'],
  ...['holding.key', 'onTheirWay', 'failovers', 'lost', 'survived'],
  ...['keysMax', 'waitingMax', 'commandsMax', 'request'],
]

export const CODES = Object.keys(ERRORS)

/** `staleness.versions` of an answer; undefined where there is no such field. */
export function fieldOf(fields: Fields, path: string): { readonly value: unknown } | undefined {
  let value: unknown = fields
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Fields)[name]
  }
  return { value }
}

/** Lists of which only the length is of interest to an expectation. */
const COUNTED = ['answers', 'failovers', 'links', 'lost', 'onTheirWay', 'records', 'survived']

/** As an expectation writes it: `0,2` for a list of replicas, and `none` for nothing. */
export function writeField(value: unknown, path: string): string {
  if (value === null || value === undefined) return 'none'
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : `${value}`
  if (COUNTED.includes(path)) return String(value.length)
  const items = value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : `${one}`))
  return items.length === 0 ? 'none' : items.join(',')
}
