// Requests a second, this server against a bare Express 5 app on the same Node that parses the same request
// and answers the same bytes. The servers take turns in short rounds, so that a machine that slows down
// meanwhile slows down all of them.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { median, perSecond, type Row } from './table.ts'

const ROUNDS = 4
const ROUND_SECONDS = 1
const WARM_UP_SECONDS = 1
const CONNECTIONS = 16
const KEYS = 500

const KINDS = ['lab tuned', 'bare plain', 'lab plain', 'bare tuned'] as const
type Kind = (typeof KINDS)[number]
const VERBS = ['read', 'write'] as const
type Verb = (typeof VERBS)[number]

interface Target {
  readonly kind: Kind
  readonly child: ChildProcess
  readonly url: string
  readonly rates: Record<Verb, number[]>
}

export async function benchHttp(): Promise<Row[]> {
  const targets: Target[] = []
  try {
    for (const kind of KINDS) targets.push(await launch(kind))
    for (const target of targets) {
      await writeEveryKey(target)
      for (const verb of VERBS) await load(target, verb, WARM_UP_SECONDS)
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const verb of VERBS) {
        for (const target of targets) {
          target.rates[verb].push(await load(target, verb, ROUND_SECONDS))
        }
      }
    }
  } finally {
    for (const { child } of targets) child.kill('SIGKILL')
  }
  const rate = (kind: Kind, verb: Verb) =>
    median(targets.find((target) => target.kind === kind)?.rates[verb] ?? [])
  const row = (verb: Verb, what: string, ours: Kind, rival: Kind, aim?: string): Row => ({
    what: `/${verb}${what}`,
    ratio: rate(ours, verb) / rate(rival, verb),
    ...(aim && { aim }),
    measured: perSecond(rate(ours, verb)),
    limit: `${perSecond(rate(rival, verb))} bare Express app`,
  })
  return [
    row('read', '', 'lab tuned', 'bare plain', '≥ 0.85'),
    row('write', ', two copies, log on', 'lab tuned', 'bare plain', '≥ 0.60'),
    row('read', ', both with our request classes', 'lab tuned', 'bare tuned'),
    row('write', ', both with our request classes', 'lab tuned', 'bare tuned'),
    row('read', ', both without', 'lab plain', 'bare plain'),
    row('write', ', both without', 'lab plain', 'bare plain'),
  ]
}

async function launch(kind: Kind): Promise<Target> {
  const script = fileURLToPath(new URL('http-server.ts', import.meta.url))
  const log = openSync(devNull, 'w')
  const child = fork(script, kind.split(' '), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', log, 'inherit', 'ipc'],
  })
  closeSync(log)
  const [port] = (await once(child, 'message')) as [number]
  return { kind, child, url: `http://127.0.0.1:${port}`, rates: { read: [], write: [] } }
}

async function load({ url }: Target, verb: Verb, seconds: number): Promise<number> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    // The default samples once a second, which a round of little more than that is too short for.
    sampleInt: 100,
    requests: Array.from({ length: KEYS }, (_, i) => requestFor(verb, keyOf(i))),
  })
  const failed = result.non2xx + result.errors + result.timeouts
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} ${verb}s failed`)
  return result.requests.total / result.duration
}

/** Reads are to find something. */
async function writeEveryKey({ url }: Target): Promise<void> {
  for (let i = 0; i < KEYS; i++) {
    const { path, ...init } = requestFor('write', keyOf(i))
    const answer = await fetch(`${url}${path}`, init as RequestInit)
    await answer.arrayBuffer()
  }
}

function keyOf(i: number): string {
  return `user:${i}`
}

function requestFor(verb: Verb, key: string): autocannon.Request {
  if (verb === 'read') return { method: 'GET', path: `/read?key=${key}` }
  return {
    method: 'POST',
    path: '/write',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ key, value: 'Jessica' }),
  }
}
