// What a lab may be started with: the options of a cluster, as fields of JSON. What is not said is as at the server's
// start.

import { z } from 'zod'
import { BOUNDS } from '../../core/bounds.ts'
import type { ClusterOptions } from '../../core/options.ts'
import { jsonName } from '../../core/output/json.ts'
import { parseLatencyFlag, withLegs } from '../../core/text/latency-legs.ts'
import { CLUSTER_OPTIONS, type ClusterOptionName, type OptionKind } from '../../core/text/legal.ts'
import { camelCase } from '../../core/text/say.ts'
import { msFromUs, usFromMs } from '../../core/units.ts'
import { contradiction } from '../../scenario/header.ts'
import * as fields from '../fields.ts'
import { BadRequest, invalidRequest } from '../problems.ts'

const LATENCY_CHARS_MAX = 1_000

/** What a field is called: as its flag is, and a duration by its unit too. */
export function fieldOf(name: ClusterOptionName): string {
  const { kind } = CLUSTER_OPTIONS[name]
  const camel = camelCase(name)
  return kind.kind.startsWith('duration') ? jsonName(`${camel}Us`) : camel
}

const NAMES = Object.keys(CLUSTER_OPTIONS) as ClusterOptionName[]

export const labOptions = z.strictObject({
  ...Object.fromEntries(NAMES.map((name) => [fieldOf(name), schemaOf(name).optional()])),
  clock: z.enum(['real', 'manual', 'instant']).optional(),
  rate: z.number().min(BOUNDS.rateMin).max(BOUNDS.rateMax).optional(),
  wal: z
    .never({ error: 'is not for a lab: only the server itself has a write-ahead file' })
    .optional()
    .meta({ description: 'Not for labs: only the server itself has a write-ahead file.' }),
})

function schemaOf(name: ClusterOptionName): z.ZodType {
  const { kind, help } = CLUSTER_OPTIONS[name]
  return ofKind(kind).meta({ description: help })
}

function ofKind(kind: OptionKind): z.ZodType {
  switch (kind.kind) {
    case 'whole':
      return fields.whole(kind.min, kind.max)
    case 'duration':
      return fields.milliseconds(msFromUs(kind.minUs), kind.maxUs)
    case 'duration-or-off':
      return fields.milliseconds(msFromUs(kind.minUs), kind.maxUs).nullable()
    case 'legs':
      return z.string().max(LATENCY_CHARS_MAX)
  }
}

/** @throws BadRequest where a latency cannot be read, or options do not go together */
export function optionsOf(
  given: z.output<typeof labOptions>,
  defaults: ClusterOptions,
): ClusterOptions {
  const { clock: mode = defaults.clock.mode, rate = defaults.clock.rate } = given
  const options: Record<string, unknown> = { ...defaults, clock: { mode, rate } }
  for (const name of NAMES) {
    const { key, kind } = CLUSTER_OPTIONS[name]
    const value = (given as Record<string, unknown>)[fieldOf(name)]
    if (value === undefined) continue
    if (kind.kind === 'legs') options[key] = latencyOf(value as string, defaults)
    else if (typeof value === 'number' && kind.kind !== 'whole') options[key] = usFromMs(value)
    else options[key] = value
  }
  const complete = options as unknown as ClusterOptions
  const fault = contradiction(complete)
  if (fault) throw wrong(fieldOf(fault.option as ClusterOptionName), fault.message)
  return complete
}

function latencyOf(text: string, defaults: ClusterOptions): ClusterOptions['latency'] {
  const legs = parseLatencyFlag(text)
  if (!legs.ok) throw wrong('latency', legs.message)
  return withLegs(defaults.latency, legs.value)
}

function wrong(field: string, message: string): BadRequest {
  const error = { in: 'body', field, message: `Field "${field}": ${message}.` } as const
  return new BadRequest(invalidRequest([error]))
}
