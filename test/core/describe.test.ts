// The sentences: word for word where the README and users rely on them, and for any text at all where
// somebody might try to forge one.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClusterEvent } from '../../src/core/events.ts'
import { describeEvent } from '../../src/core/output/describe.ts'
import { levelOfEvent } from '../../src/core/output/event-kinds.ts'
import { escapeActing, sayText, VALUE_CHARS_SHOWN } from '../../src/core/text/say.ts'
import { EVENT_SAMPLES, eventOf, recordOf } from './event-samples.ts'

function say<T extends ClusterEvent['type']>(
  type: T,
  changes: Partial<(typeof EVENT_SAMPLES)[T]> = {},
): string {
  return describeEvent({ ...EVENT_SAMPLES[type], ...changes }).text
}

describe('the log lines of the design', () => {
  test('a write names its key and value', () => {
    expect(say('write-applied')).toBe('Leader wrote key=user:1 value=Jessica')
  })

  test('a copy says to whom it went, and when that one had it already', () => {
    expect(say('copy-applied')).toBe('[ASYNC] Replicated key=user:1 to follower 1')
    expect(say('copy-applied', { alreadyHad: true })).toBe(
      '[ASYNC] Follower 1 already had key=user:1',
    )
  })

  test('every copy of a quorum write is marked', () => {
    const record = recordOf({ key: 'user:123' })
    expect(say('copy-applied', { record, replica: 2, quorum: true })).toBe(
      '[QUORUM] Replicated key=user:123 to follower 2',
    )
    expect(say('copy-applied', { quorum: true, alreadyHad: true })).toBe(
      '[QUORUM] Follower 1 already had key=user:1',
    )
  })

  test('a repair names the role it found', () => {
    expect(say('record-repaired')).toBe('[REPAIR] Repaired follower 1 with key=user:1')
    expect(say('record-repaired', { replica: 0, role: 'leader' })).toBe(
      '[REPAIR] Repaired leader with key=user:1',
    )
  })

  test('a replayed record reads like a write', () => {
    const record = recordOf({ key: 'user:xyz', value: 'Monzo' })
    expect(say('record-restored', { record })).toBe(
      '[WAL REPLAY] Restored key=user:xyz value=Monzo',
    )
  })
})

test('every event has words', () => {
  const lines = Object.values(EVENT_SAMPLES).map((event) => {
    const { level, group, text } = describeEvent(event)
    return `${level.padEnd(5)} ${group.padEnd(10)} ${text}`
  })
  expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    debug write      A write of key=user:1 is on its way to replica 0
    info  write      Leader wrote key=user:1 value=Jessica
    debug write      Acknowledged key=user:1 version=1.1 by replicas 0, 2
    warn  write      Failed to write key=user:1: quorum-timeout, outcome unknown
    debug read       Started read-with-quorum of key=user:1 at replicas 0, 1
    debug read       Leader answered read of key=user:1 with value=Jessica version=1.1
    debug read       Failed follower-read of key=user:1: key-not-found
    debug message    Sent copy 7 of key=user:1 version=1.1 from replica 0 to replica 1, due at 200.25 ms
    debug message    Held message 7 from replica 0 to replica 1
    debug message    Released message 7 from replica 0 to replica 1
    debug message    Lost request 7 from api to replica 1: the link is cut
    debug message    Delivered response 7 from replica 0 to replica 1
    info  copy       [ASYNC] Replicated key=user:1 to follower 1
    debug copy       Follower 1 received key=user:1 early: offset 3 is missing
    debug copy       Replica 1 refused an announcement: its epoch is over
    debug copy       Follower 1 acknowledged up to offset 4 to replica 0
    info  copy       [REPAIR] Repaired follower 1 with key=user:1
    info  copy       [CATCH-UP] Follower 2 is being sent 1 log entry
    info  copy       [CATCH-UP] Follower 2 has caught up by a snapshot of 12 records
    info  copy       [CATCH-UP] Follower 2 installed a snapshot of 12 records, up to offset 30
    info  fault      [FAULT] Crashed replica 1, losing its data, for 500 ms
    info  fault      [FAULT] Restarted replica 1 (its time was up)
    info  fault      [FAULT] Paused replica 1
    info  fault      [FAULT] Resumed replica 1
    info  fault      [FAULT] Replica 0 forgot key=user:1
    info  fault      [FAULT] Held the link from api to 1 for 2 copies
    info  fault      [FAULT] Partitioned the network into api,0 | 1, for 1 ms
    info  fault      [FAULT] Healed the network (its time was up)
    warn  leadership [FAILOVER] Suspected leader 0, silent for 1500 ms
    warn  leadership [FAILOVER] Replica 1 is to lead epoch 2 once it resumes, after replica 0 in epoch 1 (asked)
    info  leadership [FAILOVER] The order to replica 1 to lead epoch 2 is void: a newer one came
    info  leadership [FAILOVER] Replica 1 leads epoch 2, after replica 0 in epoch 1 (asked)
    warn  leadership [FAILOVER] Replica 0 learned of epoch 2, stepped down, dropped 3 dead versions
    info  lab        Clock runs at rate 2
    info  lab        Reset the cluster, kept faults
    info  lab        [WAL REPLAY] Restored key=user:1 value=Jessica
    info  lab        [WAL REPLAY] Restored 1234 records to replica 0, which leads epoch 3
    "
  `)
})

test('the level can be had without the sentence, and is the same', () => {
  for (const event of Object.values(EVENT_SAMPLES)) {
    expect(levelOfEvent(event)).toBe(describeEvent(event).level)
  }
})

test('a write warns when nobody knows what became of it, and only then', () => {
  const failed = EVENT_SAMPLES['write-failed']
  expect(levelOfEvent({ ...failed, outcome: 'unknown' })).toBe('warn')
  expect(levelOfEvent({ ...failed, outcome: 'not-applied' })).toBe('info')
})

test('learning of an epoch warns when writes are lost, and is quiet for a mere follower', () => {
  const learned = EVENT_SAMPLES['epoch-learned']
  expect(levelOfEvent({ ...learned, dropped: 1 })).toBe('warn')
  expect(levelOfEvent({ ...learned, dropped: 0 })).toBe('info')
  expect(levelOfEvent({ ...learned, dropped: 0, steppedDown: false })).toBe('debug')
})

describe('text from users', () => {
  test.each([
    ['Jessica', 'Jessica'],
    ['user:1/a_b-c.d?e', 'user:1/a_b-c.d?e'],
    ['Zoë', 'Zoë'],
    ['日本語', '日本語'],
    ['👩‍🔧', '👩‍🔧'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a=b', '"a=b"'],
    ["it's", "it's"],
    ['say "hi"', '"say \\"hi\\""'],
    ['C:\\dir', '"C:\\\\dir"'],
    ['a\nLeader wrote key=x value=y', '"a\\nLeader wrote key=x value=y"'],
    ['\r\n', '"\\r\\n"'],
    ['\u001b[2J', '"\\u001b[2J"'],
    ['\u009b2J\u007f', '"\\u009b2J\\u007f"'],
    ['a\u0085b\u2028c\u2029', '"a\\u0085b\\u2028c\\u2029"'],
    ['\u202egnp.exe', '"\\u202egnp.exe"'],
    ['\u2066a\u2069\u200e\u061c', '"\\u2066a\\u2069\\u200e\\u061c"'],
    ['user\u200b:1', '"user\\u200b:1"'],
    ['\u3164\u2800', '"\\u3164\u2800"'],
    ['❤\ufe0f', '❤\ufe0f'],
    ['\ud800', '"\\ud800"'],
    ['\u{e0041}', '"\\udb40\\udc41"'],
    ['\u3000', '"\u3000"'],
  ])('%j is shown as %s', (text, shown) => {
    expect(sayText(text)).toBe(shown)
  })

  test('a key cannot pretend to be the rest of its sentence', () => {
    const record = recordOf({ key: 'a to follower 2', value: 'x' })
    expect(say('copy-applied', { record })).toBe(
      '[ASYNC] Replicated key="a to follower 2" to follower 1',
    )
  })

  test('whatever it is, it stays on its line, acts on no terminal and can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const shown = sayText(text)
        expect(shown).not.toMatch(
          /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
        )
        expect(shown.startsWith('"') ? JSON.parse(shown) : shown).toBe(text)
        if (!shown.startsWith('"')) expect(shown).not.toMatch(/[\s"=\\]/)
      }),
      { seed: 1 },
    )
  })

  test('long text is cut, and what was left out is counted', () => {
    const value = 'v'.repeat(VALUE_CHARS_SHOWN + 65)
    expect(say('write-applied', { record: recordOf({ value }) })).toBe(
      `Leader wrote key=user:1 value=${'v'.repeat(VALUE_CHARS_SHOWN)}… (65 more characters)`,
    )
    expect(sayText('v'.repeat(VALUE_CHARS_SHOWN))).not.toContain('…')
  })

  test('the cut does not part a surrogate pair', () => {
    const value = `${'v'.repeat(VALUE_CHARS_SHOWN - 1)}🙂!`
    expect(sayText(value)).toBe(`${'v'.repeat(VALUE_CHARS_SHOWN - 1)}… (3 more characters)`)
  })

  test('a message that is already a sentence keeps its spaces and loses its line breaks', () => {
    expect(escapeActing('GET /a failed\n2025 Leader wrote')).toBe(
      'GET /a failed\\u000a2025 Leader wrote',
    )
  })
})

test('a fault says how long it lasts, and when it ended by itself', () => {
  expect(say('replica-crashed', { keepData: true, forUs: 250 })).toBe(
    '[FAULT] Crashed replica 1, keeping its data, for 0.25 ms',
  )
  const link = { only: { key: 'a b' }, verb: 'release', state: 'up', undone: true } as const
  expect(say('link-changed', link)).toBe(
    '[FAULT] Released the link from api to 1 for key="a b" (its time was up)',
  )
})

test('settings of a link say what was set', () => {
  const settings = { latency: '1s', lossRatio: 0.5, duplicateRatio: 0 }
  const link = { verb: 'set', state: 'up', only: null, settings } as const
  expect(say('link-changed', link)).toBe(
    '[FAULT] Set the link from api to 1: latency 1s, loss ratio 0.5, duplicate ratio 0',
  )
})

test('an answer says how stale it was', () => {
  const staleness = { versions: 2, us: 143_000, diverged: true, atLeast: true }
  const answer = { replica: 1, role: 'follower', record: null, staleness } as const
  const event = eventOf({
    type: 'read-completed',
    request: 1,
    client: 'default',
    kind: 'follower-read',
    key: 'user:1',
    answer,
    answers: [answer],
    repaired: [],
    because: { cause: 'cut', text: 'the link is cut', message: null },
  })
  expect(describeEvent(event).text).toBe(
    'Follower 1 answered follower-read of key=user:1 with nothing, stale by at least 2 versions and 143 ms, diverged, because the link is cut',
  )
})
