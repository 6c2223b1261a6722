// What `--help` prints: the options, or after `run` every line a scenario may have, in the words of the
// grammar itself. Other sub-commands print their own.

import { renderHelp } from '../options/help.ts'
import type { CommandLine } from '../options/read.ts'
import { isRun } from '../options/run.ts'
import { OPTIONS } from '../scenario/header.ts'
import { GRAMMAR } from '../scenario/verbs/table.ts'

export function helpFor(line: CommandLine): string {
  return isRun(line) ? renderRunHelp() : renderHelp()
}

export function renderRunHelp(): string {
  const lines = (table: Readonly<Record<string, { readonly usage: string }>>) =>
    Object.values(table).map(({ usage }) => `  ${usage}`)
  return [
    'Usage: replication-lab run FILE [--json]     FILE may be - for standard input',
    '',
    'Runs a scenario in virtual time. Exit code 0: all expectations hold; 1: one does',
    'not; 2: the file cannot be read. --json prints the trace for machines.',
    '',
    'Options, before all commands',
    ...lines(OPTIONS),
    '',
    'Commands',
    ...lines(GRAMMAR),
    '',
    'In front:  as CLIENT:     who asks',
    'Behind:    &              go on without waiting for the answer',
    '           -> EXPECTED    what it must answer: a value, a code, or applied,',
    '                          not-applied, unknown; then fields, such as w=2 or w!=2',
    '',
  ].join('\n')
}
