// The flags of a sub-command, which are its own: neither the server's nor twins in the environment. Reads them into texts,
// or tells every one that cannot be what was meant.

import { isAbsolute, resolve } from 'node:path'
import { quote } from '../core/text/duration.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { type CommandLine, quoteForShell, standsIn } from '../options/read.ts'
import type { Terminal } from './terminal.ts'

export interface FlagRow {
  /** What stands for its value; absent for a switch. */
  readonly placeholder?: string
  readonly help: string
  /** May be given several times; the texts are joined by this. */
  readonly joinedBy?: string
}

export interface Flags {
  readonly given: ReadonlyMap<string, string>
  readonly files: readonly string[]
  readonly problems: readonly string[]
  readonly wantsHelp: boolean
}

/** @param usage what stands behind the command for files, e.g. `FILE`; empty when it takes none */
export function readFlags(
  line: CommandLine,
  table: Readonly<Record<string, FlagRow>>,
  usage: string,
): Flags {
  const [command = '', ...args] = line.args
  const given = new Map<string, string>()
  const files: string[] = []
  const problems: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!arg.startsWith('--') || arg === '--') {
      if (arg !== '-h') files.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
    const row = Object.hasOwn(table, name) ? table[name] : undefined
    if (name === 'help') continue
    if (!row) {
      const known = Object.keys(table).map((one) => `--${one}`)
      problems.push(`there is no --${name} for ${command}${didYouMean(`--${name}`, known)}`)
      if (equals < 0 && args[i + 1]?.startsWith('-') === false) i++
      continue
    }
    const text = textOf(row, equals < 0 ? undefined : arg.slice(equals + 1), args[i + 1])
    if (text.fromNext) i++
    problems.push(...add(given, name, row, text.value))
  }
  if (usage === '') {
    problems.push(
      ...files.map((file) => `${quote(file)} is not expected here: ${command} takes only flags`),
    )
  }
  problems.push(...keptByNpm(line, command, table, given))
  return { given, files, problems, wantsHelp: args.includes('--help') || args.includes('-h') }
}

function textOf(row: FlagRow, behindEquals: string | undefined, next: string | undefined) {
  if (behindEquals !== undefined) return { value: behindEquals, fromNext: false }
  if (row.placeholder === undefined) return { value: 'true', fromNext: false }
  const isValue = next !== undefined && !next.startsWith('--')
  return { value: isValue ? next : '', fromNext: isValue }
}

function add(given: Map<string, string>, name: string, row: FlagRow, text: string): string[] {
  const earlier = given.get(name)
  if (row.placeholder === undefined && text !== 'true') return [`--${name} takes no value`]
  if (text === '') return [`--${name} needs a value: --${name} ${row.placeholder}`]
  if (earlier !== undefined && row.joinedBy === undefined) return [`--${name} is given twice`]
  given.set(name, earlier === undefined ? text : earlier + row.joinedBy + text)
  return []
}

/** What stands before a `--`, npm keeps for itself, and tells only by a variable. */
function keptByNpm(
  { env }: CommandLine,
  command: string,
  table: Readonly<Record<string, FlagRow>>,
  given: ReadonlyMap<string, string>,
): string[] {
  if (!env.npm_lifecycle_event) return []
  const kept = Object.keys(table).filter(
    (name) => env[`npm_config_${name.replaceAll('-', '_')}`] && !given.has(name),
  )
  if (kept.length === 0) return []
  const flags = kept.map((name) => {
    const { placeholder } = table[name] as FlagRow
    const text = env[`npm_config_${name.replaceAll('-', '_')}`] as string
    if (placeholder === undefined) return `--${name}`
    return `--${name} ${text === 'true' ? placeholder : quoteForShell(text)}`
  })
  const names = kept.map((name) => `--${name}`).join(' and ')
  return [`npm kept ${names} for itself: write npm start -- ${command} ${flags.join(' ')}`]
}

export function pathOf(file: string, line: CommandLine): string {
  return isAbsolute(file) ? file : resolve(standsIn(line), file)
}

export function refuse(terminal: Terminal, command: string, problems: readonly string[]): 2 {
  for (const problem of problems) terminal.err(`${problem}\n`)
  terminal.err(`${command} --help shows its flags.\n`)
  return 2
}

/** The flags as help lists them. */
export function sayFlags(table: Readonly<Record<string, FlagRow>>): string {
  const rows = Object.entries(table).map(([name, { placeholder, help }]) => {
    const left = `  --${name}${placeholder === undefined ? '' : ` ${placeholder}`}`
    return left.length > 28 ? `${left}\n${' '.repeat(30)}${help}` : left.padEnd(30) + help
  })
  return rows.join('\n')
}
