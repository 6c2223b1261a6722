// A class: its presenter opens it for his lab, shows where he stands and asks; others follow by its link, and vote.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import { classNotFound, noClass } from '../class/classes.ts'
import { isFollower } from '../class/follower.ts'
import { sayReach } from '../class/reach.ts'
import type { Context } from '../context.ts'
import type { Exchange } from '../exchange.ts'
import { BadRequest } from '../problems.ts'
import { type Route, route } from '../route.ts'
import { nameSchemas } from '../schemas.ts'

const { classCharsMax, classChoicesMax } = BOUNDS
const text = z.string().max(classCharsMax)
const number = z.int().min(0)

const asked = z.strictObject({
  text,
  choices: z.array(text).min(1).max(classChoicesMax),
  open: z.boolean().meta({ description: 'Votes are taken.' }),
  right: number
    .nullable()
    .meta({ description: 'The right choice, from 0; null until it may be known.' }),
})

const shown = z.strictObject({
  lesson: text.nullable().meta({ description: 'What it is called.' }),
  step: number.meta({ description: 'From 1; 0 before the first.' }),
  steps: number,
  caption: text.meta({ description: 'What is said at this step.' }),
  question: asked.nullable(),
})

const classView = shown.extend({
  question: asked
    .extend({
      number: number.meta({ description: 'To vote with.' }),
      votes: z.array(number).meta({ description: 'For each choice.' }),
    })
    .nullable(),
  followers: number.meta({ description: 'Who has the stream open by the link.' }),
})

const opened = z.strictObject({
  token: z.string(),
  links: z.array(z.string()).meta({ description: 'For others, the best first.' }),
  reach: z.string().meta({ description: 'Who can use them, and what they open.' }),
})

nameSchemas({ Class: classView, OpenedClass: opened })

const open = route({
  method: 'POST',
  path: '/class',
  group: 'class',
  summary: 'Open a class for this lab, and get the link by which others follow.',
  description:
    'Below the link, `/follow/{token}/`, are the page for those who follow, and `GET /cluster`, `/replicas/{id}`, ' +
    '`/links/{from}/{to}`, `/failovers`, `/clock`, `/events` and `/class` of this lab, and `POST /class/vote`; ' +
    'everything else answers 403 there. A lab has one class: asked again, this answers with the same link. With the ' +
    '`token` of an open class it moves here from its lab, with all who follow; a token can also be chosen.',
  effect: 'command',
  example: { path: '/class', body: { token: 'k7m2qx9r4w' } },
  body: z.strictObject({
    token: z
      .string()
      .regex(/^[0-9a-z]{10,64}$/, { error: 'must be 10 to 64 letters a to z and digits' })
      .optional()
      .meta({ pattern: '^[0-9a-z]{10,64}$', description: 'By default a random one.' }),
  }),
  answer: opened,
  problems: ['wrong-state'],
  handle: ({ body }, exchange) => {
    const { context, req } = exchange
    const found = context.classes.open(context, body.token)
    if ('code' in found) return exchange.refuse(found)
    const { token } = found
    exchange.answer({ token, ...sayReach(context.reach, req, token) })
  },
})

const look = route({
  method: 'GET',
  path: '/class',
  group: 'class',
  summary: 'What the class is shown, and how it votes.',
  description:
    'The event stream brings the same, as messages of type `class`, to those who want `views`.',
  effect: 'none',
  follow: true,
  example: { path: '/class' },
  answer: classView,
  problems: ['class-not-found'],
  handle: (_input, exchange) => answerView(exchange),
})

const show = route({
  method: 'PUT',
  path: '/class',
  group: 'class',
  summary: 'Show the class where its presenter stands, and what is asked.',
  description:
    'In place of what was shown before. A question keeps its votes while lesson, step, text and choices stay.',
  effect: 'command',
  example: {
    path: '/class',
    body: {
      lesson: 'A read that comes too early',
      step: 1,
      steps: 3,
      caption: 'The copy to replica 1 takes 200 ms.',
      question: {
        text: 'What does replica 1 answer right after the write?',
        choices: ['Jessica', 'That it has no such key.'],
        open: true,
        right: null,
      },
    },
  },
  body: shown,
  answer: classView,
  problems: ['class-not-found'],
  handle: ({ body }, exchange) => {
    const { context } = exchange
    classOf(context).room.show(body)
    context.classes.tell(context)
    answerView(exchange)
  },
})

const end = route({
  method: 'DELETE',
  path: '/class',
  group: 'class',
  summary: 'End the class: its link leads nowhere from then on.',
  effect: 'command',
  example: { path: '/class' },
  answer: classView,
  problems: ['class-not-found'],
  handle: (_input, exchange) => {
    const { context } = exchange
    answerView(exchange)
    context.classes.close(context)
  },
})

const vote = route({
  method: 'POST',
  path: '/class/vote',
  group: 'class',
  summary:
    'Vote on what is asked, once for each voter: a later vote takes the place of the earlier.',
  effect: 'command',
  follow: true,
  example: { path: '/class/vote', body: { voter: 'f3a9c1d27b', question: 1, choice: 1 } },
  body: z.strictObject({
    voter: z
      .string()
      .regex(/^[\w-]{8,64}$/, {
        error: 'must be 8 to 64 letters, digits, _ or -: draw it at random',
      })
      .meta({ pattern: '^[\\w-]{8,64}$', description: 'Drawn at random, and kept.' }),
    question: number.meta({ description: 'Its `number`.' }),
    choice: number.meta({ description: 'From 0.' }),
  }),
  answer: classView,
  problems: ['class-not-found', 'wrong-state', 'class-full'],
  handle: ({ body }, exchange) => {
    const { context, req } = exchange
    const { room, token } = classOf(context)
    const base = isFollower(req) ? `/follow/${token}` : context.base
    const refusal = room.vote(body, base)
    if (refusal) return exchange.refuse(refusal)
    context.classes.tellSoon(context)
    answerView(exchange)
  },
})

/** People type it without the slash, and their phones with a capital. */
const link = route({
  method: 'GET',
  path: '/follow/{token}',
  group: 'class',
  summary: 'Leads to the page of those who follow, which is at `/follow/{token}/`.',
  effect: 'none',
  follow: true,
  status: 308,
  hidden: true,
  example: { path: '/follow/k7m2qx9r4w' },
  anyQuery: true,
  answer: z.strictObject({ url: z.string() }),
  problems: ['class-not-found'],
  handle: ({ path }, exchange) => {
    const found = exchange.context.classes.find(path.token ?? '')
    if (!found) return exchange.refuse(classNotFound())
    const url = `/follow/${found.token}/`
    exchange.answerAt(url, { url })
  },
})

function classOf(context: Context) {
  const found = context.classes.of(context)
  if (!found) throw new BadRequest(noClass(context))
  return found
}

function answerView(exchange: Exchange): void {
  const { context } = exchange
  classOf(context)
  exchange.answer(context.classes.view(context))
}

export const CLASS_ROUTES: readonly Route[] = [open, look, show, end, vote, link]
