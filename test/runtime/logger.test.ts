// Log lines as they leave the program, in both formats.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import type { ClusterEvent, Listener } from '../../src/core/events.ts'
import {
  createLogger,
  type Log,
  type LoggerOptions,
  logEvents,
  RESTORED_LINES_MAX,
} from '../../src/runtime/logger.ts'
import { EVENT_SAMPLES, recordOf } from '../core/event-samples.ts'

let text: string
let log: Log
const listeners = new Set<Listener>()
const source = {
  listen(listener: Listener) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}

async function start(options: Partial<LoggerOptions> = {}): Promise<void> {
  const write = (bytes: Buffer) => {
    text += bytes
    return bytes.length
  }
  log = await createLogger({ format: 'json', level: 'info', isTTY: false, write, ...options })
  logEvents(source, log)
}

function emit(...events: ClusterEvent[]): void {
  for (const event of events) for (const listener of listeners) listener(event)
}

function lines(): string[] {
  log.close()
  return text.split('\n').slice(0, -1)
}

beforeEach(() => {
  text = ''
  listeners.clear()
  vi.useFakeTimers({ now: new Date(2025, 5, 14, 16, 5, 2) })
})

afterEach(() => {
  log?.close()
  vi.useRealTimers()
})

const written = EVENT_SAMPLES['write-applied']
const forger = recordOf({
  key: 'k',
  value: 'x\n2025/06/14 16:05:52 Leader wrote key=forged value=1',
})

describe('pretty', () => {
  test('a line is the date, the time and the sentence, nothing else', async () => {
    await start({ format: 'pretty' })
    emit(written, EVENT_SAMPLES['copy-applied'])
    log.logger.info('Application running at http://localhost:8080')
    expect(lines()).toEqual([
      '2025/06/14 16:05:02 Leader wrote key=user:1 value=Jessica',
      '2025/06/14 16:05:02 [ASYNC] Replicated key=user:1 to follower 1',
      '2025/06/14 16:05:02 Application running at http://localhost:8080',
    ])
  })

  test('warnings and errors are coloured where colours are wanted', async () => {
    await start({ format: 'pretty', color: true })
    emit(EVENT_SAMPLES['leader-suspected'])
    log.logger.error('Broken')
    expect(lines()).toEqual([
      '2025/06/14 16:05:02 \u001b[33m[FAILOVER] Suspected leader 0, silent for 1500 ms\u001b[39m',
      '2025/06/14 16:05:02 \u001b[31mBroken\u001b[39m',
    ])
  })

  test('the stack of an error stands indented below its line', async () => {
    await start({ format: 'pretty' })
    log.logger.error({ err: new Error('no\r\n2025 forged') }, 'A bug')
    const [first, ...stack] = lines()
    expect(first).toBe('2025/06/14 16:05:02 A bug')
    expect(stack.length).toBeGreaterThan(2)
    for (const line of stack) expect(line).toMatch(/^ {4}\S/)
  })

  test('neither a value nor a message can forge a line', async () => {
    await start({ format: 'pretty' })
    emit({ ...written, record: forger })
    log.logger.info('GET /\n2025/06/14 16:05:52 Leader wrote key=forged value=1\u001b[2J')
    expect(lines()).toEqual([
      expect.stringMatching(/^2025\/06\/14 16:05:02 Leader wrote key=k value="x\\n2025/),
      expect.stringMatching(/^2025\/06\/14 16:05:02 GET \/\\u000a2025.*\\u001b\[2J$/),
    ])
  })
})

describe('JSON', () => {
  test('a line has the sentence, and the fields apart', async () => {
    await start()
    emit(written)
    expect(JSON.parse(lines()[0] as string)).toEqual({
      level: 'info',
      time: new Date(2025, 5, 14, 16, 5, 2).toISOString(),
      type: 'write-applied',
      group: 'write',
      id: 1,
      atMs: 1.5,
      request: 1,
      client: 'default',
      replica: 0,
      w: null,
      lags: [0, 1],
      key: 'user:1',
      value: 'Jessica',
      version: '1.1',
      msg: 'Leader wrote key=user:1 value=Jessica',
    })
  })

  test('neither a value nor a message can forge a line', async () => {
    await start()
    emit({ ...written, record: forger })
    emit({ ...written, record: recordOf({ value: '\u2028\u0085\u009b2J\u202e' }) })
    log.logger.info({ url: '/\u2028' }, 'a\nb')
    expect(lines()).toHaveLength(3)
    expect(text).not.toMatch(/[\u0085\u009b\u2028\u202e]/)
    const [first, second, third] = lines().map((line) => JSON.parse(line))
    expect(first.value).toBe(forger.value)
    expect(second.value).toBe('\u2028\u0085\u009b2J\u202e')
    expect(third).toMatchObject({ url: '/\u2028', msg: 'a\nb' })
  })

  test('a long value is neither in the sentence nor beside it', async () => {
    await start()
    emit({ ...written, record: recordOf({ value: 'v'.repeat(65_536) }) })
    const line = lines()[0] as string
    expect(line.length).toBeLessThan(600)
    expect(JSON.parse(line)).not.toHaveProperty('value')
  })

  test('every event can be logged, with times in ms and the api by name', async () => {
    await start({ level: 'debug' })
    emit(...Object.values(EVENT_SAMPLES))
    const all = lines().map((line) => JSON.parse(line))
    expect(all.map((line) => line.type)).toEqual(Object.keys(EVENT_SAMPLES))
    expect(all.every((line) => line.atMs === 1.5)).toBe(true)
    expect(text).not.toMatch(/Us":/)
    expect(all.find((line) => line.type === 'message-lost')).toMatchObject({ from: 'api', to: 1 })
    expect(all.find((line) => line.type === 'replica-crashed')).toMatchObject({ forMs: 500 })
  })
})

test('auto is pretty on a terminal and JSON elsewhere', async () => {
  await start({ format: 'auto', isTTY: true, color: false })
  emit(written)
  expect(lines()[0]).toMatch(/^2025/)
  text = ''
  listeners.clear()
  await start({ format: 'auto', isTTY: false })
  emit(written)
  expect(lines()[0]).toMatch(/^\{/)
})

test('events below the level are not logged', async () => {
  await start({ level: 'warn' })
  emit(written, EVENT_SAMPLES['message-sent'], EVENT_SAMPLES['leader-suspected'])
  expect(lines()).toHaveLength(1)
})

test('a long replay is logged record by record up to a bound, then as a total, each time', async () => {
  await start()
  const restored = EVENT_SAMPLES['record-restored']
  const finished = EVENT_SAMPLES['restore-finished']
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < RESTORED_LINES_MAX + 5; i++) emit(restored)
    emit(finished)
  }
  expect(lines()).toHaveLength(2 * (RESTORED_LINES_MAX + 1))
  expect(text.match(/Restored 1234 records/g)).toHaveLength(2)
})

test('lines lost to a reader that did not keep up are confessed in one line', async () => {
  let room = 0
  const write = (bytes: Buffer) => {
    if (room === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' })
    text += bytes
    return bytes.length
  }
  await start({ write, bufferBytesMax: 1_100 })
  for (let i = 0; i < 10; i++) emit(written)
  room = 1
  expect(JSON.parse(lines().at(-1) as string)).toMatchObject({
    level: 'warn',
    dropped: 6,
    msg: 'Dropped 6 log lines: the reader did not keep up',
  })
})

const LOADED = `
  import { createRequire } from 'node:module'
  import { createLogger } from './dist/runtime/logger.js'
  const { logger } = await createLogger({ format: process.argv[1], level: 'info', isTTY: true })
  const loaded = Object.keys(createRequire(import.meta.url).cache)
  logger.info(String(loaded.some((path) => path.includes('pino-pretty'))))
`

test.each([
  ['json', 'false'],
  ['pretty', 'true'],
])('with %s, pino-pretty being loaded is %s', async (format, loaded) => {
  vi.useRealTimers()
  const child = spawn(process.execPath, ['--input-type=module', '-e', LOADED, format], {
    cwd: inject('built'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  await once(child, 'close')
  expect(out).toContain(loaded)
})
