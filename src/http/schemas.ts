// Names for the shapes of answers: under them they stand in the API description, so that a generator of types
// makes `Replica` of one, and not a type without a name wherever it is used.

import { z } from 'zod'

type Json = Record<string, unknown>

const NAMED = z.registry<{ readonly id: string }>()

/** Gives schemas their names, in capitals as types have them. */
export function nameSchemas(schemas: Readonly<Record<string, z.ZodType>>): void {
  for (const [id, schema] of Object.entries(schemas)) NAMED.add(schema, { id })
}

/** Every schema with a name, as JSON Schema; they refer to one another. */
export function namedSchemas(): Json {
  const { schemas } = z.toJSONSchema(NAMED, { io: 'input', uri: addressOf })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]),
  )
}

/** A reference to a named schema; undefined for one without a name. */
export function referenceTo(schema: z.ZodType): Json | undefined {
  const id = NAMED.get(schema)?.id
  return id === undefined ? undefined : { $ref: addressOf(id) }
}

function addressOf(id: string): string {
  return `#/components/schemas/${id}`
}
