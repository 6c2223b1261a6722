// What a route is. Routes are data: one table (routes/table.ts) drives dispatch, `Allow`, the checks of
// what comes in, the API description and the README's table, so none of these can disagree.

import type { z } from 'zod'
import type { AnswerFacts, Exchange } from './exchange.ts'
import type { ProblemCode } from './problems.ts'

export type Group =
  | 'data'
  | 'cluster'
  | 'replicas'
  | 'network'
  | 'leadership'
  | 'clock'
  | 'labs'
  | 'class'
  | 'operations'

/** What a request brought, checked. */
export interface Input<Q extends z.ZodObject, B extends z.ZodObject> {
  /** Path parameters as they stand in the URL, unescaped. */
  readonly path: Readonly<Record<string, string>>
  readonly query: z.output<Q>
  readonly body: z.output<B>
  /** Who asks: `Client-Id`, else `default`. Read only where `client` says so. */
  readonly client: string
}

export interface RouteFacts extends AnswerFacts {
  readonly group: Group
  /** One line, for tables. */
  readonly summary: string
  /** More, where a line is not enough. */
  readonly description?: string
  /** Open to whoever follows a class by its link. */
  readonly follow?: boolean
  /** It reads `Client-Id`. */
  readonly client?: boolean
  /** It answers while the server shuts down. */
  readonly always?: boolean
  /** How large its body may be, where others' bound is too low. */
  readonly bodyBytesMax?: number
  /** A page, to which links lead with all sorts of things behind the `?`: nobody looks at them. */
  readonly anyQuery?: boolean
  /** Files of a page; no part of the API. */
  readonly hidden?: boolean
  /** What follows `curl` in an example, with the host left out. */
  readonly example?: { readonly path: string; readonly body?: unknown }
  /** The shape of a good answer; absent where it is no JSON. */
  readonly answer?: z.ZodType
  /** The media type of a good answer that is no JSON. */
  readonly answerType?: string
  /** The one beside it, if asked for. */
  readonly otherType?: string
  /** Codes it may answer with, besides those that any route may. */
  readonly problems?: readonly ProblemCode[]
}

export interface Route extends RouteFacts {
  readonly query: z.ZodObject | undefined
  readonly body: z.ZodObject | undefined
  readonly handle: (
    input: Input<z.ZodObject, z.ZodObject>,
    exchange: Exchange,
  ) => void | Promise<void>
}

type NoFields = z.ZodObject<Record<never, never>>

/** Declares a route; `handle` sees what exactly its schemas let through. */
export function route<Q extends z.ZodObject = NoFields, B extends z.ZodObject = NoFields>(
  declared: RouteFacts & {
    readonly query?: Q
    readonly body?: B
    readonly handle: (input: Input<Q, B>, exchange: Exchange) => void | Promise<void>
  },
): Route {
  const { query, body, handle, ...facts } = declared
  // The table holds routes of every shape; serve.ts hands each only what its own schemas have passed.
  return { ...facts, query, body, handle: handle as Route['handle'] }
}
