// Witnesses in words: what each operation was, and which instants show that it cannot have been.

import { sayText } from '../../core/text/say.ts'
import type { Operation } from '../history/operation.ts'
import type { Case } from './case.ts'
import { sayInstant } from './verdict.ts'
import type { Conflict } from './zones.ts'

/** `alice's write of Maria`, `bob's read of nothing`. */
export function sayOperation({ client, kind, key, value, from, version }: Operation): string {
  const what = value === null ? 'nothing' : sayText(value)
  const claimed = version === undefined ? '' : ` (${version})`
  const whose = `${sayText(client)}'s`
  if (kind === 'cas')
    return `${whose} cas of ${from === null ? 'nothing' : sayText(from ?? '')} to ${what}`
  if (kind === 'delete') return `${whose} delete of ${sayText(key)}${claimed}`
  return `${whose} ${kind} of ${what}${claimed}`
}

export function sayConflict(one: Case, { ops, pairs }: Conflict): string {
  const operation = (i: number) => one.operations[i] as Operation
  // What was there before the history needs no words.
  const told = pairs.filter(([earlier, later]) => earlier >= 0 && later >= 0)
  if (told.length > 0) {
    return told
      .map(([earlier, later]) => sayAfter(one, operation(later), operation(earlier)))
      .join('; ')
  }
  const [first, second] = ops.map(operation)
  if (ops.length === 1 && first?.kind === 'read')
    return `${sayOperation(first)} returned what nobody wrote`
  if (ops.length === 2 && first && second?.kind === 'read') {
    const { history } = one
    const ended = sayInstant(history, second.returnedMs ?? second.calledMs)
    return `${sayOperation(second)} ended at ${ended}, before ${sayOperation(first)} began at ${sayInstant(history, first.calledMs)}`
  }
  return 'there is no order in which these operations could have taken effect'
}

/** `bob's read of Jessica began at 210 ms, after alice's write of Maria had ended at 200 ms` */
function sayAfter({ history }: Case, later: Operation, earlier: Operation): string {
  const began = sayInstant(history, later.calledMs)
  const ended = sayInstant(history, earlier.returnedMs ?? earlier.calledMs)
  const how = earlier.kind === 'read' ? 'had ended' : 'had been acknowledged'
  return `${sayOperation(later)} began at ${began}, after ${sayOperation(earlier)} ${how} at ${ended}`
}
