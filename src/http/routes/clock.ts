// The time machine: how simulated time passes.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import type { ClockMode } from '../../core/nodes.ts'
import { count } from '../../core/text/say.ts'
import type { ClockVerbs } from '../../core/verbs/clock.ts'
import * as answers from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { whole } from '../fields.ts'
import { type HttpProblem, httpProblem } from '../problems.ts'
import { type Route, route } from '../route.ts'
import { actRoute, schemaOf } from '../verb-route.ts'

const show = route({
  method: 'GET',
  path: '/clock',
  group: 'clock',
  summary: 'Mode, rate and simulated time.',
  effect: 'none',
  follow: true,
  example: { path: '/clock' },
  answer: answers.clock,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.answer(render.clock(cluster.clockView()))
  },
})

const set = route({
  method: 'PUT',
  path: '/clock',
  group: 'clock',
  summary: 'Set mode and rate of the clock.',
  description:
    '`real`: time passes, at `rate` simulated seconds per second. `manual`: it stands still until ' +
    'advanced. `instant`: it stands still, but jumps ahead while a request waits. What is not named ' +
    'stays as it is.',
  effect: 'command',
  example: { path: '/clock', body: { mode: 'real', rate: 10 } },
  body: schemaOf('clock', 'body', '/clock')
    .partial()
    .refine(({ mode, rate }) => mode !== undefined || rate !== undefined, {
      error: 'Say which "mode", or which "rate", or both, as in {"mode":"real","rate":10}.',
    }),
  answer: answers.clock,
  handle: ({ body }, exchange) => {
    const { cluster, render } = exchange.context
    const now = cluster.clockView()
    const { mode = now.mode, rate = now.rate } = body as { mode?: ClockMode; rate?: number }
    exchange.reply(cluster.setClock(mode, rate), render.clock)
  },
})

const pause = route({
  method: 'POST',
  path: '/clock/pause',
  group: 'clock',
  summary: 'Stop time.',
  effect: 'command',
  example: { path: '/clock/pause' },
  body: z.strictObject({}),
  answer: answers.clock,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.pauseClock(), render.clock)
  },
})

const resume = route({
  method: 'POST',
  path: '/clock/resume',
  group: 'clock',
  summary: 'Let time pass as it did before the pause.',
  effect: 'command',
  example: { path: '/clock/resume' },
  body: z.strictObject({}),
  answer: answers.clock,
  handle: (_input, exchange) => {
    const { cluster, render } = exchange.context
    exchange.reply(cluster.resumeClock(), render.clock)
  },
})

const advanceNow = actRoute('advance', {
  method: 'POST',
  path: '/clock/advance',
  group: 'clock',
  summary: 'Move time ahead, and see what happened.',
  description:
    'By `ms`; `to` "idle", when nothing is on its way and nobody waits; or `until` a replica has a ' +
    'version. Works in every mode. `whenWaiting`: not before so many requests wait for an answer, so that one sent ' +
    'just before cannot come too late. A plain write never waits.',
  effect: 'command',
  example: { path: '/clock/advance', body: { ms: 250 } },
  answer: answers.advanced,
  problems: ['version-lost', 'not-reached', 'too-few-waiting'],
  beside: { whenWaiting: whole(1, BOUNDS.waitingMax).optional() },
  check: [
    (given) => Object.keys(given).filter((name) => name !== 'whenWaiting').length === 1,
    'Say how far, in exactly one way: {"ms":250}, {"to":"idle"} or ' +
      '{"until":{"replica":1,"version":"1.7"}}.',
  ],
  render: (render) => render.advanceWithEvents,
})

/** Requests come over connections of their own, in whatever order: so often it looks whether they are there. */
const LOOK_EVERY_MS = 2

/** The same, once so many requests wait. Real time is bounded, for they may never come. */
const advance: Route = {
  ...advanceNow,
  handle: (input, exchange) => {
    const { whenWaiting = 0 } = input.body as { readonly whenWaiting?: number }
    const { cluster, patienceMs } = exchange.context
    const beganMs = performance.now()
    let timer: NodeJS.Timeout | undefined
    const look = () => {
      if (cluster.waiting >= whenWaiting) advanceAtLast(input, exchange)
      else if (performance.now() - beganMs >= patienceMs) {
        exchange.refuse(tooFewWaiting(whenWaiting, cluster.waiting, patienceMs))
      } else {
        timer = setTimeout(look, LOOK_EVERY_MS)
        return false
      }
      return true
    }
    if (look()) return
    exchange.wait<never>(
      () => ({ abandon: () => clearTimeout(timer) }),
      () => undefined,
    )
  },
}

/** A timer has nobody above it who would hear of what goes wrong. */
function advanceAtLast(input: Parameters<Route['handle']>[0], exchange: Exchange): void {
  try {
    void advanceNow.handle(input, exchange)
  } catch (error) {
    exchange.fail(error)
  }
}

function tooFewWaiting(wanted: number, waiting: number, ms: number): HttpProblem {
  const detail = `${count(waiting, 'request waits', 'requests wait')} after ${ms} ms of real time, not ${wanted}. Send those first, in the background, and ask for no more than that. A plain write is answered at once, and an instant clock lets nobody wait.`
  return httpProblem('too-few-waiting', detail, { facts: { waiting } })
}

export const CLOCK_VERBS: { readonly [V in keyof ClockVerbs]: Route | null } = {
  advance,
  clock: set,
}

export const CLOCK_ROUTES: readonly Route[] = [show, set, pause, resume, advance]
