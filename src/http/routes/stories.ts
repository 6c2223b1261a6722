// The bundled stories: scenarios that teach something, with their calls spelled out.

import { z } from 'zod'
import { quote } from '../../core/text/duration.ts'
import { nearestWord } from '../../core/text/nearest.ts'
import { httpProblem } from '../problems.ts'
import { type Route, route } from '../route.ts'
import { nameSchemas } from '../schemas.ts'
import { bundledStories, summaryOf } from '../stories.ts'

const summary = z.strictObject({
  name: z.string(),
  title: z.string(),
  summary: z.string(),
  followers: z.int(),
  options: z.array(z.string()).meta({ description: 'What the server has to be started with.' }),
  head: z.string().meta({ description: 'A scenario that begins a lab of its own for it.' }),
})

const call = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string(),
  query: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  body: z.looseObject({}).optional(),
  client: z.string().optional(),
})

const part = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['sentence', 'remark']), text: z.string() }),
  z.strictObject({
    kind: z.literal('question'),
    question: z.strictObject({
      text: z.string(),
      choices: z.array(z.strictObject({ text: z.string(), isRight: z.boolean() })),
    }),
  }),
  z.strictObject({
    kind: z.literal('command'),
    source: z.string().meta({ description: 'As the scenario writes it.' }),
    call: call.nullable().meta({ description: 'The HTTP call that does the same.' }),
    goesOn: z.boolean().meta({ description: 'The story does not wait for its answer.' }),
    expected: z.string().nullable(),
    told: z.record(z.string(), z.unknown()).meta({
      description: 'What the answer holds where nothing else moves the cluster.',
    }),
  }),
])

const stories = z.strictObject({ stories: z.array(summary) })
const story = summary.extend({ steps: z.array(z.array(part)) })

nameSchemas({
  StorySummary: summary,
  StoryCall: call,
  StoryPart: part,
  Stories: stories,
  Story: story,
})

const list = route({
  method: 'GET',
  path: '/stories',
  group: 'operations',
  summary: 'The bundled stories, each a scenario and a lesson.',
  effect: 'none',
  example: { path: '/stories' },
  answer: stories,
  handle: (_input, exchange) =>
    exchange.answer({ stories: [...bundledStories().values()].map(summaryOf) }),
})

const show = route({
  method: 'GET',
  path: '/stories/{name}',
  group: 'operations',
  summary: 'One story: its sentences, questions and calls, step by step.',
  effect: 'none',
  example: { path: '/stories/too-early-read' },
  answer: story,
  problems: ['route-not-found'],
  handle: ({ path }, exchange) => {
    const name = path.name ?? ''
    const found = bundledStories().get(name)
    if (found) return exchange.answer(found)
    const nearest = nearestWord(name, [...bundledStories().keys()])
    const hint = nearest ? `did you mean ${quote(nearest)}?` : 'GET /stories lists them.'
    exchange.refuse(httpProblem('route-not-found', `There is no story ${quote(name)}: ${hint}`))
  },
})

export const STORY_ROUTES: readonly Route[] = [list, show]
