// A real server, really killed: whatever it acknowledged is there when it starts again.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, inject, onTestFinished, test } from 'vitest'
import { tempPath } from './fixture.ts'

interface Server {
  readonly child: ChildProcess
  readonly url: string
}

async function startServer(path: string): Promise<Server> {
  const args = ['--port', '0', '--clock', 'instant', '--wal', path, '--log-format', 'json']
  const child = spawn(process.execPath, [join(inject('built'), 'dist/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { url } = JSON.parse(line) as { url?: string }
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => reject(new Error('The server ended before it listened')))
  })
  return { child, url }
}

async function kill({ child }: Server): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Writes from many clients at once, and kills the server in the middle of it. */
async function writeUntilKilled(server: Server, acknowledged: Map<string, string>): Promise<void> {
  const enough = acknowledged.size + 200
  const round = server.url
  const client = async (name: number) => {
    for (let i = 0; ; i++) {
      const key = `${round}/${name}/${i}`
      const route = i % 3 === 0 ? 'write-with-quorum' : 'write'
      const answer = await post(`${server.url}/${route}`, { key, value: key })
      if (answer === undefined) return
      acknowledged.set(key, answer.version)
      if (acknowledged.size === enough) await kill(server)
    }
  }
  await Promise.all(Array.from({ length: 32 }, (_, name) => client(name)))
}

/** The record; undefined when the server is gone. */
async function post(url: string, body: object): Promise<{ version: string } | undefined> {
  const headers = { 'content-type': 'application/json' }
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    return (await answer.json()) as { version: string }
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

// Three starts and some hundred requests, on whatever machine: a hang shows after a minute.
test('SIGKILL under load loses no acknowledged write, time after time', async () => {
  const path = tempPath()
  const acknowledged = new Map<string, string>()
  for (let round = 0; round < 2; round++) {
    await writeUntilKilled(await startServer(path), acknowledged)
  }
  const server = await startServer(path)
  const found = new Map<string, string>()
  await Promise.all(
    [...acknowledged.keys()].map(async (key) => {
      const answer = await fetch(`${server.url}/read?key=${encodeURIComponent(key)}`)
      found.set(key, ((await answer.json()) as { version: string }).version)
    }),
  )
  expect(acknowledged.size).toBeGreaterThanOrEqual(400)
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(acknowledged))
  const cluster = (await (await fetch(`${server.url}/cluster`)).json()) as { epoch: number }
  // Each life begins behind the block of epochs that the one before had set aside.
  expect(cluster.epoch).toBe(17)
  await kill(server)
}, 60_000)
