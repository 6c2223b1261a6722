// Who leads, and the ways back to a start.

import { ok } from '../errors.ts'
import type { ReplicaId } from '../nodes.ts'
import { resetCluster } from '../reset.ts'
import { NUMBER_MAX } from '../text/legal.ts'
import type { ClusterView, FailoverReply, RestoredCluster } from '../verbs.ts'
import { seeCluster } from './look.ts'
import { type ActRow, FLAG, optional, REPLICA, type Says, whole } from './row.ts'

interface FailingOver {
  readonly how: { readonly to?: ReplicaId; readonly force?: boolean }
}

export interface LeadershipVerbs {
  readonly failover: Says<FailingOver, FailoverReply>
  readonly reset: Says<{ readonly keep: 'nothing' | 'faults' | 'data' }, ClusterView>
  /** Takes over what an earlier run wrote. Before any other command. */
  readonly restore: Says<{ readonly how: RestoredCluster }, undefined>
}

export const LEADERSHIP: { readonly [V in keyof LeadershipVerbs]: ActRow<LeadershipVerbs[V]> } = {
  failover: {
    fields: { how: { to: optional({ kind: 'replica' }), force: FLAG } },
    run: ({ protocol }, { how }) => {
      const reply = protocol.failover.failover(how)
      return () => reply
    },
  },
  reset: {
    fields: { keep: { kind: 'word', words: ['faults', 'data'], unsaid: 'nothing' } },
    run: (workings, { keep }) => {
      resetCluster(workings, keep)
      return () => ok(seeCluster(workings))
    },
  },
  restore: {
    fields: {
      how: {
        leader: REPLICA,
        epoch: whole(1, NUMBER_MAX),
        records: { kind: 'records' },
        log: optional({ kind: 'log' }),
      },
    },
    run: ({ protocol }, { how }) => {
      protocol.failover.restore(how)
      return () => ok(undefined)
    },
  },
}
