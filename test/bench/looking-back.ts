// Looking back by GET /cluster?chapter&at: how long it takes to go back, which replays the chapter from its beginning, and
// to go on from where the last look was.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Cluster } from '../../src/core/cluster.ts'
import { createApp } from '../../src/http/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { median, milliseconds, type Row } from './table.ts'

const SESSIONS = [10_000, 100_000]
/** Simulated time between two commands. */
const STEP_US = 10_000
const LOOKS = 5
const BACK_MS_PER_COMMAND = 500 / 100_000
const FORWARDS_MS_MAX = 20

export async function benchLookingBack(): Promise<Row[]> {
  const rows: Row[] = []
  for (const commands of SESSIONS) rows.push(...(await benchSession(commands)))
  return rows
}

async function benchSession(commands: number): Promise<Row[]> {
  const cluster = new Cluster()
  const app = createApp({ cluster })
  const server = createHttpServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  for (let i = 0; i < commands; i++) act(cluster, i)
  const end = cluster.nowUs / 1_000
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cluster?chapter=1&records=20&at=`
  const times: Record<'back' | 'forwards', number[]> = { back: [], forwards: [] }
  for (let i = LOOKS; i > 0; i--) {
    // The look before was at the beginning of the chapter, from which all of it is replayed.
    times.back.push(await lookMs(url + (end - i * 1_000)))
    times.forwards.push(await lookMs(url + (end - i * 1_000 + 500)))
    await lookMs(`${url}0`)
  }
  server.closeAllConnections()
  server.close()
  app.drain()
  const what = `GET /cluster?at= in a session of ${commands.toLocaleString('en-US')} commands`
  const [back, forwards] = [median(times.back), median(times.forwards)]
  const limit = commands * BACK_MS_PER_COMMAND
  return [
    row(`${what}: back, all of it replayed`, back, limit),
    row(`${what}: 50 commands on`, forwards, FORWARDS_MS_MAX),
  ]
}

function row(what: string, ms: number, limit: number): Row {
  return {
    what,
    ratio: ms / limit,
    aim: 'below 1',
    measured: milliseconds(ms),
    limit: milliseconds(limit),
  }
}

/** Two writes to a read of a follower that may be behind. */
function act(cluster: Cluster, i: number): void {
  cluster.runTo(cluster.nowUs + STEP_US, Number.POSITIVE_INFINITY)
  const key = `user:${i % 1_000}`
  if (i % 3 === 2) cluster.followerRead({ key, replica: 1 }, ignore)
  else cluster.write({ key, value: `value ${i}` }, ignore)
}

async function lookMs(url: string): Promise<number> {
  const began = performance.now()
  const answer = await fetch(url)
  await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} at ${url}`)
  return performance.now() - began
}

function ignore(): void {}
