// `recommend`: which W, R and routes keep reads fresh enough, the fastest first.

import { type ForecastRow, tableOf } from '../analysis/forecast/forecast.ts'
import { assumptionsOf } from '../analysis/forecast/say.ts'
import { type ForecastSettings, sayRoute } from '../analysis/forecast/settings.ts'
import { parseDuration } from '../core/text/duration.ts'
import type { CommandLine } from '../options/read.ts'
import { ASK_FLAGS, askOf, readAsked, readAsking, runAsked } from './asking.ts'
import { type FlagRow, refuse, sayFlags } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const { at: _, 'trials-from': __, ...SHARED } = ASK_FLAGS

const FLAGS: Readonly<Record<string, FlagRow>> = {
  fresh: { placeholder: 'PERCENT', help: 'How many reads have to be fresh, such as 99.9%.' },
  within: { placeholder: 'TIME', help: 'How long after the write, such as 50ms.' },
  ...SHARED,
  json: { help: 'As JSON.' },
}

const HELP = `Usage: replication-lab recommend --fresh PERCENT --within TIME [flags]

The W, R and routes of reads that keep so many reads fresh so soon after a write, the fastest first.
--followers and --n may be ranges, such as 2..5.

${sayFlags(FLAGS)}

Example
  npm start -- recommend --fresh 99.9% --within 50ms --followers 2..5 --latency 'replicate=exponential(10ms)'
`

/** How many standard errors a sampled chance must lie above the goal: luck is no recommendation. */
const ERRORS_OF_ROOM = 3
const SIZES_MAX = 20
const LISTED_MAX = 12

interface Choice {
  readonly settings: ForecastSettings
  readonly row: ForecastRow
  /** A write and a read, p99 each, then p50. */
  readonly costUs: number
  readonly usualUs: number
}

export async function recommend(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const { given, problems, wantsHelp, threads } = readAsking(line, FLAGS, '')
  if (wantsHelp) {
    terminal.out(HELP)
    return 0
  }
  const goal = readGoal(given)
  const sizes = readSizes(given)
  const wrong = [goal, sizes].flatMap((one) => ('problems' in one ? one.problems : []))
  if (problems.length > 0 || 'problems' in goal || 'problems' in sizes) {
    return refuse(terminal, 'recommend', [...problems, ...wrong])
  }
  const all: Choice[] = []
  const notes = new Set<string>()
  for (const size of sizes.sizes) {
    const ask = { ...askOf(given), [sizes.field]: size, at: `${goal.withinUs}us` }
    const asked = await readAsked(ask, line)
    if (!asked.ok) return refuse(terminal, 'recommend', asked.problems)
    for (const note of assumptionsOf(asked.settings, asked.notes)) notes.add(note)
    const tally = await runAsked(asked.settings, terminal, threads)
    if (tally.trials === 0) break
    for (const row of tableOf(asked.settings, tally)) all.push(choiceOf(asked.settings, row))
  }
  const good = all.filter(({ row }) => meets(row, goal.chance)).sort(cheaper)
  const stopped = terminal.signal.aborted
  if (given.has('json')) terminal.out(`${JSON.stringify(toJson(goal, good))}\n`)
  else terminal.out(say(goal, good, all, [...notes]))
  if (stopped) return 130
  return good.length > 0 ? 0 : 1
}

function choiceOf(settings: ForecastSettings, row: ForecastRow): Choice {
  const { write, read } = row
  return { settings, row, costUs: write.p99Us + read.p99Us, usualUs: write.p50Us + read.p50Us }
}

function meets({ fresh }: ForecastRow, goal: number): boolean {
  const [at] = fresh
  return at !== undefined && at.chance - ERRORS_OF_ROOM * (at.standardError ?? 0) >= goal
}

function cheaper(a: Choice, b: Choice): number {
  return (
    a.costUs - b.costUs ||
    a.usualUs - b.usualUs ||
    a.settings.replicas - b.settings.replicas ||
    a.row.w - b.row.w
  )
}

interface Goal {
  readonly chance: number
  readonly withinUs: number
}

function readGoal(given: ReadonlyMap<string, string>): Goal | { readonly problems: string[] } {
  const problems: string[] = []
  const fresh = given.get('fresh')
  const within = given.get('within')
  const percent = /^\d+(\.\d+)?%$/.test(fresh ?? '') ? Number(fresh?.slice(0, -1)) : Number.NaN
  if (fresh === undefined) problems.push('--fresh is needed: write --fresh 99.9%')
  else if (!(percent > 0 && percent <= 100)) {
    problems.push(
      `--fresh: must be more than 0% and at most 100%, such as 99.9%, not ${JSON.stringify(fresh)}`,
    )
  }
  const parsed = parseDuration(within ?? '0')
  if (within === undefined) problems.push('--within is needed: write --within 50ms')
  else if (!parsed.ok) problems.push(`--within: ${parsed.message}`)
  if (problems.length > 0 || !parsed.ok) return { problems }
  return { chance: percent / 100, withinUs: parsed.value }
}

function readSizes(given: ReadonlyMap<string, string>) {
  const field = given.get('topology') === 'leaderless' ? 'n' : 'followers'
  const text = given.get(field) ?? (field === 'n' ? '3' : '2')
  const [, from = '', to = ''] = /^(\d{1,3})\.\.(\d{1,3})$/.exec(text) ?? []
  if (from === '') return { field, sizes: [text] }
  const count = Number(to) - Number(from) + 1
  if (count >= 1 && count <= SIZES_MAX) {
    return { field, sizes: Array.from({ length: count }, (_, i) => String(Number(from) + i)) }
  }
  return {
    problems: [`--${field}: a range ascends, over at most ${SIZES_MAX} sizes, such as 2..5`],
  }
}

function say(
  goal: Goal,
  good: readonly Choice[],
  all: readonly Choice[],
  notes: readonly string[],
): string {
  const asked = `${goal.chance * 100} % of reads fresh ${goal.withinUs / 1e3} ms after a write`
  const lines = [...notes, '']
  if (good.length === 0) {
    const best = all.toSorted(
      (a, b) => (b.row.fresh[0]?.chance ?? 0) - (a.row.fresh[0]?.chance ?? 0),
    )
    lines.push(`Nothing gives ${asked}. The nearest:`, ...best.slice(0, 3).map(sayChoice))
  } else {
    lines.push(`${asked}, the fastest first (write + read, p99):`)
    lines.push(...good.slice(0, LISTED_MAX).map(sayChoice))
    if (good.length > LISTED_MAX) lines.push(`and ${good.length - LISTED_MAX} more that are slower`)
  }
  return `${lines.join('\n')}\n`
}

function sayChoice({ settings, row, costUs }: Choice): string {
  const size =
    settings.topology === 'leader' ? `${settings.replicas - 1} followers` : `N=${settings.replicas}`
  const [at] = row.fresh
  const error = at?.standardError ? ` ±${at.standardError.toFixed(6)}` : ' (exact)'
  return [
    `  ${String(Number((costUs / 1e3).toPrecision(4))).padStart(8)} ms  ${size}, W=${row.w}, `,
    `reads go to ${sayRoute(row.route, settings.replicas)}${row.strict ? ', strict' : ''}: `,
    `fresh ${at?.chance.toFixed(6)}${error}`,
  ].join('')
}

function toJson({ chance, withinUs }: Goal, good: readonly Choice[]): object {
  return {
    fresh: chance,
    withinMs: withinUs / 1e3,
    recommended: good.map(({ settings, row, costUs }) => ({
      replicas: settings.replicas,
      w: row.w,
      r: row.route.kind === 'quorum' ? row.route.r : null,
      reads: sayRoute(row.route, settings.replicas),
      strict: row.strict,
      fresh: row.fresh[0]?.chance,
      standardError: row.fresh[0]?.standardError,
      p99Ms: costUs / 1e3,
    })),
  }
}
