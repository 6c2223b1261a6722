// The chapters of a lab: each of them from its start or a reset to the next reset. A suite that resets between its
// tests finds every test here again, and GET /cluster shows any instant of it.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import { timestampOf } from '../../core/record.ts'
import { msFromUs } from '../../core/units.ts'
import type { KeptChapter } from '../../scenario/kept-sessions.ts'
import type { Context } from '../context.ts'
import * as fields from '../fields.ts'
import { type Route, route } from '../route.ts'
import { nameSchemas } from '../schemas.ts'

const LIMIT_DEFAULT = 100

const event = z.string().nullable()

const chapter = z.strictObject({
  number: z.int().meta({ description: 'Counted from 1 since the start of the lab.' }),
  begunBy: z.enum(['start', 'reset', 'reset keep=faults', 'reset keep=data']),
  beganAt: z.string().meta({ description: 'As timestamps of records are, ISO 8601.' }),
  fromMs: z.number().meta({ description: 'By the clock, which a full reset alone sets back.' }),
  toMs: z.number().meta({ description: 'Its end, or the present.' }),
  isOver: z.boolean(),
  isKept: z.boolean().meta({
    description: 'False: the session became too long, and no instant of it can be shown again.',
  }),
  firstEvent: event.meta({ description: 'Its id; null where nothing has happened.' }),
  lastEvent: event,
  staleReads: z.int().meta({
    description:
      'Reads whose answer says `because`: with less than clients had been told of, a step back, or what was lost.',
  }),
  firstStaleRead: event.meta({
    description: 'The id of the event in which the first of them ended.',
  }),
})

const chapters = z.strictObject({ chapters: z.array(chapter) })
nameSchemas({ Chapter: chapter, Chapters: chapters })

const list = route({
  method: 'GET',
  path: '/chapters',
  group: 'cluster',
  summary: 'The times between resets: when each was, what began it, and its stale reads.',
  description:
    'A chapter goes from the start or a reset to the next reset; the newest comes last. Earlier ones are kept within ' +
    'the bound of the recording, the oldest dropped first. GET /cluster?chapter=N&at=MS shows any instant of one.',
  effect: 'none',
  example: { path: '/chapters' },
  query: z.strictObject({
    limit: fields
      .wholeText(1, BOUNDS.chaptersMax)
      .optional()
      .meta({
        description: `How many of the newest to show; ${LIMIT_DEFAULT} unless said.`,
      }),
  }),
  answer: chapters,
  handle: ({ query: { limit = LIMIT_DEFAULT } }, exchange) => {
    const { context } = exchange
    const shown = context.recorder.chapters().slice(-limit)
    exchange.answer({ chapters: shown.map((one) => rowOf(one, context)) })
  },
})

const BEGUN_BY = {
  nothing: 'reset',
  faults: 'reset keep=faults',
  data: 'reset keep=data',
} as const

function rowOf(
  { number, keep, startTimeMs, fromUs, toUs, isOver, isKept, staleReads, ...ids }: KeptChapter,
  { events }: Context,
): z.output<typeof chapter> {
  const id = (event: number | null) => (event === null ? null : `${events.run}-${event}`)
  return {
    number,
    begunBy: keep === null ? 'start' : BEGUN_BY[keep],
    beganAt: timestampOf(fromUs, startTimeMs),
    fromMs: msFromUs(fromUs),
    toMs: msFromUs(toUs),
    isOver,
    isKept,
    firstEvent: id(ids.firstEvent),
    lastEvent: id(ids.lastEvent),
    staleReads,
    firstStaleRead: id(ids.firstStaleRead),
  }
}

export const CHAPTER_ROUTES: readonly Route[] = [list]
