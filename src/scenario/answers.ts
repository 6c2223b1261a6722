// What a command was answered, in one shape for all of them: the fields that its route would answer with, or
// the problem. Expectations look at it, the trace shows it.

import type { Report } from '../analysis/verdicts/judge.ts'
import { renderReport } from '../analysis/verdicts/report.ts'
import { VERDICT_NAMES } from '../analysis/verdicts/verdict.ts'
import { ERRORS, type Problem, type Reply } from '../core/errors.ts'
import type { Staleness } from '../core/nodes.ts'
import { type Times, ViewRenderer } from '../core/output/render-views.ts'
import { msFromUs } from '../core/units.ts'
import type {
  FailoverView,
  MessageView,
  QuorumReadReply,
  QuorumWriteReply,
  ReadReply,
  RecordPage,
  RepairReadReply,
  WriteReply,
} from '../core/verbs.ts'

export type Fields = Readonly<Record<string, unknown>>

export type Answer =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly fields: Fields; readonly problem: Problem }

export function answerOf<T>(reply: Reply<T>, render: (value: T) => Fields): Answer {
  if (reply.ok) return { ok: true, fields: render(reply.value) }
  const { code, detail, outcome, facts } = reply.problem
  return { ok: false, fields: { code, detail, outcome, ...facts }, problem: reply.problem }
}

/** Where scenarios see more than the routes answer; for the rest there are `views`. */
export class AnswerRenderer {
  readonly views: ViewRenderer

  constructor(times: Times) {
    this.views = new ViewRenderer(times)
  }

  readonly write = (reply: WriteReply): Fields => ({
    outcome: 'applied',
    ...this.views.write(reply),
  })

  readonly quorumWrite = (reply: QuorumWriteReply): Fields => ({
    outcome: 'applied',
    ...this.views.quorumWrite(reply),
  })

  readonly read = (reply: ReadReply): Fields => ({
    ...this.views.read(reply),
    staleness: wholeStaleness(reply.staleness),
  })

  readonly repairRead = (reply: RepairReadReply): Fields => ({
    ...this.views.repairRead(reply),
    staleness: wholeStaleness(reply.staleness),
  })

  readonly quorumRead = (reply: QuorumReadReply): Fields => ({
    ...this.views.quorumRead(reply),
    staleness: wholeStaleness(reply.staleness),
    answeredBy: reply.answers.map((answer) => answer.replica),
  })

  readonly records = ({ records }: RecordPage): Fields => ({
    records: records.map(this.views.record),
  })

  readonly messages = (messages: readonly MessageView[]): Fields => ({
    onTheirWay: messages.map(this.views.message),
  })

  /** `lost` and `survived` once more for all of them together: what a story wants to say of them. */
  readonly failovers = (views: readonly FailoverView[]): Fields => {
    const failovers = views.map(this.views.pastFailover)
    const lost = failovers.flatMap((failover) => failover.lost)
    return { failovers, lost, survived: failovers.flatMap((failover) => failover.survived) }
  }

  /** Each verdict under its name as well: `read-your-writes=violated`. */
  readonly verdicts = (report: Report): Fields => ({
    ...Object.fromEntries(VERDICT_NAMES.map((name) => [name, report.verdicts[name].verdict])),
    ...renderReport(report),
  })
}

/** All four facts, where JSON answers leave out what is not so: an expectation may ask for it. */
function wholeStaleness({ versions, us, diverged, atLeast }: Staleness): Fields {
  return { versions, ms: msFromUs(us), diverged, atLeast }
}

/** The fields that answers and problems may have, for hints when one is misspelt. */
export const FIELDS: readonly string[] = [
  ...['key', 'value', 'version', 'origin', 'timestamp', 'outcome', 'code', 'detail'],
  ...['acknowledgedBy', 'w', 'required', 'missing', 'reachable', 'followers'],
  ...['replica', 'role', 'staleness.versions', 'staleness.ms', 'staleness.diverged'],
  ...[
    'staleness.atLeast',
    'copy.state',
    'copy.dueInMs',
    'because.cause',
    'repaired',
    'r',
    'answers',
  ],
  ...['answeredBy', 'silent', 'replicas', 'leader', 'lastLeader', 'mostAdvanced', 'state'],
  ...[
    'from',
    'to',
    'epoch',
    'pending',
    'ordered',
    'nowMs',
    'fromMs',
    'finished',
    'mode',
    'rate',
    'seed',
    'clock.mode',
  ],
  ...[
    'clock.rate',
    'clock.nowMs',
    'links',
    'id',
    'appliedOffset',
    'lagVersions',
    'lagMs',
    'lagAtLeast',
  ],
  ...['keys', 'records', 'messages', 'latency', 'lossRatio', 'duplicateRatio', 'holding.copies'],
  ...['holding.key', 'onTheirWay', 'failovers', 'lost', 'survived'],
  ...['keysMax', 'waitingMax', 'commandsMax', 'request'],
  ...[...VERDICT_NAMES, 'deltaMs', 'k', 'staleness.reads', 'staleness.stale', 'staleness.mostMs'],
  ...['staleness.mostVersions', 'operations', 'clients', 'sinceMs'],
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
