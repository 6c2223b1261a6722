// Opens a write-ahead file, or says in one line why it cannot be used and what to do. A file that is not
// one of ours, or damaged, is left exactly as it is; what a crash left of a last line is removed.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { RestoredCluster } from '../../core/verbs.ts'
import { FORMAT, HEADER, LAYOUT } from './format.ts'
import { lock, lockPath } from './lock.ts'
import { DamagedFile, type Replayed, replay } from './replay.ts'

/** The file cannot be used: one line, with what to do, for whoever started the program. */
export class WriteAheadError extends Error {
  override readonly name = 'WriteAheadError'
}

const ANOTHER = 'name another file with --wal'

/** @throws WriteAheadError when there is no file and none can be made */
export function checkPath(path: string): void {
  guard(path, () => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) {
      throw new WriteAheadError(`${path} is a folder. Name a file in it with --wal.`)
    }
    if (found && !found.isFile()) {
      throw new WriteAheadError(`${path} is not a regular file; ${ANOTHER}.`)
    }
    const folder = dirname(path)
    if (found || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
    throw new WriteAheadError(`There is no folder ${folder} for ${path}. Make it, or ${ANOTHER}.`)
  })
}

/** @returns how to let go @throws WriteAheadError when another process has the file open */
export function takeLock(path: string, warnings: string[]): () => void {
  try {
    const locked = lock(path)
    if (locked.ok) return locked.release
    throw new WriteAheadError(
      `${path} is in use by process ${locked.holder}. Stop it, or ${ANOTHER}. If it is no such process, delete ${lockPath(path)}.`,
    )
  } catch (error) {
    if (error instanceof WriteAheadError) throw error
    // A folder that takes no new files is no reason to refuse a file in it that can be written.
    const { code } = error as NodeJS.ErrnoException
    warnings.push(
      `${lockPath(path)} cannot be made (${code}), so nothing keeps a second process away from ${path}.`,
    )
    return () => {}
  }
}

/** Opens for reading and appending; an empty or missing file becomes a new one. */
export function openFile(path: string): number {
  return guard(path, () => {
    const { O_RDWR, O_APPEND, O_CREAT } = constants
    return openSync(path, O_RDWR | O_APPEND | O_CREAT, 0o666)
  })
}

/** Checks what is there, and makes it fit for appending. @throws WriteAheadError */
export function readFile(
  fd: number,
  path: string,
  start: { readonly startTimeMs: number; readonly replicas: number },
  warnings: string[],
): RestoredCluster | undefined {
  return guard(path, () => {
    const headerBytes = readHeader(fd, path)
    if (headerBytes === 0) {
      writeHeader(fd, path)
      return undefined
    }
    const replayed = replay(fd, headerBytes, start.startTimeMs)
    checkLeader(path, replayed.restored, start.replicas)
    mend(fd, path, replayed, warnings)
    return replayed.restored
  })
}

/** @returns its length, 0 for a file that has none yet */
function readHeader(fd: number, path: string): number {
  const bytes = Buffer.alloc(1_024)
  const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0))
  if (text.startsWith(HEADER)) return Buffer.byteLength(HEADER)
  // Empty, or made by a run that crashed before the first line was whole.
  if (HEADER.startsWith(text)) return 0
  const end = text.indexOf('\n') + 1
  const header = parseHeader(text.slice(0, end))
  if (header?.format !== FORMAT) {
    throw new WriteAheadError(
      `${path} is not a write-ahead file of this program, and was left as it is; ${ANOTHER}.`,
    )
  }
  if (header.layout !== LAYOUT) {
    throw new WriteAheadError(
      `${path} has layout ${JSON.stringify(header.layout)}, and this version reads layout ${LAYOUT} only. Use the version that wrote it, or ${ANOTHER}.`,
    )
  }
  return end
}

function parseHeader(line: string): { format?: unknown; layout?: unknown } | null {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

function writeHeader(fd: number, path: string): void {
  ftruncateSync(fd, 0)
  writeSync(fd, HEADER)
  fsyncSync(fd)
  fsyncFolder(dirname(path))
}

/** A new file lasts only once its name is on disk too. */
function fsyncFolder(folder: string): void {
  let fd: number | undefined
  try {
    fd = openSync(folder, 'r')
    fsyncSync(fd)
  } catch {
    // Some systems cannot do that, and those that cannot do not need it.
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function checkLeader(path: string, restored: RestoredCluster | undefined, replicas: number): void {
  if (!restored || restored.leader < replicas) return
  const { leader } = restored
  throw new WriteAheadError(
    `${path} was last led by replica ${leader}, but this cluster has replicas 0 to ${replicas - 1} only. Start with --followers ${leader} or more, or ${ANOTHER}.`,
  )
}

function mend(fd: number, path: string, replayed: Replayed, warnings: string[]): void {
  const { soundBytes, tornLine, lacksLineBreak } = replayed
  if (tornLine !== undefined) {
    const removed = fstatSync(fd).size - soundBytes
    ftruncateSync(fd, soundBytes)
    fsyncSync(fd)
    warnings.push(
      `Line ${tornLine} of ${path}, its last, was cut short as by a crash: removed ${removed} bytes.`,
    )
  }
  if (lacksLineBreak) {
    writeSync(fd, '\n')
    fsyncSync(fd)
    warnings.push(`The last line of ${path} was whole but for its line break: added it.`)
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'may not be read and written by this user. Change that, or',
  EPERM: 'may not be read and written by this user. Change that, or',
  EROFS: 'lies on a read-only file system;',
  ENOSPC: 'lies on a full disk. Make room, or',
  ENOTDIR: 'lies below something that is no folder;',
}

/** Runs what touches the file, and gives every failure its sentence. */
function guard<T>(path: string, task: () => T): T {
  try {
    return task()
  } catch (error) {
    if (error instanceof WriteAheadError) throw error
    throw new WriteAheadError(sayWhy(path, error), { cause: error })
  }
}

function sayWhy(path: string, error: unknown): string {
  if (error instanceof DamagedFile) {
    const { line, message } = error
    return `Line ${line} of ${path} is damaged: ${message}. Nothing was changed. Restore the file from a copy, or keep only what comes before: head -n ${line - 1} ${path} > repaired.wal`
  }
  const { code = '', message } = error as NodeJS.ErrnoException
  const sentence = SENTENCES[code]
  return sentence
    ? `${path} ${sentence} ${ANOTHER}.`
    : `${path} cannot be used as a write-ahead file (${message}); ${ANOTHER}.`
}
