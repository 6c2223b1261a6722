// `compare` as a user meets it: a story, one knob turned, and what becomes of its troubles.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compare } from '../../src/commands/compare.ts'
import { runInTerminal } from './terminal.ts'

const LOST_WRITE = resolve('src/scenario/stories/lost-write.scenario')

const run = (...args: string[]) => runInTerminal(compare, ...args)

test('a write that waits for two is not lost, and takes longer', async () => {
  const { code, said } = await run(LOST_WRITE, '--with', 'w=2')
  expect(code).toBe(0)
  expect(said).toContain('- lost write: user:1 "Maria"\n')
  expect(said).not.toContain('\n+ ')
  expect(said).toContain(
    'writes: 4 answered in 50 ms on average, 200 ms at most, now 4 answered in 200 ms',
  )
})

test('a slower link makes it no better', async () => {
  const { said } = await run(LOST_WRITE, '--with', 'latency replicate=2s')
  expect(said).not.toContain('- lost write: user:1 "Maria"\n')
})

test('as JSON it is one document', async () => {
  const { said } = await run(LOST_WRITE, '--with', 'w=2', '--json')
  const { disappeared, appeared, before, after } = JSON.parse(said)
  expect(disappeared).toMatchObject([{ trouble: 'lost write' }])
  expect(appeared).toEqual([])
  expect(after.writes.meanMs).toBeGreaterThan(before.writes.meanMs)
})

test.each([
  [[LOST_WRITE], '--with is needed'],
  [['--with', 'w=2'], 'compare needs one scenario'],
  [['/nowhere.scenario', '--with', 'w=2'], 'cannot read /nowhere.scenario'],
  [[LOST_WRITE, '--with', 'followrs 3'], '"followrs 3" changes nothing in a scenario'],
  [[LOST_WRITE, '--with', 'followers 0'], '--with: '],
  [[LOST_WRITE, '--wiht', 'w=2'], 'did you mean --with?'],
])('refuses %j', async (args, message) => {
  const { code, complaints } = await run(...args)
  expect(code).toBe(2)
  expect(complaints).toContain(message)
})

test('names the line of a scenario that cannot be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replication-lab-compare-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'bad.scenario')
  writeFileSync(file, 'seed 1\nwrit k v\n')
  const { code, complaints } = await run(file, '--with', 'w=2')
  expect(code).toBe(2)
  expect(complaints).toContain(`${file}:2:1: `)
})
