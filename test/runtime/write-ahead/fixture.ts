// What the write-ahead tests share: a folder that goes away, and a cluster that only emits.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { EventBody, Listener } from '../../../src/core/events.ts'
import type { StoredRecord } from '../../../src/core/record.ts'
import { formatVersion } from '../../../src/core/version.ts'
import {
  type OpenedWriteAheadFile,
  openWriteAheadFile,
  type WriteAheadOptions,
} from '../../../src/runtime/write-ahead/file.ts'
import { HEADER, headerOf, upgrade } from '../../../src/runtime/write-ahead/format.ts'
import { eventOf, recordOf } from '../../core/event-samples.ts'

export const START = Date.UTC(2025, 5, 14, 16, 5, 52)

/** A file in a folder of this test's own. */
export function tempPath(name = 'lab.wal'): string {
  const folder = mkdtempSync(join(tmpdir(), 'replication-lab-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** A file with these lines after the header, each with its checksum; what is no line is left as it is. */
export function walWith(...lines: readonly string[]): string {
  const path = tempPath()
  writeFileSync(path, HEADER + lines.map(sealLine).join(''))
  return path
}

/** As the first layout had it. */
export function oldWalWith(...lines: readonly string[]): string {
  const path = tempPath()
  writeFileSync(path, headerOf(1) + lines.map((line) => `${line}\n`).join(''))
  return path
}

function sealLine(line: string): string {
  return line.endsWith('}') && line.length > 1 ? upgrade(line) : `${line}\n`
}

export function writeLine(version: string, key = 'user:1', value = 'Jessica'): string {
  const timestamp = '2025-06-14T16:05:52.000Z'
  return JSON.stringify({ type: 'write', key, value, version, timestamp })
}

export function epochLine(epoch: number, firstOffset: number, continues: number, leader = 1) {
  return JSON.stringify({ type: 'epoch', epoch, leader, firstOffset, continues })
}

export function open(path: string, options: Partial<WriteAheadOptions> = {}): OpenedWriteAheadFile {
  const opened = openWriteAheadFile({
    path,
    fsync: 'never',
    startTimeMs: START,
    replicas: 3,
    ...options,
  })
  onTestFinished(() => opened.file.close())
  return opened
}

/** Opens, and closes again. */
export async function reopen(path: string, replicas = 3): Promise<OpenedWriteAheadFile> {
  const opened = openWriteAheadFile({ path, fsync: 'never', startTimeMs: START, replicas })
  await opened.file.close()
  return opened
}

export function versionsOf({ restored }: OpenedWriteAheadFile): string[] | undefined {
  return restored?.records.map(formatVersion)
}

export function linesOf(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(1, -1)
    .map((line) => {
      const { crc, ...fields } = JSON.parse(line)
      expect(crc).toMatch(/^[0-9a-f]{8}$/)
      return fields
    })
}

/** A cluster reduced to what the file hears of it. */
export class Emitting {
  readonly startTimeMs = START
  readonly #listeners = new Set<Listener>()

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  reservedBy(): void {}

  settledLog(): undefined {}

  emit(body: EventBody): void {
    for (const listener of this.#listeners) listener(eventOf(body))
  }

  write(record: Partial<StoredRecord> = {}): void {
    const by = { request: 1, client: 'default', replica: 0, w: null, lags: [] }
    this.emit({ type: 'write-applied', ...by, record: recordOf(record) })
  }
}
