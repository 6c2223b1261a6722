// What the simulated cluster keeps in memory: for a copy on its way, for a record that several replicas hold,
// and for being left alone.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bytes, type Row } from './table.ts'

interface Found {
  readonly copies: number
  readonly bytesPerCopy: number
  readonly valueChars: number
  readonly bytesPerRecord: readonly { readonly replicas: number; readonly bytes: number }[]
  readonly idleHours: number
  readonly idleBytes: number
}

const COPY_BYTES_MAX = 400

export async function benchMemory(): Promise<Row[]> {
  const probe = fileURLToPath(new URL('memory-probe.ts', import.meta.url))
  const args = ['--expose-gc', '--import', 'tsx', probe]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const found: Found = JSON.parse(stdout)
  const few = found.bytesPerRecord[0]
  return [
    {
      what: `a copy in flight, of ${found.copies.toLocaleString('en-US')}`,
      ratio: found.bytesPerCopy / COPY_BYTES_MAX,
      aim: '≤ 1',
      measured: bytes(found.bytesPerCopy),
      limit: `${COPY_BYTES_MAX} bytes at most`,
    },
    ...found.bytesPerRecord.map((one) => ({
      what: `a record of ${found.valueChars} characters in ${one.replicas} replicas`,
      ratio: one.bytes / (few?.bytes ?? Number.NaN),
      aim: 'stored once',
      measured: bytes(one.bytes),
      limit: `${bytes(few?.bytes ?? 0)} in ${few?.replicas} replicas`,
    })),
    {
      what: `growth in ${found.idleHours} idle hours, heartbeats on`,
      aim: 'nothing',
      measured: bytes(found.idleBytes),
      limit: '',
    },
  ]
}
