// `shrink FILE` as a user meets it: what it prints where, its exit codes, and Ctrl-C.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { VERDICT_NAMES } from '../../src/analysis/verdicts/verdict.ts'
import { shrink } from '../../src/commands/shrink.ts'
import { runFile } from '../../src/scenario/run-file.ts'
import { runInTerminal } from './terminal.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'shrink-'))
afterAll(() => rmSync(FOLDER, { recursive: true }))
const FILE = join(FOLDER, 'a.scenario')
const STORY = resolve('src/scenario/stories/split-brain.scenario')

const FAILING = [
  '# Much that is not needed.',
  'seed 5',
  ...Array.from({ length: 100 }, (_, i) => `write key:${i % 7} v${i}\nadvance 3ms`),
  'write user:1 Maria',
  'follower-read user:1 replica=1 -> Maria',
  '',
].join('\n')

function run(text: string, ...args: readonly string[]) {
  writeFileSync(FILE, text)
  return runInTerminal(shrink, FILE, ...args)
}

test('prints the smaller scenario, which fails as the large one did, and tells how it went', async () => {
  const { code, said, complaints } = await run(FAILING)
  expect(code).toBe(0)
  expect(said).toBe(
    '# Shrunk: follower-read user:1 replica=1 -> Maria: expected Maria, but it is key-not-found\n' +
      'write user:1 Maria\nfollower-read user:1 replica=1 -> Maria\n',
  )
  expect(complaints).toMatch(/^From 204 lines to 2 lines, after \d+ runs\n$/)
  expect(runFile('said', said, { json: false }).exitCode).toBe(1)
  expect((await run(FAILING)).said).toBe(said)
})

test('keeps a verdict violated', async () => {
  const { code, said } = await runInTerminal(shrink, STORY, '--verdict', 'linearizable')
  expect(code).toBe(0)
  expect(said).toMatch(/^# Shrunk: linearizable is violated: /)
  expect(said.split('\n')).toHaveLength(5)
  expect(runFile('said', said, { json: false }).exitCode).toBe(0)
})

test('Ctrl-C gives the smallest so far, which fails too', async () => {
  const stop = new AbortController()
  const told: string[] = []
  const said: string[] = []
  // Something that no smaller scenario does without, so that there is time for a Ctrl-C.
  const lines = Array.from({ length: 400 }, (_, i) => `write k v${i}\nadvance 1ms`)
  writeFileSync(FILE, [...lines, 'read k -> version=1.1 value=v399', ''].join('\n'))
  const code = await shrink(
    { args: ['shrink', FILE], env: {}, directory: '/' },
    {
      out: (text) => said.push(text),
      err: (text) => {
        told.push(text)
        stop.abort()
      },
      isWatched: true,
      signal: stop.signal,
    },
  )
  expect(code).toBe(130)
  expect(told[0]).toMatch(/\d+ lines, after \d+ runs; Ctrl-C gives what is there$/)
  expect(told.at(-1)).toMatch(/Stopped at \d+ lines, after \d+ runs\n$/)
  expect(runFile('said', said.join(''), { json: false }).exitCode).toBe(1)
})

test.each([
  ['write a b -> applied\n', [], 'does not fail: what is expected in it holds\n'],
  [
    'write a b\nfollower-read a replica=1 -> key-not-found\n',
    [],
    'does not fail: what is expected in it holds; but --verdict linearizable is violated\n',
  ],
  ['write a b\n', ['--verdict=pram'], 'does not fail: pram is consistent\n'],
  ['write a b\n', ['--verdict=bounded-staleness'], 'is undecided: no bound was named'],
  ['', [], 'does not fail: nothing is expected in it\n'],
])('exits with 1 where %j with %j does not fail', async (text, args, message) => {
  const { code, said, complaints } = await run(text, ...args)
  expect([code, said]).toEqual([1, ''])
  expect(complaints).toContain(message)
})

test.each([
  [[], 'shrink needs one scenario: shrink FILE'],
  [['a', 'b'], 'shrink needs one scenario: shrink FILE'],
  [['/nowhere.scenario'], 'cannot read /nowhere.scenario: there is no such file'],
  [[STORY, '--verdict', 'linear'], '--verdict is "linear": it is one of linearizable, '],
  [[STORY, '--verdict', 'casual'], '--verdict is "casual"; did you mean causal?'],
  [[STORY, '--verdcit=pram'], 'did you mean --verdict?'],
])('refuses %j', async (args, message) => {
  const { code, complaints } = await runInTerminal(shrink, ...args)
  expect(code).toBe(2)
  expect(complaints).toContain(message)
})

test('names the line of a scenario that cannot be read', async () => {
  const { code, complaints } = await run('seed 1\nwrit k v\n')
  expect(code).toBe(2)
  expect(complaints).toContain(`${FILE}:2:1: there is no command writ`)
})

test('its help lists the verdicts', async () => {
  const { code, said } = await runInTerminal(shrink, '--help')
  expect(code).toBe(0)
  for (const name of VERDICT_NAMES) expect(said).toContain(name)
})
