// Compaction: what can still be asked for stays, and a crash at any of its steps loses nothing.

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Cluster } from '../../../src/core/cluster.ts'
import { formatVersion } from '../../../src/core/version.ts'
import type { OpenedWriteAheadFile } from '../../../src/runtime/write-ahead/file.ts'
import { DISK, type FileSystem } from '../../../src/runtime/write-ahead/fs.ts'
import {
  epochLine,
  oldWalWith,
  open,
  reopen,
  START,
  tempPath,
  versionsOf,
  walWith,
  writeLine,
} from './fixture.ts'

/** A disk of a machine that stops at its n-th call, in the middle of it where it can. */
function diskThatStopsAt(stop: number): FileSystem & { calls: number } {
  const disk: FileSystem & { calls: number } = {
    ...DISK,
    calls: 0,
    fdatasync: (fd, done) => {
      if (++disk.calls < stop) DISK.fdatasync(fd, done)
    },
    write(fd, bytes) {
      if (++disk.calls === stop) DISK.write(fd, bytes.subarray(0, bytes.length >> 1))
      if (disk.calls >= stop) throw new Error('the machine stopped')
      return DISK.write(fd, bytes)
    },
  }
  for (const name of [
    'fdatasyncSync',
    'read',
    'make',
    'rename',
    'syncFolder',
    'close',
    'remove',
    'lookUp',
  ] as const) {
    const call = DISK[name] as (...args: unknown[]) => unknown
    const stopping = (...args: unknown[]) => {
      if (++disk.calls >= stop) throw new Error('the machine stopped')
      return call(...args)
    }
    Object.assign(disk, { [name]: stopping })
  }
  return disk
}

/** The next start, after a machine stopped. */
async function afterwards(path: string): Promise<OpenedWriteAheadFile> {
  rmSync(`${path}.lock`, { force: true })
  const opened = await reopen(path)
  expect(existsSync(`${path}.compacting`)).toBe(false)
  return opened
}

function valuesOf({ restored }: OpenedWriteAheadFile): Record<string, string> {
  return Object.fromEntries(restored?.records.map(({ key, value }) => [key, value]) ?? [])
}

const overwritten = Array.from({ length: 40 }, (_, i) =>
  writeLine(`1.${i + 1}`, `k${i % 3}`, `v${i}`),
)

test('at start, what was overwritten goes, and versions, times and the last offset stay', async () => {
  const path = walWith(...overwritten, epochLine(5, 41, 1), writeLine('5.41', 'k9'))
  const size = statSync(path).size
  const { restored } = await reopen(path)
  expect(restored).toMatchObject({
    leader: 1,
    epoch: 5,
    log: {
      offset: 41,
      table: [
        { epoch: 1, firstOffset: 1 },
        { epoch: 5, firstOffset: 41 },
      ],
    },
  })
  expect(restored?.records.map(formatVersion)).toEqual(['1.38', '1.39', '1.40', '5.41'])
  expect(statSync(path).size).toBeLessThan(size / 4)
  expect((await reopen(path)).restored).toEqual(restored)
})

test('dead records go for good, and the last offset stays though nothing is left of it', async () => {
  const path = walWith(...overwritten, epochLine(2, 1, 0, 0))
  expect((await reopen(path)).restored).toEqual({ leader: 0, epoch: 2, records: [] })
  expect(readFileSync(path, 'utf8')).not.toContain('"write"')
})

test('a file of layout 1 is read, and rewritten with checksums', async () => {
  const path = oldWalWith(writeLine('1.1', 'a', '"é'), writeLine('1.2', 'b'), epochLine(2, 3, 1))
  const before = await reopen(path)
  expect(versionsOf(before)).toEqual(['1.1', '1.2'])
  expect(before.restored).toMatchObject({ leader: 1, epoch: 2 })
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"format":"replication-lab-wal","layout":2\}\n/)
  expect((await reopen(path)).restored).toEqual(before.restored)
})

test('what remains of a compacted log must be all there', async () => {
  const path = walWith(...overwritten)
  await reopen(path)
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, lines.toSpliced(-2, 1).join('\n'))
  expect(() => open(path)).toThrow(/1 of the records that were compacted are missing/)
})

test('wherever the machine stops while a start compacts, nothing is lost', async () => {
  let stop = 1
  for (let done = false; !done; stop++) {
    const path = walWith(...overwritten)
    const fs = diskThatStopsAt(stop)
    try {
      await open(path, { fs }).file.close()
      done = fs.calls < stop
    } catch {
      // It stopped where nobody could go on.
    }
    expect(valuesOf(await afterwards(path)), `stopped at ${stop}`).toEqual({
      k0: 'v39',
      k1: 'v37',
      k2: 'v38',
    })
  }
  expect(stop).toBeGreaterThan(5)
})

const WRITES = 30

/** Writes, and compacts on the way, unless the machine stops. @returns what was acknowledged, by key */
async function writeAndCompact(path: string, fs: FileSystem): Promise<Record<string, string>> {
  const { file } = open(path, { fs, compactBytesMin: 1_000 })
  const acknowledged: Record<string, string> = {}
  const cluster = new Cluster({ seed: 1, startTimeMs: START, logEntriesMax: 4 })
  file.attach(cluster)
  for (let i = 0; i < WRITES && !file.failure; i++) {
    const [key, value] = [`k${i % 3}`, `v${i}`]
    cluster.write({ key, value }, () => {})
    cluster.advance({ to: 'idle' })
    await new Promise<void>((resolve) => {
      file.whenDurable((error) => {
        if (!error) acknowledged[key] = value
        resolve()
      })
    })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return acknowledged
}

test('in use, it is compacted while writes come in, again and again', async () => {
  const path = tempPath()
  const acknowledged = await writeAndCompact(path, DISK)
  expect(acknowledged).toEqual({ k0: 'v27', k1: 'v28', k2: 'v29' })
  expect(readFileSync(path, 'utf8')).toContain('"type":"compacted"')
  expect(valuesOf(await afterwards(path))).toEqual(acknowledged)
})

test('wherever the machine stops while a file in use is compacted, nothing acknowledged is lost', async () => {
  const whole = diskThatStopsAt(Number.POSITIVE_INFINITY)
  await writeAndCompact(tempPath(), whole)
  for (let stop = 2; stop < whole.calls; stop++) {
    const path = tempPath()
    const acknowledged = await writeAndCompact(path, diskThatStopsAt(stop)).catch(() => ({}))
    const found = valuesOf(await afterwards(path))
    for (const [key, value] of Object.entries(acknowledged)) {
      const at = Number(String(found[key]).slice(1))
      expect(at, `stopped at ${stop}: ${key}`).toBeGreaterThanOrEqual(
        Number(String(value).slice(1)),
      )
    }
  }
})

/** Many writes of one key, each on disk, with time for compaction after each. */
async function writeMany(cluster: Cluster, file: OpenedWriteAheadFile['file'], values: string) {
  for (let i = 0; i < 30; i++) {
    cluster.write({ key: 'k', value: `${values}${i}` }, () => {})
    await new Promise((resolve) => file.whenDurable(resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('what a replica that lags could lead back to is kept', async () => {
  const path = tempPath()
  const { file } = open(path, { compactBytesMin: 3_000 })
  const cluster = new Cluster({ seed: 1, startTimeMs: START, logEntriesMax: 4 })
  file.attach(cluster)
  for (let i = 0; i < 10; i++) cluster.write({ key: 'k', value: `old${i}` }, () => {})
  cluster.advance({ to: 'idle' })
  cluster.hold(0, 1, {})
  await writeMany(cluster, file, 'new')
  cluster.failover({ to: 1, force: true })
  await file.close()
  expect(readFileSync(path, 'utf8')).toContain('"type":"compacted"')
  expect(valuesOf(await reopen(path))).toEqual({ k: 'old9' })
})

test('while a replica has not learned of the newest epoch, its dead records are kept', async () => {
  const path = tempPath()
  const { file } = open(path, { compactBytesMin: 3_000 })
  const cluster = new Cluster({ seed: 1, startTimeMs: START, logEntriesMax: 4 })
  file.attach(cluster)
  for (let i = 0; i < 10; i++) cluster.write({ key: 'k', value: `old${i}` }, () => {})
  cluster.advance({ to: 'idle' })
  cluster.partition([[0], [1, 2]], {})
  cluster.failover({ to: 1 })
  await writeMany(cluster, file, 'new')
  cluster.advance({ us: 5_000_000 })
  cluster.write({ key: 'k', value: 'dead', replica: 0 }, () => {})
  await writeMany(cluster, file, 'newer')
  expect(readFileSync(path, 'utf8')).not.toContain('"type":"compacted"')
  cluster.failover({ to: 0, force: true })
  await file.close()
  expect(valuesOf(await reopen(path))).toEqual({ k: 'dead' })
})
