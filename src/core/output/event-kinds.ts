// What kind of thing each event is: its group, and how loudly it is told. One row per type; the compiler
// wants every type and the group it belongs to. Readers of events use these fields, never the sentences.

import type {
  ClusterEvent,
  CopyEvent,
  FaultEvent,
  HouseEvent,
  LeadershipEvent,
  MessageEvent,
  ReadEvent,
  WriteEvent,
} from '../events.ts'

type EventType = ClusterEvent['type']
export type EventLevel = 'debug' | 'info' | 'warn'

interface Groups {
  readonly write: WriteEvent
  readonly read: ReadEvent
  readonly message: MessageEvent
  readonly copy: CopyEvent
  readonly fault: FaultEvent
  readonly leadership: LeadershipEvent
  /** The lab itself: its clock, resets, restored records. */
  readonly lab: HouseEvent
}

export type EventGroup = keyof Groups

type GroupOf<T extends EventType> = {
  [G in EventGroup]: T extends Groups[G]['type'] ? G : never
}[EventGroup]

/** The level is asked of the event where the type alone does not say it. */
type Kinds = {
  readonly [T in EventType]: {
    readonly group: GroupOf<T>
    readonly level: EventLevel | ((event: Extract<ClusterEvent, { type: T }>) => EventLevel)
  }
}

const KINDS: Kinds = {
  'write-started': { group: 'write', level: 'debug' },
  'write-applied': { group: 'write', level: 'info' },
  'write-acknowledged': { group: 'write', level: 'debug' },
  // A client may lose what it believes was written: that deserves a warning.
  'write-failed': {
    group: 'write',
    level: ({ outcome }) => (outcome === 'unknown' ? 'warn' : 'info'),
  },
  'read-started': { group: 'read', level: 'debug' },
  'read-completed': { group: 'read', level: 'debug' },
  'read-failed': { group: 'read', level: 'debug' },
  'message-sent': { group: 'message', level: 'debug' },
  'message-held': { group: 'message', level: 'debug' },
  'message-released': { group: 'message', level: 'debug' },
  'message-lost': { group: 'message', level: 'debug' },
  'message-arrived': { group: 'message', level: 'debug' },
  'copy-applied': { group: 'copy', level: 'info' },
  'copy-early': { group: 'copy', level: 'debug' },
  'copy-refused': { group: 'copy', level: 'debug' },
  'acknowledgement-received': { group: 'copy', level: 'debug' },
  'record-repaired': { group: 'copy', level: 'info' },
  'catch-up-started': { group: 'copy', level: 'info' },
  'catch-up-finished': { group: 'copy', level: 'info' },
  'snapshot-installed': { group: 'copy', level: 'info' },
  'replica-crashed': { group: 'fault', level: 'info' },
  'replica-restarted': { group: 'fault', level: 'info' },
  'replica-paused': { group: 'fault', level: 'info' },
  'replica-resumed': { group: 'fault', level: 'info' },
  'record-forgotten': { group: 'fault', level: 'info' },
  'link-changed': { group: 'fault', level: 'info' },
  'network-partitioned': { group: 'fault', level: 'info' },
  'network-healed': { group: 'fault', level: 'info' },
  'leader-suspected': { group: 'leadership', level: 'warn' },
  'failover-ordered': { group: 'leadership', level: 'warn' },
  'failover-void': { group: 'leadership', level: 'info' },
  'leader-elected': { group: 'leadership', level: 'info' },
  'epoch-learned': {
    group: 'leadership',
    level: ({ dropped, steppedDown }) => (dropped > 0 ? 'warn' : steppedDown ? 'info' : 'debug'),
  },
  'clock-changed': { group: 'lab', level: 'info' },
  'cluster-reset': { group: 'lab', level: 'info' },
  'record-restored': { group: 'lab', level: 'info' },
  'restore-finished': { group: 'lab', level: 'info' },
}

/** The names of all events, for checking what a user asks for and for describing it. */
export const EVENT_TYPES: readonly string[] = Object.keys(KINDS)

export function groupOfEvent(event: ClusterEvent): EventGroup {
  return KINDS[event.type].group
}

/** The level alone, without making the sentence: a listener asks this first. */
export function levelOfEvent(event: ClusterEvent): EventLevel {
  const level = KINDS[event.type].level as EventLevel | ((event: ClusterEvent) => EventLevel)
  return typeof level === 'function' ? level(event) : level
}
