// `predict --measure` as a user meets it: the forecast, what the simulated cluster did, and whether the two agree.

import { expect, test } from 'vitest'
import { predict } from '../../src/commands/predict.ts'
import { runInTerminal } from './terminal.ts'

const SETTINGS = ['--rate', '20/s', '--at', '50,100ms', '--w', '1', '--r', '1', '--trials', '500']

const run = (...args: string[]) => runInTerminal(predict, ...SETTINGS, '--threads', '1', ...args)

test('what was measured stands below the forecast, and says that it agrees', async () => {
  const { code, said } = await run('--measure', '--latency', 'replicate=exponential(100ms)')
  expect(code).toBe(0)
  expect(said).toContain('Measured on the simulated cluster, 500 trials:')
  expect(said).toContain('It agrees with the forecast.')
})

test('as JSON both are one document', async () => {
  const { said } = await run('--measure', '--json', '--latency', 'replicate=exponential(100ms)')
  const { rows, measured } = JSON.parse(said)
  expect(measured).toMatchObject({ trials: 500, agrees: true })
  expect(measured.rows.map((row: { reads: string }) => row.reads)).toEqual(
    rows.map((row: { reads: string }) => row.reads),
  )
})

test('what no cluster here can be is refused in a sentence', async () => {
  const { code, complaints } = await run(
    ...['--measure', '--topology', 'leaderless', '--latency', 'lnkd-ssd'],
  )
  expect(code).toBe(2)
  expect(complaints).toContain('a leaderless forecast cannot be measured')
})
