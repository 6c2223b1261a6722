// Appends lines to the write-ahead file and says when they are durable. Lines that come while a batch is on
// its way to the disk go together in the next one, so that many writes share one fsync (group commit).
// After the first failure nothing is tried again: a later fsync may report success for lost bytes.

import { fdatasync, write } from 'node:fs'
import type { Durability } from '../../core/ports.ts'

/** What appending needs of node:fs; a test hands in one that fails. */
export interface AppendFs {
  write(
    fd: number,
    bytes: Buffer,
    offset: number,
    length: number,
    position: null,
    done: (error: Error | null, written: number) => void,
  ): void
  fdatasync(fd: number, done: (error: Error | null) => void): void
}

export interface AppenderOptions {
  readonly fd: number
  /** How messages call the file. */
  readonly path: string
  /** Without it, lines survive a crash of this process, but not of the machine. */
  readonly fsync: boolean
  readonly fs?: AppendFs
  readonly waitingCharsMax?: number
}

type Done = (error: Error | undefined) => void

/** Lines that may wait for a slow disk. Answers wait with them, so few ever do. */
const WAITING_CHARS_MAX = 256 * 1024 * 1024

export class Appender implements Durability {
  readonly #options: Required<AppenderOptions>
  /** The batch that collects: its lines, and who waits for them. */
  #lines = ''
  #waiting: Done[] = []
  /** Who waits for the batch that is on its way to the disk; undefined when none is. */
  #underWay: Done[] | undefined
  #isPlanned = false
  #failure: Error | undefined
  #closed: Done | undefined

  constructor(options: AppenderOptions) {
    const defaults = { fs: { write, fdatasync }, waitingCharsMax: WAITING_CHARS_MAX }
    this.#options = { ...defaults, ...options }
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** @param line ends in a line break */
  append(line: string): void {
    if (this.#failure || this.#closed) return
    if (this.#lines.length + line.length > this.#options.waitingCharsMax) {
      return this.#fail(new Error('the disk is too slow for the writes that come in'))
    }
    this.#lines += line
    this.#plan()
  }

  whenDurable(done: Done): void {
    if (this.#failure) done(this.#failure)
    else if (this.#lines !== '') this.#waiting.push(done)
    else if (this.#underWay) this.#underWay.push(done)
    else done(undefined)
  }

  /** Writes what is left, whatever becomes of it; later lines are ignored. */
  close(done: Done): void {
    this.#closed = done
    this.#plan()
  }

  /** The end of this turn, so that all requests of one turn share the batch. */
  #plan(): void {
    if (this.#isPlanned || this.#underWay) return
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      this.#start()
    })
  }

  #start(): void {
    if (this.#lines === '') return this.#closed?.(this.#failure)
    const bytes = Buffer.from(this.#lines)
    this.#underWay = this.#waiting
    this.#lines = ''
    this.#waiting = []
    this.#write(bytes)
  }

  #write(bytes: Buffer): void {
    const { fs, fd, fsync } = this.#options
    const end = (error: Error | null) => this.#end(error ?? undefined)
    // The position is null because the file was opened for appending.
    fs.write(fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error) end(error)
      else if (written < bytes.length) this.#write(bytes.subarray(written))
      // The size counts as data that is needed to read the rest, so fdatasync covers it.
      else if (fsync) fs.fdatasync(fd, end)
      else end(null)
    })
  }

  /** The batch that was on its way is on disk, or is not. */
  #end(error: Error | undefined): void {
    const waiting = this.#underWay ?? []
    this.#underWay = undefined
    if (error) this.#fail(error)
    // The disk goes on with the next batch while the answers to this one are made.
    if (this.#lines !== '' || this.#closed) this.#start()
    for (const done of waiting) done(error && this.#failure)
  }

  #fail(cause: Error): void {
    const { path } = this.#options
    this.#failure ??= new Error(
      `The write-ahead file ${path} took no more writes: ${cause.message}. See to its disk, then restart.`,
      { cause },
    )
    const waiting = this.#waiting
    this.#waiting = []
    this.#lines = ''
    for (const done of waiting) done(this.#failure)
  }
}
