// Forecasts that requests have asked for: a few at once, on threads of their own, and none for whoever has left.

import { z } from 'zod'
import type { ForecastSettings } from '../analysis/forecast/settings.ts'
import type { Tally } from '../analysis/forecast/tally.ts'
import { BOUNDS } from '../core/bounds.ts'
import { type HttpProblem, httpProblem } from './problems.ts'
import { nameSchemas } from './schemas.ts'

/**
 * Runs the trials, on threads that only the runtime knows.
 * @param how.module whose chunks of trials are run, as a URL; the forecast's own unless said
 * @param how.signal stops it: then there are fewer trials than were asked for, perhaps none
 */
export type Forecaster = (
  settings: ForecastSettings,
  how: { readonly module?: string; readonly signal: AbortSignal },
) => Promise<Tally>

export class Predictions {
  readonly #forecast: Forecaster
  #running = 0

  constructor(forecast: Forecaster) {
    this.#forecast = forecast
  }

  /** Why there can be no more now. */
  get full(): HttpProblem | undefined {
    if (this.#running < BOUNDS.predictionsMax) return undefined
    const detail = `${this.#running} forecasts are being worked out, as many as there may be at once: wait for one to end.`
    return httpProblem('too-many-predictions', detail)
  }

  async run<T>(job: (forecast: Forecaster) => Promise<T>): Promise<T> {
    this.#running++
    try {
      return await job(this.#forecast)
    } finally {
      this.#running--
    }
  }
}

const milliseconds = z.number().min(0)
/** What will never be is null. */
const msOrNever = milliseconds.nullable()

const chance = z.strictObject({
  chance: z.number().min(0).max(1),
  standardError: z.number().nullable(),
  exact: z.boolean(),
})

const quantiles = z.strictObject({
  p50: msOrNever,
  p99: msOrNever,
  p999: msOrNever,
  exact: z.boolean(),
})

const row = z.strictObject({
  reads: z.string().meta({ description: 'Where reads go.', example: 'any follower' }),
  w: z.int(),
  r: z.int().nullable(),
  strict: z.boolean().meta({ description: 'No read can be stale.' }),
  fresh: z.array(chance.extend({ atMs: milliseconds })),
  freshWithin: z.array(
    z.strictObject({
      goal: z.number(),
      ms: msOrNever,
      standardErrorMs: z.number().nullable(),
      exact: z.boolean(),
    }),
  ),
  versionsBehind: z.array(chance.extend({ k: z.int() })),
  writeLatencyMs: quantiles,
  readLatencyMs: quantiles,
})

const leg = z.string()

/** As `predict --json` prints it. */
export const prediction = z.strictObject({
  settings: z.strictObject({
    topology: z.enum(['leader', 'leaderless']),
    replicas: z.int(),
    latency: z.strictObject({ replicate: leg, acknowledge: leg, request: leg, respond: leg }),
    betweenCentresMs: milliseconds.nullable(),
    ratePerSecond: z.number(),
    writes: z.enum(['poisson', 'even']),
    keys: z.int(),
    readsTo: z.enum(['all', 'r']),
    seed: z.int(),
    trialsFrom: z.int(),
  }),
  assumptions: z.array(z.string()),
  trials: z.int(),
  rows: z.array(row),
  measured: z
    .strictObject({
      trials: z.int(),
      rows: z.array(row),
      agrees: z.boolean(),
      freshRmse: z.number().nullable(),
      behindRmse: z.number().nullable(),
      verdict: z.string(),
    })
    .optional(),
})

nameSchemas({ Prediction: prediction, PredictionRow: row })
