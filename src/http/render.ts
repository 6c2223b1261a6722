// What routes answer beyond what the verbs do: pages, lists that belong to a view, and what failovers cost in
// words and in lines. The views themselves are core/render-views.ts's; the shapes are described to users in
// answers.ts.

import { renderEvent } from '../core/output/render.ts'
import { type Times, ViewRenderer } from '../core/output/render-views.ts'
import { count, escapeActing } from '../core/text/say.ts'
import { sayMs } from '../core/units.ts'
import type {
  AdvanceReply,
  FailoverView,
  LinkView,
  MessageView,
  RecordPage,
  ReplicaView,
} from '../core/verbs.ts'
import { compareVersions } from '../core/version.ts'

export class Renderer extends ViewRenderer {
  /** Asked each time: a full reset begins at another instant. */
  readonly #times: Times

  constructor(times: Times) {
    super(times)
    this.#times = times
  }

  replicaWithRecords(view: ReplicaView, page: RecordPage, from: number, limit: number) {
    return {
      ...this.replica(view),
      records: page.records.map(this.record),
      page: { from, limit, total: page.total },
    }
  }

  linkWithMessages(view: LinkView, messages: readonly MessageView[]) {
    return { ...this.link(view), onTheirWay: messages.map(this.message) }
  }

  readonly advanceWithEvents = (reply: AdvanceReply) => ({
    ...this.advance(reply),
    events: reply.events.map((event) => renderEvent(event, this.#times.startTimeMs)),
    eventsLeftOut: reply.eventsLeftOut,
  })

  readonly failovers = (views: readonly FailoverView[]) => ({
    failovers: views.map((view) => ({
      ...this.pastFailover(view),
      lostWrites: view.lost.length,
      survivedWrites: view.survived.length,
      text: sayFailover(view),
    })),
  })
}

/**
 * What failovers lost, one line a write, each of them a body for POST /write. In the order of versions, which
 * is the one in which replicas take writes for newer: written again, the lines end with the newest values.
 */
export function lostWritesAsLines(failovers: readonly FailoverView[]): string {
  return failovers
    .flatMap((failover) => failover.lost.map((fate) => fate.record))
    .sort(compareVersions)
    .map(({ key, value }) => `${escapeActing(JSON.stringify({ key, value }))}\n`)
    .join('')
}

function sayFailover(view: FailoverView): string {
  const { fromEpoch, epoch, atUs, from, to, reason, leaderlessUs, truncated } = view
  const how =
    from === to ? `replica ${to} leads again` : `replica ${to} took over from replica ${from}`
  const costs = [`nobody led for ${sayMs(leaderlessUs)}`, sayLost(view), saySurvived(view)]
  const more = truncated ? ' Older writes were forgotten before anyone asked: it may be more.' : ''
  return `Failover ${fromEpoch} → ${epoch} at ${sayMs(atUs)}: ${how} (${reason}); ${costs.join('; ')}.${more}`
}

function sayLost({ lost, lostWorkUs }: FailoverView): string {
  const work = lost.length > 0 ? ` (${sayMs(lostWorkUs)} of work)` : ''
  return `${count(lost.length, 'acknowledged write')} lost${work}`
}

function saySurvived({ survived }: FailoverView): string {
  return `${count(survived.length, 'unacknowledged write')} survived`
}
