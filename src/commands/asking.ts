// What the forecasting sub-commands share: their flags for what is asked, the files of measured samples, and progress.

import { type Ask, type Field, readAsk, sampleNames } from '../analysis/forecast/ask.ts'
import type { Samples } from '../analysis/forecast/delay.ts'
import { parseSamples } from '../analysis/forecast/samples.ts'
import type { ForecastSettings } from '../analysis/forecast/settings.ts'
import type { Tally } from '../analysis/forecast/tally.ts'
import type { Parsed } from '../core/text/duration.ts'
import type { CommandLine } from '../options/read.ts'
import { runForecast } from '../runtime/forecast-pool.ts'
import { readTextFile } from '../runtime/text-file.ts'
import { type FlagRow, type Flags, pathOf, readFlags } from './flags.ts'
import type { Terminal } from './terminal.ts'

export const ASK_FLAGS: Readonly<Record<string, FlagRow>> = {
  topology: {
    placeholder: 'KIND',
    help: 'leader: copies in log order [default]; leaderless: WARS.',
  },
  followers: { placeholder: 'F', help: 'Followers of the leader [2].' },
  n: { placeholder: 'N', help: 'Replicas of a leaderless cluster [3].' },
  latency: {
    placeholder: 'LEG=TIME,...',
    help: 'As for the server; or a preset: lnkd-ssd, lnkd-disk, ymmr, wan; or LEG=@FILE of samples.',
    joinedBy: ';',
  },
  rate: { placeholder: 'RATE', help: 'Writes of the whole log, such as 20/s [10/s].' },
  writes: { placeholder: 'HOW', help: 'poisson, or even: equally spaced [poisson].' },
  keys: { placeholder: 'K', help: 'Keys that the writes spread over [1].' },
  at: { placeholder: 'TIME,...', help: 'Times after the write [0,10,50,100,500ms].' },
  w: { placeholder: 'W,...', help: 'Acknowledgements of a write, such as 1,2 or 1..3 [up to N].' },
  r: { placeholder: 'R,...', help: 'Answers of a quorum read [up to N].' },
  'reads-to': {
    placeholder: 'WHOM',
    help: 'Leaderless reads go to all replicas, or to r of them [all].',
  },
  trials: {
    placeholder: 'COUNT',
    help: 'How many, where it has to be sampled [1000000 up to N = 5].',
  },
  'trials-from': {
    placeholder: 'COUNT',
    help: 'Where these begin: for parts on several machines, with --json; merge them with --merge.',
  },
  seed: { placeholder: 'NUMBER', help: 'Decides every draw [1].' },
  threads: { placeholder: 'COUNT', help: 'Threads; the result is the same [as many as cores].' },
}

const FIELD_OF: Readonly<Record<string, Field>> = {
  'reads-to': 'readsTo',
  'trials-from': 'trialsFrom',
}

export function askOf(given: ReadonlyMap<string, string>): Ask {
  const names = Object.keys(ASK_FLAGS).filter((name) => given.has(name) && name !== 'threads')
  return Object.fromEntries(names.map((name) => [FIELD_OF[name] ?? name, given.get(name)]))
}

function flagOf(field: Field): string {
  const name = Object.keys(FIELD_OF).find((flag) => FIELD_OF[flag] === field) ?? field
  return `--${name}`
}

export type Asked =
  | { readonly ok: true; readonly settings: ForecastSettings; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads the files of samples, then all of it. */
export async function readAsked(ask: Ask, line: CommandLine): Promise<Asked> {
  const samples = new Map<string, Parsed<Samples>>()
  for (const name of sampleNames(ask.latency ?? '')) {
    const text = await readTextFile(pathOf(name, line))
    const parsed = text.ok
      ? parseSamples(name, text.value)
      : refused(`cannot read ${name}: ${text.message}`)
    samples.set(name, parsed)
  }
  const reading = readAsk(ask, (name) => samples.get(name) ?? refused(`there is no file ${name}`))
  if (reading.ok) return reading
  return {
    ok: false,
    problems: reading.problems.map((one) => `${flagOf(one.field)}: ${one.message}`),
  }
}

function refused(message: string): Parsed<never> {
  return { ok: false, message }
}

/** The flags of a sub-command that samples, and how many threads are to do it; undefined: as many as cores. */
export function readAsking(
  line: CommandLine,
  table: Readonly<Record<string, FlagRow>>,
  usage: string,
): Flags & { readonly threads: number | undefined } {
  const flags = readFlags(line, table, usage)
  const text = flags.given.get('threads')
  if (text === undefined) return { ...flags, threads: undefined }
  if (/^([1-9]|[1-5]\d|6[0-4])$/.test(text)) return { ...flags, threads: Number(text) }
  const problems = [...flags.problems, '--threads: must be a whole number from 1 to 64']
  return { ...flags, problems, threads: undefined }
}

/** Runs the trials, and says how far it is to whoever watches. */
export async function runAsked(
  settings: ForecastSettings,
  terminal: Terminal,
  threads: number | undefined,
  module?: string,
): Promise<Tally> {
  let told = false
  const tally = await runForecast(settings, {
    ...(threads !== undefined && { threads }),
    ...(module !== undefined && { module }),
    signal: terminal.signal,
    progress: (trials) => {
      if (!terminal.isWatched || (settings.trials < 5_000_000 && module === undefined)) return
      told = true
      const percent = Math.floor((100 * trials) / settings.trials)
      terminal.err(
        `\r${percent} % of ${settings.trials.toLocaleString('en-US')} trials; Ctrl-C gives what is there`,
      )
    },
  })
  if (told) terminal.err('\r\u001b[K')
  return tally
}
