// A scenario's command as the HTTP call that does the same, so that whoever runs a story over HTTP (the page's
// lessons do) need not know the scenario format. The mirror of routes/, which read what is written here.

import type { NodeId } from '../core/nodes.ts'
import { renderNode } from '../core/output/render.ts'
import { msFromUs } from '../core/units.ts'
import type { AdvanceRequest, ForTime, HoldRequest, LinkSettings } from '../core/verbs.ts'
import { formatVersion } from '../core/version.ts'
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
      return post('/clock/advance', advanceBody(command.how))
    case 'clock':
      return { method: 'PUT', path: '/clock', body: { mode: command.mode, rate: command.rate } }
    case 'forget':
      return post(`/replicas/${command.replica}/forget`, { key: command.key })
    case 'crash':
      return post(`/replicas/${command.replica}/crash`, withTime(command.how))
    case 'pause':
      return post(`/replicas/${command.replica}/pause`, withTime(command.how))
    case 'restart':
    case 'resume':
      return post(`/replicas/${command.replica}/${command.verb}`)
    case 'cut':
    case 'hold':
      return post(`${linkPath(command)}/${command.verb}`, withTime(command.how))
    case 'heal':
    case 'release':
      return post(`${linkPath(command)}/${command.verb}`)
    case 'set-link':
      return { method: 'PUT', path: linkPath(command), body: withTime(command.how) }
    case 'partition': {
      const groups = command.groups.map((group) => group.map(renderNode))
      return post('/partition', { groups, ...withTime(command.how) })
    }
    case 'heal-all':
      return post('/heal')
    case 'failover':
      return post('/failover', { ...command.how })
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
    return { ...post(path, withTime(given)), ...who }
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

function advanceBody(how: AdvanceRequest) {
  if ('us' in how) return { ms: msFromUs(how.us) }
  if ('to' in how) return { to: how.to }
  const { replica, version } = how.until
  return { until: { replica, version: formatVersion(version) } }
}

function linkPath({ from, to }: { readonly from: NodeId; readonly to: NodeId }): string {
  return `/links/${renderNode(from)}/${renderNode(to)}`
}

/** The same fields, with the times among them in ms and named so. */
function withTime(
  how: ForTime | HoldRequest | LinkSettings | Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(how)) {
    if (value === undefined) continue
    if (name.endsWith('Us')) body[`${name.slice(0, -2)}Ms`] = msFromUs(value as number)
    else body[name] = value
  }
  return body
}

function post(path: string, body: Readonly<Record<string, unknown>> = {}): StoryCall {
  return Object.keys(body).length > 0 ? { method: 'POST', path, body } : { method: 'POST', path }
}
