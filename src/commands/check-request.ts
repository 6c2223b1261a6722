// What `check FILE` is asked: its flags, and the request that they make. The verdicts are check.ts's.

import { FORMATS, type Format } from '../analysis/history/read.ts'
import {
  MODELS,
  type Model,
  VERDICT_NAMES,
  type VerdictName,
} from '../analysis/verdicts/verdict.ts'
import { quote } from '../core/text/duration.ts'
import { didYouMean } from '../core/text/nearest.ts'
import type { CommandLine } from '../options/read.ts'
import { type FlagRow, pathOf, readFlags, sayFlags } from './flags.ts'

export interface CheckRequest {
  /** As the user named it; `-` is the standard input. */
  readonly file: string
  /** Absolute; null for the standard input. */
  readonly path: string | null
  readonly model: Model | undefined
  readonly failedCas: 'fact' | 'never'
  readonly format: Format | undefined
  /** Those that decide the exit code. */
  readonly verdicts: readonly VerdictName[]
  readonly client: string | undefined
  readonly key: string | undefined
  readonly staleVersions: number | undefined
  readonly staleMs: number | undefined
  readonly json: boolean
  /** Where the picture goes, absolute. */
  readonly svg: string | undefined
  /** Where the scenario goes, absolute. */
  readonly scenario: string | undefined
}

const FAILED_CAS = ['fact', 'never'] as const

const FLAGS: Readonly<Record<string, FlagRow>> = {
  model: { placeholder: 'MODEL', help: `${MODELS.join(', ')} [by the operations].` },
  'failed-cas': {
    placeholder: FAILED_CAS.join('|'),
    help: 'What a failed cas says of the state [fact].',
  },
  format: { placeholder: 'FORMAT', help: `${FORMATS.join(', ')} [by the file].` },
  verdict: {
    placeholder: 'NAME,...',
    help: 'Whose verdict is the exit code, of those below [linearizable].',
    joinedBy: ',',
  },
  client: { placeholder: 'NAME', help: 'Only the sessions of this client.' },
  key: { placeholder: 'KEY', help: 'Only operations on this key.' },
  'stale-versions': {
    placeholder: 'COUNT',
    help: 'How far behind bounded-staleness lets reads be.',
  },
  'stale-ms': { placeholder: 'MS', help: 'The same in time.' },
  json: { help: 'Every verdict by its name, for machines.' },
  svg: { placeholder: 'FILE', help: 'Draws the first witness into this file.' },
  scenario: {
    placeholder: 'FILE',
    help: 'The first witness as a scenario that breaks the same here.',
  },
}

export const CHECK_HELP = `Usage: replication-lab check FILE [flags]   FILE may be -

Says of a history of operations which guarantees held. Exit code: 0 consistent, 1 violated, 2 it cannot be read,
3 undecided.

${sayFlags(FLAGS)}

Verdicts
${VERDICT_NAMES.map((name) => `  ${name}`).join('\n')}
`

export function readCheck(
  line: CommandLine,
): CheckRequest | { readonly problems: readonly string[] } | 'help' {
  const { given, files, problems: found, wantsHelp } = readFlags(line, FLAGS, 'FILE')
  if (wantsHelp) return 'help'
  const [file, ...more] = files
  const problems = [...found]
  if (file === undefined) problems.push('check needs a history: check FILE, or check - to read one')
  problems.push(...more.map((arg) => `${quote(arg)} is not expected here: check takes one FILE`))
  const request = requestOf(given, problems, line, file ?? '-')
  return problems.length > 0 ? { problems } : request
}

function requestOf(
  given: ReadonlyMap<string, string>,
  problems: string[],
  line: CommandLine,
  file: string,
): CheckRequest {
  const word = <W extends string>(flag: string, text: string, allowed: readonly W[]) => {
    const found = allowed.find((one) => one === text)
    const hint = didYouMean(text, allowed) || `: it is ${allowed.join(', ')}`
    if (found === undefined) problems.push(`--${flag} is ${quote(text)}${hint}`)
    return found
  }
  const oneOf = <W extends string>(flag: string, allowed: readonly W[]) => {
    const text = given.get(flag)
    return text === undefined ? undefined : word(flag, text, allowed)
  }
  const number = (flag: string) => {
    const text = given.get(flag)
    if (text === undefined) return undefined
    if (!/^\d+(\.\d+)?$/.test(text))
      problems.push(`--${flag} is ${quote(text)}, which is no number`)
    return Number(text)
  }
  const pathFrom = (flag: string) => {
    const path = given.get(flag)
    return path === undefined ? undefined : pathOf(path, line)
  }
  return {
    file,
    path: file === '-' ? null : pathOf(file, line),
    model: oneOf('model', MODELS),
    failedCas: oneOf('failed-cas', FAILED_CAS) ?? 'fact',
    format: oneOf('format', FORMATS),
    verdicts: (given.get('verdict') ?? 'linearizable')
      .split(',')
      .flatMap((name) => word('verdict', name, VERDICT_NAMES) ?? []),
    client: given.get('client'),
    key: given.get('key'),
    staleVersions: number('stale-versions'),
    staleMs: number('stale-ms'),
    json: given.has('json'),
    svg: pathFrom('svg'),
    scenario: pathFrom('scenario'),
  }
}
