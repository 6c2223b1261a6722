// A report for people, and for machines as JSON: which guarantees held, which broke, by how much, and the witness.

import { count } from '../../core/text/say.ts'
import type { History } from '../history/operation.ts'
import type { Report } from './judge.ts'
import { drawWitness } from './picture.ts'
import { sayInstant, VERDICT_NAMES, type VerdictName, worst } from './verdict.ts'

const EXITS = { consistent: 0, violated: 1, undecided: 3 } as const

/** 0 consistent, 1 violated, 3 undecided: the worst of those asked for. */
export function exitOf({ verdicts }: Report, asked: readonly VerdictName[]): 0 | 1 | 3 {
  return EXITS[worst(asked.map((name) => verdicts[name].verdict))]
}

/** @param asked whose witnesses are drawn */
export function printReport(
  history: History,
  report: Report,
  asked: readonly VerdictName[],
): string[] {
  const { operations, keys, clients, model, verdicts } = report
  const what = `${count(operations, 'operation')} by ${count(clients, 'client')} on ${count(keys, 'key')}`
  const since = sinceWords(history, report)
  const width = Math.max(...VERDICT_NAMES.map((name) => name.length))
  const lines = [`${what}, as a ${model}${since}`, '']
  for (const name of VERDICT_NAMES) {
    const { verdict, why } = verdicts[name]
    const mark = asked.includes(name) ? '*' : ' '
    const told = why === null ? '' : `: ${why}`
    lines.push(`${mark} ${name.padEnd(width)}  ${verdict}${told}`)
  }
  lines.push('', ...farLines(report))
  for (const name of asked) {
    const { witness } = verdicts[name]
    if (witness.length > 0) lines.push('', `${name}:`, ...drawWitness(history, witness))
  }
  return lines
}

function sinceWords(history: History, { sinceMs }: Report): string {
  if (sinceMs === null) return ''
  const dropped = count(history.dropped, 'older operation is', 'older operations are')
  return `; it holds since ${sayInstant(history, sinceMs)}, ${dropped} missing`
}

function farLines({ deltaMs, k, staleness, verdicts }: Report): string[] {
  const lines: string[] = []
  const { reads, stale, p50Ms, p99Ms, mostMs, mostVersions } = staleness
  if (reads > 0) {
    const most = mostVersions === null ? '' : `, at most ${count(mostVersions, 'version')}`
    const by =
      stale === 0 ? '' : `: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, at most ${ms(mostMs)}${most}`
    lines.push(`${stale} of ${count(reads, 'read')} stale for sure${by}`)
  }
  if (verdicts.linearizable.verdict !== 'violated') return lines
  if (deltaMs === Number.POSITIVE_INFINITY) lines.push('no Δ makes it linearizable')
  else if (deltaMs !== null) {
    lines.push(`Δ-atomic with Δ = ${ms(deltaMs)}: if reads may have begun so much earlier`)
  }
  if (k !== null && k !== Number.POSITIVE_INFINITY) {
    lines.push(`k-atomic with k = ${k}: every read returns one of the ${k} newest writes`)
  }
  return lines
}

function ms(value: number): string {
  return `${Math.round(value * 1000) / 1000} ms`
}

/** Every verdict by its name. Infinite figures are the text `none`: no such bound exists. */
export function renderReport(report: Report): Record<string, unknown> {
  const { deltaMs, k, verdicts, ...rest } = report
  const finite = (value: number | null) => (value === Number.POSITIVE_INFINITY ? 'none' : value)
  return { verdicts, deltaMs: finite(deltaMs), k: finite(k), ...rest }
}
