// One or more events of every type, for tests that must hold for all of them. The compiler sees to it
// that none is missing.

import type { ClusterEvent, EventBody } from '../../src/core/events.ts'
import type { StoredRecord } from '../../src/core/record.ts'

type Typed<T, E = ClusterEvent> = E extends { type: infer U }
  ? T extends U
    ? Omit<E, 'type'> & { readonly type: T }
    : never
  : never

export function recordOf(changes: Partial<StoredRecord> = {}): StoredRecord {
  return {
    key: 'user:1',
    value: 'Jessica',
    epoch: 1,
    offset: 1,
    writtenUs: 0,
    quorum: false,
    ...changes,
  }
}

export function eventOf(body: EventBody): ClusterEvent {
  return { id: 1, atUs: 0, ...body }
}

const record = recordOf()
const staleness = { versions: 0, us: 0, diverged: false, atLeast: false }
const answer = { replica: 0, role: 'leader', record, staleness } as const
const by = { request: 1, client: 'default' }
const way = { message: 7, from: 0, to: 1 }
const base = { id: 1, atUs: 1_500 }

export const EVENT_SAMPLES: { [T in ClusterEvent['type']]: Typed<T> } = {
  'write-started': {
    ...base,
    ...by,
    type: 'write-started',
    replica: 0,
    key: 'user:1',
    value: 'Jessica',
    w: null,
  },
  'write-applied': {
    ...base,
    ...by,
    type: 'write-applied',
    replica: 0,
    record,
    w: null,
    lags: [0, 1],
  },
  'write-acknowledged': {
    ...base,
    ...by,
    type: 'write-acknowledged',
    record,
    w: 2,
    acknowledgedBy: [0, 2],
  },
  'write-failed': {
    ...base,
    ...by,
    type: 'write-failed',
    key: 'user:1',
    value: 'Jessica',
    record,
    code: 'quorum-timeout',
    outcome: 'unknown',
  },
  'read-started': {
    ...base,
    ...by,
    type: 'read-started',
    kind: 'read-with-quorum',
    key: 'user:1',
    replicas: [0, 1],
  },
  'read-completed': {
    ...base,
    ...by,
    type: 'read-completed',
    kind: 'read',
    key: 'user:1',
    answer,
    answers: [answer],
    repaired: [],
    because: null,
  },
  'read-failed': {
    ...base,
    ...by,
    type: 'read-failed',
    kind: 'follower-read',
    key: 'user:1',
    code: 'key-not-found',
    answer: null,
    because: null,
  },
  'message-sent': {
    ...base,
    ...way,
    type: 'message-sent',
    kind: 'copy',
    dueUs: 200_250,
    record,
    request: null,
  },
  'message-held': { ...base, ...way, type: 'message-held' },
  'message-released': { ...base, ...way, type: 'message-released' },
  'message-lost': {
    ...base,
    ...way,
    type: 'message-lost',
    kind: 'request',
    from: -1,
    reason: 'cut',
    record: null,
  },
  'message-arrived': { ...base, ...way, type: 'message-arrived', kind: 'response' },
  'copy-applied': {
    ...base,
    type: 'copy-applied',
    message: 7,
    replica: 1,
    record,
    quorum: false,
    alreadyHad: false,
    lagVersions: 2,
  },
  'copy-early': { ...base, type: 'copy-early', message: 7, replica: 1, record, missing: 3 },
  'copy-refused': {
    ...base,
    type: 'copy-refused',
    message: 7,
    replica: 1,
    record: null,
    reason: 'old-epoch',
  },
  'acknowledgement-received': {
    ...base,
    type: 'acknowledgement-received',
    message: 8,
    leader: 0,
    from: 1,
    appliedOffset: 4,
  },
  'record-repaired': { ...base, type: 'record-repaired', replica: 1, role: 'follower', record },
  'catch-up-started': {
    ...base,
    type: 'catch-up-started',
    leader: 0,
    replica: 2,
    kind: 'entries',
    count: 1,
  },
  'catch-up-finished': {
    ...base,
    type: 'catch-up-finished',
    leader: 0,
    replica: 2,
    kind: 'snapshot',
    count: 12,
  },
  'snapshot-installed': {
    ...base,
    type: 'snapshot-installed',
    message: 9,
    leader: 0,
    replica: 2,
    offset: 30,
    records: 12,
  },
  'replica-crashed': {
    ...base,
    type: 'replica-crashed',
    replica: 1,
    keepData: false,
    forUs: 500_000,
  },
  'replica-restarted': { ...base, type: 'replica-restarted', replica: 1, undone: true },
  'replica-paused': { ...base, type: 'replica-paused', replica: 1, forUs: null },
  'replica-resumed': { ...base, type: 'replica-resumed', replica: 1, undone: false },
  'record-forgotten': { ...base, type: 'record-forgotten', replica: 0, key: 'user:1' },
  'link-changed': {
    ...base,
    type: 'link-changed',
    from: -1,
    to: 1,
    state: 'held',
    verb: 'hold',
    only: { copies: 2 },
    settings: null,
    forUs: null,
    undone: false,
  },
  'network-partitioned': {
    ...base,
    type: 'network-partitioned',
    groups: [[-1, 0], [1]],
    forUs: 1_000,
  },
  'network-healed': { ...base, type: 'network-healed', undone: true },
  'leader-suspected': { ...base, type: 'leader-suspected', replica: 0, silentUs: 1_500_000 },
  'failover-ordered': {
    ...base,
    type: 'failover-ordered',
    fromEpoch: 1,
    epoch: 2,
    from: 0,
    to: 1,
    reason: 'asked',
  },
  'failover-void': { ...base, type: 'failover-void', epoch: 2, to: 1, reason: 'newer-order' },
  'leader-elected': {
    ...base,
    type: 'leader-elected',
    fromEpoch: 1,
    epoch: 2,
    from: 0,
    to: 1,
    reason: 'asked',
    firstOffset: 5,
    table: [{ epoch: 1, firstOffset: 1 }],
  },
  'epoch-learned': {
    ...base,
    type: 'epoch-learned',
    replica: 0,
    epoch: 2,
    steppedDown: true,
    dropped: 3,
  },
  'clock-changed': { ...base, type: 'clock-changed', mode: 'real', rate: 2 },
  'cluster-reset': { ...base, type: 'cluster-reset', keep: 'faults' },
  'record-restored': { ...base, type: 'record-restored', replica: 0, record },
  'restore-finished': { ...base, type: 'restore-finished', replica: 0, records: 1_234, epoch: 3 },
}
