// `measure`: a lab that runs, a file, and what is neither.

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { measure } from '../../src/commands/measure.ts'
import { startLab } from '../../src/index.ts'
import { runInTerminal } from './terminal.ts'

async function staleLab() {
  const lab = await startLab({ followers: 1 })
  onTestFinished(() => lab.close())
  const alice = lab.client('alice')
  await alice.write('k', 'v')
  await lab.advance('idle')
  await lab.hold(0, 1)
  await alice.write('k', 'w')
  await lab.advance('70ms')
  await alice.followerRead('k', { replica: 1 })
  return lab
}

test('a lab that runs is measured over HTTP, in a test as in a terminal', async () => {
  const lab = await staleLab()
  const url = await lab.listen()
  const { code, said } = await runInTerminal(measure, '--url', `${url}/`, '--at', '0,50,100ms')
  expect([code, said]).toEqual([
    0,
    expect.stringMatching(/^reads by .*\nreplica 1 +1 +- +0\.000 of 1/),
  ])
  const json = await runInTerminal(measure, '--url', url, '--at', '0,50,100ms', '--json')
  expect(JSON.parse(json.said)).toEqual(lab.measure([0, 50, 100]))
})

test('a history in a file is measured alike', async () => {
  const lab = await staleLab()
  const file = join(tmpdir(), `history-${process.pid}.jsonl`)
  writeFileSync(file, lab.history().toJsonLines())
  const { code, said } = await runInTerminal(measure, file, '--json')
  expect([code, JSON.parse(said)]).toEqual([0, lab.measure()])
})

test.each<[string[], string]>([
  [[], 'name a lab by --url, or one FILE'],
  [['--url', 'http://localhost:1', 'file'], 'name a lab by --url, or one FILE'],
  [['--url', 'localhost:8080'], 'is no address: write http://localhost:8080'],
  [['--at', '5x', 'file'], '--at: "5x" has an unknown unit'],
  [['one', 'two'], '"two" is not expected here'],
  [['--ulr', 'http://localhost:1'], 'did you mean --url?'],
  [['no-such-file'], 'Cannot read no-such-file'],
  [['--url', 'http://127.0.0.1:1'], 'nobody answers'],
])('%j is refused', async (args, words) => {
  const { code, complaints } = await runInTerminal(measure, ...args)
  expect([code, complaints]).toEqual([2, expect.stringContaining(words)])
})

test('what a lab refuses is told in its words', async () => {
  const lab = await staleLab()
  const url = await lab.listen()
  const { code, complaints } = await runInTerminal(measure, '--url', `${url}/labs/nobody`)
  expect([code, complaints]).toEqual([2, expect.stringContaining('There never was a lab "nobody"')])
})
