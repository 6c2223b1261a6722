// A problem in the words of the library: its sentence, and the calls that may help. HTTP and scenarios have words of
// their own.

import type { Problem } from '../errors.ts'
import { renderNode } from '../nodes.ts'
import { type AdvisedCommand, withRemedies } from '../remedy.ts'

/** What went wrong, and how to go on: `… Try lab.release(0, 1).` */
export function describeProblem(problem: Problem): string {
  return withRemedies(problem, {
    command: callOf,
    setting: (change, name) => `start the lab with ${change} ${camelCase(name)}`,
  })
}

/** Requests are a client's. Of resets only the one of everything is advised, which is the default. */
function callOf(command: AdvisedCommand): string {
  const name = camelCase(command.verb)
  if ('from' in command) return `lab.${name}(${end(command.from)}, ${end(command.to)})`
  if ('replica' in command) return `lab.${name}(${command.replica})`
  if (!('how' in command)) return `lab.${name}()`
  const fields = Object.entries(command.how).map(([key, value]) => `${key}: ${quoted(value)}`)
  const given = fields.length > 0 ? `{ ${fields.join(', ')} }` : ''
  return `${'key' in command.how ? 'client' : 'lab'}.${name}(${given})`
}

function end(node: number): string {
  return quoted(renderNode(node))
}

function quoted(value: unknown): string {
  return typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'`
    : String(value)
}

/** `max-keys` is `maxKeys`. */
function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
