// How an event is named, in a stream and by those who speak of it: `mbw2xk1c-15`, of which the first part tells the
// lab and its start, or the number alone.

import { quote } from '../core/text/duration.ts'
import { BadRequest, type FieldError, invalidRequest } from './problems.ts'

/** An event as its id says it, and in which run of the server; undefined: in this one. */
export interface LastSeen {
  readonly run: string | undefined
  readonly id: number
}

/** What must be known of a lab. */
interface Eventful {
  readonly id: string
  readonly events: { readonly run: string; readonly lastId: number }
}

export function readEventId(text: string): LastSeen | undefined {
  const [, run, id] = /^(?:([0-9a-z]{1,16})-)?(\d{1,15})$/.exec(text) ?? []
  return id === undefined ? undefined : { run, id: Number(id) }
}

/**
 * The number of an event that has happened in a lab.
 * @throws BadRequest where it has not
 */
export function eventOf(lab: Eventful, given: string, place: FieldError['in']): number {
  const seen = readEventId(given)
  const why = whyNot(lab, seen)
  if (seen && why === undefined) return seen.id
  const message = `${place === 'body' ? 'Field' : 'Parameter'} "event" ${why}, not ${quote(given)}.`
  throw new BadRequest(invalidRequest([{ in: place, field: 'event', message }]))
}

function whyNot({ id, events }: Eventful, seen: LastSeen | undefined): string | undefined {
  const { run, lastId } = events
  if (!seen) return `must be the id of an event, such as ${run}-15`
  if (seen.run !== undefined && seen.run !== run) {
    return `must be of lab ${id} since its start, whose events begin with ${run}-`
  }
  if (seen.id >= 1 && seen.id <= lastId) return undefined
  if (lastId === 0) return `must have happened, and nothing has in lab ${id}`
  return `must have happened: the newest of lab ${id} is ${run}-${lastId}`
}
