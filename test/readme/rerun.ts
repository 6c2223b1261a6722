// Goes through the README as a reader would, and writes it again with what really came back: outputs, log
// lines, files and tables. What a comment above a block may say:
//   after 200ms        so much time passes before the block
//   takes 200ms        the block must take so long, no more and no less
//   log                the log since it was last shown
//   options, routes …  a table that the code knows best (tables.ts)
//   measured           numbers of some machine, which nobody can check
//   a file's path      the file
// An output with lines of three dots is an excerpt: its parts must all be there, in order.
// A new `##` section begins with a new server and an empty folder.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { parseDuration } from '../../src/core/text/duration.ts'
import { Desk } from './desk.ts'
import { showFile } from './files.ts'
import type { Piece } from './markdown.ts'
import { type Command, readCommands } from './shell.ts'
import { runForReal, startForReal } from './start.ts'
import { TABLES } from './tables.ts'

/** A second server of the same section is started so many minutes after the first. */
const MINUTES_BETWEEN_STARTS = 5

const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync('package.json', 'utf8'),
).scripts

export interface Tally {
  commands: number
  outputs: number
}

export async function rerun(pieces: readonly Piece[], tally: Tally): Promise<Piece[]> {
  const reader = new Reader(pieces, tally)
  try {
    return await reader.read()
  } finally {
    await reader.leave()
  }
}

class Reader {
  readonly #pieces: Piece[]
  readonly #tally: Tally
  /** What processes print, by their arguments; all are started at once, for each takes a while. */
  readonly #printed = new Map<string, Promise<string>>()
  #desk: Desk | undefined
  #directory = ''
  #minutes = 0

  constructor(pieces: readonly Piece[], tally: Tally) {
    this.#pieces = [...pieces]
    this.#tally = tally
  }

  async read(): Promise<Piece[]> {
    for (const command of this.#pieces.flatMap(commandsOf)) {
      if (command.kind === 'start' && isSubCommand(command.args)) this.#print(command.args)
    }
    for (const [at, piece] of this.#pieces.entries()) {
      try {
        const body = await this.#read(piece, at)
        if (body !== undefined) this.#pieces[at] = { ...piece, body }
      } catch (error) {
        throw new Error(`README.md, line ${piece.line}: ${(error as Error).message}`, {
          cause: error,
        })
      }
    }
    return this.#pieces
  }

  async leave(): Promise<void> {
    await this.#desk?.close()
    this.#desk = undefined
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true })
    this.#directory = ''
    this.#minutes = 0
  }

  /** @returns what belongs there, where the README alone does not decide it */
  async #read(piece: Piece, at: number): Promise<string | undefined> {
    if (piece.kind === 'heading' && piece.body.startsWith('## ')) await this.leave()
    if (piece.kind === 'table') return TABLES[piece.notes.join()]?.(piece.body)
    if (piece.kind !== 'fence') return undefined
    const passMs = durationNote(piece, 'after')
    if (passMs > 0) (await this.#sit()).pass(passMs)
    if (piece.notes.includes('log')) return (await this.#sit()).takeLog().join('\n')
    if (piece.notes.includes('measured')) return undefined
    const file = piece.notes.find((note) => note.includes('/'))
    if (file) return showFile(file)
    if (piece.language === 'sh') await this.#type(piece, at)
    else if (!this.#isOutput.has(at)) throw new Error('nothing says how to check this block')
    return this.#pieces[at]?.body
  }

  /** Places of blocks that show what the block before them printed. */
  readonly #isOutput = new Set<number>()

  async #type(piece: Piece, at: number): Promise<void> {
    const outputAt = this.#outputOf(at)
    const output = outputAt === undefined ? undefined : this.#pieces[outputAt]
    const shown: string[] = []
    const beganUs = this.#desk?.nowUs ?? 0
    for (const command of commandsOf(piece)) {
      this.#tally.commands++
      shown.push(...(await this.#run(command, output)))
    }
    const tookMs = ((this.#desk?.nowUs ?? 0) - beganUs) / 1_000
    const takesMs = durationNote(piece, 'takes')
    // A reset or a new server begins at zero again.
    if (tookMs >= 0 && tookMs !== takesMs) throw new Error(`this takes ${tookMs} simulated ms`)
    if (outputAt === undefined) return
    this.#tally.outputs++
    this.#isOutput.add(outputAt)
    const { body } = output as Piece
    const came = shown.join('\n')
    this.#pieces[outputAt] = { ...(output as Piece), body: isExcerpt(body, came) ? body : came }
  }

  async #run(command: Command, output: Piece | undefined): Promise<string[]> {
    switch (command.kind) {
      case 'install':
        return []
      case 'script':
        if (!scripts[command.name]) throw new Error(`there is no npm script ${command.name}`)
        return []
      case 'checks':
        readFileSync(command.file)
        return []
      case 'cat':
        return [(await this.#sit()).readFile(command.file)]
      case 'start':
        if (isSubCommand(command.args)) return [await this.#print(command.args)]
        await this.#sit(command.args)
        return output ? [await startForReal(command.args)] : []
      case 'curl': {
        const lines = output?.body.split('\n').length ?? 0
        const answers = await (await this.#sit()).curl(command, lines)
        const failed = answers.find(({ status }) => status >= 400)
        if (failed && !output)
          throw new Error(`this fails, and nobody would see it: ${failed.shown}`)
        return answers.map((answer) => answer.shown).filter((text) => text !== '')
      }
    }
  }

  #print(args: readonly string[]): Promise<string> {
    const known = this.#printed.get(args.join(' '))
    if (known) return known
    const printed = runForReal(args)
    // Whoever reads that far is told; until then it is no unhandled rejection.
    printed.catch(() => undefined)
    this.#printed.set(args.join(' '), printed)
    return printed
  }

  /** At the desk where one sits already, unless a new server is to be started. */
  async #sit(args?: readonly string[]): Promise<Desk> {
    if (this.#desk && !args) return this.#desk
    await this.#desk?.close()
    this.#directory ||= mkdtempSync(joinPath(tmpdir(), 'readme-'))
    this.#desk = await Desk.sitDown(args ?? [], this.#minutes, this.#directory)
    this.#minutes += MINUTES_BETWEEN_STARTS
    return this.#desk
  }

  /** The block right below, where it is no command and has no comment of its own. */
  #outputOf(at: number): number | undefined {
    let next = at + 1
    while (this.#pieces[next]?.kind === 'text' && this.#pieces[next]?.body === '') next++
    const piece = this.#pieces[next]
    const isOutput = piece?.kind === 'fence' && piece.language !== 'sh' && piece.notes.length === 0
    return isOutput ? next : undefined
  }
}

/** It prints and ends, as `run` does; else a server is started. */
function isSubCommand([first = '']: readonly string[]): boolean {
  return /^[a-z]/.test(first)
}

/** A long output may be shown in parts, in order, each between lines of three dots. */
function isExcerpt(shown: string, whole: string): boolean {
  const parts = shown.split(/^\.\.\.$\n?/m).filter((part) => part !== '')
  let rest = `${whole}\n`
  return (
    shown.includes('\n...') &&
    parts.every((part) => {
      const wanted = part.endsWith('\n') ? part : `${part}\n`
      const at = `\n${rest}`.indexOf(`\n${wanted}`)
      rest = at < 0 ? '' : rest.slice(at + wanted.length)
      return at >= 0
    })
  )
}

function commandsOf({ kind, language, body }: Piece): readonly Command[] {
  return kind === 'fence' && language === 'sh' ? readCommands(body) : []
}

function durationNote(piece: Piece, word: string): number {
  const note = piece.notes.find((one) => one.startsWith(`${word} `))
  if (!note) return 0
  const parsed = parseDuration(note.slice(word.length))
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.value / 1_000
}
