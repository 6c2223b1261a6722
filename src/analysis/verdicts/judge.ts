// The door of this room: a history goes in, every verdict comes out, by name, and how far it is from linearizable.

import type { History, Operation } from '../history/operation.ts'
import { Case, witnessOf } from './case.ts'
import { causalCheck } from './causal.ts'
import { type Budget, DEFAULT_BUDGET } from './decide.ts'
import { type Linearity, linearity } from './linearizable.ts'
import { isPerKey, type Order, orderOf } from './order.ts'
import { sayOperation } from './say.ts'
import { type Breach, type SessionBreaches, sessionBreaches } from './sessions.ts'
import {
  CONSISTENT,
  type Model,
  sayInstant,
  undecided,
  type Verdict,
  type VerdictName,
} from './verdict.ts'

export interface JudgeOptions {
  /** Found out by the kinds of operations where it is not said. */
  readonly model?: Model | undefined
  /** `fact` unless said: a cas that failed saw another value. */
  readonly failedCas?: 'fact' | 'never'
  readonly budget?: Budget
  /** Bounds of `bounded-staleness`: versions missed at most, ms since the first of them at most. */
  readonly stale?: { readonly versions?: number | undefined; readonly ms?: number | undefined }
  /** Only this client's sessions. */
  readonly client?: string | undefined
  /** Only operations on this key. */
  readonly key?: string | undefined
}

export interface Staleness {
  readonly reads: number
  readonly stale: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
  /** Null where no version tells. */
  readonly mostVersions: number | null
}

export interface Report {
  readonly verdicts: Readonly<Record<VerdictName, Verdict>>
  /** Infinite where no Δ helps, null where it is not known. */
  readonly deltaMs: number | null
  /** Infinite where no k helps, null without versions. */
  readonly k: number | null
  readonly staleness: Staleness
  readonly operations: number
  readonly keys: number
  readonly clients: number
  readonly model: Model
  /** From when the verdicts hold; null when from the start. */
  readonly sinceMs: number | null
}

export function judge(whole: History, options: JudgeOptions = {}): Report {
  const { key, failedCas = 'fact', budget = DEFAULT_BUDGET } = options
  const history = key === undefined ? whole : onlyKey(whole, key)
  const model = options.model ?? modelOf(history)
  const one = new Case(history, { failedCas, model })
  const linear = linearity(one, budget)
  const asked =
    options.client === undefined ? undefined : (one.clients.numberOf(options.client) ?? -1)
  return {
    verdicts: {
      linearizable: linear.linearizable,
      'linearizable-in-order': linear.inOrder,
      ...sessions(one, asked),
      'bounded-staleness': boundedStaleness(one, linear, options.stale ?? {}),
    },
    deltaMs: linear.deltaMs,
    k: linear.k,
    staleness: stalenessOf(history, linear),
    operations: history.operations.length,
    keys: one.keys.size,
    clients: one.clients.size,
    model,
    sinceMs: history.sinceMs,
  }
}

/** By what its operations are. */
function modelOf({ operations }: History): Model {
  if (operations.some(({ kind }) => kind === 'append')) return 'append'
  return operations.some(({ kind }) => kind === 'cas') ? 'cas-register' : 'register'
}

function onlyKey(history: History, key: string): History {
  return { ...history, operations: history.operations.filter((one) => one.key === key) }
}

type SessionName = keyof SessionBreaches | 'pram' | 'causal'

/** @param asked only this client's */
function sessions(one: Case, asked: number | undefined): Record<SessionName, Verdict> {
  const found = orderOf(one)
  if (typeof found === 'string') return everySession(undecided(found))
  let order: Order = found
  let breaches = sessionBreaches(one, order, asked)
  const acrossKeys = [
    breaches['monotonic-writes'],
    breaches['writes-follow-reads'],
    breaches['consistent-prefix'],
  ]
  if (order.by === 'versions' && acrossKeys.some(Boolean) && isPerKey(one, order)) {
    order = { ...order, by: 'key' }
    breaches = sessionBreaches(one, order, asked)
  }
  const verdictOf = (breach: Breach | undefined) => (breach ? violated(one, breach) : CONSISTENT)
  // Where nobody knows an order across keys, what compares across keys says nothing.
  const across = (breach: Breach | undefined) =>
    order.by === 'key' && one.keys.size > 1
      ? undecided('no order of writes is known across keys')
      : verdictOf(breach)
  const session = {
    'read-your-writes': verdictOf(breaches['read-your-writes']),
    'monotonic-reads': verdictOf(breaches['monotonic-reads']),
    'monotonic-writes': across(breaches['monotonic-writes']),
    'writes-follow-reads': across(breaches['writes-follow-reads']),
    'consistent-prefix': across(breaches['consistent-prefix']),
  }
  const { 'writes-follow-reads': follow, 'consistent-prefix': prefix, ...pram } = session
  const breachOf = causalCheck(one, order)
  return {
    ...pram,
    'writes-follow-reads': follow,
    pram: combined(one, Object.values(pram), () => breachOf(false)),
    causal: combined(one, [...Object.values(pram), follow], () => breachOf(true)),
    'consistent-prefix': prefix,
  }
}

function everySession(verdict: Verdict): Record<SessionName, Verdict> {
  return {
    'read-your-writes': verdict,
    'monotonic-reads': verdict,
    'monotonic-writes': verdict,
    'writes-follow-reads': verdict,
    'consistent-prefix': verdict,
    pram: verdict,
    causal: verdict,
  }
}

/** Violated as soon as a part is; a part that is undecided across keys is no part of it within them. */
function combined(
  one: Case,
  parts: readonly Verdict[],
  rest: () => Breach | string | undefined,
): Verdict {
  const broken = parts.find(({ verdict }) => verdict === 'violated')
  if (broken) return broken
  const breach = rest()
  if (typeof breach === 'string') return undecided(breach)
  return breach ? violated(one, breach) : CONSISTENT
}

function violated(one: Case, { ops, why }: Breach): Verdict {
  const [needed, last] = [ops[0] as number, ops.at(-1) as number]
  const operation = (i: number) => one.operations[i] as Operation
  const at = sayInstant(one.history, operation(last).calledMs)
  const said = `at ${at}, ${sayOperation(operation(last))} ${why} ${sayOperation(operation(needed))}`
  const order = one.history.epochs.length > 0 || !hasEpochs(one.history) ? '' : ', by order only'
  return { verdict: 'violated', why: `${said}${order}`, witness: witnessOf(one, ops) }
}

/** Versions of several epochs, of which no table tells what their logs hold. */
function hasEpochs({ operations }: History): boolean {
  return operations.some(({ version }) => version?.includes('.') && !version.startsWith('1.'))
}

function stalenessOf({ operations }: History, { stale }: Linearity): Staleness {
  const reads = operations.filter(({ kind, outcome }) => kind === 'read' && outcome === 'ok')
  const sorted = stale.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  const known = stale.every(({ versions }) => versions !== null)
  return {
    reads: reads.length,
    stale: stale.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    mostMs: sorted.at(-1) ?? 0,
    mostVersions: known ? stale.reduce((most, one) => Math.max(most, one.versions ?? 0), 0) : null,
  }
}

function boundedStaleness(
  one: Case,
  { stale, isStalenessWhole, k }: Linearity,
  { versions, ms }: { readonly versions?: number | undefined; readonly ms?: number | undefined },
): Verdict {
  if (versions === undefined && ms === undefined) {
    return undecided('no bound was named: so many versions, so many ms')
  }
  const worst = stale.find(
    (read) =>
      (versions !== undefined && (read.versions ?? 0) > versions) ||
      (ms !== undefined && read.ms > ms),
  )
  if (worst) {
    const read = one.operations[worst.op] as Operation
    const missed = worst.versions === null ? '' : `${worst.versions} versions and `
    const why = `${sayOperation(read)} at ${sayInstant(one.history, read.calledMs)} was ${missed}${worst.ms} ms behind`
    return { verdict: 'violated', why, witness: [read] }
  }
  if (!isStalenessWhole) return undecided('values repeat, so reads cannot be told fresh from stale')
  if (k === null) return undecided('without versions staleness is known only as a lower bound')
  return CONSISTENT
}
