// One line of a scenario that holds a command: who issues it, what it is, whether it goes on in the background
// (`&`), and what is expected of it (`->`).

import { didYouMean } from '../core/text/nearest.ts'
import { isRequest } from '../core/verbs/table.ts'
import { Arguments } from './arguments.ts'
import { type Expectation, readExpectation } from './expectations.ts'
import { OPTIONS } from './header.ts'
import type { Token, Word } from './lexer.ts'
import { complain, readClient } from './readers.ts'
import type { CommandLine } from './scenario.ts'
import { GRAMMAR, type ScenarioCommand } from './verbs/table.ts'

export function readCommandLine(
  tokens: readonly Token[],
  source: string,
  line: number,
): CommandLine {
  const arrow = tokens.findIndex((token) => token.kind === 'arrow')
  const commandTokens = arrow < 0 ? tokens : tokens.slice(0, arrow)
  const { client, rest } = takeClient(commandTokens)
  const { goesOn, command } = readCommand(rest, endOf(commandTokens))
  if (client !== undefined && !isRequest(command)) {
    complain(
      rest[0] ?? { column: 1 },
      `only writes and reads have a client, not ${rest[0]?.source}`,
    )
  }
  const isRead = isRequest(command) && !command.verb.startsWith('write')
  return {
    kind: 'command',
    line,
    sources: [source],
    command: client === undefined ? command : withClient(command, client),
    goesOn,
    expectation: arrow < 0 ? null : expectationOf(tokens.slice(arrow), source, isRead),
  }
}

function expectationOf(tokens: readonly Token[], source: string, isRead: boolean): Expectation {
  const [, first] = tokens
  const again = tokens.slice(1).find((token) => token.kind === 'arrow')
  if (again) complain(again, 'there is a -> in this line already')
  const end = endOf(tokens)
  const text = first ? source.slice(first.column - 1, end - 1) : ''
  return readExpectation(tokens.slice(1), text, isRead, end)
}

/** `as alice:` before a command. */
function takeClient(tokens: readonly Token[]): { client?: string; rest: readonly Token[] } {
  const [as, name, ...rest] = tokens
  if (as?.kind !== 'word' || as.source !== 'as') return { rest: tokens }
  const usage = 'expected: as CLIENT: COMMAND'
  if (name?.kind !== 'word')
    complain(name ?? { column: endOf(tokens) }, `a client's name is missing\n${usage}`)
  const hasColon = name.quoted ? name.colon : name.text.endsWith(':')
  if (!hasColon) {
    const column = name.column + name.source.length
    complain({ column }, `a : is missing after the client's name\n${usage}`)
  }
  const client = readClient(name, name.quoted ? name.text : name.text.slice(0, -1))
  if (rest.length === 0) complain({ column: endOf(tokens) }, `the command is missing\n${usage}`)
  return { client, rest }
}

function readCommand(
  tokens: readonly Token[],
  endColumn: number,
): { goesOn: boolean; command: ScenarioCommand } {
  const [first, ...rest] = tokens
  if (first?.kind !== 'word') complain(first ?? { column: endColumn }, 'a command is expected here')
  const grammar = Object.hasOwn(GRAMMAR, first.text) ? GRAMMAR[first.text] : undefined
  if (!grammar || first.quoted) return complain(first, unknownCommand(first))
  const goesOn = rest[rest.length - 1]?.kind === 'ampersand'
  const args = goesOn ? rest.slice(0, -1) : rest
  const stray = args.find((token) => token.kind === 'ampersand')
  if (stray) complain(stray, '& stands at the end of the command, before the ->')
  const ampersand = rest[rest.length - 1]
  if (goesOn && ampersand && !isRequest({ verb: first.text })) {
    complain(ampersand, `${first.text} acts at once, so there is nothing to go on: leave out the &`)
  }
  const reader = new Arguments(args, grammar.usage, endColumn)
  const command = grammar.read(reader)
  reader.end()
  return { goesOn, command }
}

/** The first word of a command, with its client's name or without. */
export function isCommandWord({ source }: Word): boolean {
  return Object.hasOwn(GRAMMAR, source) || source === 'as' || source === 'restore'
}

function unknownCommand({ source, text }: Word): string {
  const words = [...Object.keys(GRAMMAR), ...Object.keys(OPTIONS), 'restore', 'as']
  if (text === 'restored') return 'restored lines stand right below a line that begins with restore'
  const hint = didYouMean(text, words)
  if (hint !== '') return `there is no command ${source}${hint}`
  return `there is no command ${source}\nexpected: ${Object.keys(GRAMMAR).join(', ')}`
}

function withClient(command: ScenarioCommand, client: string): ScenarioCommand {
  // Only requests come here, and all of them may name their client.
  return { ...command, how: { ...('how' in command && command.how), client } } as ScenarioCommand
}

function endOf(tokens: readonly Token[]): number {
  const last = tokens[tokens.length - 1]
  return last ? last.column + last.source.length : 1
}
