// What reads came to, by a history: the columns of a forecast from what clients saw. A read is fresh when it brings the
// newest write of its key that was acknowledged before it was called, or a newer one, by the versions that the
// system claims; t is the time since that acknowledgement.

import { compareVersions, type Version } from '../../core/version.ts'
import { type History, type Operation, parseAnyVersion } from '../history/operation.ts'
import { VERSIONS_BEHIND } from './settings.ts'

export interface ObservedQuantiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export interface ObservedRow {
  /** Who answered: `replica 1`, or `all reads`. */
  readonly reads: string
  readonly count: number
  /** Of the reads so long after the acknowledgement, from `fromMs` to the next time, how many were fresh. */
  readonly fresh: readonly {
    readonly fromMs: number
    /** Null: no more times come. */
    readonly toMs: number | null
    readonly count: number
    /** Null where nobody read then. */
    readonly chance: number | null
    readonly standardError: number | null
  }[]
  /** How many reads missed at least so many acknowledged versions. */
  readonly versionsBehind: readonly { readonly k: number; readonly chance: number | null }[]
  readonly latencyMs: ObservedQuantiles | null
}

export interface Observed {
  readonly rows: readonly ObservedRow[]
  readonly writes: { readonly count: number; readonly latencyMs: ObservedQuantiles | null }
  /** Reads that nothing was acknowledged before, or of which no version tells. */
  readonly leftOut: number
}

const NOTHING: Version = { epoch: 0, offset: 0 }

/** The acknowledged writes of one key, by when they were; and up to each the newest of them. */
interface KeyWrites {
  readonly atMs: number[]
  readonly versions: Version[]
  /** The place of the newest version so far. */
  readonly newest: number[]
}

interface ReadFact {
  readonly tMs: number
  readonly missed: number
  readonly latencyMs: number
}

/** @param atMs ascending; reads from each of them to the next are counted together */
export function observe({ operations }: History, atMs: readonly number[]): Observed {
  const writes = writesByKey(operations)
  const facts = new Map<string, ReadFact[]>()
  const all: ReadFact[] = []
  let leftOut = 0
  for (const read of operations) {
    if (read.kind !== 'read' || read.outcome !== 'ok' || read.returnedMs === null) continue
    const fact = factOf(read, read.returnedMs, writes.get(read.key))
    if (!fact) {
      leftOut++
      continue
    }
    all.push(fact)
    const name = read.replica === undefined ? 'unknown' : `replica ${read.replica}`
    const own = facts.get(name)
    if (own) own.push(fact)
    else facts.set(name, [fact])
  }
  const names = [...facts.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const latencies = operations
    .filter(({ kind, outcome }) => kind === 'write' && outcome === 'ok')
    .map(({ calledMs, returnedMs }) => (returnedMs ?? calledMs) - calledMs)
  return {
    rows: [
      ...names.map((name) => rowOf(name, facts.get(name) as ReadFact[], atMs)),
      ...(names.length > 1 ? [rowOf('all reads', all, atMs)] : []),
    ],
    writes: { count: latencies.length, latencyMs: quantilesOf(latencies) },
    leftOut,
  }
}

function writesByKey(operations: readonly Operation[]): Map<string, KeyWrites> {
  const acknowledged = operations
    .filter(({ kind, outcome, returnedMs, version }) => {
      return kind !== 'read' && outcome === 'ok' && returnedMs !== null && version !== undefined
    })
    .sort((a, b) => (a.returnedMs as number) - (b.returnedMs as number))
  const byKey = new Map<string, KeyWrites>()
  for (const { key, returnedMs, version = '' } of acknowledged) {
    const parsed = parseAnyVersion(version)
    if (!parsed) continue
    const writes = byKey.get(key) ?? { atMs: [], versions: [], newest: [] }
    byKey.set(key, writes)
    const place = writes.versions.push(parsed) - 1
    writes.atMs.push(returnedMs as number)
    const before = writes.newest[place - 1]
    const isNewest =
      before === undefined || compareVersions(writes.versions[before] as Version, parsed) < 0
    writes.newest.push(isNewest ? place : before)
  }
  return byKey
}

function factOf(
  { calledMs, version, value }: Operation,
  returnedMs: number,
  writes: KeyWrites | undefined,
): ReadFact | undefined {
  const seen = version === undefined ? undefined : parseAnyVersion(version)
  if (!writes || (value !== null && !seen)) return undefined
  const has = seen ?? NOTHING
  const last = lastAtMost(writes.atMs, calledMs)
  if (last < 0) return undefined
  const newest = writes.newest[last] as number
  let missed = 0
  for (let i = last; i >= 0 && missed < (VERSIONS_BEHIND.at(-1) as number); i--) {
    // Nothing earlier is newer than what was read.
    if (compareVersions(writes.versions[writes.newest[i] as number] as Version, has) <= 0) break
    if (compareVersions(writes.versions[i] as Version, has) > 0) missed++
  }
  return {
    tMs: calledMs - (writes.atMs[newest] as number),
    missed,
    latencyMs: returnedMs - calledMs,
  }
}

/** The place of the last one that is not above `ms`; -1 where there is none. */
function lastAtMost(times: readonly number[], ms: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) <= ms) low = middle + 1
    else high = middle
  }
  return low - 1
}

function rowOf(reads: string, facts: readonly ReadFact[], atMs: readonly number[]): ObservedRow {
  const share = (part: number, of: number) => (of === 0 ? null : part / of)
  return {
    reads,
    count: facts.length,
    fresh: atMs.map((fromMs, i) => {
      const toMs = atMs[i + 1] ?? null
      const then = facts.filter(({ tMs }) => tMs >= fromMs && (toMs === null || tMs < toMs))
      const chance = share(then.filter(({ missed }) => missed === 0).length, then.length)
      const standardError =
        chance === null ? null : Math.sqrt((chance * (1 - chance)) / then.length)
      return { fromMs, toMs, count: then.length, chance, standardError }
    }),
    versionsBehind: VERSIONS_BEHIND.map((k) => {
      return { k, chance: share(facts.filter(({ missed }) => missed >= k).length, facts.length) }
    }),
    latencyMs: quantilesOf(facts.map(({ latencyMs }) => latencyMs)),
  }
}

function quantilesOf(values: readonly number[]): ObservedQuantiles | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] as number
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

/** As a table for people, with the counts from which each chance comes. */
export function sayObserved({ rows, writes, leftOut }: Observed): string {
  const heads = [
    'reads by',
    'reads',
    ...(rows[0]?.fresh.map(
      ({ fromMs, toMs }) => `t=${fromMs}${toMs === null ? '+' : `-${toMs}`}ms`,
    ) ?? []),
    ...(rows[0]?.versionsBehind.map(({ k }) => `k=${k}`) ?? []),
    'read p50/p99/p99.9',
  ]
  const cells = rows.map((row) => [
    row.reads,
    String(row.count),
    ...row.fresh.map(({ chance, count }) =>
      chance === null ? '-' : `${chance.toFixed(3)} of ${count}`,
    ),
    ...row.versionsBehind.map(({ chance }) => (chance === null ? '-' : chance.toFixed(3))),
    sayQuantiles(row.latencyMs),
  ])
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row[i]?.length ?? 0)),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [
    line(heads),
    ...cells.map(line),
    '',
    `Writes acknowledged: ${writes.count}, p50/p99/p99.9 ${sayQuantiles(writes.latencyMs)} ms.`,
    't=: share of the reads called so long after the newest acknowledgement of their key that saw it. k=: share that missed',
    `at least k versions. Latencies in ms. Left out, for nothing was acknowledged before: ${leftOut}.`,
  ].join('\n')
}

function sayQuantiles(quantiles: ObservedQuantiles | null): string {
  if (quantiles === null) return '-'
  const round = (ms: number) => String(Number(ms.toPrecision(4)))
  return [quantiles.p50, quantiles.p99, quantiles.p999].map(round).join('/')
}
