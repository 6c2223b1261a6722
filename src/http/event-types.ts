// The names of all events at run time, for checking `?types=` and for describing it. TypeScript refuses to
// compile when the core knows another set.

import type { ClusterEvent } from '../core/events.ts'

const NAMES: Readonly<Record<ClusterEvent['type'], true>> = {
  'write-applied': true,
  'write-acknowledged': true,
  'write-failed': true,
  'read-started': true,
  'read-completed': true,
  'read-failed': true,
  'message-sent': true,
  'message-held': true,
  'message-released': true,
  'message-lost': true,
  'copy-applied': true,
  'copy-early': true,
  'copy-refused': true,
  'acknowledgement-received': true,
  'record-repaired': true,
  'catch-up-started': true,
  'catch-up-finished': true,
  'replica-crashed': true,
  'replica-restarted': true,
  'replica-paused': true,
  'replica-resumed': true,
  'record-forgotten': true,
  'link-changed': true,
  'network-partitioned': true,
  'network-healed': true,
  'leader-suspected': true,
  'leader-elected': true,
  'epoch-learned': true,
  'clock-changed': true,
  'cluster-reset': true,
  'record-restored': true,
  'restore-finished': true,
}

export const EVENT_TYPES: readonly string[] = Object.keys(NAMES)
