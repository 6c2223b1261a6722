// A forecast as people read it and as machines do: one table, CSV, JSON, and the curve as an SVG. In what leaves here times
// are milliseconds, chances fractions from 0 to 1, and what will never be is null.

import { formatLatency } from '../../core/text/latency-text.ts'
import type { Agreement } from './agree.ts'
import type { Delay } from './delay.ts'
import { type Chance, curveOf, type ForecastRow, type Quantiles, tableOf } from './forecast.ts'
import { type ForecastSettings, type Legs, rowsOf, sayRoute, type Trouble } from './settings.ts'
import type { Tally } from './tally.ts'

function sayDelay(delay: Delay): string {
  return delay.kind === 'samples' ? `@${delay.name}` : formatLatency(delay)
}

function sayLegs(legs: Legs): Record<keyof Legs, string> {
  return {
    replicate: legs.replicate.map(sayDelay).join(','),
    acknowledge: sayDelay(legs.acknowledge),
    request: sayDelay(legs.request),
    respond: sayDelay(legs.respond),
  }
}

/** What a forecast takes for granted: where that does not hold, neither does the forecast. */
export function assumptionsOf(settings: ForecastSettings, notes: readonly string[] = []): string[] {
  const { topology, writes, ratePerSecond, keys, readsTo } = settings
  const order =
    topology === 'leader'
      ? 'followers apply in log order'
      : `replicas take copies in any order, and reads go to ${readsTo === 'all' ? 'all of them' : 'R of them'}`
  const where = keys === 1 ? 'one key' : `${keys} keys, all equally likely`
  return [
    `No failures, no losses, no repair, a steady rate; ${order}.`,
    `Writes are ${writes === 'poisson' ? 'Poisson' : 'evenly spaced'} at ${ratePerSecond}/s, to ${where}; t counts from the acknowledgement of a write.`,
    ...notes,
  ]
}

const HEADS = ['reads go to', 'W', '']

/** Chances to four places; `=` marks what is exact, and the last column has the largest error of what is not. */
export function sayTable(settings: ForecastSettings, tally: Tally): string {
  const rows = tableOf(settings, tally)
  const heads = [
    ...HEADS,
    ...settings.atUs.map((us) => `t=${us / 1e3}ms`),
    ...(rows[0]?.freshWithin.map(({ goal }) => `${goal * 100}%`) ?? []),
    ...(rows[0]?.behind.map(({ k }) => `k=${k}`) ?? []),
    'write p50/p99/p99.9',
    'read p50/p99/p99.9',
    'error',
  ]
  const cells = rows.map((row) => [
    sayRoute(row.route, settings.replicas),
    String(row.w),
    row.strict ? 'strict' : '',
    ...row.fresh.map(({ chance }) => sayChance(chance)),
    ...row.freshWithin.map(({ us }) => sayMs(us)),
    ...row.behind.map(({ chance }) => sayChance(chance)),
    sayQuantiles(row.write),
    sayQuantiles(row.read),
    sayError([...row.fresh, ...row.behind]),
  ])
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row[i]?.length ?? 0)),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(heads), ...cells.map(line)].join('\n')
}

export function sayLegend({ trials, seed }: ForecastSettings, ran: number): string {
  const stopped = ran < trials ? `stopped at ${ran.toLocaleString('en-US')} of ` : ''
  return [
    't=: chance that a read so long after a write sees it. %: t in ms after which so many reads do. k=: chance that a read misses',
    `at least k versions. Latencies in ms. ${stopped}${trials.toLocaleString('en-US')} trials, seed ${seed}; their quantiles are read off bins, to within 0.2 %.`,
  ].join('\n')
}

function sayChance(chance: number): string {
  return chance === 1 || chance === 0 ? String(chance) : chance.toFixed(chance > 0.9995 ? 6 : 4)
}

function sayMs(us: number): string {
  return Number.isFinite(us) ? String(Number((us / 1e3).toPrecision(4))) : 'never'
}

function sayQuantiles({ p50Us, p99Us, p999Us }: Quantiles): string {
  return p50Us === p999Us ? sayMs(p50Us) : [p50Us, p99Us, p999Us].map(sayMs).join('/')
}

function sayError(chances: readonly Chance[]): string {
  const errors = chances.map(({ standardError }) => standardError ?? 0)
  const largest = Math.max(...errors)
  if (largest === 0) return 'exact'
  return `±${largest.toFixed(5)}`
}

/** @param more e.g. a tally, for parts that are to be merged */
export function toJson(
  settings: ForecastSettings,
  tally: Tally,
  notes: readonly string[],
  more: object = {},
): object {
  const { topology, replicas, legs, ratePerSecond, writes, keys, readsTo, seed, trialsFrom } =
    settings
  return {
    settings: {
      ...{
        topology,
        replicas,
        latency: sayLegs(legs),
        betweenCentresMs: msOrNull(settings.betweenCentresUs),
      },
      ...{ ratePerSecond, writes, keys, readsTo, seed, trialsFrom },
    },
    assumptions: assumptionsOf(settings, notes),
    trials: tally.trials,
    rows: tableOf(settings, tally).map((row) => rowToJson(row, replicas)),
    ...more,
  }
}

/** In plain words, and loudly where a forecast and what was measured differ beyond chance. */
const TROUBLE_WORDS: Readonly<Record<Trouble, string>> = {
  loss: 'a tenth of all copies lost',
  partition: 'the followers cut off for half of these times',
  bursts: 'writes that come ten at once',
  repair: 'quorum reads that repair',
}

export function sayAgreement(settings: ForecastSettings, { agrees, worst }: Agreement): string {
  const row = worst && rowsOf(settings)[worst.row]
  if (!row) return 'There is nothing to compare.'
  const of = 'k' in worst.of ? `k=${worst.of.k}` : `t=${worst.of.atUs / 1e3}ms`
  const where = `reads of ${sayRoute(row.route, settings.replicas)}, W=${row.w}, ${of}`
  const chances = `forecast ${sayChance(worst.expected)}, measured ${sayChance(worst.found)}`
  const errors = `${worst.errors.toFixed(1)} standard errors apart`
  const largest = `${where}: ${chances}, ${errors}`
  if (settings.under)
    return `With ${TROUBLE_WORDS[settings.under]}, the largest difference: ${largest}.`
  if (agrees) return `It agrees with the forecast. The largest difference: ${largest}.`
  return `IT DIFFERS FROM THE FORECAST BEYOND CHANCE, which is a bug in this program: ${largest}.`
}

export function measuredToJson(
  settings: ForecastSettings,
  tally: Tally,
  agreement: Agreement,
): object {
  const { agrees, freshRmse, behindRmse } = agreement
  return {
    trials: tally.trials,
    rows: tableOf(settings, tally).map((row) => rowToJson(row, settings.replicas)),
    ...{ agrees, freshRmse, behindRmse, verdict: sayAgreement(settings, agreement) },
  }
}

function rowToJson(row: ForecastRow, replicas: number): object {
  const { w, route, strict } = row
  const chance = ({ chance, standardError }: Chance) => ({
    chance,
    standardError,
    exact: standardError === null,
  })
  return {
    reads: sayRoute(route, replicas),
    ...{ w, r: route.kind === 'quorum' ? route.r : null, strict },
    fresh: row.fresh.map(({ atUs, ...one }) => ({ atMs: atUs / 1e3, ...chance(one) })),
    freshWithin: row.freshWithin.map(({ goal, us, standardErrorUs }) => ({
      ...{
        goal,
        ms: msOrNull(us),
        standardErrorMs: msOrNull(standardErrorUs),
        exact: standardErrorUs === null && Number.isFinite(us),
      },
    })),
    versionsBehind: row.behind.map(({ k, ...one }) => ({ k, ...chance(one) })),
    writeLatencyMs: quantilesToJson(row.write),
    readLatencyMs: quantilesToJson(row.read),
  }
}

function quantilesToJson({ p50Us, p99Us, p999Us, exact }: Quantiles): object {
  return { p50: msOrNull(p50Us), p99: msOrNull(p99Us), p999: msOrNull(p999Us), exact }
}

function msOrNull(us: number | null): number | null {
  return us === null || !Number.isFinite(us) ? null : us / 1e3
}

/** A line for each row and figure: what spreadsheets and plots want. */
export function toCsv(settings: ForecastSettings, tally: Tally): string {
  const lines = ['reads,w,strict,figure,at,value,standard_error']
  for (const row of tableOf(settings, tally)) {
    const head = `${sayRoute(row.route, settings.replicas)},${row.w},${row.strict}`
    const add = (figure: string, at: number, value: number | null, error: number | null) =>
      lines.push(`${head},${figure},${at},${value ?? ''},${error ?? 'exact'}`)
    for (const { atUs, chance, standardError } of row.fresh)
      add('fresh_at_ms', atUs / 1e3, chance, standardError)
    for (const { goal, us, standardErrorUs } of row.freshWithin) {
      add('ms_until_fresh', goal, msOrNull(us), msOrNull(standardErrorUs))
    }
    for (const { k, chance, standardError } of row.behind)
      add('versions_behind', k, chance, standardError)
    for (const [name, one] of [
      ['write', row.write],
      ['read', row.read],
    ] as const) {
      const error = one.exact ? 'exact' : ''
      for (const [goal, us] of [
        [0.5, one.p50Us],
        [0.99, one.p99Us],
        [0.999, one.p999Us],
      ] as const) {
        lines.push(`${head},${name}_latency_ms,${goal},${msOrNull(us) ?? ''},${error}`)
      }
    }
  }
  return `${lines.join('\n')}\n`
}

export interface Curve {
  readonly reads: string
  readonly w: number
  /** Chances of a fresh read, one for each of the times. */
  readonly fresh: readonly number[]
}

/** Every row that may be stale, at evenly spaced times up to where all of them are 99.9 % fresh, or the last t. */
function curvesOf(
  settings: ForecastSettings,
  tally: Tally,
  points = 101,
): { readonly atMs: readonly number[]; readonly curves: readonly Curve[] } {
  const rows = tableOf(settings, tally)
  const ends = rows.flatMap(({ freshWithin }) => freshWithin.filter(({ goal }) => goal === 0.999))
  const lastUs = settings.atUs[settings.atUs.length - 1] ?? 0
  const endUs = Math.max(1, lastUs, ...ends.map(({ us }) => (us < 20 * lastUs ? us : 0)))
  const atUs = Array.from({ length: points }, (_, i) => (endUs * i) / (points - 1))
  const curves = rowsOf(settings).flatMap((row, i) => {
    if (row.strict) return []
    const fresh = curveOf(settings, tally, i)
    return [{ reads: sayRoute(row.route, settings.replicas), w: row.w, fresh: atUs.map(fresh) }]
  })
  return { atMs: atUs.map((us) => us / 1e3), curves }
}

const WIDTH = 760
const HEIGHT = 420
const MARGIN = { left: 56, right: 190, top: 16, bottom: 44 }

/** Colours that differ by lightness too, for those who see few hues. */
const COLOURS = ['#0b5fa5', '#c0392b', '#1e8449', '#8e44ad', '#b9770e', '#34495e']

export function toSvg(settings: ForecastSettings, tally: Tally): string {
  const { atMs, curves } = curvesOf(settings, tally)
  const endMs = atMs[atMs.length - 1] as number
  const x = (ms: number) =>
    (MARGIN.left + (ms / endMs) * (WIDTH - MARGIN.left - MARGIN.right)).toFixed(1)
  const y = (chance: number) =>
    (MARGIN.top + (1 - chance) * (HEIGHT - MARGIN.top - MARGIN.bottom)).toFixed(1)
  const right = WIDTH - MARGIN.right
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (chance) =>
      `<path d="M${MARGIN.left} ${y(chance)}H${right}" stroke="#ccc"/><text x="${MARGIN.left - 8}" y="${y(chance)}" text-anchor="end" dominant-baseline="middle">${chance}</text>`,
  )
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const ms = part * endMs
    return `<text x="${x(ms)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${Number(ms.toPrecision(3))}</text>`
  })
  const lines = curves.map(({ reads, w, fresh }, i) => {
    const colour = COLOURS[i % COLOURS.length]
    const dashes = i < COLOURS.length ? '' : ' stroke-dasharray="6 3"'
    const points = fresh.map((chance, j) => `${x(atMs[j] as number)},${y(chance)}`).join(' ')
    const labelY = MARGIN.top + 10 + i * 16
    const label =
      labelY < HEIGHT
        ? `<text x="${right + 12}" y="${labelY}" fill="${colour}">${reads}, W=${w}</text>`
        : ''
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.8"${dashes}/>${label}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<title>Chance of a fresh read, by the time since the write was acknowledged</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...grid,
    ...ticks,
    ...lines,
    `<text x="${(MARGIN.left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">ms since the write was acknowledged</text>`,
    '</svg>\n',
  ].join('\n')
}
