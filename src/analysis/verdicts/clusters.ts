// One key's operations as clusters: a write with the reads that returned it. That needs each read to belong to one
// write, by version or because values are unique; where they repeat there are no clusters, and search.ts
// decides. After P. Gibbons and E. Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997.

import type { Operation } from '../history/operation.ts'
import { rankOfText } from '../history/ranks.ts'
import type { Case } from './verdict.ts'

const NEVER = Number.POSITIVE_INFINITY
const ALWAYS = Number.NEGATIVE_INFINITY

/** Its fields are instants, and beside each the operation whose it is; -1 is the time before the history. */
export class Cluster {
  /** The write; -1 where it is older than the history, or nobody's. */
  write = -1
  /** The least end, write included. */
  f = NEVER
  fOp = -1
  /** The write's start, or the greatest of a chain's writes. */
  w = ALWAYS
  wOp = -1
  /** The greatest start of a read. */
  r = ALWAYS
  rOp = -1
  /** The least end of a read. */
  rf = NEVER
  rfOp = -1
  /** It happened for sure: its write is ok, or somebody read it. */
  isDefinite = false
  isWritten = false
  /** What its compare-and-set expected; undefined for a plain write. */
  from: string | null | undefined
  readonly value: string | null
  /** Where its version sorts; 0 for "nothing there", and without versions. */
  readonly rank: number
  /** Among the clusters of its key, once they are in an order. */
  place = -1

  constructor(value: string | null, version?: string | null) {
    this.value = value
    this.rank = rankOfText(version ?? '') ?? 0
  }

  addRead(op: number, start: number, end: number): void {
    this.isDefinite = true
    if (end < this.rf) {
      this.rf = end
      this.rfOp = op
    }
    if (start > this.r) {
      this.r = start
      this.rOp = op
    }
  }
}

export interface Reads {
  readonly ops: number[]
  readonly clusters: Cluster[]
}

export type Clustering =
  | {
      readonly kind: 'clusters'
      readonly clusters: readonly Cluster[]
      /** Every ok read, and what it returned. */
      readonly reads: Reads
      /** By what reads found their writes. */
      readonly by: 'version' | 'value'
    }
  /** A read that cannot be, alone or with the write that came too late. */
  | { readonly kind: 'impossible'; readonly ops: readonly number[] }
  /** Values repeat, or a fact stands about the state that no cluster can hold. */
  | { readonly kind: 'repeats' }

/** @param indices the operations of one key */
export function clusterKey(one: Case, indices: readonly number[]): Clustering {
  if (one.model === 'append') return { kind: 'repeats' }
  const by = mapping(one, indices)
  const clusters = new Map<string | null, Cluster>()
  const initial = new Cluster(null)
  initial.f = ALWAYS
  initial.isWritten = true
  clusters.set(null, initial)
  if (!addWrites(one, indices, by, clusters)) return { kind: 'repeats' }
  const reads: Reads = { ops: [], clusters: [] }
  const stray = addReads(one, indices, by, clusters, reads)
  return stray ?? complete(one, by, [...clusters.values()], reads)
}

/** Versions are the surer way, but every operation that counts must have one. */
function mapping(one: Case, indices: readonly number[]): 'version' | 'value' {
  let isEverDeleted = false
  let isBareNull = false
  for (const i of indices) {
    const { kind, outcome, version, value } = one.operations[i] as Operation
    if (kind === 'cas') return 'value'
    if (kind === 'delete') isEverDeleted = true
    if (outcome !== 'ok' || version !== undefined) continue
    if (kind !== 'read' || value !== null) return 'value'
    isBareNull = true
  }
  // Whether "nothing there" is the beginning or a deletion, only a version would tell.
  return isEverDeleted && isBareNull ? 'value' : 'version'
}

/** What tells one write from another: its first version, or its value. */
function identityOf(operation: Operation, by: 'version' | 'value'): string | null {
  const { kind, version, origin, value } = operation
  if (by === 'version' && version !== undefined) return origin ?? version
  return kind === 'delete' ? null : value
}

/** @returns false when two writes have one identity */
function addWrites(
  one: Case,
  indices: readonly number[],
  by: 'version' | 'value',
  clusters: Map<string | null, Cluster>,
): boolean {
  for (const i of indices) {
    const operation = one.operations[i] as Operation
    const { kind, outcome, version } = operation
    if (kind === 'read' || outcome === 'failed') continue
    if (kind === 'append') return false
    // Of unknown writes without a version, one may be the write that a read's version names.
    if (by === 'version' && version === undefined) continue
    const id = identityOf(operation, by)
    if (clusters.has(id)) return false
    const cluster = new Cluster(
      kind === 'delete' ? null : operation.value,
      by === 'version' ? id : null,
    )
    setWrite(one, cluster, i)
    if (kind === 'cas') cluster.from = operation.from ?? null
    clusters.set(id, cluster)
  }
  return true
}

function setWrite(one: Case, cluster: Cluster, i: number): void {
  cluster.write = cluster.wOp = cluster.fOp = i
  cluster.w = one.start[i] as number
  cluster.f = one.end[i] as number
  cluster.isWritten = true
  cluster.isDefinite ||= (one.operations[i] as Operation).outcome === 'ok'
}

function addReads(
  one: Case,
  indices: readonly number[],
  by: 'version' | 'value',
  clusters: Map<string | null, Cluster>,
  reads: Reads,
): Clustering | undefined {
  for (const i of indices) {
    const operation = one.operations[i] as Operation
    const { kind, outcome } = operation
    let id: string | null
    let value = operation.value
    if (kind === 'read' && outcome === 'ok') id = identityOf(operation, by)
    else if (kind === 'cas' && outcome === 'failed' && one.failedCas === 'fact') {
      if (operation.seen === undefined) return { kind: 'repeats' }
      id = value = operation.seen
    } else continue
    let cluster = clusters.get(id)
    if (!cluster) {
      cluster = new Cluster(value, by === 'version' ? id : null)
      if (by === 'version' && !adopt(one, indices, cluster)) return { kind: 'repeats' }
      clusters.set(id, cluster)
    }
    if (cluster.value !== value) return { kind: 'impossible', ops: [cluster.write, i] }
    cluster.addRead(i, one.start[i] as number, one.end[i] as number)
    if (kind !== 'read') continue
    reads.ops.push(i)
    reads.clusters.push(cluster)
  }
  return undefined
}

/**
 * A read names a version that no known write has: it may be a write of unknown outcome with the same value.
 * @returns false when there are several, and nobody can tell which
 */
function adopt(one: Case, indices: readonly number[], cluster: Cluster): boolean {
  const unknown = indices.filter((i) => {
    const { kind, outcome, version, value } = one.operations[i] as Operation
    return (
      kind === 'write' && outcome === 'unknown' && version === undefined && value === cluster.value
    )
  })
  if (unknown.length === 1) setWrite(one, cluster, unknown[0] as number)
  return unknown.length < 2
}

function complete(
  one: Case,
  by: 'version' | 'value',
  clusters: readonly Cluster[],
  reads: Reads,
): Clustering {
  for (const cluster of clusters) {
    if (!cluster.isWritten && !one.isPartial) {
      if (cluster.rfOp >= 0) return { kind: 'impossible', ops: [cluster.rfOp] }
    }
    if (cluster.rf < cluster.w) {
      // The value may have been written before as well, by an operation that is missing.
      if (one.isPartial && by === 'value') return { kind: 'repeats' }
      return { kind: 'impossible', ops: [cluster.write, cluster.rfOp] }
    }
    if (cluster.rf < cluster.f) {
      cluster.f = cluster.rf
      cluster.fOp = cluster.rfOp
    }
  }
  return { kind: 'clusters', by, reads, clusters: needed(clusters) }
}

/** Without the writes of unknown outcome that nothing needs: neither a read, nor a cas that is needed. */
function needed(clusters: readonly Cluster[]): readonly Cluster[] {
  if (clusters.every((cluster) => cluster.from === undefined)) {
    return clusters.filter((cluster) => cluster.isDefinite)
  }
  const byValue = new Map(clusters.map((cluster) => [cluster.value, cluster]))
  const kept = new Set<Cluster>()
  for (const cluster of clusters) {
    let next: Cluster | undefined = cluster.isDefinite ? cluster : undefined
    while (next && !kept.has(next)) {
      kept.add(next)
      next = next.from === undefined ? undefined : byValue.get(next.from)
    }
  }
  return [...kept]
}
