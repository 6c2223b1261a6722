// Appends lines to the write-ahead file and says when they are durable. Lines that come while a batch is on
// its way to the disk go together in the next one, so that many writes share one fsync (group commit).
// After the first failure nothing is tried again: a later fsync may report success for lost bytes.

import type { Durability } from '../../core/ports.ts'
import { DISK, type FileSystem, type Identity } from './fs.ts'

export interface AppenderOptions {
  readonly fd: number
  /** How messages call the file, and where whoever starts next will look for it. */
  readonly path: string
  /** Without it, lines survive a crash of this process, but not of the machine. */
  readonly fsync: boolean
  readonly fs?: FileSystem
  readonly waitingCharsMax?: number
}

type Done = (error: Error | undefined) => void

/** Lines that may wait for a slow disk. Answers wait with them, so few ever do. */
const WAITING_CHARS_MAX = 256 * 1024 * 1024

export class Appender implements Durability {
  readonly #options: Required<AppenderOptions>
  readonly #fs: FileSystem
  #fd: number
  /** The file as it must be found at its path, but for its length. */
  #identity: Identity
  /** Its length, in bytes: nobody else writes to it. */
  #size: number
  /** The batch that collects: its lines, and who waits for them. */
  #lines = ''
  #waiting: Done[] = []
  /** Who waits for the batch that is on its way to the disk; undefined when none is. */
  #underWay: Done[] | undefined
  #isPlanned = false
  #failure: Error | undefined
  #closed: Done | undefined
  /** Called between two batches. */
  onPause: () => void = () => {}

  constructor(options: AppenderOptions) {
    this.#options = { fs: DISK, waitingCharsMax: WAITING_CHARS_MAX, ...options }
    this.#fs = this.#options.fs
    this.#fd = options.fd
    this.#identity = this.#fs.identityOf(options.fd)
    this.#size = Number(this.#identity.size)
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  get fd(): number {
    return this.#fd
  }

  /** A batch is on its way to the disk. */
  get isBusy(): boolean {
    return this.#underWay !== undefined
  }

  /** What the system has, in bytes: all lines but those that still collect. */
  get size(): number {
    return this.#size
  }

  /** @param line ends in a line break */
  append(line: string): void {
    if (this.#failure || this.#closed) return
    if (this.#lines.length + line.length > this.#options.waitingCharsMax) {
      this.#fail(new Error('the disk is too slow for the writes that come in'))
      return
    }
    this.#lines += line
    this.#plan()
  }

  /** Waits for the disk itself, here and now. @returns whether the line, and all before it, is durable */
  appendNow(line: string): boolean {
    if (this.#closed) return false
    this.append(line)
    this.#flush()
    if (this.#failure) return false
    try {
      if (this.#options.fsync) this.#fs.fdatasyncSync(this.#fd)
    } catch (error) {
      this.#fail(error as Error)
    }
    return this.#failure === undefined
  }

  whenDurable(done: Done): void {
    if (this.#failure) done(this.#failure)
    else if (this.#lines !== '') this.#waiting.push(done)
    else if (this.#underWay) this.#underWay.push(done)
    else {
      this.#fail(this.displaced())
      done(this.#failure)
    }
  }

  /** Another file, with the same lines and more, has taken the place of this one. */
  moveTo(fd: number): void {
    this.#fd = fd
    this.#identity = this.#fs.identityOf(fd)
    this.#size = Number(this.#identity.size)
  }

  /** Writes what is left, whatever becomes of it; later lines are ignored. */
  close(done: Done): void {
    this.#closed = done
    this.#plan()
  }

  /** Why the next start would not find here what was written, if so. */
  displaced(): Error | undefined {
    let found: Identity | undefined
    try {
      found = this.#fs.lookUp(this.#options.path)
    } catch (error) {
      return error as Error
    }
    const { dev, ino } = this.#identity
    if (!found) return new Error('it was deleted or renamed while it was in use')
    if (found.dev !== dev || found.ino !== ino) {
      return new Error('another file took its place while it was in use')
    }
    if (found.size === BigInt(this.#size)) return undefined
    return new Error('something else wrote to it, or cut it off, while it was in use')
  }

  /** The end of this turn, so that all requests of one turn share the batch. */
  #plan(): void {
    if (this.#isPlanned || this.#underWay) return
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      if (!this.#underWay) this.#start()
    })
  }

  #start(): void {
    if (this.#lines === '' && this.#waiting.length === 0) return this.#closed?.(this.#failure)
    this.#flush()
    if (this.#failure) return this.#closed?.(this.#failure)
    this.#underWay = this.#waiting
    this.#waiting = []
    // The size counts as data that is needed to read the rest, so fdatasync covers it.
    if (this.#options.fsync) this.#fs.fdatasync(this.#fd, (error) => this.#end(error ?? undefined))
    else this.#end(undefined)
  }

  /** Hands the lines that have collected to the system. */
  #flush(): void {
    let bytes = Buffer.from(this.#lines)
    this.#lines = ''
    try {
      while (bytes.length > 0) {
        const written = this.#fs.write(this.#fd, bytes)
        this.#size += written
        bytes = bytes.subarray(written)
      }
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** The batch that was on its way is on disk, or is not. */
  #end(error: Error | undefined): void {
    const waiting = this.#underWay ?? []
    this.#underWay = undefined
    const failure = this.#fail(error ?? this.displaced())
    if (!failure) this.onPause()
    // The disk goes on with the next batch while the answers to this one are made.
    if (this.#lines !== '' || this.#waiting.length > 0 || this.#closed) this.#start()
    for (const done of waiting) done(failure)
  }

  /** @returns what is told from now on, when there is a cause */
  #fail(cause: Error | undefined): Error | undefined {
    if (!cause) return undefined
    const { path } = this.#options
    this.#failure ??= new Error(
      `The write-ahead file ${path} took no more writes: ${cause.message}. See to it and its disk, then restart.`,
      { cause },
    )
    const waiting = this.#waiting
    this.#waiting = []
    this.#lines = ''
    for (const done of waiting) done(this.#failure)
    return this.#failure
  }
}
