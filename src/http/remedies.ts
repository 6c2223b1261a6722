// A problem of the core in the words of HTTP: the calls and flags that it advises, as a sentence and as JSON.

import type { Problem } from '../core/errors.ts'
import { invariant } from '../core/errors.ts'
import { type AdvisedCommand, withRemedies } from '../core/remedy.ts'
import type { ClusterOptionName } from '../core/text/legal.ts'
import { type Call, sayCall } from './call.ts'
import { fieldOf } from './labs/options.ts'
import type { HttpProblem } from './problems.ts'
import { storyCall } from './stories/story-call.ts'

/** @param base what stands before the paths of the lab that the problem is of */
export function inHttp(problem: Problem, base = ''): HttpProblem {
  const callOf = (command: AdvisedCommand): Call => {
    const call = storyCall(command)
    invariant(call !== undefined, `${command.verb} has a route`)
    return base === '' ? call : { ...call, path: base + call.path }
  }
  const detail = withRemedies(problem, {
    command: (command) => sayCall(callOf(command)),
    setting: (change, name: ClusterOptionName) =>
      base === ''
        ? `start with ${change} --${name}`
        : `start a lab with ${change} ${fieldOf(name)}`,
  })
  const remedies = problem.remedies.map((one) => ('verb' in one ? callOf(one) : one))
  return { ...problem, detail, remedies }
}
