// A terminal for sub-commands under test: nobody watches it, nobody stops it, and what it was told is kept.

import type { ExitCode, Terminal } from '../../src/commands/terminal.ts'
import type { CommandLine } from '../../src/options/read.ts'

export async function runInTerminal(
  command: (line: CommandLine, terminal: Terminal) => Promise<ExitCode>,
  ...args: readonly string[]
) {
  const said: string[] = []
  const complaints: string[] = []
  const code = await command(
    { args: [command.name, ...args], env: {}, directory: '/' },
    {
      out: (text) => said.push(text),
      err: (text) => complaints.push(text),
      isWatched: false,
      signal: new AbortController().signal,
    },
  )
  return { code, said: said.join(''), complaints: complaints.join('') }
}
