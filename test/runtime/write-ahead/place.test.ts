// Where the file lies: one file under several names is one file, and what is not at its path any more takes
// no more writes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { Emitting, oldWalWith, open, reopen, tempPath, walWith, writeLine } from './fixture.ts'

test('a file that is open cannot be opened by the name of a link to it', async () => {
  const path = tempPath()
  const { file } = open(path)
  const link = `${path}.link`
  symlinkSync(path, link)
  expect(() => open(link)).toThrow(`${link} is in use by process ${process.pid}.`)
  await file.close()
  expect(open(link).restored).toBeUndefined()
})

test('a file with two names is refused, and left as it is', () => {
  const path = walWith(writeLine('1.1'))
  linkSync(path, `${path}.second`)
  const before = readFileSync(path)
  expect(() => open(path)).toThrow(
    `${path} has 2 names (hard links), and what another program writes under one of them cannot be kept apart. Delete the others, or name another file with --wal.`,
  )
  expect(readFileSync(path)).toEqual(before)
  rmSync(`${path}.second`)
  expect(open(path).restored).toMatchObject({ leader: 0 })
})

test.each([
  ['deleted', /deleted or renamed/, (path: string) => rmSync(path)],
  ['renamed', /deleted or renamed/, (path: string) => renameSync(path, `${path}.old`)],
  [
    'replaced by a copy',
    /another file took its place/,
    (path: string) => {
      writeFileSync(`${path}.copy`, readFileSync(path))
      renameSync(`${path}.copy`, path)
    },
  ],
  ['emptied', /something else wrote to it/, (path: string) => truncateSync(path)],
  [
    'written to',
    /something else wrote to it/,
    (path: string) => writeFileSync(path, 'x', { flag: 'a' }),
  ],
])('no write is acknowledged once the file was %s', async (_what, why, spoil) => {
  const path = tempPath()
  const cluster = new Emitting()
  const { file } = open(path)
  file.attach(cluster)
  const write = (offset: number) => {
    cluster.write({ offset })
    return new Promise<Error | undefined>((resolve) => file.whenDurable(resolve))
  }
  expect(await write(1)).toBeUndefined()
  spoil(path)
  expect((await write(2))?.message).toMatch(why)
  expect(file.failure).toBeDefined()
})

test('a rewritten file stays behind the link it was opened by', async () => {
  const path = oldWalWith(writeLine('1.1'))
  symlinkSync(path, `${path}.link`)
  await reopen(`${path}.link`)
  expect(lstatSync(`${path}.link`).isSymbolicLink()).toBe(true)
  expect(readFileSync(path, 'utf8')).toContain('"layout":2')
})

// Only Linux tells of a process that it is dead and not yet reaped.
test.skipIf(process.platform !== 'linux')(
  'a dead process that nobody reaped holds no lock',
  async () => {
    // The shell starts a child, becomes a program that reaps nobody, and so keeps the dead child. That has to outlive the
    // shell, which would reap it.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [said] = await once(parent.stdout, 'data')
    const pid = Number(said)
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? ''
    await expect.poll(() => stat()[0]).toBe('Z')
    const path = walWith(writeLine('1.1'))
    writeFileSync(`${path}.lock`, `${pid} ${stat().split(' ')[19]}\n`)
    expect(open(path).restored).toMatchObject({ leader: 0 })
  },
)
