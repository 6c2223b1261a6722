// The labs of this server: which there are, one more, one less. What is below `/labs/{lab}/` are all other routes,
// as they are at the root (labs/address.ts).

import { z } from 'zod'
import { clock } from '../answers.ts'
import type { Context } from '../context.ts'
import { ROOT } from '../labs/labs.ts'
import {
  isFromNothing,
  labRequest,
  SCENARIO_BYTES_MAX,
  startFrom,
  startNew,
} from '../labs/origin.ts'
import { BadRequest, httpProblem } from '../problems.ts'
import { type Route, route } from '../route.ts'
import { nameSchemas } from '../schemas.ts'

const lab = z.strictObject({
  id: z.string(),
  url: z.string().meta({
    description: 'What stands before its routes. Its page is there, with a slash behind.',
  }),
  seed: z.int(),
  followers: z.int(),
  clock,
})

const labs = z.strictObject({ labs: z.array(lab) })
nameSchemas({ Lab: lab, Labs: labs })

function rowOf({ id, cluster, render }: Context): z.output<typeof lab> {
  const { seed, followers } = cluster.options
  return { id, url: `/labs/${id}`, seed, followers, clock: render.clock(cluster.clockView()) }
}

const list = route({
  method: 'GET',
  path: '/labs',
  group: 'labs',
  summary: 'The labs of this server; the first is the root, which is the server itself.',
  effect: 'none',
  example: { path: '/labs' },
  answer: labs,
  handle: (_input, exchange) => exchange.answer({ labs: exchange.context.labs().all().map(rowOf) }),
})

const start = route({
  method: 'POST',
  path: '/labs',
  group: 'labs',
  summary: 'Start a lab: a cluster with its clock, stream and recording, apart from all others.',
  description:
    'Every route is below its `url`, and its page at that with a slash. What is not said is as at the start of the ' +
    'server. A lab that nobody uses ends after the time that `--lab-idle` says. With a `scenario`, or `from` and ' +
    '`event`, it goes on from there; then only `clock`, `rate` and the bounds (`maxBytes` ...) can be chosen besides.',
  effect: 'command',
  status: 201,
  example: { path: '/labs', body: { followers: 2, seed: 5 } },
  body: labRequest,
  bodyBytesMax: SCENARIO_BYTES_MAX,
  answer: lab,
  problems: ['too-many-labs', 'lab-not-found', 'scenario-truncated', 'too-much-data'],
  handle: ({ body }, exchange) => {
    const { context } = exchange
    const entered = (lab: Context) => {
      const started = rowOf(lab)
      exchange.answerAt(started.url, started)
    }
    if (isFromNothing(body)) return entered(startNew(body, context))
    const work = startFrom(body, context)
    exchange.hold(() => ({
      abandon: context.longWork.begin(work, entered, (error) => exchange.fail(error)),
    }))
  },
})

/** People type it without the slash, and the page's own links need it. */
const page = route({
  method: 'GET',
  path: '/labs/{lab}',
  group: 'labs',
  summary: 'Leads to the page of a lab, which is at `/labs/{lab}/`.',
  effect: 'none',
  status: 308,
  hidden: true,
  example: { path: '/labs/root' },
  anyQuery: true,
  answer: z.strictObject({ url: z.string() }),
  problems: ['lab-not-found'],
  handle: ({ path }, exchange) => {
    const { id } = named(path, exchange.context)
    const mark = exchange.req.url.indexOf('?')
    const url = `/labs/${id}/`
    exchange.answerAt(mark === -1 ? url : url + exchange.req.url.slice(mark), { url })
  },
})

const end = route({
  method: 'DELETE',
  path: '/labs/{lab}',
  group: 'labs',
  summary: 'End a lab: who waits is answered, streams end, and all it held is gone.',
  effect: 'command',
  example: { path: '/labs/amber-fox' },
  answer: lab,
  problems: ['lab-not-found', 'wrong-state'],
  handle: ({ path }, exchange) => {
    const { context } = exchange
    const ended = named(path, context)
    if (ended.id === ROOT) {
      const detail = 'The root is the server itself and ends with it. Try POST /reset to empty it.'
      const remedies = [{ method: 'POST', path: '/reset' }] as const
      return exchange.refuse(httpProblem('wrong-state', detail, { remedies }))
    }
    const row = rowOf(ended)
    context.labs().end(ended, 'it was asked to')
    exchange.answer(row)
  },
})

function named(path: Readonly<Record<string, string>>, { labs }: Context): Context {
  const found = labs().find(path.lab ?? '')
  if ('code' in found) throw new BadRequest(found)
  return found
}

export const LAB_ROUTES: readonly Route[] = [list, start, page, end]
