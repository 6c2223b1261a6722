// Reads a write-ahead file from its first line to its last, a piece at a time, so that a long file takes
// little memory. A last line that a crash cut short is reported, any other damage stops the reading;
// nothing is changed here. What the lines mean together is epochs.ts's part.

import { isUtf8 } from 'node:buffer'
import { readSync } from 'node:fs'
import type { RestoredCluster } from '../../core/verbs.ts'
import { EpochLogs } from './epochs.ts'
import { DamagedLine, LINE_BYTES_MAX, LineParser } from './format.ts'

export interface Replayed {
  readonly restored: RestoredCluster | undefined
  /** The file is sound up to here, in bytes. */
  readonly soundBytes: number
  /** The number of the last line, when it is not sound. */
  readonly tornLine: number | undefined
  /** The last line is whole, but nothing ends it. */
  readonly lacksLineBreak: boolean
}

/** Thrown for damage that a crash does not explain. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'
  readonly line: number

  constructor(line: number, reason: string) {
    super(reason)
    this.line = line
  }
}

const PIECE_BYTES = 1024 * 1024
const LINE_BREAK = 10

/** @param headerBytes the first line, which the caller has checked */
export function replay(fd: number, headerBytes: number, startTimeMs: number): Replayed {
  return new Replay(fd, headerBytes, startTimeMs).run()
}

class Replay {
  readonly #fd: number
  readonly #logs = new EpochLogs()
  readonly #parser: LineParser
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES + LINE_BYTES_MAX)
  /** Where in the file the buffer begins. */
  #at: number
  #filled = 0
  #line = 2

  constructor(fd: number, headerBytes: number, startTimeMs: number) {
    this.#fd = fd
    this.#at = headerBytes
    this.#parser = new LineParser(startTimeMs, this.#logs)
  }

  run(): Replayed {
    while (this.#fill()) {
      const end = this.#buffer.subarray(0, this.#filled).lastIndexOf(LINE_BREAK) + 1
      if (end === 0 && this.#filled > LINE_BYTES_MAX) throw this.#damaged('it is too long')
      const tornAt = this.#readLines(this.#buffer.subarray(0, end))
      if (tornAt !== undefined) return this.#end(this.#at + tornAt, true)
      this.#buffer.copyWithin(0, end, this.#filled)
      this.#at += end
      this.#filled -= end
    }
    return this.#filled === 0 ? this.#end(this.#at, false) : this.#readUnended()
  }

  /** @returns whether there was more to read */
  #fill(): boolean {
    const room = this.#buffer.length - this.#filled
    const position = this.#at + this.#filled
    const count = readSync(this.#fd, this.#buffer, this.#filled, room, position)
    this.#filled += count
    return count > 0
  }

  /** @returns where the line begins that is torn, if it is the last of the file */
  #readLines(bytes: Buffer): number | undefined {
    const text = bytes.toString()
    const invalidLine = isUtf8(bytes) ? undefined : this.#line + firstInvalid(bytes)
    for (let from = 0; from < text.length; this.#line++) {
      const to = text.indexOf('\n', from)
      if (this.#line === invalidLine || !this.#read(text.slice(from, to))) {
        // Up to here the text is sound, so its bytes can be counted.
        const tornAt = Buffer.byteLength(text.slice(0, from))
        if (this.#isLast(tornAt, bytes)) return tornAt
        throw this.#damaged(this.#line === invalidLine ? 'it is not UTF-8' : 'it is not JSON')
      }
      from = to + 1
    }
    return undefined
  }

  /** @returns false when a crash may explain it @throws DamagedFile when not */
  #read(line: string): boolean {
    try {
      this.#parser.read(line)
      return true
    } catch (error) {
      if (!(error instanceof DamagedLine)) throw error
      if (error.unparsable) return false
      throw this.#damaged(error.message)
    }
  }

  #isLast(lineAt: number, bytes: Buffer): boolean {
    if (bytes.indexOf(LINE_BREAK, lineAt) !== bytes.length - 1) return false
    const next = this.#at + bytes.length
    return readSync(this.#fd, Buffer.allocUnsafe(1), 0, 1, next) === 0
  }

  /** What stands behind the last line break: cut short by a crash, unless it is whole. */
  #readUnended(): Replayed {
    const bytes = this.#buffer.subarray(0, this.#filled)
    const isWhole = isUtf8(bytes) && this.#read(bytes.toString())
    if (!isWhole) return this.#end(this.#at, true)
    return { ...this.#end(this.#at + this.#filled, false), lacksLineBreak: true }
  }

  #end(soundBytes: number, isTorn: boolean): Replayed {
    const tornLine = isTorn ? this.#line : undefined
    return { restored: this.#logs.restored(), soundBytes, tornLine, lacksLineBreak: false }
  }

  #damaged(reason: string): DamagedFile {
    return new DamagedFile(this.#line, reason)
  }
}

/** Which line, counted from 0, is the first that is not UTF-8. */
function firstInvalid(bytes: Buffer): number {
  let from = 0
  for (let line = 0; ; line++) {
    const to = bytes.indexOf(LINE_BREAK, from)
    if (to === -1 || !isUtf8(bytes.subarray(from, to))) return line
    from = to + 1
  }
}
