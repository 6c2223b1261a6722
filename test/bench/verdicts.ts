// How long verdicts take on large histories that are correct, which no checker can leave early; against the time a
// plain pass over the same operations takes that only groups them by key.

import type { History, Operation } from '../../src/analysis/history/operation.ts'
import { EMPTY_HISTORY } from '../../src/analysis/history/operation.ts'
import { HistoryReader } from '../../src/analysis/history/read.ts'
import { causalBreach } from '../../src/analysis/verdicts/causal.ts'
import { DEFAULT_BUDGET } from '../../src/analysis/verdicts/decide.ts'
import { linearity } from '../../src/analysis/verdicts/linearizable.ts'
import { orderOf } from '../../src/analysis/verdicts/order.ts'
import { sessionBreaches } from '../../src/analysis/verdicts/sessions.ts'
import { type Case, prepare } from '../../src/analysis/verdicts/verdict.ts'
import { Random } from '../../src/core/random.ts'
import { milliseconds, type Row } from './table.ts'

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
    sessionsRow({ ...base, operations: 1_000_000, keys: 10, versions: true }, 500),
    zonesRow({ ...base, keys: 10, values: 5 }, 1_000),
    readingRow(),
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
  return prepare(history, { failedCas: 'fact', model: 'register' })
}

function zonesRow(shape: Shape, aimMs: number): Row {
  const history = correctHistory(shape)
  const ms = best(() => {
    const one = caseOf(history)
    const { linearizable } = linearity(one, one, DEFAULT_BUDGET)
    if (linearizable.verdict !== 'consistent') throw new Error(linearizable.why ?? '')
  })
  const how = shape.values !== null ? 'search' : shape.versions ? 'versions' : 'zones'
  return rowOf(`linearizable by ${how}, ${sayShape(shape)}`, ms, aimMs, history)
}

function sessionsRow(shape: Shape, aimMs: number): Row {
  const history = correctHistory(shape)
  const ms = best(() => {
    const one = caseOf(history)
    const order = orderOf(one)
    if (typeof order === 'string') throw new Error(order)
    const breaches = Object.values(sessionBreaches(one, order, one.byClient))
    const causal = causalBreach(one, order, true)
    if (breaches.some(Boolean) || causal) throw new Error('a correct history breaks a guarantee')
  })
  return rowOf(`session guarantees and causal, ${sayShape(shape)}`, ms, aimMs, history)
}

function readingRow(): Row {
  const shape = { operations: 300_000, clients: 10, keys: 10, values: null, versions: true }
  const lines = correctHistory(shape).operations.map((one) => JSON.stringify(one))
  const mine = best(() => {
    const reader = new HistoryReader({ failedCas: 'fact' })
    for (const line of lines) reader.push(line)
    reader.finish()
  })
  const bare = best(() => {
    const kept: unknown[] = []
    for (const line of lines) kept.push(JSON.parse(line))
  })
  return {
    what: 'reading JSON lines',
    ratio: mine / bare,
    aim: '≤ 1.3',
    measured: milliseconds(mine),
    limit: `${milliseconds(bare)} by JSON.parse alone, ${count(lines.length)} lines`,
  }
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
