// Where log lines leave the program: a buffer in front of a file descriptor, with a bound. Lines are
// gathered for a moment and written together; what a full pipe does not take waits; when too much
// waits, lines are dropped and counted. Terminals are treated like pipes (terminal.ts). Written by hand because pino's own destination cannot leave a
// pipe that nobody reads: at exit it retries for ever, or joins a thread that never returns.

import { writeSync } from 'node:fs'
import { reopenTerminal } from './terminal.ts'

/** Writes what it can and says how many bytes; throws as `fs.writeSync` does. */
export type WriteBytes = (bytes: Buffer) => number

export interface LogOutputOptions {
  readonly write: WriteBytes
  /** Lines were dropped, and there is room again. */
  readonly onDropped: (lines: number) => void
  readonly bufferBytesMax?: number
}

/** Lines are written together once they are this many, or this old. */
const GATHER_CHARS = 16_384
const GATHER_MS = 25
const BUFFER_BYTES_MAX = 16 * 1024 * 1024
/** How long the end waits for a reader. */
const CLOSE_MS_MAX = 250
const CLOSE_STEP_MS = 5

/** A descriptor of this process that must never block it; only a terminal of Windows may. */
export function bytesTo(fd: number): WriteBytes {
  const terminal = reopenTerminal(fd)
  if (terminal !== undefined) return (bytes) => writeSync(terminal, bytes)
  // Looking at these getters makes Node set a pipe to non-blocking, which fs alone cannot do.
  if (fd === 1) void process.stdout
  if (fd === 2) void process.stderr
  return (bytes) => writeSync(fd, bytes)
}

export class LogOutput {
  readonly #write: WriteBytes
  readonly #onDropped: (lines: number) => void
  readonly #bytesMax: number
  /** Not yet encoded; joined to `#queue` when written. */
  #lines = ''
  #queue: Buffer[] = []
  #queuedBytes = 0
  #dropped = 0
  /** The last write was refused for now: only the timer may try again. */
  #blocked = false
  /** Nobody will ever read again. */
  #closed = false
  #timer: NodeJS.Timeout | undefined
  readonly #atExit = () => this.close()

  constructor(options: LogOutputOptions) {
    this.#write = options.write
    this.#onDropped = options.onDropped
    this.#bytesMax = options.bufferBytesMax ?? BUFFER_BYTES_MAX
    process.once('exit', this.#atExit)
  }

  /** @param line ends in a line break */
  write(line: string): void {
    if (this.#closed) return
    if (this.#queuedBytes + this.#lines.length + line.length > this.#bytesMax) {
      this.#dropped++
      return
    }
    this.#lines += line
    if (this.#lines.length >= GATHER_CHARS) this.#flush()
    if (!this.#isEmpty()) this.#wake()
  }

  /** Writes what is left, giving a slow reader a moment; later lines are ignored. */
  close(): void {
    if (this.#closed) return
    this.#tryAgain()
    for (let waitedMs = 0; !this.#isEmpty() && waitedMs < CLOSE_MS_MAX; waitedMs += CLOSE_STEP_MS) {
      sleep(CLOSE_STEP_MS)
      this.#tryAgain()
    }
    this.#end()
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#closed) return
    this.#timer = setTimeout(() => this.#tryAgain(), GATHER_MS)
    // Lines alone do not keep the process alive; what is left is written at its exit.
    this.#timer.unref()
  }

  #tryAgain(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#blocked = false
    this.#flush()
    if (!this.#isEmpty()) this.#wake()
  }

  #flush(): void {
    if (this.#lines !== '') this.#encode()
    try {
      while (!this.#blocked && this.#queue.length > 0) this.#writeFirst()
    } catch (error) {
      this.#refused(error as NodeJS.ErrnoException)
    }
    if (this.#dropped > 0 && this.#isEmpty() && !this.#closed) this.#confess()
  }

  #encode(): void {
    const bytes = Buffer.from(this.#lines)
    this.#lines = ''
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
  }

  #writeFirst(): void {
    const first = this.#queue[0] as Buffer
    const written = this.#write(first)
    this.#queuedBytes -= written
    if (written === first.length) this.#queue.shift()
    else this.#queue[0] = first.subarray(written)
  }

  #refused(error: NodeJS.ErrnoException): void {
    // A reader that is gone does not come back; any other trouble may pass, a full disk included.
    if (error.code === 'EPIPE') this.#end()
    else this.#blocked = true
  }

  #confess(): void {
    const lines = this.#dropped
    this.#dropped = 0
    this.#onDropped(lines)
  }

  #isEmpty(): boolean {
    return this.#lines === '' && this.#queue.length === 0
  }

  #end(): void {
    this.#closed = true
    this.#lines = ''
    this.#queue = []
    clearTimeout(this.#timer)
    process.removeListener('exit', this.#atExit)
  }
}

/** Stops this thread; only for the end, when there is nothing else to do. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
