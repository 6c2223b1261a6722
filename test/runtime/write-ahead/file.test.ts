// The write-ahead file from outside: what is written comes back, and nothing else does.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HEADER } from '../../../src/runtime/write-ahead/format.ts'
import { recordOf } from '../../core/event-samples.ts'
import {
  Emitting,
  epochLine,
  linesOf,
  open,
  reopen,
  START,
  tempPath,
  versionsOf,
  walWith,
  writeLine,
} from './fixture.ts'

const table = [
  { epoch: 1, firstOffset: 1 },
  { epoch: 2, firstOffset: 2 },
]

describe('a file that does not exist yet', () => {
  test('is made, with a header and nothing to restore', async () => {
    const path = tempPath()
    const opened = await reopen(path)
    expect(opened.restored).toBeUndefined()
    expect(opened.warnings).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe('{"format":"replication-lab-wal","layout":2}\n')
  })

  test.each(['', HEADER.slice(0, 20)])(
    'may be there, but empty or barely begun: %j',
    async (text) => {
      const path = tempPath()
      writeFileSync(path, text)
      expect((await reopen(path)).restored).toBeUndefined()
      expect(readFileSync(path, 'utf8')).toBe(HEADER)
    },
  )
})

describe('what is appended', () => {
  test('is one readable line a write, an epoch and a reset', async () => {
    const path = tempPath()
    const cluster = new Emitting()
    const { file } = open(path)
    file.attach(cluster)
    cluster.write({ writtenUs: 1_500_000 })
    cluster.write({ offset: 2, quorum: true })
    cluster.emit({ type: 'epoch-learned', replica: 2, epoch: 1, steppedDown: false, dropped: 0 })
    const elected = { fromEpoch: 1, epoch: 2, from: 0, to: 2, firstOffset: 2, table }
    cluster.emit({ type: 'leader-elected', reason: 'asked', ...elected })
    cluster.emit({ type: 'cluster-reset', keep: 'data' })
    cluster.emit({ type: 'cluster-reset', keep: 'faults' })
    await file.close()
    const write = { type: 'write', key: 'user:1', value: 'Jessica' }
    expect(linesOf(path)).toEqual([
      { type: 'reserved', epoch: 8 },
      { ...write, version: '1.1', timestamp: '2025-06-14T16:05:53.500Z' },
      { ...write, version: '1.2', timestamp: '2025-06-14T16:05:52.000Z', quorum: true },
      { type: 'epoch', epoch: 2, leader: 2, firstOffset: 2, continues: 1 },
      { type: 'reset' },
    ])
  })

  test('comes back as it was, with its version and time, relative to the new start', async () => {
    const path = tempPath()
    const cluster = new Emitting()
    const first = open(path)
    first.file.attach(cluster)
    const record = recordOf({ key: '__proto__', value: '\u0000\u2028"\\ 🙂\n', quorum: true })
    cluster.write({ ...record, writtenUs: 1_234_567 })
    cluster.write({ offset: 2, value: '' })
    await first.file.close()
    const startTimeMs = START + 60_000
    const { restored } = open(path, { startTimeMs })
    expect(restored).toEqual({
      leader: 0,
      epoch: 8,
      records: [
        { ...record, writtenUs: 1_234_000 - 60_000_000 },
        recordOf({ offset: 2, value: '', writtenUs: -60_000_000 }),
      ],
    })
  })

  test('keeps the first version of a record that a new leader wrote again', async () => {
    const path = tempPath()
    const cluster = new Emitting()
    const { file } = open(path)
    file.attach(cluster)
    const record = { ...recordOf(), origin: { epoch: 1, offset: 7 } }
    cluster.write(record)
    await file.close()
    expect(linesOf(path).at(-1)).toMatchObject({ version: '1.1', origin: '1.7' })
    expect((await reopen(path)).restored?.records).toEqual([record])
  })

  test('does not repeat what was restored, but tells of the epoch that begins with it', async () => {
    const path = walWith(writeLine('1.1'))
    const cluster = new Emitting()
    const { file } = open(path)
    file.attach(cluster)
    cluster.emit({ type: 'record-restored', replica: 0, record: recordOf() })
    const elected = { fromEpoch: 1, epoch: 2, from: 0, to: 0, firstOffset: 2, table }
    cluster.emit({ type: 'leader-elected', reason: 'restored', ...elected })
    cluster.write({ epoch: 2, offset: 2 })
    await file.close()
    expect(linesOf(path).slice(1)).toEqual([
      { type: 'reserved', epoch: 9 },
      { type: 'epoch', epoch: 2, leader: 0, firstOffset: 2, continues: 1 },
      expect.objectContaining({ version: '2.2' }),
    ])
    expect(versionsOf(await reopen(path))).toEqual(['1.1', '2.2'])
  })
})

describe('of several epochs', () => {
  test('only what the newest one has in its log is live', async () => {
    const opened = await reopen(
      walWith(writeLine('1.1'), writeLine('1.2'), epochLine(2, 2, 1), writeLine('2.2')),
    )
    expect(opened.restored).toMatchObject({ epoch: 2, leader: 1 })
    expect(versionsOf(opened)).toEqual(['1.1', '2.2'])
  })

  test('what a deposed leader writes later is dead', async () => {
    const opened = await reopen(
      walWith(
        writeLine('1.1'),
        epochLine(2, 2, 1),
        writeLine('1.2'),
        writeLine('2.2'),
        writeLine('1.3'),
      ),
    )
    expect(versionsOf(opened)).toEqual(['1.1', '2.2'])
  })

  test('a leader that never heard of the one before brings dead writes back to life', async () => {
    const opened = await reopen(
      walWith(
        ...[writeLine('1.1'), writeLine('1.2'), writeLine('1.3')],
        ...[epochLine(2, 2, 1, 1), writeLine('2.2'), writeLine('2.3'), writeLine('2.4')],
        ...[epochLine(3, 4, 1, 2), writeLine('3.4')],
      ),
    )
    expect(opened.restored).toMatchObject({ epoch: 3, leader: 2 })
    expect(versionsOf(opened)).toEqual(['1.1', '1.2', '1.3', '3.4'])
  })

  test('an empty leader that wipes its followers wipes the file too', async () => {
    const opened = await reopen(walWith(writeLine('1.1'), epochLine(2, 1, 0, 0)))
    expect(opened.restored).toEqual({ leader: 0, epoch: 2, records: [] })
  })

  test('the log may reach through many of them, some without a write', async () => {
    const opened = await reopen(
      walWith(
        writeLine('1.1'),
        epochLine(2, 2, 1),
        epochLine(3, 2, 2),
        writeLine('3.2'),
        epochLine(4, 3, 3),
      ),
    )
    expect(opened.restored).toMatchObject({ epoch: 4 })
    expect(versionsOf(opened)).toEqual(['1.1', '3.2'])
  })

  test('a reset discards them all, and versions begin anew', async () => {
    const reset = '{"type":"reset"}'
    const opened = await reopen(
      walWith(writeLine('1.1'), epochLine(2, 2, 1), reset, writeLine('1.1', 'new')),
    )
    // No epoch of the time before is begun again, not even by a crash that came just before the reset.
    expect(opened.restored).toMatchObject({ epoch: 2, leader: 0, records: [{ key: 'new' }] })
    const restored = { leader: 0, epoch: 1, records: [] }
    expect((await reopen(walWith(writeLine('1.1'), reset))).restored).toEqual(restored)
  })
})

describe('a last line cut short by a crash', () => {
  const torn = [
    '{"type":"wri',
    writeLine('1.2').slice(0, -1),
    '\u0000'.repeat(4_096),
    '}',
    '\ud83d',
  ]

  test.each(torn)('is removed with a warning, with or without a line break: %#', async (line) => {
    for (const end of ['', '\n']) {
      const path = walWith(writeLine('1.1'))
      const sound = readFileSync(path, 'utf8')
      writeFileSync(path, sound + line + end)
      const opened = await reopen(path)
      expect(versionsOf(opened)).toEqual(['1.1'])
      expect(opened.warnings).toEqual([
        expect.stringMatching(
          /^From line 3 on, .*lab\.wal holds nothing whole, as after a crash: removed \d+ bytes\.$/,
        ),
      ])
      expect(readFileSync(path, 'utf8')).toBe(sound)
      expect((await reopen(path)).warnings).toEqual([])
    }
  })

  test('in the middle of a character is removed too', async () => {
    const path = walWith(writeLine('1.1'))
    const sound = readFileSync(path)
    const line = Buffer.from(writeLine('1.2', 'user:1', 'é'))
    writeFileSync(path, Buffer.concat([sound, line.subarray(0, line.indexOf(0xc3) + 1)]))
    const opened = await reopen(path)
    expect(opened.warnings).toHaveLength(1)
    expect(readFileSync(path)).toEqual(sound)
  })

  test('stays when it lacks nothing but its line break, as after an editor', async () => {
    const path = walWith(writeLine('1.1'), writeLine('1.2'))
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, whole.trimEnd())
    const opened = await reopen(path)
    expect(versionsOf(opened)).toEqual(['1.1', '1.2'])
    expect(opened.warnings).toEqual([expect.stringMatching(/whole but for its line break/)])
    expect(readFileSync(path, 'utf8')).toBe(whole)
  })
})

describe('damage in the middle stops the start, names the line and changes nothing', () => {
  const write = JSON.parse(writeLine('1.2'))
  const change = (fields: object) => JSON.stringify({ ...write, ...fields })

  test.each([
    ['{"type":"wri', 'it is not JSON'],
    ['', 'it is not JSON'],
    ['null', 'it is not a JSON object'],
    ['[1]', 'it has no checksum'],
    ['{"type":"toString"}', 'its type is none of write, epoch, reserved, compacted and reset'],
    [change({ more: 1 }), 'it has 6 fields, not 5'],
    ['{"type":"reset","keep":"data"}', 'it has 2 fields, not 1'],
    [change({ key: '' }), 'its key is not a legal key'],
    [change({ key: 7 }), 'its key is not a legal key'],
    [change({ key: 'a\nb' }), 'its key is not a legal key'],
    [change({ key: 'é'.repeat(129) }), 'its key is not a legal key'],
    [change({ value: null }), 'its value is not a legal value'],
    [change({ value: 'v'.repeat(65_537) }), 'its value is not a legal value'],
    [change({ value: '\ud800' }), 'its value is not a legal value'],
    [change({ version: '1.02' }), 'its version is not one, like "1.7"'],
    [change({ version: 2 }), 'its version is not one, like "1.7"'],
    [change({ timestamp: 'today' }), 'its timestamp is not one, like "2025-06-14T16:05:52.000Z"'],
    [
      change({ timestamp: '2025-13-14T16:05:52.000Z' }),
      'its timestamp is not one, like "2025-06-14T16:05:52.000Z"',
    ],
    [change({ quorum: false }), 'its quorum is not true'],
    [change({ origin: 'first' }), 'its origin is no version, like "1.7"'],
    [change({ version: '1.1' }), 'its version is 1.1 where 1.2 is due'],
    [change({ version: '1.3' }), 'its version is 1.3 where 1.2 is due'],
    [change({ version: '2.2' }), 'no line before it begins epoch 2'],
    [epochLine(1, 2, 1), 'it begins epoch 1 after epoch 1'],
    [epochLine(3, 2, 2), 'no line before it begins epoch 2, which it continues'],
    [epochLine(2, 3, 1), 'it begins at offset 3, beyond what it continues'],
    [epochLine(2, 2, 0), 'it begins at offset 2, beyond what it continues'],
    [epochLine(2.5, 2, 1), 'its epoch is not a whole number from 1'],
    [epochLine(2, 2, 1, -1), 'its leader is not a whole number from 0'],
  ])('case %#', async (line, reason) => {
    const path = walWith(writeLine('1.1'), line, writeLine('1.2'))
    const before = readFileSync(path)
    expect(() => open(path)).toThrow(
      `Line 3 of ${path} is damaged: ${reason}. Nothing was changed. Restore the file from a copy, or keep only what comes before: head -n 2 ${path} > repaired.wal`,
    )
    expect(readFileSync(path)).toEqual(before)
  })

  test('bytes that are not UTF-8', () => {
    const path = walWith(writeLine('1.1'), 'here', writeLine('1.2'))
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('here')] = 0xff
    writeFileSync(path, bytes)
    expect(() => open(path)).toThrow(/^Line 3 of .* is damaged: it is not UTF-8\./)
  })

  test('a line longer than any can be', () => {
    const path = walWith(writeLine('1.1'), 'x'.repeat(2_000_000), writeLine('1.2'))
    expect(() => open(path)).toThrow(/^Line 3 of .* is damaged: it is too long\./)
  })

  test('a wrong last line that a crash does not explain', () => {
    const path = walWith(writeLine('1.1'), writeLine('1.3'))
    expect(() => open(path)).toThrow(/^Line 3 of .* is damaged: its version is 1\.3/)
  })
})

describe('a file that cannot be used says so in one line, with what to do', () => {
  test.each([
    [
      '{\n  "name": "replication-lab"\n}\n',
      /is not a write-ahead file of this program, and was left as it is; name another/,
    ],
    ['\u007fELF\u0002\u0001', /is not a write-ahead file/],
    ['x'.repeat(10_000), /is not a write-ahead file/],
    ['\n', /is not a write-ahead file/],
    ['null\n', /is not a write-ahead file/],
    [
      '{"format":"replication-lab-wal","layout":3}\n',
      /has layout 3, and this version reads layouts 1 and 2 only\. Use the version that wrote it/,
    ],
  ])('a foreign file is left alone, case %#', (text, message) => {
    const path = tempPath('package.json')
    writeFileSync(path, text)
    expect(() => open(path)).toThrow(message)
    expect(() => open(path)).toThrow(/^[^\n]*$/)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  test('a folder', () => {
    const path = tempPath()
    mkdirSync(path)
    expect(() => open(path)).toThrow(`${path} is a folder. Name a file in it with --wal.`)
  })

  test('a missing folder', () => {
    const path = tempPath('missing/lab.wal')
    expect(() => open(path)).toThrow(`There is no folder ${dirname(path)} for ${path}. Make it, or`)
  })

  test('something below a file', () => {
    const file = tempPath()
    writeFileSync(file, '')
    expect(() => open(`${file}/lab.wal`)).toThrow(
      /lies below something that is no folder|no folder/,
    )
  })

  test('a device', () => {
    expect(() => open('/dev/null')).toThrow('/dev/null is not a regular file; name another')
  })

  test.skipIf(process.getuid?.() === 0)('one that may not be written', () => {
    const path = tempPath()
    writeFileSync(path, HEADER, { mode: 0o444 })
    expect(() => open(path)).toThrow(
      `${path} may not be read and written by this user. Change that`,
    )
  })

  test('one last led by a replica that this cluster has not', () => {
    const path = walWith(epochLine(2, 1, 1, 3))
    expect(() => open(path)).toThrow(
      `${path} was last led by replica 3, but this cluster has replicas 0 to 2 only. Start with --followers 3 or more, or name another file with --wal.`,
    )
    expect(open(path, { replicas: 4 }).restored).toMatchObject({ leader: 3 })
  })
})

test('a long file is read piece by piece, wherever a piece ends', async () => {
  const value = 'é'.repeat(997)
  const lines = Array.from({ length: 2_000 }, (_, i) => writeLine(`1.${i + 1}`, `k${i}`, value))
  const opened = await reopen(walWith(...lines))
  expect(opened.restored?.records).toHaveLength(2_000)
  expect(opened.restored?.records.every((record) => record.value === value)).toBe(true)
})

test('the longest legal lines are read', async () => {
  const value = '\u0001'.repeat(65_536)
  const opened = await reopen(
    walWith(
      ...Array.from({ length: 8 }, (_, i) => writeLine(`1.${i + 1}`, 'k'.repeat(256), value)),
    ),
  )
  expect(opened.restored?.records).toHaveLength(8)
})
