// The sub-commands that need no server of their own: which there are, and what they run in. Their own code is loaded only when one is called.

import type { CommandLine } from '../options/read.ts'
import type { SubCommand } from '../options/table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

type Command = (line: CommandLine, terminal: Terminal) => Promise<ExitCode>

/** All but those that main.ts does itself. */
type Name = Exclude<SubCommand, 'serve' | 'run'>

const COMMANDS: Readonly<Record<Name, () => Promise<Command>>> = {
  check: async () => (await import('./check.ts')).check,
  compare: async () => (await import('./compare.ts')).compare,
  measure: async () => (await import('./measure.ts')).measure,
  predict: async () => (await import('./predict.ts')).predict,
  wait: async () => (await import('./wait.ts')).wait,
  shrink: async () => (await import('./shrink.ts')).shrink,
  recommend: async () => (await import('./recommend.ts')).recommend,
}

export function isCommand({ args }: CommandLine): boolean {
  return Object.hasOwn(COMMANDS, args[0] ?? '')
}

export async function runCommand(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const load = COMMANDS[line.args[0] as Name]
  return (await load())(line, terminal)
}
