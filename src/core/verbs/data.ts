// Writes and reads: the verbs that get a number, and an answer when simulated time has brought it.

import { BOUNDS } from '../bounds.ts'
import { NUMBER_MAX } from '../text/legal.ts'
import type {
  FollowerReadRequest,
  QuorumReadReply,
  QuorumReadRequest,
  QuorumWriteReply,
  QuorumWriteRequest,
  ReadReply,
  ReadRequest,
  RepairReadReply,
  WriteReply,
  WriteRequest,
} from '../verbs.ts'
import {
  CLIENT,
  duration,
  type Field,
  type Fields,
  KEY,
  optional,
  QUORUM,
  REPLICA,
  type RequestRow,
  type Says,
  VALUE,
  whole,
} from './row.ts'

export interface RequestVerbs {
  readonly write: Says<{ readonly how: WriteRequest }, WriteReply>
  readonly 'write-with-quorum': Says<{ readonly how: QuorumWriteRequest }, QuorumWriteReply>
  readonly read: Says<{ readonly how: ReadRequest }, ReadReply>
  readonly 'follower-read': Says<{ readonly how: FollowerReadRequest }, ReadReply>
  readonly 'read-with-repair': Says<{ readonly how: ReadRequest }, RepairReadReply>
  readonly 'read-with-quorum': Says<{ readonly how: QuorumReadRequest }, QuorumReadReply>
}

/** By its number; only the gate issues it, where a client leaves. */
interface Abandoning {
  readonly request: number
}

export interface DataVerbs extends RequestVerbs {
  readonly abandon: Says<Abandoning, never>
}

const WRITE = { key: KEY, value: VALUE, client: CLIENT }
const TO: Field = { kind: 'replica', optional: true }
const READ = { key: KEY, client: CLIENT }

export const REQUESTS: { readonly [V in keyof RequestVerbs]: RequestRow<RequestVerbs[V]> } = {
  write: {
    fields: { how: { ...WRITE, replica: TO } },
    start: ({ writes }, how, done) => writes.write(how, done),
  },
  'write-with-quorum': {
    fields: {
      how: {
        ...WRITE,
        w: QUORUM,
        timeoutUs: optional(duration(1, BOUNDS.latencyUsMax)),
        replica: TO,
      },
    },
    start: ({ writes }, how, done) => writes.writeWithQuorum(how, done),
  },
  read: {
    fields: { how: READ },
    start: ({ reads }, how, done) => reads.read(how, done),
  },
  'follower-read': {
    fields: { how: { ...READ, replica: REPLICA } },
    start: ({ reads }, how, done) => reads.followerRead(how, done),
  },
  'read-with-repair': {
    fields: { how: READ },
    start: ({ reads }, how, done) => reads.readWithRepair(how, done),
  },
  'read-with-quorum': {
    fields: {
      how: {
        ...READ,
        r: QUORUM,
        replicas: optional({ kind: 'replicas' }),
        repair: optional({
          kind: 'word',
          words: ['blocking', 'async', 'false'],
          also: { true: 'blocking' },
        }),
      },
    },
    start: ({ reads }, how, done) => reads.readWithQuorum(how, done),
  },
}

export const ABANDON: { readonly fields: Fields<Abandoning> } = {
  fields: { request: whole(1, NUMBER_MAX) },
}
