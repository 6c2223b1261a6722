// The sub-command `check FILE`, which judges a history instead of serving.

import { isAbsolute, resolve } from 'node:path'
import { quote } from '../core/text/duration.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { type CommandLine, standsIn } from './read.ts'

export interface CheckRequest {
  readonly kind: 'check'
  /** As the user named it; `-` is the standard input. */
  readonly file: string
  /** Absolute; null for the standard input. */
  readonly path: string | null
  readonly model: string | undefined
  readonly failedCas: 'fact' | 'never'
  readonly format: string | undefined
  /** Those that decide the exit code; empty for `linearizable`. */
  readonly verdicts: readonly string[]
  readonly client: string | undefined
  readonly key: string | undefined
  readonly staleVersions: number | undefined
  readonly staleMs: number | undefined
  readonly json: boolean
  /** Where the picture goes, absolute. */
  readonly svg: string | undefined
}

export type CheckReading =
  | CheckRequest
  | { readonly kind: 'check-help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** The words that a flag takes; checked here, known where they mean something. */
export interface CheckWords {
  readonly models: readonly string[]
  readonly formats: readonly string[]
  readonly verdicts: readonly string[]
}

const FLAGS: Readonly<Record<string, string>> = {
  '--model': 'MODEL',
  '--failed-cas': 'fact|never',
  '--format': 'FORMAT',
  '--verdict': 'NAME[,NAME]',
  '--client': 'NAME',
  '--key': 'KEY',
  '--stale-versions': 'COUNT',
  '--stale-ms': 'MS',
  '--svg': 'FILE',
}
const SWITCHES = ['--json', '--help', '-h']

export function renderCheckHelp({ models, formats, verdicts }: CheckWords): string {
  return [
    'Usage: replication-lab check FILE [options]   FILE may be -',
    '',
    'Says of a history of operations which guarantees held. Exit code: 0 consistent,',
    '1 violated, 2 it cannot be read, 3 undecided.',
    '',
    `  --model ${models.join('|')}`,
    '                        found out by the operations unless said',
    '  --failed-cas fact|never   what a failed cas says of the state [fact]',
    `  --format ${formats.join('|')}    found out by the file unless said`,
    '  --verdict NAME[,NAME] whose verdict is the exit code [linearizable]:',
    ...verdicts.map((name) => `                          ${name}`),
    '  --client NAME         only the sessions of this client',
    '  --key KEY             only operations on this key',
    '  --stale-versions N, --stale-ms MS   what bounded-staleness allows',
    '  --json                every verdict by its name, for machines',
    '  --svg FILE            writes the first witness as a picture',
    '',
  ].join('\n')
}

export function readCheck(line: CommandLine, words: CheckWords): CheckReading {
  const given = new Map<string, string[]>()
  const problems: string[] = []
  const files: string[] = []
  const args = line.args.slice(1)
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    const [name = '', inline] = arg.startsWith('--') ? splitAtEquals(arg) : [arg]
    if (name === '--help' || name === '-h') return { kind: 'check-help' }
    if (!arg.startsWith('-') || arg === '-') files.push(arg)
    else if (name === '--json') given.set(name, [])
    else if (FLAGS[name] === undefined) {
      const hint = didYouMean(name, [...Object.keys(FLAGS), ...SWITCHES])
      problems.push(`there is no ${name} for check${hint}`)
    } else {
      const value = inline ?? args[++i]
      if (value === undefined) problems.push(`${name} of what? Write ${name} ${FLAGS[name]}`)
      else given.set(name, [...(given.get(name) ?? []), value])
    }
  }
  const [file, ...more] = files
  if (file === undefined) problems.push('check needs a history: check FILE, or check - to read one')
  problems.push(...more.map((arg) => `${quote(arg)} is not expected here: check takes one FILE`))
  const request = requestOf(given, words, problems, line, file ?? '-')
  return problems.length > 0 ? { kind: 'refused', problems } : request
}

function splitAtEquals(arg: string): [string, string | undefined] {
  const at = arg.indexOf('=')
  return at === -1 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)]
}

function requestOf(
  given: ReadonlyMap<string, readonly string[]>,
  words: CheckWords,
  problems: string[],
  line: CommandLine,
  file: string,
): CheckRequest {
  const last = (name: string) => given.get(name)?.at(-1)
  const oneOf = (name: string, allowed: readonly string[]) => {
    const value = last(name)
    if (value !== undefined && !allowed.includes(value)) problems.push(notOne(name, value, allowed))
    return value
  }
  const number = (name: string) => {
    const value = last(name)
    const isNumber = value === undefined || (/^\d+(\.\d+)?$/.test(value) && Number(value) >= 0)
    if (!isNumber) problems.push(`${name} is ${quote(value)}, which is no number`)
    return value === undefined ? undefined : Number(value)
  }
  const verdicts = (given.get('--verdict') ?? []).flatMap((value) => value.split(','))
  for (const name of verdicts) {
    if (!words.verdicts.includes(name)) problems.push(notOne('--verdict', name, words.verdicts))
  }
  const svg = last('--svg')
  return {
    kind: 'check',
    file,
    path: file === '-' ? null : pathOf(file, line),
    model: oneOf('--model', words.models),
    failedCas: oneOf('--failed-cas', ['fact', 'never']) === 'never' ? 'never' : 'fact',
    format: oneOf('--format', words.formats),
    verdicts,
    client: last('--client'),
    key: last('--key'),
    staleVersions: number('--stale-versions'),
    staleMs: number('--stale-ms'),
    json: given.has('--json'),
    svg: svg === undefined ? undefined : pathOf(svg, line),
  }
}

function notOne(flag: string, value: string, allowed: readonly string[]): string {
  const hint = didYouMean(value, allowed) || `: it is ${allowed.join(', ')}`
  return `${flag} is ${quote(value)}${hint}`
}

function pathOf(file: string, line: CommandLine): string {
  return isAbsolute(file) ? file : resolve(standsIn(line), file)
}
