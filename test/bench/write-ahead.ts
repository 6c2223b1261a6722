// What the write-ahead file's two safeguards cost: setting epochs aside before they are issued, and looking whether
// the file is still at its path before an answer leaves. Each against the same work without it.

import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster } from '../../src/core/cluster.ts'
import { Appender } from '../../src/runtime/write-ahead/append.ts'
import { openWriteAheadFile } from '../../src/runtime/write-ahead/file.ts'
import { DISK, type FileSystem } from '../../src/runtime/write-ahead/fs.ts'
import { median, nanoseconds, type Row } from './table.ts'

const ROUNDS = 7
const BATCHES = 10_000
const FAILOVERS = 5_000

export async function benchWriteAhead(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'replication-lab-bench-'))
  const times: Record<'looking' | 'blind' | 'reserved' | 'free', number[]> = {
    looking: [],
    blind: [],
    reserved: [],
    free: [],
  }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      times.looking.push(await batchNs(join(folder, `looking${round}`), DISK))
      times.blind.push(await batchNs(join(folder, `blind${round}`), blind()))
      times.reserved.push(await failoverNs(join(folder, `reserved${round}`)))
      times.free.push(await failoverNs(undefined))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const row = (what: string, ours: keyof typeof times, without: keyof typeof times): Row => ({
    what,
    ratio: median(times[ours]) / median(times[without]),
    measured: nanoseconds(median(times[ours])),
    limit: `${nanoseconds(median(times[without]))} without`,
  })
  return [
    row('a batch of one write, no fsync, looking at its path', 'looking', 'blind'),
    row('a failover, epochs reserved with fsync', 'reserved', 'free'),
  ]
}

/** The same disk, but the file is always where it should be. */
function blind(): FileSystem {
  let size = 0n
  return {
    ...DISK,
    identityOf: () => ({ dev: 1n, ino: 1n, size: 0n }),
    write(fd, bytes) {
      size += BigInt(bytes.length)
      return DISK.write(fd, bytes)
    },
    lookUp: () => ({ dev: 1n, ino: 1n, size }),
  }
}

async function batchNs(path: string, fs: FileSystem): Promise<number> {
  const appender = new Appender({ fd: openSync(path, 'ax+'), path, fsync: false, fs })
  const line = `${'x'.repeat(120)}\n`
  const before = process.hrtime.bigint()
  for (let i = 0; i < BATCHES; i++) {
    appender.append(line)
    await new Promise((resolve) => appender.whenDurable(resolve))
  }
  return Number(process.hrtime.bigint() - before) / BATCHES
}

async function failoverNs(path: string | undefined): Promise<number> {
  const cluster = new Cluster({ seed: 1, clock: { mode: 'manual', rate: 1 } })
  const options = { fsync: 'always', startTimeMs: 0, replicas: 3 } as const
  const file = path === undefined ? undefined : openWriteAheadFile({ path, ...options }).file
  file?.attach(cluster)
  if (!file) cluster.listen(() => {})
  const before = process.hrtime.bigint()
  for (let i = 0; i < FAILOVERS; i++) {
    cluster.failover({})
    cluster.advance({ us: 1_000_000 })
  }
  const ns = Number(process.hrtime.bigint() - before) / FAILOVERS
  await file?.close()
  return ns
}
