// The buffer in front of standard output, with a descriptor that takes what the test says, and once
// with a real pipe that nobody reads.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { LogOutput } from '../../src/runtime/log-output.ts'

/** Takes so many bytes, then is full until the test empties it, as a pipe is. */
class Pipe {
  taken = ''
  room = Number.POSITIVE_INFINITY
  writes = 0
  error = 'EAGAIN'

  readonly write = (bytes: Buffer): number => {
    this.writes++
    if (this.room === 0) throw Object.assign(new Error(this.error), { code: this.error })
    const count = Math.min(this.room, bytes.length)
    this.taken += bytes.subarray(0, count).toString()
    this.room -= count
    return count
  }
}

let pipe: Pipe
let output: LogOutput
let dropped: number[]

beforeEach(() => {
  vi.useFakeTimers()
  pipe = new Pipe()
  dropped = []
  output = new LogOutput({
    write: pipe.write,
    onDropped: (lines) => dropped.push(lines),
    bufferBytesMax: 100_000,
  })
})

afterEach(() => {
  output.close()
  vi.useRealTimers()
})

test('lines are gathered for a moment and written together', () => {
  output.write('one\n')
  output.write('two\n')
  expect(pipe.writes).toBe(0)
  vi.runAllTimers()
  expect([pipe.writes, pipe.taken]).toEqual([1, 'one\ntwo\n'])
})

test('many lines are written at once, so that none is dropped while the reader keeps up', () => {
  const line = `${'x'.repeat(99)}\n`
  for (let i = 0; i < 5_000; i++) output.write(line)
  output.close()
  expect(pipe.taken.length).toBe(500_000)
  expect(dropped).toEqual([])
})

test('what a full pipe does not take follows later, in order, with no byte twice', () => {
  pipe.room = 5
  output.write('one\ntwo\nthree\n')
  vi.advanceTimersByTime(1_000)
  expect(pipe.taken).toBe('one\nt')
  pipe.room = 100
  vi.advanceTimersByTime(1_000)
  expect(pipe.taken).toBe('one\ntwo\nthree\n')
})

test('a pipe nobody reads costs a bounded buffer, and is asked rarely', () => {
  pipe.room = 0
  const line = `${'x'.repeat(999)}\n`
  for (let i = 0; i < 10_000; i++) output.write(line)
  expect(pipe.writes).toBeLessThan(10)
  pipe.room = Number.POSITIVE_INFINITY
  vi.runAllTimers()
  expect(pipe.taken.length).toBe(100_000)
  expect(dropped).toEqual([9_900])
})

test('a reader that is gone ends the writing without a fuss', () => {
  pipe.room = 0
  pipe.error = 'EPIPE'
  output.write('one\n')
  vi.runAllTimers()
  output.write('two\n')
  vi.runAllTimers()
  expect(pipe.writes).toBe(1)
})

test('a full disk loses nothing once there is room again', () => {
  pipe.room = 0
  pipe.error = 'ENOSPC'
  output.write('one\n')
  vi.advanceTimersByTime(100)
  pipe.room = 100
  vi.advanceTimersByTime(100)
  expect(pipe.taken).toBe('one\n')
})

test('closing writes what is left', () => {
  output.write('last\n')
  output.close()
  output.write('too late\n')
  expect(pipe.taken).toBe('last\n')
})

const FLOOD = `
  import { bytesTo, LogOutput } from './dist/runtime/log-output.js'
  const output = new LogOutput({ write: bytesTo(1), onDropped: () => {} })
  for (let i = 0; i < 100_000; i++) output.write('x'.repeat(100) + '\\n')
  process.exitCode = 7
  setTimeout(() => process.exit(), 100)
`

test('a process whose output nobody reads can still end', async () => {
  vi.useRealTimers()
  const child = spawn(process.execPath, ['--input-type=module', '-e', FLOOD], {
    cwd: inject('built'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Nobody touches child.stdout, so the pipe fills up and stays full.
  child.stdout.pause()
  expect(await once(child, 'exit')).toEqual([7, null])
})

const LAST_WORDS = `
  import { bytesTo, LogOutput } from './dist/runtime/log-output.js'
  const output = new LogOutput({ write: bytesTo(1), onDropped: () => {} })
  output.write('last words\\n')
  throw new Error('a crash')
`

test('a crash does not swallow the last lines', async () => {
  vi.useRealTimers()
  const child = spawn(process.execPath, ['--input-type=module', '-e', LAST_WORDS], {
    cwd: inject('built'),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(child, 'close')
  expect(text).toBe('last words\n')
})
