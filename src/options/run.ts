// The sub-command `run FILE [--json]`, which runs a scenario instead of serving. What the cluster is made of
// stands in the file, so the server's options are none of this one's.

import { isAbsolute, resolve } from 'node:path'
import { quote } from '../core/text/duration.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { type CommandLine, quoteForShell, standsIn } from './read.ts'

export interface RunRequest {
  readonly kind: 'run'
  /** As the user named it; `-` is the standard input. */
  readonly file: string
  /** Absolute; null for the standard input. */
  readonly path: string | null
  readonly json: boolean
}

export type RunReading =
  | RunRequest
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

export function isRun({ args }: CommandLine): boolean {
  return args[0] === 'run'
}

export function readRun(line: CommandLine): RunReading {
  const args = line.args.slice(1)
  if (args.some((arg) => arg === '--help' || arg === '-h')) return { kind: 'help' }
  const flags = args.filter((arg) => arg.startsWith('-') && arg !== '-')
  const [file, ...more] = args.filter((arg) => !flags.includes(arg))
  const problems = flags.filter((flag) => flag !== '--json').map(unknown)
  if (file === undefined) problems.push('run needs a scenario: run FILE, or run - to read one')
  problems.push(...more.map((arg) => `${quote(arg)} is not expected here: run takes one FILE`))
  // What stands before a `--`, npm keeps for itself, and tells only by a variable.
  if (line.env.npm_lifecycle_event && line.env.npm_config_json && !flags.includes('--json')) {
    const command = `npm start -- run ${quoteForShell(file ?? 'FILE')} --json`
    problems.push(`npm kept --json for itself: write ${command}`)
  }
  if (file === undefined || problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'run', file, path: pathOf(file, line), json: flags.length > 0 }
}

function unknown(flag: string): string {
  const hint = didYouMean(flag.replace(/=.*$/, ''), ['--json', '--help'])
  return `there is no ${flag} for run${hint || ': options of the cluster stand in the file'}`
}

function pathOf(file: string, line: CommandLine): string | null {
  if (file === '-') return null
  return isAbsolute(file) ? file : resolve(standsIn(line), file)
}
