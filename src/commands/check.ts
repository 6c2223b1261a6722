// `check`: judges a history and prints what held. Its flags are options/check.ts's, reading and judging runtime/check.ts's.

import { readCheck, renderCheckHelp } from '../options/check.ts'
import type { CommandLine } from '../options/read.ts'
import { CHECK_WORDS, check as judgeFile } from '../runtime/check.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function check(line: CommandLine, { out, err }: Terminal): Promise<ExitCode> {
  const reading = readCheck(line, CHECK_WORDS)
  switch (reading.kind) {
    case 'check-help':
      out(renderCheckHelp(CHECK_WORDS))
      return 0
    case 'refused':
      for (const problem of reading.problems) err(`${problem}\n`)
      err('check --help shows all options.\n')
      return 2
    default:
      return judgeFile(
        reading,
        (text) => out(`${text}\n`),
        (...lines) => lines.forEach((one) => void err(`${one}\n`)),
      )
  }
}
