// What can be written in a scenario, and what is said of everything else.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../../src/core/bounds.ts'
import { API } from '../../src/core/nodes.ts'
import { completeOptions } from '../../src/core/options.ts'
import { writeHeader } from '../../src/scenario/header.ts'
import { parseScenario } from '../../src/scenario/parse.ts'
import { formatWord, writeDuration } from '../../src/scenario/readers.ts'
import type { CommandLine, Scenario } from '../../src/scenario/scenario.ts'
import { pinned } from '../tools/pinned.ts'
import { options } from './sessions.ts'

function parse(text: string): Scenario {
  const parsing = parseScenario(text)
  if (!parsing.ok) throw new Error(parsing.mistakes.map(({ message }) => message).join('\n'))
  return parsing.scenario
}

function lineOf(text: string): CommandLine {
  const line = parse(text).lines.find((one) => one.kind === 'command')
  if (line?.kind !== 'command') throw new Error('there is no command')
  return line
}

const commandOf = (text: string) => lineOf(text).command

/** `column: message` of the one thing that is wrong with a line. */
function mistakeIn(line: string): string {
  const parsing = parseScenario(line)
  if (parsing.ok) throw new Error('nothing is wrong')
  expect(parsing.mistakes).toHaveLength(1)
  const [mistake] = parsing.mistakes
  return `${mistake?.column}: ${mistake?.message}`
}

describe('commands', () => {
  test.each([
    ['write user:1 Jessica', { verb: 'write', how: { key: 'user:1', value: 'Jessica' } }],
    ['write k "" replica=2', { verb: 'write', how: { key: 'k', value: '', replica: 2 } }],
    ['as alice: write k v', { verb: 'write', how: { key: 'k', value: 'v', client: 'alice' } }],
    ['as "Ann B": read k', { verb: 'read', how: { key: 'k', client: 'Ann B' } }],
    [
      'write-with-quorum k v w=2 timeout=1.5s',
      { verb: 'write-with-quorum', how: { key: 'k', value: 'v', w: 2, timeoutUs: 1_500_000 } },
    ],
    ['follower-read k replica=1', { verb: 'follower-read', how: { key: 'k', replica: 1 } }],
    [
      'read-with-quorum k replicas=2,1 r=2 repair=async',
      { verb: 'read-with-quorum', how: { key: 'k', r: 2, replicas: [2, 1], repair: 'async' } },
    ],
    ['advance 250us', { verb: 'advance', how: { us: 250 } }],
    ['advance idle', { verb: 'advance', how: { to: 'idle' } }],
    [
      'advance until 1 1.7',
      { verb: 'advance', how: { until: { replica: 1, version: { epoch: 1, offset: 7 } } } },
    ],
    [
      'crash 1 for=5s keep-data',
      { verb: 'crash', replica: 1, how: { keepData: true, forUs: 5e6 } },
    ],
    ['cut 0 api', { verb: 'cut', from: 0, to: API, how: {} }],
    ['heal', { verb: 'heal-all' }],
    ['heal 1 0', { verb: 'heal', from: 1, to: 0 }],
    ['hold 0 1 copies=2', { verb: 'hold', from: 0, to: 1, how: { copies: 2 } }],
    ['hold 0 1 key="a b"', { verb: 'hold', from: 0, to: 1, how: { key: 'a b' } }],
    [
      'link api 1 latency=default loss=0.25 duplicate=1',
      {
        verb: 'set-link',
        from: API,
        to: 1,
        how: { latency: null, lossRatio: 0.25, duplicateRatio: 1 },
      },
    ],
    [
      'partition 0,api 1,2 for=1m',
      {
        verb: 'partition',
        groups: [
          [0, API],
          [1, 2],
        ],
        how: { forUs: 60_000_000 },
      },
    ],
    ['failover to=1 force', { verb: 'failover', how: { to: 1, force: true } }],
    ['reset', { verb: 'reset', keep: 'nothing' }],
    ['reset keep=data', { verb: 'reset', keep: 'data' }],
    ['clock real rate=10', { verb: 'clock', mode: 'real', rate: 10 }],
    ['abandon 3', { verb: 'abandon', request: 3 }],
    ['show link 0 api', { verb: 'show', what: 'link', from: 0, to: API }],
  ])('%s', (text, command) => {
    expect(commandOf(text)).toEqual(command)
  })

  test('a line may start something and say what comes of it', () => {
    const line = lineOf('write-with-quorum user:2 "two words" w=3 &   -> applied version=1.1')
    expect(line).toMatchObject({
      goesOn: true,
      expectation: {
        source: 'applied version=1.1',
        result: { kind: 'outcome', outcome: 'applied' },
      },
    })
  })

  test('a comment may follow a command, and # within a string is none', () => {
    expect(commandOf('write k "# 1"  # a comment -> "')).toMatchObject({ how: { value: '# 1' } })
  })
})

describe('the file', () => {
  test('blank lines and comments are kept', () => {
    const { lines } = parse('# one\n\nseed 7\n  # two\nread k\n')
    expect(lines.map(({ kind }) => kind)).toEqual([
      'comment',
      'blank',
      'option',
      'comment',
      'command',
    ])
  })

  test('an empty one is a scenario that does nothing', () => {
    expect(parse('')).toEqual({ options: {}, lines: [] })
  })

  test('line ends, tabs and a byte order mark are those of any editor', () => {
    expect(commandOf('\ufeffseed 1\r\n\twrite\tk\tv\t\r\n')).toMatchObject({ how: { value: 'v' } })
  })

  test('all of its options are read', () => {
    const text = [
      'seed 7',
      'followers 3',
      'latency replicate=1ms,2ms,3ms acknowledge=1ms',
      'latency respond=2ms',
      'quorum-timeout 3s',
      'auto-failover 2s',
      'min-followers-to-write 2',
      'min-followers-max-lag 4s',
      'max-keys 10',
      'max-messages 20',
      'max-waiting 30',
      'max-log 40',
      'start 2025-06-14T16:05:52.000Z',
    ]
    const given = completeOptions(parse(text.join('\n')).options)
    expect(writeHeader(given).join('\n')).toBe(
      text.join('\n').replace(' acknowledge=1ms\nlatency ', ';acknowledge=1ms;request=0ms;'),
    )
  })

  test('any options come back from what is written of them', () => {
    fc.assert(
      fc.property(options, (given) => {
        const complete = completeOptions(given)
        expect(completeOptions(parse(writeHeader(complete).join('\n')).options)).toEqual(complete)
      }),
    )
  })
})

describe('what is wrong', () => {
  test.each([
    ['wirte user:1 Jessica', '1: there is no command wirte; did you mean write?'],
    ['flurb', '1: there is no command flurb\nexpected: write, '],
    ['"write" k v', '1: there is no command "write"'],
    ['w=2', '1: a line begins with a command or an option'],
    ['write k', '8: the value is missing\nexpected: write KEY VALUE'],
    ['write k v extra', '11: extra is not expected here'],
    ['write k v replcia=1', '11: there is no option replcia here; did you mean replica?'],
    ['write k v replica=1 replica=2', '21: replica is given twice'],
    ['write k v replica!=1', '11: != may only follow ->'],
    ['write k v replica=one', '19: replica is a replica\'s number, not "one"'],
    ['write k,1 v', '7: the key is written as a JSON string'],
    ['write "" v', '7: the key must not be empty'],
    ['write "a\\nb" v', '7: the key holds a control character'],
    ['write "\\ud800" v', '7: the key holds half of a surrogate pair'],
    ['write k "v', '9: this string does not end'],
    ['write k "\\x"', '9: this is no JSON string'],
    ['write k a"b"', '10: a quote begins in the middle of a word'],
    ['write k "a"b', '12: a space is expected after the closing "'],
    ['write-with-quorum k v w=0', '25: w is a whole number from 1 to 101, not "0"'],
    ['write-with-quorum k v w=1e1', '25: w is a whole number'],
    ['write-with-quorum k v timeout=0ms', '31: timeout lies from 1us to 3600s'],
    ['follower-read k', '16: replica is missing'],
    ['read-with-quorum k replicas=0,x', '31: each of replicas is a replica\'s number, not "x"'],
    ['read-with-quorum k repair=of', '27: repair is true, blocking, async, false'],
    ['advance', '8: the time is missing'],
    ['advance 200', '9: the time: "200" has no unit'],
    ['advance -1ms', '9: the time: "-1ms" is not a duration'],
    ['advance 2000000h', '9: the time: "2000000h" has an unknown unit'],
    ['advance 600000m', '9: the time lies from 0ms to 31536000s'],
    ['advance idel', '9: the time is idle, until, not "idel"; did you mean idle?'],
    ['advance until 1 1', '17: the version is epoch.offset, as in 1.7, not "1"'],
    ['crash one', '7: the replica is a replica\'s number, not "one"'],
    ['crash 1 keepdata', '9: keepdata is not expected here; did you mean keep-data?'],
    ['cut 0 ape', '7: the end of the link where it leads is a replica\'s number or api, not "ape"'],
    ['hold 0 1 key=a copies=1', '24: key and copies exclude each other'],
    ['link 0 1 loss=1.5', '15: loss is a number from 0 to 1'],
    ['link 0 1 latency=10', '18: latency: the unit is missing'],
    ['partition 0,1,2', '16: a partition needs at least two groups'],
    ['clock fast', '7: the mode is real, manual, instant, not "fast"'],
    ['clock real rate=0', '17: rate is a number from 0.001 to 1000'],
    ['abandon 0', '9: the number of a request is a whole number from 1'],
    ['reset keep=all', '12: keep is faults, data, not "all"'],
    [
      'show replicas',
      '6: what to show is cluster, replica, link, failovers, verdicts, not "replicas"; did you mean',
    ],
    ['as alice write k v', "9: a : is missing after the client's name"],
    ['as alice:', '10: the command is missing'],
    ['as', "3: a client's name is missing"],
    ['as a: as b: read k', '7: there is no command as'],
    ['as alice: crash 1', '11: only writes and reads have a client, not crash'],
    ['as "": read k', "4: a client's name must be 1 to 64 characters long"],
    ['crash 1 &', '9: crash acts at once'],
    ['write k v & w', '11: & stands at the end of the command, before the ->'],
    ['write k v -> applied &', '22: & stands before the ->'],
    ['read k ->', '10: what is expected is missing'],
    ['read k -> not', '14: what is expected is missing'],
    ['read k -> a b', '13: after the first word only fields may follow'],
    ['read k -> a -> b', '13: there is a -> in this line already'],
    ['read k -> applied', '11: a read has no outcome; if it is the value, write "applied"'],
    ['read k -> key-not-fond', '11: did you mean the problem key-not-found?'],
    ['write k v -> v', '14: this command answers no value'],
    [
      'write k v -> aplied',
      '14: this command answers no value: expected is applied or a problem; did you mean applied?',
    ],
    ['read k -> verison=1.1', '11: no answer has a field verison; did you mean version?'],
    ['read k -> version=', '11: version of what?'],
    ['seed', '5: its value is missing\nexpected: seed NUMBER'],
    ['seed 1 2', '8: 2 is not expected here'],
    ['seed 4294967296', '6: seed is a whole number from 0 to 4294967295'],
    ['followers 0', '11: followers is a whole number from 1 to 100'],
    ['followers 101', '11: followers is a whole number from 1 to 100'],
    ['latency relay=1ms', '9: there is no leg "relay"'],
    ['latency replicate=1ms,2ms,3ms', '1: there are 3 replicate latencies, but 2 followers'],
    ['min-followers-to-write 3', '1: no write would ever be taken'],
    ['auto-failover soon', '15: auto-failover: "soon" is not a duration'],
    ['restored k v version=1.1 age=1s', '1: restored lines stand right below'],
    ['restore leader=0', '17: epoch is missing'],
    ['restore leader=3 epoch=1', '25: leader: the replicas are 0 to 2'],
  ])('%s', (line, expected) => {
    expect(mistakeIn(line).slice(0, expected.length)).toBe(expected)
  })

  test('a key or a value that is too long', () => {
    const tooLong = '7: the key is longer than 256 bytes'
    expect(mistakeIn(`write ${'k'.repeat(257)} v`)).toContain(tooLong)
    expect(mistakeIn(`write "${'é'.repeat(129)}" v`)).toContain(tooLong)
    expect(mistakeIn(`write k ${'v'.repeat(65_537)}`)).toContain(
      '9: the value is longer than 65536',
    )
    expect(commandOf(`write "${'é'.repeat(128)}" ${'v'.repeat(65_536)}`)).toBeDefined()
  })

  test('an option comes too late after a command, or twice', () => {
    expect(mistakeIn('read k\nseed 1')).toMatch(/^1: options stand before the first command/)
    expect(mistakeIn('seed 1\nseed 1')).toBe('1: seed is given twice, in line 1 too')
  })

  test('a log that was restored has no holes and does not go back', () => {
    const first = 'restore leader=0 epoch=2\nrestored k v version=1.1 age=1s\nrestored k v version='
    expect(mistakeIn(`${first}1.3 age=1s`)).toBe('14: after 1.1 comes 1.2, or 2 of a later epoch')
    expect(mistakeIn(`${first}3.2 age=1s`)).toBe(
      '14: its epoch is newer than that of the leader, 2',
    )
    const compacted = 'restore leader=0 epoch=9 offset=7 table=1.1,4.6\nrestored k v version='
    expect(parseScenario(`${compacted}1.3 age=1s\nrestored k v version=4.7 age=1s`).ok).toBe(true)
    for (const version of ['1.7', '4.5', '4.8']) {
      expect(mistakeIn(`${compacted}${version} age=1s`)).toBe(
        '14: no such entry is in the log that offset and table describe',
      )
    }
    expect(mistakeIn(`${compacted}1.3 age=1s\nrestored k v version=1.3 age=1s`)).toBe(
      '14: it stands after offset 3, and the log goes on from there',
    )
    expect(mistakeIn('restore leader=0 epoch=9 offset=7')).toContain('offset and table are given')
    expect(mistakeIn('restore leader=0 epoch=9 offset=7 table=1')).toContain('as in 1.1,5.30')
    expect(mistakeIn('read k\nrestore leader=0 epoch=1')).toMatch(/restore is the first command/)
  })

  test('all mistakes of a file are told, up to a bound', () => {
    const parsing = parseScenario('crash x\n'.repeat(50))
    expect(parsing).toMatchObject({ ok: false, mistakesLeftOut: 30 })
    if (!parsing.ok) expect(parsing.mistakes.map(({ line }) => line).at(-1)).toBe(20)
  })

  test('whatever the text is, it is read or refused with a place in it', () => {
    const word = fc.constantFrom(
      ...[
        'write',
        'read',
        'as',
        'a:',
        'k',
        'v',
        '"',
        '"a"',
        '->',
        '&',
        '#',
        'w=2',
        'w=',
        '=',
        '\\',
      ],
      ...['advance', 'until', '1', '1.1', 'restore', 'restored', 'leader=0', 'epoch=1', 'hold'],
      ...[
        'seed',
        'latency',
        'replicate=1ms',
        'show',
        'cluster',
        'partition',
        '0,1',
        ',',
        'not',
        '\t',
      ],
    )
    const line = fc.oneof(
      fc.array(word, { maxLength: 7 }).map((words) => words.join(' ')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const parsing = parseScenario(lines.join('\n'))
        if (parsing.ok) return
        for (const { line, column, source } of parsing.mistakes) {
          expect(line).toBeGreaterThan(0)
          expect(column).toBeGreaterThan(0)
          expect(column).toBeLessThanOrEqual(source.length + 1)
        }
      }),
      pinned(300),
    )
  })
})

describe('what is written reads back', () => {
  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        fc.pre(text.isWellFormed())
        const written = formatWord(text)
        expect(written).not.toMatch(/[\n\r\u2028]/)
        expect(commandOf(`write k ${written}`)).toEqual({
          verb: 'write',
          how: { key: 'k', value: text },
        })
      }),
    )
  })

  test('any time, to the microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: BOUNDS.advanceUsMax }), (us) => {
        expect(commandOf(`advance ${writeDuration(us)}`)).toEqual({ verb: 'advance', how: { us } })
      }),
      pinned(300),
    )
  })
})
