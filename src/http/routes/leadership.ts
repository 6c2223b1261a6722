// The cluster as a whole: its state, who leads it, and the way back to the start.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import type { Cluster } from '../../core/cluster.ts'
import { ok, type Reply } from '../../core/errors.ts'
import { NUMBER_MAX } from '../../core/text/legal.ts'
import type { LeadershipVerbs } from '../../core/verbs/leadership.ts'
import type { FailoverView } from '../../core/verbs.ts'
import type { Sight } from '../../scenario/replay.ts'
import * as answers from '../answers.ts'
import { clusterInDetail } from '../answers-detail.ts'
import { chapterOf, instantIn, recordingOf } from '../chapter.ts'
import type { Context } from '../context.ts'
import { eventOf } from '../event-id.ts'
import * as fields from '../fields.ts'
import { type FieldError, invalidRequest } from '../problems.ts'
import { lostWritesAsLines } from '../render.ts'
import { type Route, route } from '../route.ts'
import { actRoute } from '../verb-route.ts'

/** One JSON value a line. */
const NDJSON = 'application/x-ndjson'

const clusterQuery = z
  .strictObject({
    event: z.string().optional().meta({
      description: 'The id of an event, as the stream has it.',
      example: 'mbw2xk1c-15',
    }),
    chapter: fields.wholeText(1, NUMBER_MAX).optional().meta({
      description: 'Its number, as GET /chapters has it; the present one unless said.',
      example: 1,
    }),
    at: fields.instantText.optional().meta({
      description: 'An instant of the chapter by its clock, in ms; its end, or now, unless said.',
    }),
    records: fields.wholeText(1, BOUNDS.rowsMax).optional().meta({
      description: 'Rows of each replica.',
      example: 20,
    }),
  })
  .refine(({ event, chapter, at }) => event === undefined || (chapter ?? at) === undefined, {
    error: 'Parameter "event" does not go with "chapter" or "at": it says when by itself.',
  })

const cluster = route({
  method: 'GET',
  path: '/cluster',
  group: 'cluster',
  summary: 'The whole cluster: leader, clock, replicas, and links worth a look.',
  effect: 'none',
  follow: true,
  description:
    'With `event` as it was right after the command, or the due event, from which that event came; with `chapter` or ' +
    '`at`, after all that was done and due by that instant. The recorded session is replayed until then; it is kept up ' +
    'to a bound, which all chapters share. With `records` also what each replica has of that many of the newest keys, ' +
    'held against what clients were told, and what to make of it in a sentence: all that the page shows.',
  example: { path: '/cluster' },
  query: clusterQuery,
  answer: clusterInDetail,
  problems: ['scenario-truncated'],
  handle: ({ query }, exchange) => {
    const { context } = exchange
    const { render, events } = context
    const { records } = query
    const seen = (cluster: Cluster, firstId: number) =>
      records === undefined
        ? render.cluster(cluster.view())
        : render.detailed(cluster.detailedView(records), (id) => `${events.run}-${firstId + id}`)
    const sight = sightOf(query, context)
    if (sight === 'now') return exchange.answer(seen(context.cluster, 0))
    if (!sight.ok) return exchange.decline(sight.problem)
    exchange.hold(() => ({
      abandon: context.lookingBack.begin(
        sight.value,
        (past) => seen(past, sight.value.recording.beginsAt),
        (answer) => exchange.answer(answer),
        (error) => exchange.fail(error),
      ),
    }))
  },
})

/** What of the past is asked for. */
function sightOf(
  { event, chapter, at }: z.output<typeof clusterQuery>,
  context: Context,
): Reply<Sight> | 'now' {
  if (event !== undefined) {
    const moment = eventOf(context, event, 'query')
    return ok({ recording: recordingOf(context, moment), moment })
  }
  if (chapter === undefined && at === undefined) return 'now'
  const asked = chapterOf(context, chapter)
  return context.recorder.recordingUntil(asked, instantIn(context, asked, at))
}

const failover = actRoute('failover', {
  method: 'POST',
  path: '/failover',
  group: 'leadership',
  summary: 'Make a follower the leader of a new epoch.',
  description:
    'Without `to`, the reachable follower with the highest last version; whoever was ordered before and has ' +
    'not been heard of since comes last. One that lags another is refused unless `force` is true: writes ' +
    'would be lost. A paused one takes over when it resumes: until then the answer is `pending`, ' +
    '`/cluster` has no leader, and a newer order makes this one void.',
  effect: 'command',
  durable: true,
  example: { path: '/failover', body: { to: 1 } },
  answer: answers.failover,
  problems: [
    'no-candidate',
    'candidate-behind',
    'candidate-unreachable',
    'wrong-state',
    'write-ahead-failed',
  ],
  render: (render) => render.failover,
})

const failovers = route({
  method: 'GET',
  path: '/failovers',
  group: 'leadership',
  summary: 'Every failover, and the writes it lost.',
  description:
    'Counted when asked: what a deposed leader goes on to acknowledge joins the losses. `lost` was ' +
    'acknowledged and is gone; `survived` was never acknowledged and is there all the same. `lostWorkMs` ' +
    'goes from the first lost write to the failover, or to the last lost write where that came later. ' +
    'GET /failovers/lost gives the lost writes in a form that can be written again.',
  effect: 'none',
  follow: true,
  example: { path: '/failovers' },
  answer: answers.failovers,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(ok(cluster.failovers()), render.failovers)
  },
})

const lostWrites = route({
  method: 'GET',
  path: '/failovers/lost',
  group: 'leadership',
  summary: 'The writes that failovers lost, as JSON lines to write again.',
  description:
    'Oldest first, each line a body for POST /write. To write them all again: ' +
    "`curl -s localhost:8080/failovers/lost | while read -r line; do curl -H 'Content-Type: " +
    'application/json\' -d "$line" localhost:8080/write; done`. Look first whether somebody has written ' +
    'the same keys since: what is written again comes after it.',
  effect: 'none',
  example: { path: '/failovers/lost' },
  query: z.strictObject({
    epoch: fields
      .wholeText(1, NUMBER_MAX)
      .optional()
      .meta({ description: 'Only what the failover to this epoch lost.' }),
  }),
  answerType: NDJSON,
  handle: ({ query: { epoch } }, exchange) => {
    const all = exchange.context.cluster.failovers()
    const chosen = epoch === undefined ? all : all.filter((one) => one.epoch === epoch)
    if (epoch !== undefined && chosen.length === 0) {
      return exchange.refuse(invalidRequest([noSuchFailover(epoch, all)]))
    }
    exchange.answerText(NDJSON, lostWritesAsLines(chosen))
  },
})

function noSuchFailover(epoch: number, all: readonly FailoverView[]): FieldError {
  const what = `Parameter "epoch" is ${epoch}, but no failover on record began that epoch`
  return { in: 'query', field: 'epoch', message: `${what}: ${sayEpochs(all)}.` }
}

function sayEpochs(all: readonly FailoverView[]): string {
  const [first, last] = [all[0], all.at(-1)]
  if (!first || !last) return 'there was none'
  return first === last
    ? `the only one began epoch ${first.epoch}`
    : `they began epochs ${first.epoch} to ${last.epoch}`
}

const reset = actRoute('reset', {
  method: 'POST',
  path: '/reset',
  group: 'cluster',
  summary: 'Back to the start; `?keep=faults` or `?keep=data` keeps that.',
  description:
    'What was written, every fault and setting, and the clock go back. Without `keep` only the events of the ' +
    'stream, the chapters before and the counters in `/metrics` stay, and timestamps begin at the instant of the reset.',
  effect: 'command',
  durable: true,
  example: { path: '/reset' },
  answer: answers.cluster,
  problems: ['write-ahead-failed'],
  place: 'query',
  render: (render) => render.cluster,
})

export const LEADERSHIP_VERBS: { readonly [V in keyof LeadershipVerbs]: Route | null } = {
  failover,
  reset,
  // The write-ahead file's, before the server listens.
  restore: null,
}

export const CLUSTER_ROUTES: readonly Route[] = [cluster, reset]
export const LEADERSHIP_ROUTES: readonly Route[] = [failover, failovers, lostWrites]
