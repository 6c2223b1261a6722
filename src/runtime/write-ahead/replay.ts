// Reads a write-ahead file from its first line to its last, a piece at a time, so that a long file takes
// little memory. What a crash left after the last whole line is reported, damage before a whole line stops the
// reading; nothing is changed here. What the lines mean together is epochs.ts's part.

import { isUtf8 } from 'node:buffer'
import { readSync } from 'node:fs'
import type { RestoredCluster } from '../../core/verbs.ts'
import type { Epoch } from '../../core/version.ts'
import { EpochLogs, type NewestLog } from './epochs.ts'
import { DamagedLine, type Layout, LINE_BYTES_MAX, LineParser } from './format.ts'

export interface Replayed {
  readonly restored: RestoredCluster | undefined
  readonly log: NewestLog
  readonly reservedEpoch: Epoch
  readonly lines: number
  /** The file is sound up to here, in bytes. */
  readonly soundBytes: number
  /** The number of the first line that is not whole: none after it is. */
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

/** What comes before the first line, which the caller has checked. */
export interface Header {
  readonly bytes: number
  readonly layout: Layout
}

export function replay(fd: number, header: Header, startTimeMs: number): Replayed {
  return new Replay(fd, header, startTimeMs).run()
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
  /** The first line that is not whole. */
  #torn: { readonly at: number; readonly damage: DamagedFile } | undefined

  constructor(fd: number, { bytes, layout }: Header, startTimeMs: number) {
    this.#fd = fd
    this.#at = bytes
    this.#parser = new LineParser(layout, startTimeMs, this.#logs)
  }

  run(): Replayed {
    while (this.#fill()) {
      const end = this.#buffer.subarray(0, this.#filled).lastIndexOf(LINE_BREAK) + 1
      if (end > 0) {
        this.#readLines(this.#buffer.subarray(0, end))
        this.#drop(end)
      } else if (this.#filled > LINE_BYTES_MAX) {
        this.#tear(0, 'it is too long')
        this.#drop(this.#filled)
      }
    }
    const lacksLineBreak = this.#filled > 0 && this.#readUnended()
    const soundBytes = this.#torn?.at ?? this.#at + this.#filled
    const tornLine = this.#torn?.damage.line
    const lines = this.#line - 2
    const { reservedEpoch } = this.#logs
    const found = this.#guard(() => ({
      restored: this.#logs.restored(),
      log: this.#logs.newestLog(),
    }))
    return { ...found, reservedEpoch, lines, soundBytes, tornLine, lacksLineBreak }
  }

  /** @returns whether there was more to read */
  #fill(): boolean {
    const room = this.#buffer.length - this.#filled
    const position = this.#at + this.#filled
    const count = readSync(this.#fd, this.#buffer, this.#filled, room, position)
    this.#filled += count
    return count > 0
  }

  #drop(bytes: number): void {
    this.#buffer.copyWithin(0, bytes, this.#filled)
    this.#at += bytes
    this.#filled -= bytes
  }

  #readLines(bytes: Buffer): void {
    const text = bytes.toString()
    const invalidLine = isUtf8(bytes) ? undefined : this.#line + firstInvalid(bytes)
    for (let from = 0; from < text.length; this.#line++) {
      const to = text.indexOf('\n', from)
      const line = text.slice(from, to)
      if (this.#torn) this.#checkTorn(line)
      else {
        const reason = this.#line === invalidLine ? 'it is not UTF-8' : this.#read(line)
        // Up to here the text is sound, so its bytes can be counted.
        if (reason !== undefined) this.#tear(Buffer.byteLength(text.slice(0, from)), reason)
      }
      from = to + 1
    }
  }

  /** @returns what is wrong with it, if a crash may explain it @throws DamagedFile if not */
  #read(line: string): string | undefined {
    try {
      this.#parser.read(line)
      return undefined
    } catch (error) {
      if (error instanceof DamagedLine && error.unparsable) return error.message
      return this.#guard(() => {
        throw error
      })
    }
  }

  /** @throws DamagedFile for what the file says wrong */
  #guard<T>(task: () => T): T {
    try {
      return task()
    } catch (error) {
      if (!(error instanceof DamagedLine)) throw error
      throw new DamagedFile(this.#line, error.message)
    }
  }

  #tear(at: number, reason: string): void {
    this.#torn ??= { at: this.#at + at, damage: new DamagedFile(this.#line, reason) }
  }

  /** A crash leaves nothing whole behind what it tore. */
  #checkTorn(line: string): void {
    if (this.#torn && this.#parser.isWhole(line)) throw this.#torn.damage
  }

  /** What stands behind the last line break. @returns whether it is whole */
  #readUnended(): boolean {
    const bytes = this.#buffer.subarray(0, this.#filled)
    const text = bytes.toString()
    if (this.#torn) this.#checkTorn(text)
    else {
      const reason = isUtf8(bytes) ? this.#read(text) : 'it is not UTF-8'
      if (reason !== undefined) this.#tear(0, reason)
      else this.#line++
    }
    return !this.#torn
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
