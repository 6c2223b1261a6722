// Reads a whole text file, or the standard input, or says in words why not.

import { open } from 'node:fs/promises'
import { stdin } from 'node:process'
import type { Parsed } from '../core/text/duration.ts'

/** What fits into one string of V8. */
const BYTES_MAX = 512 * 1024 * 1024 - 64

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
}

/** @param path absolute; null for the standard input */
export async function readTextFile(path: string | null): Promise<Parsed<string>> {
  try {
    const bytes = path === null ? await collect(stdin) : await readFile(path)
    if (!bytes) return { ok: false, message: `it has more than ${BYTES_MAX} bytes` }
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    // The decoder throws a TypeError, and nothing else here does.
    if (error instanceof TypeError) return { ok: false, message: 'it is not UTF-8 text' }
    return { ok: false, message: sayReadError(error) }
  }
}

async function readFile(path: string): Promise<Buffer | undefined> {
  const file = await open(path)
  try {
    return await collect(file.createReadStream({ autoClose: false }))
  } finally {
    await file.close()
  }
}

/** Piece by piece, for there are files without an end. */
async function collect(stream: AsyncIterable<unknown>): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream) {
    bytes += (piece as Buffer).length
    if (bytes > BYTES_MAX) return undefined
    pieces.push(piece as Buffer)
  }
  return Buffer.concat(pieces)
}

/** Why a file could not be opened or read, in words. */
export function sayReadError(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}
