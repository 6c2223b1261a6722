// `npm run soak -- --seconds 600`: the largest legal values, over a few keys and over many, with two event streams open,
// one of them read slowly, against a server that may use 400 MB. It must live, answer only what it promises, keep its
// memory, and still have every write that it acknowledged last.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } })
const SECONDS = Number(values.seconds)
const HEAP_MB = 400
/** Beside the heap: code, buffers of sockets, the young generation. */
const RSS_MB_MAX = HEAP_MB + 250
const CLIENTS = 4
const ALLOWED = new Set([200, 429, 507])
const LETTERS = ['x', 'ß', '漢', '🦊']

interface Tally {
  readonly statuses: Map<number, number>
  readonly acknowledged: Map<string, string>
  rssMbMax: number
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** As many of one letter as a value may have bytes; the number tells values apart. */
function largest(i: number): string {
  const letter = LETTERS[i % LETTERS.length] as string
  const tail = String(i)
  return letter.repeat(Math.floor((65_536 - tail.length) / Buffer.byteLength(letter))) + tail
}

async function post(url: string, path: string, body: object): Promise<number> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  await answer.arrayBuffer()
  return answer.status
}

/** Reads events as fast as they come, or hardly at all. It comes back when it is cut off. */
async function readStream(url: string, pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { body } = await fetch(`${url}/events`, { signal })
      for await (const _ of body as AsyncIterable<Uint8Array>) {
        if (pauseMs > 0) await wait(pauseMs, undefined, { signal })
      }
    } catch {
      // Cut off, or over.
    }
    await wait(100, undefined, { signal }).catch(() => undefined)
  }
}

/** Few keys, then many, then few again; now and then a link is held for a while, or a follower is down. */
async function client(url: string, id: number, tally: Tally, signal: AbortSignal): Promise<void> {
  for (let i = 0; !signal.aborted; i++) {
    const few = Math.floor(i / 200) % 2 === 0
    const key = `${id}:${few ? i % 3 : i % 5_000}`
    const value = largest(i)
    const quorum = i % 5 === 0
    const body = quorum ? { key, value, w: 2, timeoutMs: 1_000 } : { key, value }
    const status = await post(url, quorum ? '/write-with-quorum' : '/write', body)
    tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1)
    if (status === 200) tally.acknowledged.set(key, value)
    // Whether it was written, nobody knows.
    else if (status === 504) tally.acknowledged.delete(key)
    if (id === 0 && i % 300 === 100) await post(url, '/links/0/1/hold', { forMs: 3_000 })
    if (id === 0 && i % 300 === 200) await post(url, '/replicas/2/crash', { keepData: true })
    if (id === 0 && i % 300 === 250) await post(url, '/replicas/2/restart', {})
    if (status === 429) await wait(20)
  }
}

async function watchMemory(url: string, tally: Tally, pid: number, signal: AbortSignal) {
  const { readFile } = await import('node:fs/promises')
  while (!signal.aborted) {
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const kb = Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0)
    tally.rssMbMax = Math.max(tally.rssMbMax, kb / 1024)
    await fetch(`${url}/metrics`).then((answer) => answer.text())
    await wait(500, undefined, { signal }).catch(() => undefined)
  }
}

async function lostOf(url: string, { acknowledged }: Tally): Promise<string[]> {
  const lost: string[] = []
  for (const [key, value] of acknowledged) {
    const answer = await fetch(`${url}/read?key=${encodeURIComponent(key)}`)
    const { value: found } = (await answer.json()) as { value?: string }
    if (found !== value) lost.push(key)
  }
  return lost
}

async function soak(): Promise<string[]> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = [`--max-old-space-size=${HEAP_MB}`, '--import', 'tsx', 'src/main.ts']
  const args = [...flags, '--port', String(port), '--log-level', 'warn']
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  let exit: number | null | undefined
  server.once('exit', (code) => {
    exit = code
  })
  for (let i = 0; i < 100; i++) {
    if ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok) break
    await wait(100)
  }
  const tally: Tally = { statuses: new Map(), acknowledged: new Map(), rssMbMax: 0 }
  const over = AbortSignal.timeout(SECONDS * 1_000)
  const faults: string[] = []
  await Promise.all([
    ...Array.from({ length: CLIENTS }, (_, id) => client(url, id, tally, over)),
    readStream(url, 0, over),
    readStream(url, 2_000, over),
    watchMemory(url, tally, server.pid as number, over),
  ]).catch((error: Error) => faults.push(`A request failed: ${error.cause ?? error.message}`))
  if (exit !== undefined) faults.push(`The server ended, with exit code ${exit}`)
  else
    faults.push(...(await lostOf(url, tally)).map((key) => `${key} is not what was acknowledged`))
  server.kill()
  return [...faults, ...judge(tally)]
}

function judge({ statuses, acknowledged, rssMbMax }: Tally): string[] {
  const counts = [...statuses].map(([status, times]) => `${status}: ${times}`).join(', ')
  const mb = Math.round(rssMbMax)
  console.log(
    `${SECONDS} s, answers ${counts}; ${acknowledged.size} keys as acknowledged; ${mb} MB`,
  )
  const faults: string[] = []
  for (const status of statuses.keys()) {
    if (!ALLOWED.has(status) && status !== 504) faults.push(`A write was answered ${status}`)
  }
  if (!statuses.has(507)) faults.push('The bound on live data was never met')
  if (rssMbMax > RSS_MB_MAX) faults.push(`${mb} MB is more than ${RSS_MB_MAX}`)
  return faults
}

const faults = await soak()
for (const fault of faults.slice(0, 10)) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
