// From the command to the line that says it listens, against a bare Express app started by the same Node
// with the same loader.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { milliseconds, type Row } from './table.ts'

/** The best of them counts: whatever else the machine does can only make a round slower. */
const ROUNDS = 5
const AIM_MS = 1_000

const BARE = `
import express from 'express'
const app = express()
app.get('/', (_req, res) => { res.json({}) })
const server = app.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
`

type Command = readonly [program: string, ...args: string[]]

const COMMANDS: Readonly<Record<'npm' | 'node' | 'bare', Command>> = {
  npm: ['npm', 'start', '--', '--port', '0'],
  node: [process.execPath, '--import', 'tsx', 'src/main.ts', '--port', '0'],
  bare: [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', BARE],
}

export async function benchStart(): Promise<Row[]> {
  const taken = { npm: [] as number[], node: [] as number[], bare: [] as number[] }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of ['npm', 'bare', 'node'] as const) {
      const ms = await timeToListen(COMMANDS[name])
      // The first round only warms the caches.
      if (round > 0) taken[name].push(ms)
    }
  }
  const [npm, node, bare] = [best(taken.npm), best(taken.node), best(taken.bare)]
  return [
    {
      what: 'npm start to listening',
      ratio: npm / AIM_MS,
      aim: '≤ 1',
      measured: milliseconds(npm),
      limit: `${milliseconds(AIM_MS)} at most`,
    },
    {
      what: 'the same without npm',
      ratio: node / bare,
      measured: milliseconds(node),
      limit: `${milliseconds(bare)} bare Express app, also by tsx`,
    },
  ]
}

function best(ms: readonly number[]): number {
  return Math.min(...ms)
}

async function timeToListen([program, ...args]: Command): Promise<number> {
  const began = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  for await (const line of createInterface(child.stdout)) {
    if (/running at|listening/.test(line)) break
  }
  const ms = performance.now() - began
  // The whole group, for npm's own child is the server.
  process.kill(-(child.pid as number), 'SIGKILL')
  await once(child, 'close')
  return ms
}
