// One process at a time: the lock beside the file.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HEADER } from '../../src/runtime/write-ahead-format.ts'
import { open, reopen, tempPath } from './write-ahead-fixture.ts'

/** Above what any system gives out. */
const DEAD_PID = 2 ** 30

test('a second one is told who has the file, and what to do', () => {
  const path = tempPath()
  open(path)
  expect(() => open(path)).toThrow(
    `${path} is in use by process ${process.pid}. Stop it, or name another file with --wal. If it is no such process, delete ${path}.lock.`,
  )
})

test('closing lets go, and so does a start that fails', async () => {
  const path = tempPath()
  await reopen(path)
  expect(existsSync(`${path}.lock`)).toBe(false)
  writeFileSync(path, 'foreign')
  expect(() => open(path)).toThrow(/is not a write-ahead file/)
  expect(existsSync(`${path}.lock`)).toBe(false)
})

test.each([
  ['a process that is gone', `${DEAD_PID} 1\n`],
  ['an earlier process with the number of a living one', `${process.pid} 1\n`],
  ['nobody, because a crash came first', ''],
  ['something that makes no sense', 'me\n'],
])('a lock left behind by %s counts for nothing', (_whose, text) => {
  // Only Linux tells when a process started.
  if (text.startsWith(`${process.pid} `) && process.platform !== 'linux') return
  const path = tempPath()
  writeFileSync(path, HEADER)
  writeFileSync(`${path}.lock`, text)
  open(path)
  expect(readFileSync(`${path}.lock`, 'utf8')).toMatch(new RegExp(`^${process.pid} `))
})
