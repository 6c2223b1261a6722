// The long forms of tests that `npm test` tries in short ones: `npm run test:long`, or some of them by their paths.

import { spawnSync } from 'node:child_process'

const LONG = [
  'test/analysis/verdicts',
  'test/core',
  'test/http/declared-problems.test.ts',
  'test/page/live/truth.test.ts',
  'test/runtime/write-ahead/cluster.test.ts',
  'test/scenario',
  'test/swarm',
]
const asked = process.argv.slice(2)

const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--testTimeout=300000',
    ...(asked.length ? asked : LONG),
  ],
  {
    stdio: 'inherit',
    env: { FC_RUNS: '3', PAGE_STEPS: '500', PROBLEM_SESSIONS: '30', ...process.env },
  },
)
process.exitCode = status ?? 1
