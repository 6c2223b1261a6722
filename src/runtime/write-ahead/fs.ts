// What an open write-ahead file does to the disk, as an interface: a test hands in a disk that is slow, fails,
// or is gone at a moment of its choice. What is written goes to the system at once, in order, and only
// the wait for the disk itself is left to others.

import {
  closeSync,
  fchmodSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'

/** Which file it is, and how long. */
export interface Identity {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
}

export interface FileSystem {
  /** Appends. @returns how much of it, in bytes */
  write(fd: number, bytes: Buffer): number
  fdatasync(fd: number, done: (error: Error | null) => void): void
  fdatasyncSync(fd: number): void
  identityOf(fd: number): Identity
  /** What a path leads to now; undefined when to nothing. */
  lookUp(path: string): Identity | undefined
  read(fd: number, bytes: Buffer, position: number): number
  /** An empty file for reading and appending, with the permissions of another one. */
  make(path: string, like: number): number
  rename(from: string, to: string): void
  /** Makes the names in a folder last. */
  syncFolder(folder: string): void
  close(fd: number): void
  remove(path: string): void
}

export const DISK: FileSystem = {
  write: (fd, bytes) => writeSync(fd, bytes),
  fdatasync,
  fdatasyncSync,
  identityOf: (fd) => fstatSync(fd, { bigint: true }),
  lookUp: (path) => statSync(path, { bigint: true, throwIfNoEntry: false }),
  read: (fd, bytes, position) => readSync(fd, bytes, 0, bytes.length, position),
  make(path, like) {
    rmSync(path, { force: true })
    const fd = openSync(path, 'ax+')
    fchmodSync(fd, fstatSync(like).mode & 0o7777)
    return fd
  },
  rename: renameSync,
  syncFolder(folder) {
    let fd: number | undefined
    try {
      fd = openSync(folder, 'r')
      fsyncSync(fd)
    } catch {
      // Some systems cannot do that, and those that cannot do not need it.
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  },
  close: closeSync,
  remove: (path) => rmSync(path, { force: true }),
}
