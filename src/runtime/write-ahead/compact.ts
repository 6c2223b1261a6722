// Rewrites a write-ahead file without what nobody can ask for any more: records that are dead, and records that
// were overwritten so long ago that no replica could go back to them. It reads the old file while lines are
// still appended to it, and takes its place in one step, so that a crash at any moment leaves one or
// the other. A generator, so that the server can do something else in between.

import { dirname } from 'node:path'
import { type Epoch, isInTable } from '../../core/version.ts'
import {
  type CompactedLine,
  formatCompacted,
  formatReserved,
  HEADER,
  LINE_BYTES_MAX,
  LineParser,
  type LineReader,
  upgrade,
} from './format.ts'
import type { FileSystem } from './fs.ts'
import type { Header } from './replay.ts'

export interface Compaction {
  readonly fs: FileSystem
  readonly fd: number
  /** Where the file really lies: a link to it stays a link. */
  readonly path: string
  readonly header: Header
  /** What lies behind, in bytes, is copied as it is. */
  readonly end: number
  readonly log: Omit<CompactedLine, 'records'>
  readonly reservedEpoch: Epoch
}

interface Place {
  readonly at: number
  readonly length: number
}

const PIECE_BYTES = 1024 * 1024
/** How many lines are looked at, or copied one by one, before something else has its turn. */
const TURN_LINES = 1_000
const LINE_BREAK = 10

export function draftPath(path: string): string {
  return `${path}.compacting`
}

/** @returns the new file, not yet in its place @throws whatever the disk or a damaged line does */
export function* compact(compaction: Compaction): Generator<void, Draft> {
  const draft = new Draft(compaction)
  try {
    const places = yield* choose(compaction)
    const { log, reservedEpoch } = compaction
    draft.write(Buffer.from(HEADER + formatReserved(reservedEpoch)))
    draft.write(Buffer.from(formatCompacted({ ...log, records: places.length })))
    yield* copy(compaction, places, draft)
    return draft
  } catch (error) {
    draft.drop()
    throw error
  }
}

/** Which lines stay, in the order of their log, which is that of the file. */
function* choose(compaction: Compaction): Generator<void, Place[]> {
  const { header, log } = compaction
  let newest = new Map<string, Place>()
  let whole: Place[] = []
  let place: Place
  const nothing = () => {}
  const reader: LineReader = {
    write(record) {
      const { key, offset } = record
      if (!isInTable(log.table, record) || offset > log.offset) return
      if (offset >= log.wholeFrom) whole.push(place)
      else newest.set(key, place)
    },
    reset() {
      newest = new Map()
      whole = []
    },
    epoch: nothing,
    reserved: nothing,
    compacted: nothing,
  }
  const parser = new LineParser(header.layout, 0, reader)
  let lines = 0
  for (const { bytes, at } of linesOf(compaction)) {
    place = { at, length: bytes.length + 1 }
    parser.read(bytes.toString())
    if (++lines % TURN_LINES === 0) yield
  }
  const sorted = [...newest.values()].sort((a, b) => a.at - b.at)
  return sorted.concat(whole)
}

function* linesOf({ fs, fd, header, end }: Compaction): Generator<{ bytes: Buffer; at: number }> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES + LINE_BYTES_MAX)
  let at = header.bytes
  while (at < end) {
    const length = Math.min(buffer.length, end - at)
    const piece = buffer.subarray(0, fs.read(fd, buffer.subarray(0, length), at))
    let from = 0
    for (let to = piece.indexOf(LINE_BREAK); to >= 0; to = piece.indexOf(LINE_BREAK, from)) {
      yield { bytes: piece.subarray(from, to), at: at + from }
      from = to + 1
    }
    if (from === 0) throw new Error('a line has no end')
    at += from
  }
}

function* copy(compaction: Compaction, places: readonly Place[], draft: Draft): Generator<void> {
  const { header } = compaction
  for (let i = 0; i < places.length; ) {
    const first = places[i++] as Place
    let { length } = first
    // Neighbours go together, as far as they need not be changed.
    for (let next = places[i]; header.layout !== 1 && next; next = places[++i]) {
      if (next.at !== first.at + length || length > PIECE_BYTES) break
      length += next.length
    }
    const bytes = readAll(compaction, first.at, length)
    draft.write(header.layout === 1 ? Buffer.from(upgrade(bytes.toString().trimEnd())) : bytes)
    if (i % TURN_LINES === 0 || length > PIECE_BYTES) yield
  }
}

function readAll({ fs, fd }: Pick<Compaction, 'fs' | 'fd'>, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let read = 0; read < length; ) {
    const count = fs.read(fd, bytes.subarray(read), at + read)
    if (count === 0) throw new Error('the file ended early')
    read += count
  }
  return bytes
}

/** The new file beside the old one, until it takes its place. */
export class Draft {
  readonly #compaction: Compaction
  readonly #path: string
  readonly fd: number
  #pieces: Buffer[] = []
  #length = 0

  constructor(compaction: Compaction) {
    const { fs, fd, path } = compaction
    this.#compaction = compaction
    this.#path = draftPath(path)
    this.fd = fs.make(this.#path, fd)
  }

  write(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#length += bytes.length
    if (this.#length >= PIECE_BYTES) this.#flush()
  }

  /**
   * Adds what was appended to the old file meanwhile, and takes its place. Whatever the fsync option: a name that
   * reached the disk before its file would be the end of both.
   * @param size of the old file
   */
  takePlace(size: number): void {
    const { fs, path, end, fd } = this.#compaction
    for (let at = end; at < size; at += PIECE_BYTES) {
      this.write(readAll({ fs, fd }, at, Math.min(PIECE_BYTES, size - at)))
    }
    this.#flush()
    fs.fdatasyncSync(this.fd)
    fs.rename(this.#path, path)
    fs.syncFolder(dirname(path))
  }

  /** Leaves the old file as it is. */
  drop(): void {
    const { fs } = this.#compaction
    try {
      fs.close(this.fd)
      fs.remove(this.#path)
    } catch {
      // What is left of it the next start removes.
    }
  }

  #flush(): void {
    let bytes = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#length = 0
    while (bytes.length > 0) bytes = bytes.subarray(this.#compaction.fs.write(this.fd, bytes))
  }
}
