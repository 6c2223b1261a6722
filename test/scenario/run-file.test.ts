// What `run FILE` prints and how it exits, for people and for machines.

import { describe, expect, test } from 'vitest'
import { runFile } from '../../src/scenario/run-file.ts'

const STORY = `# A story.
write user:1 Jessica             -> applied
follower-read user:1 replica=1   -> Jessica
`

describe('for people', () => {
  test('the whole trace, and how it ended', () => {
    const { output, exitCode } = runFile('story.scenario', STORY, { json: false })
    expect(`\n${output}`).toMatchInlineSnapshot(`
      "
      # A story.
      write user:1 Jessica             -> applied
                +0 ms  Leader wrote key=user:1 value=Jessica
        ok      +0 ms  <- applied version=1.1 acknowledgedBy=0
      follower-read user:1 replica=1   -> Jessica
      FAIL      +0 ms  <- key-not-found: Follower 1 has no key=user:1 yet; a copy is
                          on its way and lands in 200 ms.
                          expected Jessica, but it is key-not-found

      FAIL: 1 of 2 expectations does not hold: line 3.
      Simulated time: 0 ms.
      "
    `)
    expect(exitCode).toBe(1)
  })

  test('mistakes name file, line and column', () => {
    const { output, exitCode } = runFile('story.scenario', 'seed 1\nwirte k v\n', { json: false })
    expect(`\n${output}`).toMatchInlineSnapshot(`
      "
      story.scenario:2:1: there is no command wirte; did you mean write?
          | wirte k v
          | ^
      "
    `)
    expect(exitCode).toBe(2)
  })

  test('nothing in a file can act on a terminal', () => {
    const hostile = '# \u001b[2J\nwrite k "\\u001b[2J" # \u202e\nread k -> "\u009b"\n\u001b[1m\n'
    for (const text of [hostile, hostile.replace('\u001b[1m\n', '')]) {
      const { output } = runFile('\u001b.scenario', text, { json: false })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
      expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    }
  })

  test('no line of the trace is wider than a terminal, but for the words themselves', () => {
    const { output } = runFile('wide', `write k ${'v'.repeat(300)}\nread k -> x`, { json: false })
    const wide = output.split('\n').filter((line) => line.length > 80)
    expect(wide.every((line) => line.includes('v'.repeat(60)))).toBe(true)
  })
})

describe('for machines', () => {
  function objects(text: string): Record<string, unknown>[] {
    const { output } = runFile('story.scenario', text, { json: true })
    return output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  test('one object a line: commands, events, answers and the end', () => {
    const all = objects(STORY)
    expect(all.map(({ type }) => type)).toEqual([
      ...['command', 'event', 'event', 'event', 'event', 'answer'],
      ...['command', 'event', 'event', 'event', 'event', 'event', 'event', 'answer'],
      'end',
    ])
    expect(all[5]).toMatchObject({ line: 2, ok: true, holds: true, answer: { version: '1.1' } })
    expect(all.at(-2)).toMatchObject({
      line: 3,
      atMs: 0,
      ok: false,
      answer: { code: 'key-not-found', copy: { state: 'in-flight', dueInMs: 200 } },
      holds: false,
      expected: 'Jessica',
      why: 'expected Jessica, but it is key-not-found',
    })
    expect(all.at(-1)).toEqual({
      type: 'end',
      nowMs: 0,
      expectations: 2,
      failedLines: [3],
      exitCode: 1,
    })
  })

  test('mistakes are objects too', () => {
    expect(objects('wirte k v')).toEqual([
      {
        type: 'mistake',
        file: 'story.scenario',
        line: 1,
        column: 1,
        message: 'there is no command wirte; did you mean write?',
      },
    ])
  })
})
