// A scenario's command as the HTTP call that does the same, so that the page's lessons, which run over
// HTTP, need not know the scenario format. It follows from the verb's route and its fields.

import { type NodeId, renderNode } from '../../core/nodes.ts'
import { renderFields } from '../../core/output/json.ts'
import type { Command } from '../../core/verbs/table.ts'
import type { Show } from '../../scenario/verbs/show.ts'
import type { ScenarioCommand } from '../../scenario/verbs/table.ts'
import type { Call } from '../call.ts'
import type { Route } from '../route.ts'
import { VERB_ROUTES } from '../routes/verbs.ts'
import { ownFields } from '../verb-route.ts'

/** Undefined for what HTTP has no route for: a client that leaves, a restored file. */
export function storyCall(command: ScenarioCommand): Call | undefined {
  if (command.verb === 'show') {
    const { verb, what, ...query } = command
    const path = showPath(command)
    return { method: 'GET', path, ...(what === 'verdicts' && { query: { ...query } }) }
  }
  const route = VERB_ROUTES[command.verb]
  return route ? callOf(command, route) : undefined
}

function showPath(command: Show): string {
  switch (command.what) {
    case 'cluster':
    case 'failovers':
    case 'verdicts':
      return `/${command.what}`
    case 'replica':
      return `/replicas/${command.replica}`
    case 'link':
      return `/links/${renderNode(command.from)}/${renderNode(command.to)}`
  }
}

function callOf(command: Command, { method, path, query }: Route): Call {
  const { how = {}, ...target } = command as { readonly how?: object }
  const given: Readonly<Record<string, unknown>> = { ...target, ...how }
  const own = ownFields(command.verb, path).flatMap(({ name, field }) =>
    // What is not said has no word.
    field.kind === 'word' && given[name] === field.unsaid ? [] : [[name, given[name]]],
  )
  // No command that has a route carries a record, so no time of day is needed.
  const fields: Readonly<Record<string, unknown>> = renderFields(Object.fromEntries(own), 0)
  const { client } = given
  return {
    method,
    path: path.replace(/\{(\w+)\}/g, (_, name: string) =>
      String(renderNode(given[name === 'id' ? 'replica' : name] as NodeId)),
    ),
    ...(Object.keys(fields).length > 0 && (query ? { query: asText(fields) } : { body: fields })),
    ...(typeof client === 'string' && client !== 'default' && { client }),
  }
}

/** `0,2` in a query. */
function asText(fields: Readonly<Record<string, unknown>>): Call['query'] & object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : String(value),
    ]),
  )
}
