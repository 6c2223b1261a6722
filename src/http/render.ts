// What routes answer beyond what the verbs do: pages, and lists that belong to a view. The views themselves are
// core/render-views.ts's; the shapes are described to users in answers.ts.

import { renderEvent } from '../core/render.ts'
import { ViewRenderer } from '../core/render-views.ts'
import type {
  AdvanceReply,
  FailoverView,
  LinkView,
  MessageView,
  RecordPage,
  ReplicaView,
} from '../core/verbs.ts'
import type { HttpCluster } from './context.ts'

export class Renderer extends ViewRenderer {
  readonly #startTimeMs: number

  constructor(cluster: HttpCluster) {
    super(cluster)
    this.#startTimeMs = cluster.startTimeMs
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
    events: reply.events.map((event) => renderEvent(event, this.#startTimeMs)),
    eventsLeftOut: reply.eventsLeftOut,
  })

  readonly failovers = (views: readonly FailoverView[]) => ({
    failovers: views.map(this.pastFailover),
  })
}
