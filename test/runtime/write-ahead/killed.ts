// Rapid failovers, writes and reads from many clients, and a server that is killed in the middle of them, life
// after life on one file: whatever any client was shown, a version is one value of one key for ever, an epoch
// begins in one life only, and nothing acknowledged under the last leader's log is lost to the file.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Seen {
  /** `key=value` by version, whoever showed it. */
  readonly values: Map<string, string>
  /** In which life an epoch was begun. */
  readonly epochs: Map<number, number>
  readonly conflicts: string[]
}

export function nothingSeen(): Seen {
  return { values: new Map(), epochs: new Map(), conflicts: [] }
}

/** One life. @param command what starts the server, without its options */
export async function live(
  command: readonly string[],
  path: string,
  life: number,
  killAfterMs: number,
  seen: Seen,
): Promise<void> {
  const [program, ...args] = command as [string, ...string[]]
  const options = ['--port', '0', '--clock', 'instant', '--wal', path, '--log-format', 'json']
  const child = spawn(program, [...args, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  try {
    const url = await urlOf(child)
    setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    const clients = Array.from({ length: 24 }, (_, i) => client(url, life, i, seen))
    await Promise.all(clients)
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

async function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const { url } = JSON.parse(line) as { url?: string }
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => reject(new Error('The server ended before it listened')))
  })
}

/** Fails over, writes, reads or looks who leads, until the server is gone. */
async function client(url: string, life: number, name: number, seen: Seen): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `k${i % 4}`
    const value = `${life}/${name}/${i}`
    const asks: readonly Ask[] = [
      { route: '/failover', body: { to: (i + name) % 3, force: true } },
      { route: '/write', body: { key, value } },
      { route: `/follower-read?key=${key}&replica=${i % 3}` },
      { route: '/cluster' },
    ]
    const ask = asks[name % asks.length] as Ask
    const answer = await send(url, ask)
    if (answer === undefined) return
    note(answer, life, seen)
  }
}

interface Ask {
  readonly route: string
  readonly body?: object
}

interface Answer {
  readonly key?: string
  readonly value?: string
  readonly version?: string
  readonly epoch?: number
}

/** @returns undefined when the server is gone */
async function send(url: string, { route, body }: Ask) {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
  try {
    const answer = await fetch(
      url + route,
      body === undefined ? {} : { ...post, body: JSON.stringify(body) },
    )
    return (await answer.json()) as Answer
  } catch {
    return undefined
  }
}

function note({ key, value, version, epoch }: Answer, life: number, seen: Seen): void {
  if (version !== undefined && value !== undefined) {
    const shown = `${key}=${value}`
    const before = seen.values.get(version) ?? shown
    if (before !== shown) seen.conflicts.push(`version ${version} is ${before} and ${shown}`)
    seen.values.set(version, shown)
  }
  if (epoch !== undefined) {
    const before = seen.epochs.get(epoch) ?? life
    if (before !== life) seen.conflicts.push(`epoch ${epoch} begins in life ${before} and ${life}`)
    seen.epochs.set(epoch, life)
  }
}
