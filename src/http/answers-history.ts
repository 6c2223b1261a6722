// The shapes of what is said of histories; as in answers.ts, tests hold every answer against them.

import { z } from 'zod'
import { OPERATION_KINDS, OUTCOMES } from '../analysis/history/operation.ts'
import { MODELS, VERDICT_NAMES } from '../analysis/verdicts/verdict.ts'
import { nameSchemas } from './schemas.ts'

const text = z.string()
const maybeText = text.nullable()
const ms = z.number()

const operation = z
  .strictObject({
    client: text,
    kind: z.enum(OPERATION_KINDS),
    key: text,
    value: maybeText.meta({ description: 'Written or read; null is "nothing there".' }),
    calledMs: ms,
    returnedMs: ms.nullable().meta({ description: 'Null while it is not known.' }),
    outcome: z.enum(OUTCOMES),
    version: text.optional(),
    origin: text.optional(),
    replica: z.int().optional(),
    calledEvent: z.int().optional(),
    returnedEvent: z.int().optional(),
  })
  .meta({ description: 'What a client did, and what it saw.' })

const verdict = z.strictObject({
  verdict: z.enum(['consistent', 'violated', 'undecided']),
  why: maybeText.meta({ description: 'What the witness shows, or why it is undecided.' }),
  witness: z.array(operation),
})

/** Where no bound holds, the figure is the text `none`. */
const figure = z.union([z.number(), z.literal('none')]).nullable()

export const verdicts = z.strictObject({
  verdicts: z.strictObject(
    Object.fromEntries(VERDICT_NAMES.map((name) => [name, verdict])) as Record<
      (typeof VERDICT_NAMES)[number],
      typeof verdict
    >,
  ),
  deltaMs: figure.meta({ description: 'The least Δ for which it is Δ-atomic.' }),
  k: figure.meta({ description: 'The least k for which it is k-atomic.' }),
  staleness: z.strictObject({
    reads: z.int(),
    stale: z.int(),
    p50Ms: ms,
    p99Ms: ms,
    mostMs: ms,
    mostVersions: z.int().nullable(),
  }),
  operations: z.int(),
  keys: z.int(),
  clients: z.int(),
  model: z.enum(MODELS),
  sinceMs: ms.nullable().meta({ description: 'From when it holds; null: from the start.' }),
})

nameSchemas({ Operation: operation, Verdict: verdict, Verdicts: verdicts })
