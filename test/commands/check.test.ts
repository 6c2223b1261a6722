// `check FILE` as a user meets it: what it prints, its exit codes, and what it says of a file that is none.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { VERDICT_NAMES } from '../../src/analysis/verdicts/verdict.ts'
import { check } from '../../src/commands/check.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'check-'))
afterAll(() => rmSync(FOLDER, { recursive: true }))

const operation = (changes: object) =>
  JSON.stringify({
    client: 'alice',
    kind: 'write',
    key: 'user:1',
    value: 'Jessica',
    calledMs: 0,
    returnedMs: 10,
    outcome: 'ok',
    version: '1.1',
    ...changes,
  })
const LINES = [
  operation({}),
  operation({ value: 'Maria', calledMs: 100, returnedMs: 200, version: '1.2' }),
  operation({ client: 'bob', kind: 'read', calledMs: 210, returnedMs: 210 }),
]

async function run(text: string | Uint8Array, ...args: string[]) {
  const file = join(FOLDER, 'h.jsonl')
  writeFileSync(file, text)
  return called('check', file, ...args)
}

async function called(...args: string[]) {
  const said: string[] = []
  const complaints: string[] = []
  const code = await check(
    { args, env: {}, directory: FOLDER },
    {
      out: (text) => said.push(text),
      err: (text) => complaints.push(text),
      isWatched: false,
      signal: new AbortController().signal,
    },
  )
  const complaint = complaints.join('').trim().replaceAll(join(FOLDER, 'h.jsonl'), 'FILE')
  return { code, said: said.join(''), complaint }
}

describe('the exit code', () => {
  test.each([
    ['is 1 when the history is not linearizable', LINES, [], 1],
    ['is 0 when it is', LINES.slice(0, 2), [], 0],
    ['is that of the verdict that was named', LINES, ['--verdict', 'read-your-writes'], 0],
    ['is the worst of several', LINES, ['--verdict=causal,linearizable-in-order'], 1],
    ['is 3 when nothing is decided', LINES, ['--verdict', 'bounded-staleness'], 3],
    ['goes by the bound', LINES, ['--verdict=bounded-staleness', '--stale-ms=10'], 0],
    ['is 2 for an empty file', [], [], 2],
  ])('%s', async (_, lines, args, code) => {
    expect((await run(lines.join('\n'), ...args)).code).toBe(code)
  })
})

test('what broke is told in words, figures and a picture', async () => {
  const svg = join(FOLDER, 'w.svg')
  const { said } = await run(LINES.join('\n'), '--svg', svg)
  expect(said).toContain('* linearizable           violated: bob')
  expect(said).toContain('Δ-atomic with Δ = 10 ms')
  expect(said).toContain('├')
  expect((await run(LINES[0] ?? '', '--svg', svg)).complaint).toBe(
    'Nothing is violated, so nothing is drawn.',
  )
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

test('--json prints every verdict by its name', async () => {
  const { said } = await run(LINES.join('\n'), '--json')
  const report = JSON.parse(said) as { verdicts: Record<string, { verdict: string }>; k: number }
  expect(Object.keys(report.verdicts)).toEqual([...VERDICT_NAMES])
  expect(report).toMatchObject({ deltaMs: 10, k: 2, staleness: { stale: 1 } })
})

test.each([
  ['not UTF-8', Uint8Array.from([123, 34, 255, 10]), [], 'Cannot read FILE: it is not UTF-8 text.'],
  ['cut short', `${LINES[0]}\n{"cl`, [], 'FILE:2: the last line is cut short.'],
  [
    'of another model',
    operation({ kind: 'append' }),
    ['--model', 'register'],
    'Use --model append',
  ],
  ['without that key', LINES[0] ?? '', ['--key', 'nope'], 'Some keys are "user:1".'],
])('a file that is %s is refused, with a remedy', async (_, text, args, said) => {
  const { code, complaint } = await run(text, ...args)
  expect([code, complaint]).toEqual([2, expect.stringContaining(said)])
})

test('lines of any length come out whole, whatever the pieces', async () => {
  const lines = Array.from({ length: 3_000 }, (_, i) =>
    operation({
      value: `ü${'x'.repeat(i % 97)}${i}`,
      calledMs: i * 20,
      returnedMs: i * 20 + 1,
      version: `1.${i + 1}`,
    }),
  )
  const { said, code } = await run(lines.join('\r\n'))
  expect([code, said.split('\n')[0]]).toEqual([
    0,
    '3000 operations by 1 client on 1 key, as a register',
  ])
})

test.each([
  [['check'], 'check needs a history'],
  [['check', 'a', 'b'], 'is not expected here'],
  [['check', 'a', '--modle=x'], 'there is no --modle for check; did you mean --model?'],
  [['check', 'a', '--verdict', 'linear'], '--verdict is'],
  [['check', 'a', '--model', 'queue'], 'it is register, cas-register, append'],
  [['check', 'a', '--stale-ms', 'soon'], 'which is no number'],
  [['check', 'a', '--key'], '--key needs a value: --key KEY'],
])('%j is refused', async (args, said) => {
  const { code, complaint } = await called(...args)
  expect([code, complaint]).toEqual([2, expect.stringContaining(said)])
})

test('its help lists flags, models and verdicts', async () => {
  const { code, said } = await called('check', '--help')
  expect(code).toBe(0)
  for (const word of ['--failed-cas', 'cas-register', ...VERDICT_NAMES])
    expect(said).toContain(word)
})
