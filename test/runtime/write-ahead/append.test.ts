// Group commit, on a disk that does what the test says.

import { expect, test } from 'vitest'
import { Appender, type AppenderOptions } from '../../../src/runtime/write-ahead/append.ts'
import type { FileSystem, Identity } from '../../../src/runtime/write-ahead/fs.ts'

/** Keeps every request to the disk waiting until the test answers it. */
class SlowDisk implements FileSystem {
  written = ''
  calls: string[] = []
  /** How much one write takes. */
  room = Number.POSITIVE_INFINITY
  full: Error | undefined
  there: Identity | undefined = { dev: 1n, ino: 1n, size: 0n }
  #answers: ((error: Error | null) => void)[] = []

  write(_fd: number, bytes: Buffer): number {
    if (this.full) throw this.full
    const taken = Math.min(bytes.length, this.room)
    const text = bytes.toString('utf8', 0, taken)
    this.calls.push(`write ${JSON.stringify(text)}`)
    this.written += text
    if (this.there) this.there = { ...this.there, size: this.there.size + BigInt(taken) }
    return taken
  }

  fdatasync(_fd: number, done: (error: Error | null) => void): void {
    this.calls.push('fsync')
    this.#answers.push(done)
  }

  fdatasyncSync(): void {
    this.calls.push('fsync now')
  }

  identityOf = () => ({ dev: 1n, ino: 1n, size: 0n })
  lookUp = () => this.there
  read = notAsked
  make = notAsked
  rename = notAsked
  syncFolder = notAsked
  close = notAsked
  remove = notAsked

  answer(error: Error | null = null): void {
    const next = this.#answers.shift()
    expect(next, 'the disk was asked for something').toBeDefined()
    next?.(error)
  }
}

function notAsked(): never {
  throw new Error('Appending does not do that')
}

/** When this turn's lines are on their way. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function appenderOn(disk: SlowDisk, options: Partial<AppenderOptions> = {}) {
  const appender = new Appender({ fd: 7, path: 'lab.wal', fsync: true, fs: disk, ...options })
  const answers: string[] = []
  const wait = (name: string) => {
    appender.whenDurable((error) => answers.push(error ? `${name}: ${error.message}` : name))
  }
  return { appender, answers, wait }
}

test('writes of one turn share one write and one fsync, and are answered after it', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  for (const name of ['a', 'b', 'c']) {
    appender.append(`${name}\n`)
    wait(name)
  }
  expect(disk.calls).toEqual([])
  await turn()
  expect(answers).toEqual([])
  disk.answer()
  expect(disk.calls).toEqual(['write "a\\nb\\nc\\n"', 'fsync'])
  expect(answers).toEqual(['a', 'b', 'c'])
})

test('writes that come meanwhile collect, and go together in the next batch', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('a\n')
  wait('a')
  await turn()
  appender.append('b\n')
  wait('b')
  appender.append('c\n')
  wait('c')
  await turn()
  expect(disk.calls).toHaveLength(2)
  disk.answer()
  await turn()
  expect(answers).toEqual(['a'])
  expect(disk.calls.slice(2)).toEqual(['write "b\\nc\\n"', 'fsync'])
  disk.answer()
  expect(answers).toEqual(['a', 'b', 'c'])
})

test('who has appended nothing new waits for what is under way, or not at all', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  wait('nothing')
  expect(answers).toEqual(['nothing'])
  appender.append('a\n')
  await turn()
  wait('a')
  expect(answers).toEqual(['nothing'])
  disk.answer()
  expect(answers).toEqual(['nothing', 'a'])
})

test('a disk that takes a part is given the rest before the fsync', async () => {
  const disk = new SlowDisk()
  disk.room = 3
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('abcdefg\n')
  wait('a')
  await turn()
  disk.answer()
  expect(disk.calls).toEqual(['write "abc"', 'write "def"', 'write "g\\n"', 'fsync'])
  expect(disk.written).toBe('abcdefg\n')
  expect(answers).toEqual(['a'])
})

test('without fsync an answer waits for the write alone', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk, { fsync: false })
  appender.append('a\n')
  wait('a')
  await turn()
  expect(answers).toEqual(['a'])
  expect(disk.calls).toEqual(['write "a\\n"'])
})

const FAILED =
  'The write-ahead file lab.wal took no more writes: no space. See to it and its disk, then restart.'

test('when an fsync fails, all who wait are told, and nothing is tried again', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('a\n')
  wait('a')
  await turn()
  appender.append('b\n')
  wait('b')
  const calls = disk.calls.length
  expect(appender.failure).toBeUndefined()
  disk.answer(new Error('no space'))
  expect(answers.sort()).toEqual([`a: ${FAILED}`, `b: ${FAILED}`])
  expect(appender.failure?.message).toBe(FAILED)
  appender.append('c\n')
  wait('c')
  await turn()
  expect(answers).toContain(`c: ${FAILED}`)
  expect(disk.calls).toHaveLength(calls)
})

test('when a write fails, who waits for it is told, and who came before it is not', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('a\n')
  wait('a')
  await turn()
  disk.full = new Error('no space')
  appender.append('b\n')
  wait('b')
  disk.answer()
  await turn()
  expect(answers.sort()).toEqual(['a', `b: ${FAILED}`])
  expect(appender.append('c\n')).toBeUndefined()
  expect(disk.calls).toEqual(['write "a\\n"', 'fsync'])
})

test('what cannot wait is on disk at once, behind all that came before it', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('a\n')
  wait('a')
  expect(appender.appendNow('now\n')).toBe(true)
  expect(disk.calls).toEqual(['write "a\\nnow\\n"', 'fsync now'])
  await turn()
  disk.answer()
  expect(answers).toEqual(['a'])
  disk.full = new Error('no space')
  expect(appender.appendNow('too late\n')).toBe(false)
  expect(appender.failure?.message).toBe(FAILED)
})

test.each<[string, Identity | undefined]>([
  ['it was deleted or renamed while it was in use', undefined],
  ['another file took its place while it was in use', { dev: 1n, ino: 2n, size: 2n }],
  ['another file took its place while it was in use', { dev: 2n, ino: 1n, size: 2n }],
  [
    'something else wrote to it, or cut it off, while it was in use',
    { dev: 1n, ino: 1n, size: 0n },
  ],
])('no write is acknowledged when %s', async (why, there) => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('a\n')
  wait('a')
  await turn()
  disk.there = there
  disk.answer()
  const said = `The write-ahead file lab.wal took no more writes: ${why}. See to it and its disk, then restart.`
  expect(answers).toEqual([`a: ${said}`])
  expect(appender.failure?.message).toBe(said)
})

test('a disk that falls too far behind counts as failed, and what is under way still counts', async () => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk, { waitingCharsMax: 10 })
  appender.append('a\n')
  wait('a')
  await turn()
  for (let i = 0; i < 6; i++) appender.append('b\n')
  wait('b')
  expect(answers).toEqual([expect.stringContaining('b: The write-ahead file lab.wal took no more')])
  disk.answer()
  expect(answers).toContain('a')
  expect(disk.written).toBe('a\n')
})

test('closing writes what is left first, and takes nothing more', async () => {
  const disk = new SlowDisk()
  const { appender } = appenderOn(disk)
  let closed = false
  appender.append('a\n')
  appender.close(() => {
    closed = true
  })
  appender.append('b\n')
  await turn()
  expect(closed).toBe(false)
  disk.answer()
  expect(closed).toBe(true)
  expect(disk.written).toBe('a\n')
})
