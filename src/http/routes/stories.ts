// The bundled stories: scenarios that teach something, with their calls spelled out.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import { quote } from '../../core/text/duration.ts'
import { nearestWord } from '../../core/text/nearest.ts'
import { SCENARIO_BYTES_MAX, wrongScenario } from '../labs/origin.ts'
import { httpProblem, invalidRequest } from '../problems.ts'
import { type Route, route } from '../route.ts'
import { nameSchemas } from '../schemas.ts'
import { pack, unpack } from '../stories/packed.ts'
import { isStory, summaryOf } from '../stories/shapes.ts'
import { tellStory } from '../stories/story.ts'

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
    meanwhile: call.nullable().meta({
      description: 'Once it waits: the call that moves time to where the story goes on.',
    }),
  }),
])

const broken = z
  .strictObject({ file: z.string(), message: z.string() })
  .meta({ description: 'A file of `--lessons` that is no lesson yet, and what is wrong with it.' })
const stories = z.strictObject({ stories: z.array(summary), broken: z.array(broken) })
const story = summary.extend({
  scenario: z.string().meta({ description: 'As it was written.' }),
  steps: z.array(z.array(part)),
})
const told = story.extend({
  packed: z.string().meta({ description: 'What a link to it has: `/#scenario=` and this.' }),
})

nameSchemas({
  StorySummary: summary,
  StoryCall: call,
  StoryPart: part,
  Stories: stories,
  Story: story,
  ToldStory: told,
})

const list = route({
  method: 'GET',
  path: '/stories',
  group: 'operations',
  summary:
    'The stories of this server, each a scenario and a lesson: your own, then the bundled ones.',
  effect: 'none',
  example: { path: '/stories' },
  answer: stories,
  handle: (_input, exchange) => {
    const shelf = exchange.context.stories.shelf()
    exchange.answer({ stories: [...shelf.stories.values()].map(summaryOf), broken: shelf.broken })
  },
})

const tell = route({
  method: 'POST',
  path: '/stories',
  group: 'operations',
  summary:
    'A scenario of your own as a story: what the page plays, or what is wrong with its lines.',
  description: 'It is run apart from every lab, and nothing is kept.',
  effect: 'command',
  example: { path: '/stories', body: { scenario: 'write user:1 Jessica -> applied\n' } },
  body: z
    .strictObject({
      scenario: z.string().optional(),
      packed: z.string().optional().meta({ description: 'The same, from a link.' }),
    })
    .refine(({ scenario, packed }) => (scenario === undefined) !== (packed === undefined), {
      error: 'Send the text as "scenario", or what a link has of it as "packed".',
    }),
  bodyBytesMax: SCENARIO_BYTES_MAX,
  answer: told,
  handle: ({ body: { scenario, packed = '' } }, exchange) => {
    const text = scenario ?? unpack(packed, SCENARIO_BYTES_MAX)
    if (text === undefined) return exchange.refuse(badLink())
    const { longWork } = exchange.context
    exchange.hold(() => ({
      abandon: longWork.begin(
        tellStory('', text, {
          eventsMax: BOUNDS.advanceEventsMax,
          advancesMax: 1,
          sliceEventsMax: 1_000,
        }),
        (telling) => {
          if (isStory(telling)) exchange.answer({ ...telling, packed: pack(text) })
          else exchange.fail(wrongScenario(telling, ''))
        },
        (error) => exchange.fail(error),
      ),
    }))
  },
})

function badLink() {
  const message = 'Field "packed" is no scenario: the link was cut short. Copy it anew.'
  return invalidRequest([{ in: 'body', field: 'packed', message }])
}

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
    const { stories } = exchange.context.stories.shelf()
    const found = stories.get(name)
    if (found) return exchange.answer(found)
    const nearest = nearestWord(name, [...stories.keys()])
    const hint = nearest ? `did you mean ${quote(nearest)}?` : 'GET /stories lists them.'
    exchange.refuse(httpProblem('route-not-found', `There is no story ${quote(name)}: ${hint}`))
  },
})

export const STORY_ROUTES: readonly Route[] = [list, tell, show]
