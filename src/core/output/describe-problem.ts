// A problem in the words of the library: its sentence, and the calls that may help. HTTP and scenarios have words of
// their own.

import type { Problem } from '../errors.ts'
import { renderNode } from '../nodes.ts'
import { type AdvisedCommand, type RemedyWords, sayRemedies, withRemedies } from '../remedy.ts'
import { camelCase } from '../text/say.ts'

const WORDS: RemedyWords = {
  command: callOf,
  setting: (change, name) => `start the lab with ${change} ${camelCase(name)}`,
}

/** What went wrong, and how to go on: `… Try lab.release(0, 1).` */
export function describeProblem(problem: Problem): string {
  return withRemedies(problem, WORDS)
}

/** Only how to go on, one by one. */
export function describeRemedies({ remedies }: Problem): string[] {
  return sayRemedies(remedies, WORDS)
}

/** Requests are a client's. Of resets only the one of everything is advised, which is the default. */
function callOf(command: AdvisedCommand): string {
  const name = camelCase(command.verb)
  if ('from' in command) return `lab.${name}(${end(command.from)}, ${end(command.to)})`
  if ('replica' in command) return `lab.${name}(${command.replica})`
  if (!('how' in command)) return `lab.${name}()`
  const { key, ...options } = command.how as { readonly key?: string }
  const fields = Object.entries(options).map(([name, value]) => `${name}: ${quoted(value)}`)
  const given = [
    ...(key === undefined ? [] : [quoted(key)]),
    ...(fields.length > 0 ? [`{ ${fields.join(', ')} }`] : []),
  ]
  return `${key === undefined ? 'lab' : 'client'}.${name}(${given.join(', ')})`
}

function end(node: number): string {
  return quoted(renderNode(node))
}

function quoted(value: unknown): string {
  return typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'`
    : String(value)
}
