// The sub-commands that forecast: which there are, and what they run in. Their own code is loaded only when one is called.

import type { CommandLine } from '../options/read.ts'

/** What a sub-command prints to, and who may stop it. */
export interface Terminal {
  out(text: string): void
  /** For problems and progress. */
  err(text: string): void
  /** Somebody watches `err`: progress is welcome. */
  readonly isWatched: boolean
  /** Ctrl-C: what is there is wanted now. */
  readonly signal: AbortSignal
}

/** 0: done. 1: what was asked for is not so. 2: it cannot be understood. 130: stopped. */
export type ExitCode = 0 | 1 | 2 | 130

type Command = (line: CommandLine, terminal: Terminal) => Promise<ExitCode>

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  predict: async () => (await import('./predict.ts')).predict,
  recommend: async () => (await import('./recommend.ts')).recommend,
}

export function isCommand({ args }: CommandLine): boolean {
  return Object.hasOwn(COMMANDS, args[0] ?? '')
}

export async function runCommand(line: CommandLine, terminal: Terminal): Promise<ExitCode> {
  const load = COMMANDS[line.args[0] as string] as () => Promise<Command>
  return (await load())(line, terminal)
}
