// How long verdicts take on large histories that are correct, which no checker can leave early; against the time a
// plain pass over the same operations takes that only groups them by key. And what comes before them: writing a
// history down beside a cluster, and reading one from a file.

import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { History, Operation } from '../../src/analysis/history/operation.ts'
import { EMPTY_HISTORY } from '../../src/analysis/history/operation.ts'
import { HistoryRecording } from '../../src/analysis/history/recording.ts'
import { Case } from '../../src/analysis/verdicts/case.ts'
import { causalCheck } from '../../src/analysis/verdicts/causal.ts'
import { DEFAULT_BUDGET } from '../../src/analysis/verdicts/decide.ts'
import { linearity } from '../../src/analysis/verdicts/linearizable.ts'
import { orderOf } from '../../src/analysis/verdicts/order.ts'
import { sessionBreaches } from '../../src/analysis/verdicts/sessions.ts'
import { BOUNDS } from '../../src/core/bounds.ts'
import { Cluster } from '../../src/core/cluster.ts'
import type { Listener } from '../../src/core/events.ts'
import { Random } from '../../src/core/random.ts'
import { bestRates } from './rates.ts'
import { bytes, milliseconds, perSecond, type Row } from './table.ts'
import type { Found } from './verdicts-probe.ts'

const ROUNDS = 3

interface Shape {
  readonly operations: number
  readonly clients: number
  readonly keys: number
  /** How many values there are; null for as many as writes. */
  readonly values: number | null
  readonly versions: boolean
}

export async function benchVerdicts(): Promise<Row[]> {
  const base = { operations: 100_000, clients: 10, versions: false, values: null }
  return [
    zonesRow({ ...base, keys: 10 }, 60),
    zonesRow({ ...base, keys: 1 }, 60),
    zonesRow({ ...base, operations: 10_000, clients: 50, keys: 1 }, 60),
    zonesRow({ ...base, keys: 10, versions: true }, 60),
    zonesRow({ ...base, operations: 1_000_000, keys: 10 }, 500),
    ...sessionRows({ ...base, operations: 1_000_000, keys: 10, versions: true }),
    zonesRow({ ...base, keys: 10, values: 5 }, 1_000),
    recordingRow(),
    ...(await fileRows({ ...base, operations: 1_000_000, keys: 10, versions: true })),
  ]
}

/** Every operation takes effect at an instant of its own, so the history is linearizable. */
export function correctHistory(shape: Shape): History {
  const random = Random.fromSeed(1)
  const free = Array.from({ length: shape.clients }, () => 0)
  const state = new Map<string, { value: string; version: string }>()
  const planned = Array.from({ length: shape.operations }, (_, i) => {
    const client = i % shape.clients
    const calledMs = (free[client] as number) + random.float()
    const atMs = calledMs + random.float() * 5
    const returnedMs = atMs + random.float() * 5
    free[client] = returnedMs
    return { client, calledMs, atMs, returnedMs, i }
  })
  const operations: Operation[] = []
  let offset = 0
  for (const { client, calledMs, returnedMs, i } of planned.sort((a, b) => a.atMs - b.atMs)) {
    const key = `key${random.int(shape.keys)}`
    const isWrite = random.float() < 0.5
    if (isWrite) {
      const value = `v${shape.values === null ? i : random.int(shape.values)}`
      state.set(key, { value, version: `1.${++offset}` })
    }
    const { value = null, version } = state.get(key) ?? {}
    operations.push({
      client: `c${client}`,
      kind: isWrite ? 'write' : 'read',
      key,
      value,
      calledMs,
      returnedMs,
      outcome: 'ok',
      ...(shape.versions && version !== undefined && { version }),
    })
  }
  operations.sort((a, b) => a.calledMs - b.calledMs)
  return { ...EMPTY_HISTORY, operations }
}

function caseOf(history: History): Case {
  return new Case(history, { failedCas: 'fact', model: 'register' })
}

function zonesRow(shape: Shape, aimMs: number): Row {
  const history = correctHistory(shape)
  const ms = best(() => {
    const one = caseOf(history)
    const { linearizable } = linearity(one, DEFAULT_BUDGET)
    if (linearizable.verdict !== 'consistent') throw new Error(linearizable.why ?? '')
  })
  const how = shape.values !== null ? 'search' : shape.versions ? 'versions' : 'zones'
  return rowOf(`linearizable by ${how}, ${sayShape(shape)}`, ms, aimMs, history)
}

function sessionRows(shape: Shape): Row[] {
  const history = correctHistory(shape)
  const ordered = () => {
    const one = caseOf(history)
    const order = orderOf(one)
    if (typeof order === 'string') throw new Error(order)
    return { one, order }
  }
  const sessions = best(() => {
    const { one, order } = ordered()
    const breaches = Object.values(sessionBreaches(one, order))
    if (breaches.some(Boolean)) throw new Error('a correct history breaks a guarantee')
  })
  const { one, order } = ordered()
  const causal = best(() => {
    if (causalCheck(one, order)(true)) throw new Error('a correct history is not causal')
  })
  return [
    rowOf(`session guarantees, ${sayShape(shape)}`, sessions, 500, history),
    rowOf(`causal besides, ${sayShape(shape)}`, causal, 500, history),
  ]
}

/** Beside a cluster that somebody listens to anyway. */
function recordingRow(): Row {
  const bounds = { operationsMax: BOUNDS.historyMax, bytesMax: BOUNDS.bytesMax }
  const [heard = 0, recorded = 0] = bestRates([
    () => useCluster(() => undefined),
    () => {
      const recording = new HistoryRecording(bounds)
      return useCluster((event) => recording.hear(event))
    },
  ])
  return {
    what: 'operations of a cluster, recorded',
    ratio: recorded / heard,
    aim: '≥ 0.7',
    measured: perSecond(recorded),
    limit: `${perSecond(heard)} heard, but not recorded`,
  }
}

/** As many writes as reads. */
function useCluster(listener: Listener): number {
  const cluster = new Cluster()
  cluster.listen(listener)
  const operations = 200_000
  let nowUs = 0
  for (let i = 0; i < operations; i += 2) {
    const key = `user:${i % 1_000}`
    cluster.write({ key, value: 'Jessica' }, () => undefined)
    cluster.read({ key }, () => undefined)
    nowUs += 100
    cluster.runTo(nowUs, 1_000)
  }
  return operations
}

const JUDGING_BYTES_MAX = 300_000_000

async function fileRows(shape: Shape): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-verdicts-'))
  try {
    const file = join(folder, 'history.jsonl')
    writeLines(file, correctHistory(shape))
    const said = `${Math.round(statSync(file).size / 1e6)} MB`
    const parse = await probe(file, 'parse')
    const read = await probe(file, 'read')
    const judged = await probe(file, 'judge')
    const beyond = judged.peakBytes - read.peakBytes
    return [
      {
        what: `reading ${said} of JSON lines, streamed`,
        ratio: read.readMs / parse.readMs,
        aim: '≤ 1.3',
        measured: milliseconds(read.readMs),
        limit: `${milliseconds(parse.readMs)} by JSON.parse for each line`,
      },
      {
        what: `all verdicts, ${sayShape(shape)}`,
        ratio: judged.judgeMs / read.readMs,
        measured: milliseconds(judged.judgeMs),
        limit: `${milliseconds(read.readMs)} for reading them`,
      },
      {
        what: 'the same, memory beyond the history',
        ratio: beyond / JUDGING_BYTES_MAX,
        aim: '≤ 1',
        measured: bytes(beyond),
        limit: `${bytes(JUDGING_BYTES_MAX)} at most`,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function writeLines(file: string, { operations }: History): void {
  const to = openSync(file, 'w')
  for (let i = 0; i < operations.length; i += 1_000) {
    const lines = operations.slice(i, i + 1_000).map((one) => `${JSON.stringify(one)}\n`)
    writeSync(to, lines.join(''))
  }
  closeSync(to)
}

/** The least of each: whatever else the machine does can only make a round slower or larger. */
async function probe(file: string, mode: 'parse' | 'read' | 'judge'): Promise<Found> {
  const script = fileURLToPath(new URL('verdicts-probe.ts', import.meta.url))
  const least = { readMs: Infinity, judgeMs: Infinity, peakBytes: Infinity }
  for (let i = 0; i < ROUNDS; i++) {
    const args = ['--import', 'tsx', script, file, mode]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const found: Found = JSON.parse(stdout)
    for (const name of ['readMs', 'judgeMs', 'peakBytes'] as const) {
      least[name] = Math.min(least[name], found[name])
    }
  }
  return least
}

function rowOf(what: string, ms: number, aimMs: number, { operations }: History): Row {
  const bare = best(() => {
    const byKey = new Map<string, Operation[]>()
    for (const one of operations) {
      const same = byKey.get(one.key)
      if (same) same.push(one)
      else byKey.set(one.key, [one])
    }
  })
  return {
    what,
    ratio: ms / bare,
    aim: `${aimMs} ms`,
    measured: milliseconds(ms),
    limit: `${milliseconds(bare)} for grouping them by key`,
  }
}

function best(run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now()
    run()
    least = Math.min(least, performance.now() - began)
  }
  return least
}

function sayShape({ operations, clients, keys }: Shape): string {
  return `${count(operations)} operations, ${clients} clients, ${keys} ${keys === 1 ? 'key' : 'keys'}`
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}
