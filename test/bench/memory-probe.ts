// Measures memory in a process of its own, with nothing else on the heap: node --expose-gc. Prints what it
// found as JSON.

import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterOptions } from '../../src/core/options.ts'

const COPIES = 1_000_000
const RECORDS = 20_000
const VALUE_CHARS = 1_000
const IDLE_HOURS = 10
const US_PER_HOUR = 3_600_000_000

const found = {
  copies: COPIES,
  bytesPerCopy: bytesPerCopy(),
  valueChars: VALUE_CHARS,
  bytesPerRecord: [2, 3, 5].map((replicas) => ({ replicas, bytes: bytesPerRecord(replicas) })),
  idleHours: IDLE_HOURS,
  idleBytes: idleBytes(),
}
process.stdout.write(JSON.stringify(found))

function usedBytes(): number {
  const { gc } = globalThis
  if (!gc) throw new Error('start this with --expose-gc')
  // Twice: what a finalizer lets go of is freed by the next one.
  gc()
  gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** All that a million copies on their way hold: themselves, their records, the queue, the log. */
function bytesPerCopy(): number {
  const followers = 2
  const before = usedBytes()
  const cluster = new Cluster({ followers })
  for (let i = 0; i < COPIES / followers; i++) {
    cluster.write({ key: `user:${i % 1_000}`, value: 'Jessica' }, () => undefined)
  }
  const bytes = usedBytes() - before
  const onTheirWay = cluster.view().links.reduce((sum, link) => sum + link.messages, 0)
  if (onTheirWay !== COPIES) throw new Error(`${onTheirWay} copies are on their way`)
  return bytes / COPIES
}

/** Once every replica has every record. */
function bytesPerRecord(replicas: number): number {
  const before = usedBytes()
  const cluster = filled({ followers: replicas - 1 })
  const bytes = usedBytes() - before
  if (cluster.view().replicas.some((replica) => replica.keys !== RECORDS))
    throw new Error('not idle')
  return bytes / RECORDS
}

/** Left alone but for its heartbeats, which automatic failover brings. */
function idleBytes(): number {
  const cluster = filled({ autoFailoverUs: 10_000_000 })
  const pass = (us: number) => {
    for (let reply = cluster.advance({ us }); reply.ok && !reply.value.finished; ) {
      reply = cluster.advance({ us })
    }
  }
  pass(US_PER_HOUR)
  const before = usedBytes()
  pass(IDLE_HOURS * US_PER_HOUR)
  const grown = usedBytes() - before
  return cluster.view().leader === 0 ? grown : Number.NaN
}

function filled(options: Partial<ClusterOptions>): Cluster {
  const cluster = new Cluster(options)
  for (let i = 0; i < RECORDS; i++) {
    // Through a buffer: pieces of strings put together share what they are made of.
    const value = Buffer.alloc(VALUE_CHARS, `${i} `).toString('latin1')
    cluster.write({ key: `user:${i}`, value }, () => undefined)
  }
  cluster.advance({ to: 'idle' })
  return cluster
}
