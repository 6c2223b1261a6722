// Path parameters: which replica or end of a link a URL names. One that names none is 404, not 400, even
// where it is no number: the path is the name of a thing.

import type { Cluster } from '../core/cluster.ts'
import { API, type NodeId, type ReplicaId } from '../core/nodes.ts'
import { quote } from '../core/text/duration.ts'
import { readWhole } from '../core/text/legal.ts'
import { BadRequest, httpProblem } from './problems.ts'

type Path = Readonly<Record<string, string>>

export function replicaOf(path: Path, cluster: Cluster): ReplicaId {
  const text = path.id ?? ''
  return readWhole(text) ?? noSuch(text, cluster, '')
}

export function linkOf(path: Path, cluster: Cluster): { from: NodeId; to: NodeId } {
  return { from: nodeOf(path.from ?? '', cluster), to: nodeOf(path.to ?? '', cluster) }
}

function nodeOf(text: string, cluster: Cluster): NodeId {
  if (text === 'api') return API
  return readWhole(text) ?? noSuch(text, cluster, ', and the other end may be "api"')
}

function noSuch(text: string, cluster: Cluster, more: string): never {
  const replicas = cluster.view().replicas.map((replica) => replica.id)
  const known = `the replicas are 0 to ${replicas.length - 1}${more}`
  const detail = `There is no replica ${quote(text)}: ${known}.`
  throw new BadRequest(httpProblem('replica-not-found', detail, { facts: { replicas } }))
}
