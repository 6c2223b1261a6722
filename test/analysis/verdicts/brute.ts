// Every checker's twin: the definition, tried on every order of a handful of operations. Slow, and plain enough to
// be believed.

import type { Operation } from '../../../src/analysis/history/operation.ts'
import { parseAnyVersion } from '../../../src/analysis/history/operation.ts'

export interface Rules {
  readonly failedCas: 'fact' | 'never'
  readonly initial: string | null
  /** Whether a write may come after these, newest last. */
  readonly writes?: (before: readonly Operation[], next: Operation) => boolean
  /** Whether a read may return what it did, after these writes; instead of the last one's value. */
  readonly reads?: (before: readonly Operation[], read: Operation) => boolean
  /** How much earlier a read may have begun. */
  readonly shift?: number
}

export const RULES: Rules = { failedCas: 'fact', initial: null }

/** Whether the operations of one key can be put in an order that agrees with real time and with what they saw. */
export function bruteLinearizable(operations: readonly Operation[], rules: Rules = RULES): boolean {
  const shift = rules.shift ?? 0
  const all = operations
    .filter((o) => !(o.outcome === 'failed' && (o.kind !== 'cas' || rules.failedCas === 'never')))
    .filter((o) => !(o.kind === 'read' && o.outcome !== 'ok'))
    .map((o) => ({
      o,
      start: o.calledMs - (o.kind === 'read' ? shift : 0),
      end: o.outcome === 'unknown' ? Number.POSITIVE_INFINITY : (o.returnedMs as number),
    }))
  const go = (left: typeof all, state: string | null, before: readonly Operation[]): boolean => {
    if (left.every(({ o }) => o.outcome === 'unknown')) return true
    return left.some((next) => {
      const rest = left.filter((other) => other !== next)
      if (rest.some((other) => other.end < next.start)) return false
      const { o } = next
      if (o.kind === 'read') {
        const fits = rules.reads ? rules.reads(before, o) : (o.value ?? rules.initial) === state
        return fits && go(rest, state, before)
      }
      if (o.kind === 'cas' && o.outcome === 'failed') {
        const fits = o.seen !== undefined ? o.seen === state : state !== o.from
        return fits && go(rest, state, before)
      }
      if (o.kind === 'cas' && state !== o.from) return false
      if (rules.writes && !rules.writes(before, o)) return false
      const after = o.kind === 'append' ? `${state ?? ''}${o.value}` : o.value
      return go(rest, after, [...before, o])
    })
  }
  return go(all, rules.initial, [])
}

/** The least of all shifts that could matter with which it becomes linearizable. */
export function bruteDelta(operations: readonly Operation[]): number {
  const times = operations.flatMap((o) => [o.calledMs, o.returnedMs ?? 0])
  const candidates = new Set(times.flatMap((a) => times.map((b) => Math.max(0, a - b))))
  const sorted = [...candidates].sort((a, b) => a - b)
  for (const shift of sorted) {
    if (bruteLinearizable(operations, { ...RULES, shift })) return shift
  }
  return Number.POSITIVE_INFINITY
}

const rank = (o: Operation) =>
  o.version === undefined ? 0 : (parseAnyVersion(o.version)?.offset ?? 0)

const ascending = (before: readonly Operation[], next: Operation) =>
  before.every((other) => rank(other) < rank(next))

export function bruteInOrder(operations: readonly Operation[]): boolean {
  return bruteLinearizable(operations, { ...RULES, writes: ascending })
}

/** The least k for which every read returns one of the k newest writes; infinite when none does. */
export function bruteK(operations: readonly Operation[]): number {
  for (let k = 1; k <= operations.length + 1; k++) {
    const reads = (before: readonly Operation[], read: Operation) =>
      [null, ...before.map(({ value }) => value)].slice(-k).includes(read.value)
    if (bruteLinearizable(operations, { ...RULES, writes: ascending, reads })) return k
  }
  return Number.POSITIVE_INFINITY
}

const follows = (a: Operation, b: Operation) =>
  a.client === b.client &&
  a !== b &&
  a.returnedMs !== null &&
  a.returnedMs <= b.calledMs &&
  (a.calledMs < b.calledMs || a.returnedMs > a.calledMs || b.calledMs > a.calledMs)

export interface BruteSessions {
  readonly readYourWrites: boolean
  readonly monotonicReads: boolean
  readonly monotonicWrites: boolean
  readonly writesFollowReads: boolean
  readonly pram: boolean
  readonly causal: boolean
  readonly consistentPrefix: boolean
}

/** By their definitions, over every pair of operations. All are ok and carry versions. */
export function bruteSessions(operations: readonly Operation[]): BruteSessions {
  const isWrite = (o: Operation) => o.kind === 'write'
  const none = (bad: (a: Operation, b: Operation) => boolean) =>
    !operations.some((a) => operations.some((b) => follows(a, b) && bad(a, b)))
  const basic = {
    readYourWrites: none(
      (a, b) => isWrite(a) && !isWrite(b) && a.key === b.key && rank(b) < rank(a),
    ),
    monotonicReads: none(
      (a, b) => !isWrite(a) && !isWrite(b) && a.key === b.key && rank(b) < rank(a),
    ),
    monotonicWrites: none((a, b) => isWrite(a) && isWrite(b) && rank(b) < rank(a)),
    writesFollowReads: none((a, b) => !isWrite(a) && isWrite(b) && rank(b) < rank(a)),
  }
  const { readYourWrites, monotonicReads, monotonicWrites, writesFollowReads } = basic
  const pram = readYourWrites && monotonicReads && monotonicWrites
  return {
    ...basic,
    pram: pram && respectsPast(operations, false),
    causal: pram && writesFollowReads && respectsPast(operations, true),
    consistentPrefix: hasPrefixes(operations),
  }
}

/** No operation is older than a write of its key that its client must know of. */
function respectsPast(operations: readonly Operation[], isTransitive: boolean): boolean {
  const writeOf = (read: Operation) =>
    operations.find((o) => o.kind === 'write' && o.version === read.version)
  const past = (o: Operation, seen: Set<Operation>): Set<Operation> => {
    for (const before of operations) {
      if (!follows(before, o) || seen.has(before)) continue
      seen.add(before)
      const source = before.kind === 'read' ? writeOf(before) : undefined
      if (!source || seen.has(source)) {
        if (!isTransitive || before.kind !== 'write') continue
        past(before, seen)
        continue
      }
      seen.add(source)
      if (isTransitive) past(source, seen)
      else
        for (const own of operations)
          if (own.kind === 'write' && follows(own, source)) seen.add(own)
      if (isTransitive) past(before, seen)
    }
    return seen
  }
  return operations.every((o) =>
    [...past(o, new Set())].every(
      (known) =>
        known.kind !== 'write' || known.key !== o.key || known === o || rank(known) <= rank(o),
    ),
  )
}

/** For each client some prefixes of the log, never shorter, of which each read returns the newest. */
function hasPrefixes(operations: readonly Operation[]): boolean {
  const log = operations.filter((o) => o.kind === 'write').sort((a, b) => rank(a) - rank(b))
  const clients = new Set(operations.map(({ client }) => client))
  return [...clients].every((client) => {
    let least = 0
    return operations
      .filter((o) => o.client === client && o.kind === 'read')
      .every((read) => {
        for (let length = least; length <= log.length; length++) {
          const newest = log.slice(0, length).findLast(({ key }) => key === read.key)
          if ((newest?.version ?? null) !== (read.version ?? null)) continue
          least = length
          return true
        }
        return false
      })
  })
}
