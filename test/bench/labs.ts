// Two hundred labs in one process, a suite running in each: how long one takes to start, beside a request that starts
// nothing, and how much memory they all take.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Cluster } from '../../src/core/cluster.ts'
import { createApp } from '../../src/http/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { paceByWall } from '../../src/runtime/pacer.ts'
import { bytes, median, milliseconds, type Row } from './table.ts'

const LABS = 200
const TESTS = 20
const MEMORY_MAX = 400 * 1024 * 1024

export async function benchLabs(): Promise<Row[]> {
  const cluster = new Cluster({ startTimeMs: Date.now(), clock: { mode: 'real', rate: 1 } })
  const app = createApp({ cluster, labs: { startPacing: paceByWall } })
  const server = createHttpServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const urls: string[] = []
  const started: number[] = []
  const asked: number[] = []
  for (let i = 0; i < LABS; i++) {
    asked.push(await timed(() => send(`${root}/clock`)))
    started.push(
      await timed(async () => {
        const { url } = await send(`${root}/labs`, { followers: 2, seed: i, clock: 'manual' })
        urls.push(root + url)
      }),
    )
  }
  await Promise.all(urls.map(suite))
  const { rss } = process.memoryUsage()
  server.closeAllConnections()
  server.close()
  app.drain()
  const starting = Math.max(median(started) - median(asked), 0)
  return [
    {
      what: 'start of a lab, beyond a request that starts none',
      ratio: starting / 2,
      aim: 'below 1',
      measured: milliseconds(starting),
      limit: '2 ms',
    },
    {
      what: `the process with ${LABS} labs, ${TESTS} tests done in each`,
      ratio: rss / MEMORY_MAX,
      aim: 'below 1',
      measured: bytes(rss),
      limit: bytes(MEMORY_MAX),
    },
  ]
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

/** Each test writes, looks too early, lets time pass, looks again, and resets. */
async function suite(url: string): Promise<void> {
  for (let i = 0; i < TESTS; i++) {
    await send(`${url}/write`, { key: 'k', value: `v${i}` })
    await send(`${url}/follower-read?key=k&replica=1`)
    await send(`${url}/clock/advance`, { to: 'idle' })
    await send(`${url}/follower-read?key=k&replica=1`)
    await send(`${url}/reset`, {})
  }
}

async function send(url: string, body?: object): Promise<{ readonly url: string }> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(
    url,
    body ? { method: 'POST', headers, body: JSON.stringify(body) } : {},
  )
  return (await answer.json()) as { readonly url: string }
}
