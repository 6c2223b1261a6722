// The shape of a cluster in detail: rows of its newest keys, and what to make of them.

import { z } from 'zod'
import type { DetailedJson, RowJson } from '../core/output/render-views.ts'
import { cluster, copy, link, replica, shape, staleness } from './answers.ts'
import { nameSchemas } from './schemas.ts'

const row = shape<RowJson>()(
  z.strictObject({
    version: z.string().nullable(),
    value: z.string().nullable().meta({ description: 'Cut after 100 characters.' }),
    freshness: z.enum(['fresh', 'stale', 'missing', 'none', 'ahead', 'lost']).meta({
      description:
        'Against what clients were told: `stale` and `missing` lack something acknowledged, `ahead` is not ' +
        'acknowledged yet, `lost` is in no log any more, and `none` is a key that nobody was told of.',
    }),
    staleness,
    copy,
  }),
)

/** With `records` in the query; else without rows and what goes with them. */
export const clusterInDetail = z.union([
  cluster,
  shape<DetailedJson>()(
    cluster.extend({
      lastEvent: z.string().meta({ description: 'The id of the last event that is included.' }),
      keys: z.array(z.string()).meta({ description: 'The newest first; a row of each.' }),
      replicas: z.array(
        replica.extend({ deposed: z.literal(true).exactOptional(), rows: z.array(row) }),
      ),
      links: z.array(link.extend({ held: z.int() })),
      lostWrites: z.int().meta({ description: 'Acknowledged writes that failovers have lost.' }),
      sentence: z.strictObject({
        tone: z.enum(['calm', 'busy', 'stale', 'fault']),
        text: z.string(),
      }),
    }),
  ),
])

nameSchemas({ Row: row, ClusterInDetail: clusterInDetail })
