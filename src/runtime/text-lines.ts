// Reads a text file, or the standard input, line by line, so that a file of any length needs little memory.

import { createReadStream } from 'node:fs'
import { stdin } from 'node:process'
import { TextDecoder } from 'node:util'
import { sayReadError } from './text-file.ts'

/** A line longer than this is no line of any text that is read here. */
const LINE_CHARS_MAX = 64 * 1024 * 1024

/** Why a file could not be read, in words. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

/**
 * @param path absolute; null for the standard input
 * @param take called with each line, and whether it is one that nothing ends
 * @throws UnreadableFile, and whatever `take` throws
 */
export async function readTextLines(
  path: string | null,
  take: (line: string, isLast: boolean) => void,
): Promise<void> {
  const stream = path === null ? stdin : createReadStream(path)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  const takeLines = (piece: string) => {
    let from = 0
    for (let to = piece.indexOf('\n'); to !== -1; to = piece.indexOf('\n', from)) {
      const end = piece.charCodeAt(to - 1) === 13 ? to - 1 : to
      const head = piece.slice(from, Math.max(from, end))
      take(rest === '' ? head : (rest + head).replace(/\r$/, ''), false)
      rest = ''
      from = to + 1
    }
    rest += piece.slice(from)
    if (rest.length > LINE_CHARS_MAX) throw new UnreadableFile('a line has more than 64 MB')
  }
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  for (;;) {
    const next = await nextOf(pieces)
    const text = decode(decoder, next)
    takeLines(text)
    if (next === undefined) break
  }
  if (rest !== '') take(rest, true)
}

async function nextOf(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    const { value, done } = await pieces.next()
    return done ? undefined : value
  } catch (error) {
    throw new UnreadableFile(sayReadError(error))
  }
}

function decode(decoder: TextDecoder, piece: Uint8Array | undefined): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true })
  } catch {
    throw new UnreadableFile('it is not UTF-8 text')
  }
}
