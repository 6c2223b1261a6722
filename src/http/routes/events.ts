// The event stream: what happens, as it happens, as server-sent events.

import type { Request } from 'express'
import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import { EVENT_TYPES } from '../../core/output/event-kinds.ts'
import { quote } from '../../core/text/duration.ts'
import { nearestWord } from '../../core/text/nearest.ts'
import { classFull } from '../class/classroom.ts'
import { isFollower } from '../class/follower.ts'
import { type LastSeen, readEventId } from '../event-id.ts'
import { wholeText } from '../fields.ts'
import { BadRequest, type FieldError, httpProblem, invalidRequest } from '../problems.ts'
import { type Route, route } from '../route.ts'

const stream = route({
  method: 'GET',
  path: '/events',
  group: 'operations',
  summary: 'The event stream (server-sent events), resumable by Last-Event-ID.',
  description:
    'One message an event; its data is JSON with `id`, `type`, `atMs`, the fields of that type, a ' +
    '`level` (debug, info or warn), a `group` and a sentence in `text`. Without `Last-Event-ID` it begins with what happens next; `Last-Event-ID: 0` ' +
    'begins with the oldest event still kept. The id of a message tells the run of the server too, ' +
    'as in `mbw2xk1c-15`. A message of type `missed` names events that were dropped before they could ' +
    'be sent; its `toId` is null when they were of an earlier run. A reader that takes nothing for seconds is cut off. ' +
    'With `views` there are messages of type `view` in between, without an id: what `GET /cluster?records=` answers, ' +
    'at most ten a second, each with the id of the last event that it includes; and, while a class is open, of type ' +
    '`class`: what `GET /class` answers, and `null` when it ends or moves.',
  effect: 'none',
  follow: true,
  example: { path: '/events?types=copy-applied,record-repaired' },
  query: z.strictObject({
    types: z
      .string()
      .optional()
      .meta({
        description: `Only these events, with commas between them: ${EVENT_TYPES.join(', ')}.`,
        example: 'copy-applied,record-repaired',
      }),
    lastEventId: z
      .string()
      .optional()
      .meta({ description: 'For those who cannot send the header Last-Event-ID.', example: '0' }),
    views: wholeText(1, BOUNDS.rowsMax)
      .optional()
      .meta({ description: 'Views too, with so many rows of each replica.', example: 20 }),
  }),
  answerType: 'text/event-stream',
  problems: ['too-many-streams', 'class-full'],
  handle: ({ query }, exchange) => {
    const { context, req } = exchange
    const { classes, events } = context
    const follows = isFollower(req)
    const request = {
      after: lastSeen(req, query.lastEventId),
      types: typesOf(query),
      rows: query.views ?? null,
      follows,
    }
    if (req.method !== 'HEAD' && events.isFull) {
      const detail = `All ${events.streams} event streams are taken: close one and try again.`
      return exchange.refuse(httpProblem('too-many-streams', detail))
    }
    if (follows && events.followers >= BOUNDS.classFollowersMax) return exchange.refuse(classFull())
    exchange.stream((res) => {
      events.open(res, request, classes.message(context))
      if (!follows) return
      classes.tellSoon(context)
      res.once('close', () => classes.tellSoon(context))
    })
  },
})

/** The header wins: a browser sends it by itself when it comes back to the same URL. */
function lastSeen(req: Request, parameter: string | undefined): LastSeen | undefined {
  const header = req.headers['last-event-id']
  const text = typeof header === 'string' ? header : parameter
  if (text === undefined || text === '') return undefined
  const seen = readEventId(text)
  if (seen) return seen
  const place = text === header ? 'header' : 'query'
  const name = place === 'header' ? 'Last-Event-ID' : 'lastEventId'
  const message = `${name} must be the id of an event, such as mbw2xk1c-15, or its number alone, not ${quote(text)}.`
  throw new BadRequest(invalidRequest([{ in: place, field: name, message }]))
}

function typesOf(query: { readonly types?: string | undefined }): ReadonlySet<string> | undefined {
  if (query.types === undefined) return undefined
  const types = new Set(query.types.split(','))
  const errors = [...types].filter((type) => !EVENT_TYPES.includes(type)).map(unknownType)
  if (errors.length > 0) throw new BadRequest(invalidRequest(errors))
  return types
}

function unknownType(type: string): FieldError {
  const nearest = nearestWord(type, EVENT_TYPES)
  const hint = nearest ? `did you mean ${quote(nearest)}?` : 'GET /docs lists them all.'
  return { in: 'query', field: 'types', message: `There is no event ${quote(type)}: ${hint}` }
}

export const EVENT_ROUTES: readonly Route[] = [stream]
