// From a command line and its environment to checked, frozen options, or to every reason why not, one
// line each. A flag wins over its twin in the environment, that one over a bare PORT or HOST, and all
// of them over the default.

import { dirname } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { ClusterOptions } from '../core/options.ts'
import { quote } from '../core/text/duration.ts'
import { CLUSTER_OPTIONS, type ClusterOptionName } from '../core/text/legal.ts'
import { didYouMean, nearestWord } from '../core/text/nearest.ts'
import {
  FLAGS,
  type Flag,
  type OptionRow,
  type OptionValues,
  SUB_COMMANDS,
  SWITCHES,
  TABLE,
  TWIN_PREFIX,
  twinOf,
} from './table.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface CommandLine {
  /** What follows the program's name. */
  readonly args: readonly string[]
  readonly env: Environment
  /** Where the process runs. */
  readonly directory: string
}

/** What the server is made of. Null: not wanted, or (the seed) chosen at start. */
export interface Options {
  readonly port: number
  readonly host: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Null: drawn, where one is needed; false: nobody is asked for one. */
  readonly token: string | null | false
  readonly seed: number | null
  readonly cluster: Omit<ClusterOptions, 'seed' | 'startTimeMs'>
  readonly eventsMax: number
  readonly historyMax: number
  readonly streamsMax: number
  readonly labsMax: number
  /** Null: labs end only when told. */
  readonly labIdleUs: number | null
  /** Absolute. */
  readonly walFile: string | null
  /** Absolute: a folder. */
  readonly lessons: string | null
  readonly walFsync: OptionValues['wal-fsync']
  readonly logFormat: OptionValues['log-format']
  readonly logLevel: OptionValues['log-level']
  /** Under which name each option was given; those left at their default are missing. */
  readonly givenAs: Readonly<Partial<Record<Flag, string>>>
}

export type Reading =
  | { readonly kind: 'serve'; readonly options: Options }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** An option's text, and the name under which it was given: `--port`, `REPLICATION_LAB_PORT`, `PORT`. */
interface Given {
  readonly name: string
  readonly text: string
}

type AllGiven = Map<Flag, Given>

export function readOptions(line: CommandLine): Reading {
  const problems: string[] = []
  const strays: string[] = []
  const flags = readFlags(line.args, problems, strays)
  if (flags === 'help' || flags === 'version') return { kind: flags }
  const slips = npmSlips(line.env, strays)
  problems.push(...(slips.length > 0 ? slips : strays.map(unexpected)))
  const given: AllGiven = new Map([...readEnvironment(line.env, problems), ...flags])
  return settle(given, standsIn(line), problems)
}

/** The same where it is known already which text is whose. */
export function readTexts(texts: ReadonlyMap<string, string>): Reading {
  const given: AllGiven = new Map()
  for (const flag of FLAGS) {
    const text = texts.get(flag)
    if (text !== undefined) given.set(flag, { name: `--${flag}`, text })
  }
  return settle(given, '', [])
}

function settle(given: AllGiven, directory: string, problems: string[]): Reading {
  const values = readValues(given, directory, problems)
  if (problems.length === 0) problems.push(...contradictions(values, given))
  if (problems.length > 0) return { kind: 'refused', problems: Object.freeze(problems) }
  return { kind: 'serve', options: assemble(values, given) }
}

function readFlags(
  args: readonly string[],
  problems: string[],
  strays: string[],
): AllGiven | 'help' | 'version' {
  const given: AllGiven = new Map()
  let unknownAt = Number.NaN
  for (const token of tokensOf(args)) {
    if (token.kind === 'positional') {
      // What follows an unknown flag was probably meant as its value.
      if (token.index !== unknownAt + 1) strays.push(token.value)
    } else if (token.kind === 'option') {
      if (token.name === 'help' || token.name === 'version') return token.name
      const flag = FLAGS.find((known) => known === token.name)
      if (flag) {
        addFlag(given, flag, token.value ?? '', problems)
      } else {
        unknownAt = token.index
        problems.push(unknown(token.rawName, [...FLAGS, ...Object.keys(SWITCHES)], '--'))
      }
    }
  }
  return given
}

/** Not strict: the first mistake would end it, and all are wanted. */
function tokensOf(args: readonly string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const flag of FLAGS) options[flag] = { type: 'string', multiple: true }
  for (const [name, { short }] of Object.entries(SWITCHES)) {
    options[name] = { type: 'boolean', short }
  }
  return parseArgs({
    args: args.map((arg, i) => {
      if (isSwitch(arg)) return `${arg}=true`
      return lacksValue(arg, args[i + 1]) ? `${arg}=` : arg
    }),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens
}

function isSwitch(arg: string): boolean {
  return FLAGS.some((flag) => arg === `--${flag}` && (TABLE[flag] as OptionRow<unknown>).isSwitch)
}

/** Not strict also means that a flag without a value would take the next flag for it. */
function lacksValue(arg: string, next: string | undefined): boolean {
  return FLAGS.some((flag) => arg === `--${flag}`) && (next === undefined || next.startsWith('--'))
}

function addFlag(given: AllGiven, flag: Flag, text: string, problems: string[]): void {
  const name = `--${flag}`
  const row: OptionRow<unknown> = TABLE[flag]
  const earlier = given.get(flag)
  if (text === '') {
    problems.push(`${name} needs a value: ${name} ${row.placeholder}`)
  } else if (!earlier) {
    given.set(flag, { name, text })
  } else if (row.joinedBy) {
    given.set(flag, { name, text: earlier.text + row.joinedBy + text })
  } else {
    problems.push(`${name} is given twice`)
  }
}

function unexpected(argument: string): string {
  const isPort = /^\d+$/.test(argument)
  const hint = isPort ? `; did you mean --port ${argument}?` : didYouMean(argument, SUB_COMMANDS)
  return `${quote(argument)} is not expected here${hint}`
}

function unknown(name: string, known: readonly string[], prefix: string): string {
  const nearest = nearestWord(name.replace(/^-+/, ''), known)
  return `there is no ${name}${nearest ? `; did you mean ${prefix}${nearest}?` : ''}`
}

/** An empty variable counts as not set: that is how compose files and shells leave one out. */
function readEnvironment(env: Environment, problems: string[]): AllGiven {
  const given: AllGiven = new Map()
  for (const flag of FLAGS) {
    const { bareName }: OptionRow<unknown> = TABLE[flag]
    const name = [twinOf(flag), bareName].find((candidate) => candidate && env[candidate])
    const text = name && env[name]
    if (text) given.set(flag, { name, text })
  }
  const twins = FLAGS.map(twinOf)
  for (const name of Object.keys(env)) {
    if (!name.startsWith(TWIN_PREFIX) || twins.includes(name)) continue
    // Others may name variables so too (an orchestrator does, after its services): only slips count.
    if (nearestWord(name, twins)) problems.push(unknown(name, twins, ''))
  }
  return given
}

/**
 * `npm start --port 9`: npm keeps what stands before a `--` for itself, and tells only by a variable.
 * From version 11 on it keeps the flag and passes its value on as if it were an argument.
 */
function npmSlips(env: Environment, strays: readonly string[]): string[] {
  const script = env.npm_lifecycle_event
  if (!script) return []
  const kept = FLAGS.flatMap((flag) => {
    const text = env[`npm_config_${flag.replaceAll('-', '_')}`]
    return text ? [{ flag, text }] : []
  })
  if (kept.length === 0) return []
  const [stray = ''] = strays
  const written = kept.map(({ flag, text }) => {
    if (text !== 'true') return `--${flag} ${quoteForShell(text)}`
    // Which value belonged to which flag, npm does not say.
    const unambiguous = kept.length === 1 && strays.length === 1
    return `--${flag} ${unambiguous ? quoteForShell(stray) : TABLE[flag].placeholder}`
  })
  const flags = kept.map(({ flag }) => `--${flag}`).join(' and ')
  const command = script === 'start' ? 'npm start' : `npm run ${script}`
  return [`npm kept ${flags} for itself: write ${command} -- ${written.join(' ')}`]
}

export function quoteForShell(text: string): string {
  return /^[\w.,:=/-]+$/.test(text) ? text : `'${text}'`
}

/** npm runs scripts in the package's folder, and keeps where the user stands in INIT_CWD. */
export function standsIn({ env, directory }: CommandLine): string {
  const packageFile = env.npm_package_json
  const movedByNpm = packageFile !== undefined && dirname(packageFile) === directory
  return movedByNpm && env.INIT_CWD ? env.INIT_CWD : directory
}

function readValues(given: AllGiven, directory: string, problems: string[]): OptionValues {
  const values: Partial<Record<Flag, unknown>> = {}
  for (const flag of FLAGS) {
    const row: OptionRow<unknown> = TABLE[flag]
    const found = given.get(flag)
    const read = found && row.read(found.text, { directory })
    if (read && !read.ok) problems.push(`${found.name}: ${read.message}`)
    values[flag] = read?.ok ? read.value : row.fallback
  }
  // The table's type says which value each flag has; the loop cannot.
  return values as OptionValues
}

/** Options that are fine by themselves, but not together. */
function contradictions(values: OptionValues, given: AllGiven): string[] {
  const nameOf = (flag: Flag) => given.get(flag)?.name ?? `--${flag}`
  const { followers } = values
  const problems: string[] = []
  const latencies = values.latency.replicate.length
  if (latencies > 1 && latencies !== followers) {
    problems.push(
      `${nameOf('latency')} has ${latencies} replicate latencies, but there are ${followers} ` +
        'followers: give one for each, or one for all',
    )
  }
  const needed = values['min-followers-to-write']
  if (needed > followers) {
    problems.push(
      `${nameOf('min-followers-to-write')} is ${needed}, but there are ${followers} followers: no ` +
        'write would ever be taken',
    )
  }
  if (given.has('min-followers-max-lag') && needed === 0) {
    problems.push(`${nameOf('min-followers-max-lag')} needs --min-followers-to-write`)
  }
  if (values['no-token'] && values.token !== null) {
    problems.push(`${nameOf('token')} and ${nameOf('no-token')} exclude each other`)
  }
  if (given.has('wal-fsync') && values.wal === null) {
    problems.push(`${nameOf('wal-fsync')} needs --wal FILE`)
  }
  if (given.has('rate') && values.clock !== 'real') {
    problems.push(`${nameOf('rate')} needs --clock real: a ${values.clock} clock has no rate`)
  }
  return problems
}

function assemble(values: OptionValues, given: AllGiven): Options {
  const names = [...given].map(([flag, { name }]) => [flag, name] as const)
  return Object.freeze({
    port: values.port,
    host: values.host,
    allowedHosts: values['allowed-hosts'],
    allowedOrigins: values['allowed-origins'],
    token: values['no-token'] ? false : values.token,
    seed: values.seed,
    cluster: clusterOptions(values),
    eventsMax: values['max-events'],
    historyMax: values['max-history'],
    streamsMax: values['max-streams'],
    labsMax: values['max-labs'],
    labIdleUs: values['lab-idle'],
    walFile: values.wal,
    lessons: values.lessons,
    walFsync: values['wal-fsync'],
    logFormat: values['log-format'],
    logLevel: values['log-level'],
    givenAs: Object.freeze(Object.fromEntries(names)),
  })
}

/** An option of the cluster that is missing in the table does not compile here. */
type AllOptions =
  Exclude<
    keyof Options['cluster'],
    (typeof CLUSTER_OPTIONS)[ClusterOptionName]['key'] | 'clock'
  > extends never
    ? Options['cluster']
    : never

function clusterOptions({ clock, rate, seed: _, ...values }: OptionValues): AllOptions {
  const { seed: __, ...shared } = CLUSTER_OPTIONS
  const entries = Object.entries(shared) as [keyof typeof shared, { readonly key: string }][]
  const options = Object.fromEntries(entries.map(([name, { key }]) => [key, values[name]]))
  return Object.freeze({ ...options, clock: Object.freeze({ mode: clock, rate }) }) as AllOptions
}
