// Moving time from a test. What was called before arrives first; and wherever a request is answered on the way, time
// stops until the code that waited for it has had its turn, so that a retry goes out at the instant of the failure.

import { setImmediate, setTimeout } from 'node:timers'
import { BOUNDS } from '../core/bounds.ts'
import { type EventJson, renderEvent } from '../core/output/render.ts'
import { count } from '../core/text/say.ts'
import { US_PER_MS, usFromMs } from '../core/units.ts'
import type { AdvanceRequest } from '../core/verbs.ts'
import { LabError } from './error.ts'
import { commandOf, type Given, isGiven, readDuration, say, WrongCall } from './given.ts'
import type { Port } from './port.ts'
import type { AdvanceAnswer } from './types.ts'

/** Requests over HTTP come in whatever order: so often it looks whether they are there. */
const LOOK_EVERY_MS = 2

export interface Move {
  readonly how: AdvanceRequest
  /** Moves the test's own timers by a millisecond. */
  readonly tick: (() => void) | undefined
  readonly whenWaiting: number
}

/** @throws WrongCall that says how to put it */
export function readMove(target: unknown, options: unknown = {}): Move {
  if (!isGiven(options)) throw new WrongCall([`the options are ${say(options)}, not an object`])
  const { timers, whenWaiting = 0, ms, ...given } = { ...options, ...readTarget(target) } as Given
  if (!Number.isSafeInteger(whenWaiting) || (whenWaiting as number) < 0) {
    throw new WrongCall([`whenWaiting must be a whole number of requests, not ${say(whenWaiting)}`])
  }
  const us = typeof ms === 'number' ? usFromMs(ms) : ms
  const { how } = commandOf('advance', ms === undefined ? {} : { us }, given)
  const tick = timers === undefined ? undefined : readTimers(timers)
  if (Object.keys(how).length !== 1 || (tick && !('us' in how))) {
    const why = tick ? 'with timers, say how far to advance' : 'say how far to advance, in one way'
    throw new WrongCall([`${why}: '500ms', { ms: 500 }${tick ? '' : MORE_WAYS}`])
  }
  return { how, tick, whenWaiting: whenWaiting as number }
}

const MORE_WAYS = ", 'idle' or { until: { replica: 1, version: '1.7' } }"

/** A duration in words, or `idle`, may stand alone. */
function readTarget(target: unknown): Given {
  if (isGiven(target)) return target
  if (target === 'idle') return { to: 'idle' }
  const read = readDuration('the time to advance', target)
  if (!read.ok) throw new WrongCall([`${read.message}; there are also { ms: 500 }${MORE_WAYS}`])
  return { ms: read.value / US_PER_MS }
}

/** vitest's and jest's have one method for it, those of sinon another. */
function readTimers(timers: unknown): () => void {
  if (typeof timers === 'object' && timers !== null) {
    for (const name of ['advanceTimersByTime', 'tick']) {
      const move: unknown = Reflect.get(timers, name)
      if (typeof move === 'function') return () => void move.call(timers, 1)
    }
  }
  throw new WrongCall(['timers must be vi, jest, or a clock of sinon'])
}

export async function advance(
  port: Port,
  { how, tick, whenWaiting }: Move,
): Promise<AdvanceAnswer> {
  await turn()
  await untilWaiting(port, whenWaiting)
  const { cluster } = port
  const fromUs = cluster.nowUs
  const events: EventJson[] = []
  let eventsLeftOut = 0
  const unlisten = cluster.listen((event) => {
    if (events.length >= BOUNDS.advanceEventsShown) eventsLeftOut++
    else events.push(renderEvent(event, cluster.startTimeMs))
  })
  try {
    if (tick && 'us' in how) await moveTogether(port, fromUs + how.us, tick)
    else await moveWhileAwaited(port, how)
    const rest = 'us' in how ? { us: fromUs + how.us - cluster.nowUs } : how
    port.mustBeOpen()
    const reply = port.valueOf(cluster.advance(rest))
    await turn()
    return { ...port.render.advance({ ...reply, fromUs }), events, eventsLeftOut }
  } finally {
    unlisten()
  }
}

/** All code that can goes on; by Node's own timer, whatever the test has put in its place. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** Where nobody waits any more the rest of the way can be moved in one go. */
async function moveWhileAwaited(port: Port, how: AdvanceRequest): Promise<void> {
  const { cluster } = port
  const toUs = 'us' in how ? cluster.nowUs + how.us : BOUNDS.clockUsMax
  for (let steps = 0; port.waiting > 0 && steps < BOUNDS.advanceEventsMax; steps++) {
    const dueUs = cluster.nextDueUs()
    if (dueUs === undefined || dueUs > toUs || cluster.isThere(how)) return
    const { answers } = port
    cluster.runTo(dueUs, 1)
    if (port.answers > answers) await turn()
  }
}

/** A millisecond at a time, for no fake timers tell when their next one is due. */
async function moveTogether(port: Port, toUs: number, tick: () => void): Promise<void> {
  const { cluster } = port
  while (cluster.nowUs + US_PER_MS <= toUs) {
    const nextUs = cluster.nowUs + US_PER_MS
    await moveWhileAwaited(port, { us: US_PER_MS })
    port.mustBeOpen()
    port.valueOf(cluster.advance({ us: nextUs - cluster.nowUs }))
    tick()
    await turn()
  }
}

/** Real time is bounded, for they may never come. */
async function untilWaiting({ cluster, seed }: Port, wanted: number): Promise<void> {
  const beganMs = performance.now()
  while (cluster.waiting < wanted) {
    if (performance.now() - beganMs > BOUNDS.patienceMsMax) {
      const detail = `${count(cluster.waiting, 'request waits', 'requests wait')} after ${BOUNDS.patienceMsMax} ms of real time, not ${wanted}. Send those first, without awaiting them, and ask for no more. A plain write is answered at once and never waits.`
      throw new LabError({ code: 'too-few-waiting', outcome: 'not-applied', detail, seed })
    }
    await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS))
  }
}
