// Group commit, on a disk that does what the test says.

import { expect, test } from 'vitest'
import {
  Appender,
  type AppenderOptions,
  type AppendFs,
} from '../../../src/runtime/write-ahead/append.ts'

/** Keeps every request to the disk waiting until the test answers it. */
class SlowDisk implements AppendFs {
  written = ''
  calls: string[] = []
  /** How much one write takes. */
  room = Number.POSITIVE_INFINITY
  #answers: ((error: Error | null) => void)[] = []

  write(
    _fd: number,
    bytes: Buffer,
    offset: number,
    length: number,
    _position: null,
    done: (error: Error | null, written: number) => void,
  ): void {
    const taken = Math.min(length, this.room)
    const text = bytes.toString('utf8', offset, offset + taken)
    this.calls.push(`write ${JSON.stringify(text)}`)
    this.#answers.push((error) => {
      if (!error) this.written += text
      done(error, error ? 0 : taken)
    })
  }

  fdatasync(_fd: number, done: (error: Error | null) => void): void {
    this.calls.push('fsync')
    this.#answers.push(done)
  }

  answer(error: Error | null = null): void {
    const next = this.#answers.shift()
    expect(next, 'the disk was asked for something').toBeDefined()
    next?.(error)
  }
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
  disk.answer()
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
  disk.answer()
  appender.append('c\n')
  wait('c')
  await turn()
  expect(disk.calls).toHaveLength(2)
  disk.answer()
  expect(answers).toEqual(['a'])
  expect(disk.calls.slice(2)).toEqual(['write "b\\nc\\n"'])
  disk.answer()
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
  disk.answer()
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
  for (let i = 0; i < 4; i++) disk.answer()
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
  disk.answer()
  expect(answers).toEqual(['a'])
  expect(disk.calls).toEqual(['write "a\\n"'])
})

const FAILED =
  'The write-ahead file lab.wal took no more writes: no space. See to its disk, then restart.'

test.each([
  ['a write', 0],
  ['an fsync', 1],
])('when %s fails, all who wait are told, and nothing is tried again', async (_what, successes) => {
  const disk = new SlowDisk()
  const { appender, answers, wait } = appenderOn(disk)
  appender.append('a\n')
  wait('a')
  await turn()
  appender.append('b\n')
  wait('b')
  for (let i = 0; i < successes; i++) disk.answer()
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
  disk.answer()
  expect(closed).toBe(false)
  disk.answer()
  expect(closed).toBe(true)
  expect(disk.written).toBe('a\n')
})
