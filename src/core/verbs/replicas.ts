// The faults that befall one replica, and their counterparts.

import { failed, type Problem } from '../errors.ts'
import type { ReplicaFaults } from '../faults/replica-faults.ts'
import type { ReplicaId } from '../nodes.ts'
import type { ForTime, ReplicaView } from '../verbs.ts'
import { noReplica, seeReplica } from './look.ts'
import { type ActRow, type Fields, FLAG, FOR, KEY, REPLICA, type Says } from './row.ts'

interface OnReplica {
  readonly replica: ReplicaId
}

export interface ReplicaVerbs {
  readonly crash: Says<
    OnReplica & { readonly how: ForTime & { readonly keepData?: boolean } },
    ReplicaView
  >
  readonly restart: Says<OnReplica, ReplicaView>
  readonly pause: Says<OnReplica & { readonly how: ForTime }, ReplicaView>
  readonly resume: Says<OnReplica, ReplicaView>
  readonly forget: Says<OnReplica & { readonly key: string }, ReplicaView>
}

export const REPLICAS: { readonly [V in keyof ReplicaVerbs]: ActRow<ReplicaVerbs[V]> } = {
  crash: onReplica({ replica: REPLICA, how: { keepData: FLAG, forUs: FOR } }, (faults, given) =>
    faults.crash(given.replica, given.how),
  ),
  restart: onReplica({ replica: REPLICA }, (faults, { replica }) => faults.restart(replica)),
  pause: onReplica({ replica: REPLICA, how: { forUs: FOR } }, (faults, { replica, how }) =>
    faults.pause(replica, how),
  ),
  resume: onReplica({ replica: REPLICA }, (faults, { replica }) => faults.resume(replica)),
  forget: onReplica({ replica: REPLICA, key: KEY }, (faults, { replica, key }) =>
    faults.forget(replica, key),
  ),
}

/** Then looks: what fell due at this instant is in the view. */
function onReplica<G extends OnReplica>(
  fields: Fields<G>,
  fault: (faults: ReplicaFaults, given: G) => Problem | undefined,
): ActRow<Says<G, ReplicaView>> {
  const run: ActRow<Says<G, ReplicaView>>['run'] = (workings, given) => {
    const { parts, replicaFaults } = workings.protocol
    const { replica } = given
    const refusal = parts.has(replica) ? fault(replicaFaults, given) : noReplica(parts, replica)
    return () => (refusal ? failed(refusal) : seeReplica(workings.protocol.parts, replica))
  }
  return { fields, run }
}
