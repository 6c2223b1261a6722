// A scenario's command as the HTTP call that does the same, so that whoever runs a story over HTTP (the page's
// lessons do) need not know the scenario format. The mirror of routes/, which read what is written here.

import { type NodeId, renderNode } from '../core/nodes.ts'
import { renderFields } from '../core/output/json.ts'
import type { Request, ScenarioCommand, Show } from '../scenario/commands.ts'
import { isRequest } from '../scenario/commands.ts'

export interface StoryCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: Readonly<Record<string, unknown>>
  /** For the header `Client-Id`. */
  readonly client?: string
}

/** Undefined for what HTTP has no route for: a client that leaves, a restored file. */
export function storyCall(command: ScenarioCommand): StoryCall | undefined {
  if (isRequest(command)) return requestCall(command)
  switch (command.verb) {
    case 'show':
      return showCall(command)
    case 'advance':
      return post('/clock/advance', bodyOf(command.how))
    case 'clock':
      return { method: 'PUT', path: '/clock', body: { mode: command.mode, rate: command.rate } }
    case 'forget':
      return post(`/replicas/${command.replica}/forget`, { key: command.key })
    case 'crash':
      return post(`/replicas/${command.replica}/crash`, bodyOf(command.how))
    case 'pause':
      return post(`/replicas/${command.replica}/pause`, bodyOf(command.how))
    case 'restart':
    case 'resume':
      return post(`/replicas/${command.replica}/${command.verb}`)
    case 'cut':
    case 'hold':
      return post(`${linkPath(command)}/${command.verb}`, bodyOf(command.how))
    case 'heal':
    case 'release':
      return post(`${linkPath(command)}/${command.verb}`)
    case 'set-link':
      return { method: 'PUT', path: linkPath(command), body: bodyOf(command.how) }
    case 'partition': {
      const { groups, how } = command
      return post('/partition', bodyOf({ groups, ...how }))
    }
    case 'heal-all':
      return post('/heal')
    case 'failover':
      return post('/failover', bodyOf(command.how))
    case 'reset': {
      const { keep } = command
      return keep === 'nothing' ? post('/reset') : { ...post('/reset'), query: { keep } }
    }
    case 'abandon':
    case 'restore':
      return undefined
  }
}

function requestCall({ verb, how }: Request): StoryCall {
  const { client, ...given } = how
  const who = client === undefined || client === 'default' ? {} : { client }
  const path = `/${verb}`
  if (verb === 'write' || verb === 'write-with-quorum')
    return { ...post(path, bodyOf(given)), ...who }
  const query: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(given)) {
    query[name] = Array.isArray(value) ? value.join(',') : (value as string | number)
  }
  return { method: 'GET', path, query, ...who }
}

function showCall(command: Show): StoryCall {
  switch (command.what) {
    case 'cluster':
    case 'failovers':
      return { method: 'GET', path: `/${command.what}` }
    case 'replica':
      return { method: 'GET', path: `/replicas/${command.replica}` }
    case 'link':
      return { method: 'GET', path: linkPath(command) }
  }
}

function linkPath({ from, to }: { readonly from: NodeId; readonly to: NodeId }): string {
  return `/links/${renderNode(from)}/${renderNode(to)}`
}

function bodyOf(how: object): Readonly<Record<string, unknown>> {
  // No command that has a route carries a record, so no time of day is needed.
  return renderFields(how, 0) as Readonly<Record<string, unknown>>
}

function post(path: string, body: Readonly<Record<string, unknown>> = {}): StoryCall {
  return Object.keys(body).length > 0 ? { method: 'POST', path, body } : { method: 'POST', path }
}
