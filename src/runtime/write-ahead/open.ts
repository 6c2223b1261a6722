// Opens a write-ahead file, or says in one line why it cannot be used and what to do. A file that is not
// one of ours, or damaged, is left exactly as it is; what a crash left behind the last whole line is removed.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { RestoredCluster } from '../../core/verbs.ts'
import { draftPath } from './compact.ts'
import { FORMAT, HEADER, headerOf, LAYOUT } from './format.ts'
import { DISK } from './fs.ts'
import { lock, lockPath } from './lock.ts'
import { DamagedFile, type Header, type Replayed, replay } from './replay.ts'

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

/** Where the file really lies, so that all its names share one lock. One that is missing is made. */
export function realPath(path: string): string {
  return guard(path, () => {
    closeSync(openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o666))
    return realpathSync(path)
  })
}

/** @returns how to let go @throws WriteAheadError when another process has the file open */
export function takeLock(path: string, real: string, warnings: string[]): () => void {
  try {
    const locked = lock(real)
    if (locked.ok) return locked.release
    throw new WriteAheadError(
      `${path} is in use by process ${locked.holder}. Stop it, or ${ANOTHER}. If it is no such process, delete ${lockPath(real)}.`,
    )
  } catch (error) {
    if (error instanceof WriteAheadError) throw error
    // A folder that takes no new files is no reason to refuse a file in it that can be written.
    const { code } = error as NodeJS.ErrnoException
    warnings.push(
      `${lockPath(real)} cannot be made (${code}), so nothing keeps a second process away from ${path}.`,
    )
    return () => {}
  }
}

/** Opens for reading and appending. @throws WriteAheadError when the file has a second name */
export function openFile(path: string, real: string): number {
  return guard(path, () => {
    rmSync(draftPath(real), { force: true })
    const fd = openSync(real, constants.O_RDWR | constants.O_APPEND)
    const { nlink } = fstatSync(fd)
    if (nlink <= 1) return fd
    closeSync(fd)
    throw new WriteAheadError(
      `${path} has ${nlink} names (hard links), and what another program writes under one of them cannot be kept apart. Delete the others, or ${ANOTHER}.`,
    )
  })
}

export interface FoundInFile {
  readonly header: Header
  /** Undefined in a new file. */
  readonly replayed: Replayed | undefined
}

/** Checks what is there, and makes it fit for appending. @throws WriteAheadError */
export function readFile(
  fd: number,
  path: string,
  start: { readonly startTimeMs: number; readonly replicas: number },
  warnings: string[],
): FoundInFile {
  return guard(path, () => {
    const header = readHeader(fd, path)
    if (!header) {
      writeHeader(fd, path)
      return { header: CURRENT, replayed: undefined }
    }
    const replayed = replay(fd, header, start.startTimeMs)
    checkLeader(path, replayed.restored, start.replicas)
    mend(fd, path, replayed, warnings)
    return { header, replayed }
  })
}

export const CURRENT: Header = { bytes: Buffer.byteLength(HEADER), layout: LAYOUT }
const OLD: Header = { bytes: Buffer.byteLength(headerOf(1)), layout: 1 }

/** @returns undefined for a file that has none yet */
function readHeader(fd: number, path: string): Header | undefined {
  const bytes = Buffer.alloc(1_024)
  const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0))
  if (text.startsWith(HEADER)) return CURRENT
  if (text.startsWith(headerOf(1))) return OLD
  // Empty, or made by a run that crashed before the first line was whole.
  if (HEADER.startsWith(text) || headerOf(1).startsWith(text)) return undefined
  const header = parseHeader(text.slice(0, text.indexOf('\n') + 1))
  if (header?.format !== FORMAT) {
    throw new WriteAheadError(
      `${path} is not a write-ahead file of this program, and was left as it is; ${ANOTHER}.`,
    )
  }
  throw new WriteAheadError(
    `${path} has layout ${JSON.stringify(header.layout)}, and this version reads layouts 1 and ${LAYOUT} only. Use the version that wrote it, or ${ANOTHER}.`,
  )
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
  // A new file lasts only once its name is on disk too.
  DISK.syncFolder(dirname(path))
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
      `From line ${tornLine} on, ${path} holds nothing whole, as after a crash: removed ${removed} bytes.`,
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
