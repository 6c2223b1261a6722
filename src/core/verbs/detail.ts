// The cluster in more detail: what each replica has of the newest keys, held against what clients were told. Whoever
// shows a cluster shows this, and works out nothing of it.

import { isStale, type ReplicaId } from '../nodes.ts'
import { narrate } from '../output/narrate.ts'
import type { Parts } from '../parts.ts'
import type { Replica } from '../replica/replica.ts'
import { NONE } from '../requests/landing.ts'
import type { Reads } from '../requests/reads.ts'
import type { DetailedView, Freshness, RowView } from '../verbs.ts'
import { seeCluster } from './look.ts'
import type { Workings } from './row.ts'

/** @param keysMax rows of each replica */
export function seeDetail(workings: Workings, keysMax: number): DetailedView {
  const { parts, reads, failover } = workings.protocol
  const cluster = seeCluster(workings)
  const isLeft = (key: string) => parts.replicas.some(({ store }) => store.get(key))
  const keys = parts.observer.newestKeys(keysMax, isLeft)
  const rows = parts.replicas.map((replica) => keys.map((key) => rowOf(parts, reads, replica, key)))
  const view = {
    ...cluster,
    lastEvent: workings.emitter.lastId,
    keys,
    rows,
    deposed: parts.replicas.filter((one) => isDeposed(parts, one)).map(({ id }): ReplicaId => id),
    held: cluster.links.map(({ from, to }) => parts.network.link(from, to).held.length),
    lostWrites: failover.costs.lostWrites(),
  }
  return { ...view, sentence: narrate(view, parts.order) }
}

function rowOf(parts: Parts, reads: Reads, replica: Replica, key: string): RowView {
  const { observer, now } = parts
  const entry = parts.keys.find(key)
  const record = (entry && replica.store.at(entry.slot)) ?? null
  const staleness = observer.staleness(key, record, observer.acknowledgements, now)
  const isBehind = isStale(staleness) || record === null
  return {
    record,
    staleness,
    freshness: freshnessOf(parts, { record, staleness }),
    copy: isBehind ? reads.copyTo(replica, key) : NONE,
  }
}

function freshnessOf(
  { observer }: Parts,
  { record, staleness }: Pick<RowView, 'record' | 'staleness'>,
): Freshness {
  if (staleness.diverged) return 'lost'
  if (staleness.versions > 0) return record ? 'stale' : 'missing'
  if (record === null) return 'none'
  return observer.isUnacknowledged(record) ? 'ahead' : 'fresh'
}

function isDeposed(parts: Parts, { role, epoch }: Replica): boolean {
  return role === 'leader' && epoch < parts.ledEpoch
}
