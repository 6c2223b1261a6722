// Requests a second, this server against bare `node:http` and a bare Express 5 app that parse the same request and answer
// the same bytes. The servers take turns in short rounds, so that a machine that slows down meanwhile slows down all
// of them. Beside it the time of the processor that a request takes, which what else runs there changes least.

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

const KINDS = ['lab tuned', 'node', 'bare plain', 'lab plain', 'bare tuned'] as const
type Kind = (typeof KINDS)[number]
const VERBS = ['read', 'write'] as const
type Verb = (typeof VERBS)[number]

interface Target {
  readonly kind: Kind
  readonly child: ChildProcess
  readonly url: string
  readonly rates: Record<Verb, number[]>
  readonly cpuUs: Record<Verb, number[]>
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
          const beforeUs = await cpuUsOf(target)
          const { rate, count } = await load(target, verb, ROUND_SECONDS)
          target.rates[verb].push(rate)
          target.cpuUs[verb].push(((await cpuUsOf(target)) - beforeUs) / count)
        }
      }
    }
  } finally {
    for (const { child } of targets) child.kill('SIGKILL')
  }
  const of = (kind: Kind) => targets.find((target) => target.kind === kind) as Target
  const rate = (kind: Kind, verb: Verb) => median(of(kind).rates[verb])
  const say = (kind: Kind, verb: Verb) =>
    `${perSecond(rate(kind, verb))}, ${median(of(kind).cpuUs[verb]).toFixed(0)} µs of CPU`
  const row = (verb: Verb, what: string, ours: Kind, rival: Kind, aim?: string): Row => ({
    what: `/${verb}${what}`,
    ratio: rate(ours, verb) / rate(rival, verb),
    ...(aim && { aim }),
    measured: say(ours, verb),
    limit: `${say(rival, verb)}: bare ${rival === 'node' ? 'node:http' : 'Express app'}`,
  })
  return [
    row('read', '', 'lab tuned', 'node', '≥ 0.60'),
    row('write', ', two copies, log on', 'lab tuned', 'node', '≥ 0.40'),
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
  const url = `http://127.0.0.1:${port}`
  return { kind, child, url, rates: { read: [], write: [] }, cpuUs: { read: [], write: [] } }
}

/** Time of the processor that a server has had so far. */
async function cpuUsOf({ child }: Target): Promise<number> {
  child.send('cpu')
  const [us] = (await once(child, 'message')) as [number]
  return us
}

async function load({ url }: Target, verb: Verb, seconds: number) {
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
  const count = result.requests.total
  return { count, rate: count / result.duration }
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
