// The chapters of a lab as requests name them: by their numbers, and their instants in milliseconds. What is not there
// is refused, with what to ask for instead.

import { BOUNDS } from '../core/bounds.ts'
import { type Microseconds, msFromUs, sayMs } from '../core/units.ts'
import type { KeptChapter } from '../scenario/kept-sessions.ts'
import type { Recording } from '../scenario/replay.ts'
import { type Call, sayCall } from './call.ts'
import type { Context } from './context.ts'
import { BadRequest, httpProblem, invalidRequest } from './problems.ts'

/**
 * @param number the present one unless said
 * @throws BadRequest where it is no longer kept, or has not begun
 */
export function chapterOf({ id, base, recorder }: Context, number?: number): KeptChapter {
  const chapters = recorder.chapters()
  const present = chapters.at(-1) as KeptChapter
  if (number === undefined) return present
  const found = chapters.find((one) => one.number === number)
  if (found) return found
  const remedies = [list(base)]
  const said = sayList(base)
  if (number > present.number) {
    const what = `must have begun: lab ${id} is in chapter ${present.number}, not ${number}. ${said}`
    throw refused('chapter', what, remedies)
  }
  const detail = `Chapter ${number} is no longer kept: the oldest that lab ${id} still has is ${chapters[0]?.number}. ${said}`
  throw new BadRequest(httpProblem('scenario-truncated', detail, { remedies }))
}

/**
 * @param us its end, or the present, unless said
 * @throws BadRequest where it lies outside the chapter
 */
export function instantIn(
  { base }: Context,
  chapter: KeptChapter,
  us?: Microseconds,
): Microseconds {
  const { number, fromUs, toUs, isOver } = chapter
  if (us === undefined) return toUs
  if (us >= fromUs && us <= toUs) return us
  const why =
    us < fromUs ? `began at ${sayMs(fromUs)}` : `${isOver ? 'ended' : 'is'} at ${sayMs(toUs)}`
  const query = { chapter: number, at: msFromUs(us < fromUs ? fromUs : toUs) }
  const look: Call = { method: 'GET', path: `${base}/cluster`, query }
  const ms = msFromUs(us - toUs)
  const advance: Call = { method: 'POST', path: `${base}/clock/advance`, body: { ms } }
  const isAhead = !isOver && us > toUs && us - toUs <= BOUNDS.advanceUsMax
  const remedies = isAhead ? [advance, look] : [look]
  const said = `Try ${remedies.map(sayCall).join(' or ')}.`
  throw refused(
    'at',
    `must lie in chapter ${number}, which ${why}, not at ${sayMs(us)}. ${said}`,
    remedies,
  )
}

/**
 * What leads to an event that has happened, to be replayed.
 * @throws BadRequest where it is no longer kept
 */
export function recordingOf(context: Context, event: number): Recording {
  const recording = context.recorder.recordingOf(event)
  if (recording.ok) return recording.value
  const { base } = context
  const problem = context.inHttp(recording.problem)
  if (problem.remedies.length > 0) throw new BadRequest(problem)
  const detail = `${problem.detail} ${sayList(base)}`
  throw new BadRequest({ ...problem, detail, remedies: [list(base)] })
}

function list(base: string): Call {
  return { method: 'GET', path: `${base}/chapters` }
}

function sayList(base: string): string {
  return `${sayCall(list(base))} lists those there are.`
}

function refused(field: string, what: string, remedies: readonly Call[]): BadRequest {
  const message = `Parameter "${field}" ${what}`
  return new BadRequest({ ...invalidRequest([{ in: 'query', field, message }]), remedies })
}
