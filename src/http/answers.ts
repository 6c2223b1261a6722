// The shapes of answers, for the API description; tests hold every answer against them. The compiler holds each
// shape against what the renderer makes (render.ts and core/output/). Requests are described by their routes.

import { z } from 'zod'
import { type Because, CAUSES, MESSAGE_KINDS } from '../core/nodes.ts'
import type { EventGroup, EventLevel } from '../core/output/event-kinds.ts'
import type { Json, JsonBeside } from '../core/output/json.ts'
import type { RecordJson } from '../core/record.ts'
import type * as V from '../core/verbs.ts'
import type { Call } from './call.ts'
import type { Renderer } from './render.ts'
import { nameSchemas } from './schemas.ts'

/** What the schema lets through and what the renderer makes must be one type, but for arrays' readonly. */
type Exactly<T, U> = [U] extends [T] ? ([T] extends [Json<U>] ? unknown : never) : never

/** A schema whose output is that type, or it does not compile. */
export function shape<T>() {
  return <S extends z.ZodType>(schema: S & Exactly<T, z.output<S>>): S => schema
}

const replicaId = z.int().min(0)
const nodeId = z.union([replicaId, z.literal('api')])
const milliseconds = z.number().min(0)
const replicaIds = z.array(replicaId)

const record = shape<RecordJson>()(
  z.strictObject({
    key: z.string(),
    value: z.string(),
    version: z.string().meta({ description: 'epoch.offset', example: '1.7' }),
    timestamp: z.string().meta({ format: 'date-time' }),
    origin: z
      .string()
      .exactOptional()
      .meta({ description: 'Its first version, where a new leader wrote it again.' }),
  }),
)

export const written = shape<JsonBeside<V.WriteReply>>()(
  record.extend({ acknowledgedBy: replicaIds }),
)
export const quorumWritten = shape<JsonBeside<V.QuorumWriteReply>>()(written.extend({ w: z.int() }))

const role = z.enum(['leader', 'follower'])

export const staleness = z
  .strictObject({
    versions: z.int().min(0),
    ms: milliseconds,
    diverged: z.literal(true).exactOptional(),
    atLeast: z.literal(true).exactOptional(),
  })
  .meta({ description: 'How many newer acknowledged records of the key this answer missed.' })

export const copy = z
  .strictObject({
    state: z.enum(['in-flight', 'held', 'none']),
    dueInMs: milliseconds.nullable(),
  })
  .meta({
    description:
      'The earliest copy of this key on its way that will show at this replica when it lands, while links and replicas stay as they are. It lands once all entries before it have; repairs are no copies. `in-flight` with `dueInMs` null: nobody can say when.',
  })

/** Of a stale answer alone: what had become of the newest record when it was given, in a word and in a clause. */
const because = shape<Because>()(
  z.strictObject({ cause: z.enum(CAUSES), text: z.string(), message: z.int().nullable() }),
)

export const readAnswer = shape<JsonBeside<V.ReadReply>>()(
  record.extend({ replica: replicaId, role, staleness, copy, because: because.exactOptional() }),
)
export const repairReadAnswer = shape<JsonBeside<V.RepairReadReply>>()(
  readAnswer.extend({ repaired: replicaIds }),
)
export const quorumReadAnswer = shape<JsonBeside<V.QuorumReadReply>>()(
  repairReadAnswer.extend({
    r: z.int(),
    answers: z.array(
      z.strictObject({ replica: replicaId, role, record: record.nullable(), staleness }),
    ),
  }),
)

export const clock = shape<Json<V.ClockView>>()(
  z.strictObject({
    mode: z.enum(['real', 'manual', 'instant']),
    rate: z.number(),
    nowMs: milliseconds,
  }),
)

export const replica = shape<Json<V.ReplicaView>>()(
  z.strictObject({
    id: replicaId,
    role,
    state: z.enum(['running', 'paused', 'crashed']),
    epoch: z.int(),
    appliedOffset: z.int(),
    lagVersions: z.int(),
    lagMs: milliseconds,
    lagAtLeast: z.literal(true).exactOptional().meta({
      description:
        'Lower bounds: no log has the oldest missed entry any more (`lagMs`), or the replica waits for a snapshot (`lagVersions` too).',
    }),
    keys: z.int(),
  }),
)

export const replicaWithRecords = shape<ReturnType<Renderer['replicaWithRecords']>>()(
  replica.extend({
    records: z.array(record),
    page: z.strictObject({ from: z.int(), limit: z.int(), total: z.int() }),
  }),
)

export const link = shape<Json<V.LinkView>>()(
  z.strictObject({
    from: nodeId,
    to: nodeId,
    state: z.enum(['up', 'cut', 'held']),
    holding: z
      .union([z.strictObject({ copies: z.int() }), z.strictObject({ key: z.string() })])
      .nullable(),
    lossRatio: z.number(),
    duplicateRatio: z.number(),
    latency: z.string(),
    messages: z.int(),
  }),
)

export const linkWithMessages = shape<ReturnType<Renderer['linkWithMessages']>>()(
  link.extend({
    onTheirWay: z.array(
      z.strictObject({
        message: z.int(),
        kind: z.enum(MESSAGE_KINDS),
        record: record.nullable(),
        state: z.enum(['in-flight', 'held']),
        dueMs: milliseconds,
        dueInMs: milliseconds,
      }),
    ),
  }),
)

export const cluster = shape<Json<V.ClusterView>>()(
  z.strictObject({
    seed: z.int(),
    epoch: z.int(),
    leader: replicaId.nullable(),
    clock,
    replicas: z.array(replica),
    links: z.array(link),
    waiting: z.int().meta({ description: 'Requests without an answer.' }),
    bytes: z
      .strictObject({
        max: z.int(),
        dataMax: z.int(),
        travellingMax: z.int(),
        data: z.int(),
        travelling: z.int(),
      })
      .meta({
        description:
          'Of keys and values, two a character: for all buffers, for one replica, for what is on its way; and what ' +
          'the fullest replica holds, and what is on its way now.',
      }),
  }),
)

const event = z
  .looseObject({
    id: z.int(),
    atMs: milliseconds,
    type: z.string(),
    level: shape<EventLevel>()(z.enum(['debug', 'info', 'warn'])),
    group: shape<EventGroup>()(
      z.enum(['write', 'read', 'message', 'copy', 'fault', 'leadership', 'lab']),
    ),
    text: z.string(),
  })
  .meta({ description: 'An event, as on the event stream.' })

export const advanced = z.strictObject({
  fromMs: milliseconds,
  nowMs: milliseconds,
  finished: z.boolean(),
  events: z.array(event),
  eventsLeftOut: z.int(),
})

export const failover = shape<Json<V.FailoverReply>>()(
  z.strictObject({
    epoch: z.int().meta({ description: 'The epoch it leads, or is to lead.' }),
    from: replicaId.meta({ description: 'Whoever took over last.' }),
    to: replicaId,
    pending: z.literal(true).exactOptional().meta({
      description:
        'It is paused and takes over when it resumes; a newer order makes this one void.',
    }),
  }),
)

const fate = shape<Json<V.WriteFate>>()(z.strictObject({ record, acknowledgedBy: replicaIds }))

export const failovers = shape<ReturnType<Renderer['failovers']>>()(
  z.strictObject({
    failovers: z.array(
      z.strictObject({
        atMs: milliseconds,
        fromEpoch: z.int(),
        epoch: z.int(),
        from: replicaId,
        to: replicaId,
        reason: z.enum(['asked', 'forced', 'suspected', 'restored']),
        leaderlessMs: milliseconds,
        lost: z.array(fate),
        survived: z.array(fate),
        lostWorkMs: milliseconds,
        truncated: z
          .boolean()
          .meta({ description: 'Older writes were forgotten: the lists may be short.' }),
        lostWrites: z.int(),
        survivedWrites: z.int(),
        text: z.string().meta({ description: 'All of it in a sentence.' }),
      }),
    ),
  }),
)

export const status = z.strictObject({ status: z.string() })
export const programVersion = z.strictObject({
  name: z.string(),
  version: z.string(),
  node: z.string(),
})

const remedyCall = shape<Omit<Call, 'client'>>()(
  z.strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
    path: z.string(),
    query: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
    body: z.record(z.string(), z.unknown()).exactOptional(),
  }),
)
const remedySetting = z.strictObject({ setting: z.string(), change: z.enum(['raise', 'lower']) })

export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  outcome: z.enum(['applied', 'not-applied', 'unknown']).optional(),
  remedies: z.array(z.union([remedyCall, remedySetting])).meta({
    description: 'Calls that may help, or options to start with, in the order to try them.',
  }),
  errors: z
    .array(
      z.strictObject({
        in: z.enum(['query', 'body', 'path', 'header']),
        field: z.string(),
        message: z.string(),
      }),
    )
    .optional(),
})

/** Any OpenAPI document; it does not describe itself further. */
export const apiDescription = z.looseObject({ openapi: z.string() })

/** Answers that are no JSON, by their media type. */
export const TEXTS = {
  'text/plain': z.string(),
  'text/html': z.string(),
  'text/event-stream': z.string().meta({
    description:
      'Server-sent events; the data of each is an `Event`, or says which ones are `missed`.',
  }),
  'application/edn': z.string().meta({ description: 'An EDN map a line.' }),
  'application/x-ndjson': z.string().meta({ description: 'A JSON value a line.' }),
} as const

nameSchemas({
  Record: record,
  Staleness: staleness,
  Copy: copy,
  Because: because,
  Written: written,
  QuorumWritten: quorumWritten,
  ReadAnswer: readAnswer,
  RepairReadAnswer: repairReadAnswer,
  QuorumReadAnswer: quorumReadAnswer,
  Clock: clock,
  Replica: replica,
  ReplicaWithRecords: replicaWithRecords,
  Link: link,
  LinkWithMessages: linkWithMessages,
  Cluster: cluster,
  Event: event,
  Advanced: advanced,
  Failover: failover,
  WriteFate: fate,
  Failovers: failovers,
  Status: status,
  Version: programVersion,
  ApiDescription: apiDescription,
  RemedyCall: remedyCall,
  RemedySetting: remedySetting,
  Problem: problem,
  Text: TEXTS['text/plain'],
  Html: TEXTS['text/html'],
  EventStream: TEXTS['text/event-stream'],
  EdnLines: TEXTS['application/edn'],
  JsonLines: TEXTS['application/x-ndjson'],
})
