// A problem of the core in the words of HTTP: the calls and flags that it advises, as a sentence and as JSON.

import type { Problem } from '../core/errors.ts'
import { invariant } from '../core/errors.ts'
import { type AdvisedCommand, withRemedies } from '../core/remedy.ts'
import type { ClusterOptionName } from '../core/text/legal.ts'
import { type Call, sayCall } from './call.ts'
import type { HttpProblem } from './problems.ts'
import { storyCall } from './story-call.ts'

export function inHttp(problem: Problem): HttpProblem {
  const detail = withRemedies(problem, {
    command: (command) => sayCall(callOf(command)),
    setting: (change, name: ClusterOptionName) => `start with ${change} --${name}`,
  })
  const remedies = problem.remedies.map((one) => ('verb' in one ? callOf(one) : one))
  return { ...problem, detail, remedies }
}

function callOf(command: AdvisedCommand): Call {
  const call = storyCall(command)
  invariant(call !== undefined, `${command.verb} has a route`)
  return call
}
