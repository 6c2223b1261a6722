// `predict`: the forecast of one configuration, as a table, JSON, CSV and a curve; and parts of it that were run elsewhere,
// merged.

import { writeFile } from 'node:fs/promises'
import { type Agreement, compare } from '../analysis/forecast/agree.ts'
import type { Ask } from '../analysis/forecast/ask.ts'
import { sizeOf, tableOf } from '../analysis/forecast/forecast.ts'
import {
  assumptionsOf,
  measuredToJson,
  sayAgreement,
  sayLegend,
  sayTable,
  toCsv,
  toJson,
  toSvg,
} from '../analysis/forecast/say.ts'
import { type ForecastSettings, TROUBLES, type Trouble } from '../analysis/forecast/settings.ts'
import { Tally } from '../analysis/forecast/tally.ts'
import type { CommandLine } from '../options/read.ts'
import { readTextFile } from '../runtime/text-file.ts'
import { MEASURING, measuringOf, unmeasurable } from '../scenario/measure.ts'
import { ASK_FLAGS, askOf, readAsked, readAsking, runAsked } from './asking.ts'
import { type FlagRow, pathOf, refuse, sayFlags } from './flags.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const FLAGS: Readonly<Record<string, FlagRow>> = {
  ...ASK_FLAGS,
  json: { help: 'Everything, as JSON; chances are fractions, times ms.' },
  csv: { help: 'A line for each row and figure.' },
  svg: { placeholder: 'FILE', help: 'Draws the curves into this file besides.' },
  measure: {
    help: 'Measures the same on the simulated cluster besides, and says whether it agrees.',
  },
  under: {
    placeholder: TROUBLES.join('|'),
    help: 'The same under what a forecast takes for absent: what that costs.',
  },
  merge: { help: 'predict --merge FILE...: merges what --trials-from with --json printed.' },
}

const HELP = `Usage: replication-lab predict [flags]

How often a read so long after a write is stale, by how many versions, and what each W, R and route costs in
latency: before anything runs.

${sayFlags(FLAGS)}

Examples
  npm start -- predict --followers 2 --latency 'replicate=exponential(100ms)' --rate 20/s --at 0,50,100,200,400ms
  npm start -- predict --topology leaderless --n 3 --latency lnkd-disk
`

/** One part, or all of it: what was asked, in its own words, and what the trials came to. */
interface Part {
  readonly ask: Ask
  readonly settings: ForecastSettings
  readonly notes: readonly string[]
  readonly tally: Tally
}

export async function predict(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const { given, files, problems, wantsHelp, threads } = readAsking(line, FLAGS, 'FILE')
  if (wantsHelp) {
    terminal.out(HELP)
    return 0
  }
  const merges = given.has('merge')
  const stray = merges
    ? []
    : files.map((file) => `${JSON.stringify(file)} is not expected here: predict takes only flags`)
  const under = given.get('under') as Trouble | undefined
  const measures = given.has('measure') || under !== undefined
  const csvToo = given.has('csv') && (given.has('json') || measures)
  const both = csvToo ? ['--csv excludes --json and --measure'] : []
  const noTrouble =
    under === undefined || TROUBLES.includes(under)
      ? []
      : [`--under: must be one of ${TROUBLES.join(', ')}, not ${JSON.stringify(under)}`]
  const neither = merges && measures ? ['--merge and --measure exclude each other'] : []
  const all = [...problems, ...stray, ...both, ...neither, ...noTrouble]
  if (all.length > 0) return refuse(terminal, 'predict', all)
  const part = merges
    ? await merge(files, line)
    : await forecast(askOf(given), line, terminal, threads)
  if ('problems' in part) return refuse(terminal, 'predict', part.problems)
  const why = measures ? unmeasurable(part.settings) : undefined
  if (why) return refuse(terminal, 'predict', [`--measure: ${why}`])
  if (!measures) return show(part, given, line, terminal)
  const measured = await measure(part, terminal, threads, under)
  const code = await show(part, given, line, terminal, measured)
  return code === 0 && !under && !measured.agreement.agrees ? 1 : code
}

interface Measured {
  readonly settings: ForecastSettings
  readonly found: Tally
  readonly agreement: Agreement
}

async function measure(
  { settings: asked, tally }: Part,
  terminal: Terminal,
  threads: number | undefined,
  under: Trouble | undefined,
): Promise<Measured> {
  const settings = measuringOf(asked, under)
  const found = await runAsked(settings, terminal, threads, MEASURING)
  const expected = tally.trials === 0 || found.trials === 0 ? [] : tableOf(asked, tally)
  return { settings, found, agreement: compare(expected, tableOf(settings, found)) }
}

function sayMeasured({ settings, found, agreement }: Measured): string {
  const head = `Measured on the simulated cluster, ${found.trials.toLocaleString('en-US')} trials:`
  return `\n${head}\n${sayTable(settings, found)}\n\n${sayAgreement(settings, agreement)}\n`
}

async function forecast(
  ask: Ask,
  line: CommandLine,
  terminal: Terminal,
  threads: number | undefined,
): Promise<Part | { readonly problems: readonly string[] }> {
  const asked = await readAsked(ask, line)
  if (!asked.ok) return asked
  const { settings, notes } = asked
  return { ask, settings, notes, tally: await runAsked(settings, terminal, threads) }
}

async function show(
  { ask, settings, notes, tally }: Part,
  given: ReadonlyMap<string, string>,
  line: CommandLine,
  terminal: Terminal,
  measured?: Measured,
): Promise<ExitCode> {
  const stopped = terminal.signal.aborted
  if (tally.trials === 0 || measured?.found.trials === 0) {
    terminal.err('Stopped before the first trials were done: there is nothing to show yet.\n')
    return 130
  }
  if (given.has('json')) {
    // A part carries what merging needs.
    const more = {
      ...(given.has('trials-from') && { ask, tally: tally.toJSON() }),
      ...(measured && {
        measured: measuredToJson(measured.settings, measured.found, measured.agreement),
      }),
    }
    terminal.out(`${JSON.stringify(toJson(settings, tally, notes, more))}\n`)
  } else if (given.has('csv')) terminal.out(toCsv(settings, tally))
  else {
    const said = assumptionsOf(settings, notes).join('\n')
    terminal.out(
      `${said}\n\n${sayTable(settings, tally)}\n\n${sayLegend(settings, tally.trials)}\n`,
    )
    if (measured) terminal.out(sayMeasured(measured))
  }
  const svg = given.get('svg')
  if (svg !== undefined) {
    try {
      await writeFile(pathOf(svg, line), toSvg(settings, tally))
    } catch (error) {
      terminal.err(`Cannot write ${svg}: ${(error as Error).message}\n`)
      return 1
    }
  }
  return stopped ? 130 : 0
}

async function merge(
  files: readonly string[],
  line: CommandLine,
): Promise<Part | { readonly problems: readonly string[] }> {
  const refused = (message: string) => ({ problems: [`--merge: ${message}`] })
  let whole: Part | undefined
  const ranges: { file: string; from: number; to: number }[] = []
  for (const file of files) {
    const part = await readPart(file, line)
    if ('problem' in part) return refused(part.problem)
    const { trialsFrom: from, trials } = part.settings
    const to = from + trials
    const shared = ranges.find((other) => from < other.to && other.from < to)
    if (shared)
      return refused(
        `${file} and ${shared.file} have trials in common: give each its own --trials-from`,
      )
    ranges.push({ file, from, to })
    if (!whole) whole = part
    else if (sameAsk(whole.ask, part.ask)) whole.tally.merge(part.tally)
    else
      return refused(
        `${file} was asked something else than ${files[0]}: only equal settings can be merged`,
      )
  }
  if (!whole) return refused('name the files that predict --trials-from --json printed')
  const settings = { ...whole.settings, trials: whole.tally.trials }
  return { ...whole, settings }
}

function sameAsk(a: Ask, b: Ask): boolean {
  const text = (ask: Ask) =>
    JSON.stringify(Object.entries({ ...ask, trials: '', trialsFrom: '' }).sort())
  return text(a) === text(b)
}

async function readPart(
  file: string,
  line: CommandLine,
): Promise<Part | { readonly problem: string }> {
  const text = await readTextFile(pathOf(file, line))
  if (!text.ok) return { problem: `cannot read ${file}: ${text.message}` }
  const noPart = { problem: `${file} is not what predict --trials-from COUNT --json prints` }
  let json: { readonly ask?: unknown; readonly tally?: unknown } | null
  try {
    json = JSON.parse(text.value)
  } catch {
    return noPart
  }
  if (typeof json?.ask !== 'object' || json.ask === null) return noPart
  if (Object.values(json.ask).some((one) => typeof one !== 'string')) return noPart
  const asked = await readAsked(json.ask as Ask, line)
  if (!asked.ok) return { problem: `${file}: ${asked.problems[0]}` }
  const tally = Tally.fromJSON(json.tally, sizeOf(asked.settings))
  return tally && tally.trials > 0 ? { ask: json.ask as Ask, ...asked, tally } : noPart
}
