// What a problem advises, in the words of scenarios: lines to write, and options for the head of the file.

import type { Problem } from '../core/errors.ts'
import { withRemedies } from '../core/remedy.ts'
import type { Command } from '../core/verbs/table.ts'
import { formatCommand } from './verbs/table.ts'

/** The sentence of a problem, and what to write behind it. */
export function sayDetail(problem: Problem): string {
  return withRemedies(problem, {
    command: (command) => `\`${lineOf(command)}\``,
    setting: (change, name) => `set ${change} ${name} at the head of the file`,
  })
}

/** What JSON shows of a problem besides its other fields: a command is its line. */
export function adviceJson(problem: Problem) {
  const remedies = problem.remedies.map((one) => ('verb' in one ? lineOf(one) : one))
  return { detail: sayDetail(problem), remedies }
}

function lineOf(command: Command): string {
  return formatCommand(command).join('\n')
}
