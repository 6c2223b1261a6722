// One process at a time: the lock beside the file.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { HEADER } from '../../../src/runtime/write-ahead/format.ts'
import { open, reopen, tempPath } from './fixture.ts'

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

/** State and start of a process, as the system tells them. */
function statOf(pid: number): { readonly state: string | undefined; readonly start: string } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return { state: fields[0], start: fields[19] ?? '' }
}

test('a lock of one that was killed and not yet collected counts for nothing', async () => {
  if (process.platform !== 'linux') return
  // The shell becomes a program that never asks after its children.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'])
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = Number((await once(parent.stdout, 'data'))[0])
  const { start } = statOf(pid)
  const path = tempPath()
  writeFileSync(`${path}.lock`, `${pid} ${start}\n`)
  expect(() => open(path)).toThrow(`is in use by process ${pid}`)
  process.kill(pid, 'SIGKILL')
  while (statOf(pid).state !== 'Z') await new Promise(setImmediate)
  open(path)
  expect(readFileSync(`${path}.lock`, 'utf8')).toMatch(new RegExp(`^${process.pid} `))
})

test('nothing is left lying about', async () => {
  const path = tempPath()
  writeFileSync(`${path}.lock`, `${DEAD_PID} 1\n`)
  await reopen(path)
  expect(readdirSync(dirname(path))).toEqual(['lab.wal'])
})

const ROUNDS = 300
const TIMEOUT_MS = 60_000

/** Takes the lock when it is told to, says whether it has it, and lets go when it is told to. */
const RACER = `
  const { lock } = await import('./dist/runtime/write-ahead/lock.js')
  let locked
  process.on('message', (path) => {
    if (path) locked = lock(path)
    else if (locked.ok) locked.release()
    process.send(path ? locked.ok : 'released')
  })
  process.send('ready')
`

async function racer(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', RACER], {
    cwd: inject('built'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

/** What they answer, all told at once. */
async function tell(racers: readonly ChildProcess[], message: string): Promise<unknown[]> {
  const answers = racers.map((child) => once(child, 'message'))
  for (const child of racers) child.send(message)
  return (await Promise.all(answers)).map(([answer]) => answer)
}

test('of two that find the same lock left behind, one gets it', {
  timeout: TIMEOUT_MS,
}, async () => {
  const path = tempPath()
  const racers = await Promise.all([racer(), racer()])
  for (let round = 0; round < ROUNDS; round++) {
    writeFileSync(`${path}.lock`, `${DEAD_PID} 1\n`)
    expect((await tell(racers, path)).sort(), `round ${round}`).toEqual([false, true])
    await tell(racers, '')
    expect(readdirSync(dirname(path)), `round ${round}`).toEqual([])
  }
})
