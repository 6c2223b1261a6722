// The write-ahead file: what the cluster wrote, kept across restarts. Opening it checks, locks and replays;
// attached to a cluster, it appends a line for each write, epoch and reset, and reserves epochs ahead of use. It
// delays answers, never events. Beside it: open (checks), replay, epochs and format (reading), append, compact, lock.

import { closeSync } from 'node:fs'
import type { ClusterEvent, Listener } from '../../core/events.ts'
import type { ReplicaId } from '../../core/nodes.ts'
import type { Durability, EpochReserve } from '../../core/ports.ts'
import type { SettledLog } from '../../core/replication/settled.ts'
import type { RestoredCluster } from '../../core/verbs.ts'
import type { Epoch } from '../../core/version.ts'
import { Appender } from './append.ts'
import { type Compaction, compact, type Draft } from './compact.ts'
import { formatEpoch, formatReserved, formatReset, formatWrite } from './format.ts'
import { DISK, type FileSystem } from './fs.ts'
import {
  CURRENT,
  checkPath,
  type FoundInFile,
  openFile,
  readFile,
  realPath,
  takeLock,
  WriteAheadError,
} from './open.ts'

export { WriteAheadError } from './open.ts'

export interface WriteAheadOptions {
  readonly path: string
  /** `never`: an answer waits until the system has its write, not until the disk has. */
  readonly fsync: 'always' | 'never'
  /** When simulated time is zero, in ms since 1970. */
  readonly startTimeMs: number
  /** How many the cluster has, the leader included. */
  readonly replicas: number
  readonly fs?: FileSystem
  /** Told, in a sentence, what happens to the file while it is in use. */
  readonly say?: (sentence: string) => void
  /** Below so many bytes it is not compacted in use. */
  readonly compactBytesMin?: number
}

/** What of the cluster the file needs. */
interface Recorded {
  readonly startTimeMs: number
  listen(listener: Listener): () => void
  reservedBy(reserve: EpochReserve): void
  settledLog(): SettledLog | undefined
}

export interface OpenedWriteAheadFile {
  /** Undefined when there is nothing to restore. */
  readonly restored: RestoredCluster | undefined
  /** Sentences for the log. */
  readonly warnings: readonly string[]
  readonly file: WriteAheadFile
}

/** Epochs set aside at once: at first so many, then twice as many each time. */
const BLOCK_EPOCHS_MIN = 8
/** At start, lines beyond what is live are let be up to so many, or as many as are live. */
const IDLE_LINES_MAX = 16
/** In use, it is rewritten when it has grown to so many times what it was, but not below so many bytes. */
const GROWTH_FACTOR = 4
const COMPACT_BYTES_MIN = 1024 * 1024

/** @throws WriteAheadError */
export function openWriteAheadFile(options: WriteAheadOptions): OpenedWriteAheadFile {
  const { path, fs = DISK } = options
  checkPath(path)
  const real = realPath(path)
  const warnings: string[] = []
  const release = takeLock(path, real, warnings)
  let fd: number | undefined
  try {
    fd = openFile(path, real)
    const found = readFile(fd, path, options, warnings)
    const start = compactAtStart(found, { fs, fd, path, real }, warnings)
    fd = start.fd
    const reserved = found.replayed?.reservedEpoch ?? 0
    const newest = found.replayed?.log.epoch ?? 1
    const file = new WriteAheadFile({ ...options, fs, fd, real, reserved, newest, release })
    return { restored: start.restored, warnings, file }
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    release()
    throw error
  }
}

/** Nobody but the leader has anything yet, so whatever is not live can go. @returns the file to go on with */
function compactAtStart(
  { header, replayed }: FoundInFile,
  { fs, fd, path, real }: { fs: FileSystem; fd: number; path: string; real: string },
  warnings: string[],
): { fd: number; restored: RestoredCluster | undefined } {
  if (!replayed) return { fd, restored: undefined }
  const { log, lines, restored, reservedEpoch } = replayed
  const newest = new Map(log.records.map((record) => [record.key, record]))
  const idle = lines - newest.size
  const isDue = header.layout === 1 || idle > Math.max(newest.size, IDLE_LINES_MAX)
  if (!restored || !isDue) return { fd, restored }
  const { leader, epoch, offset, table } = log
  const end = Number(fs.identityOf(fd).size)
  const whole = { leader, epoch, offset, table, wholeFrom: offset + 1 }
  try {
    const draft = toEnd(compact({ fs, fd, path: real, header, end, log: whole, reservedEpoch }))
    draft.takePlace(end)
    closeSync(fd)
    const records = log.records.filter((record) => newest.get(record.key) === record)
    return {
      fd: draft.fd,
      restored: { ...restored, records, ...(offset > 0 && { log: { offset, table } }) },
    }
  } catch (error) {
    const { message } = error as Error
    if (header.layout === 1) {
      throw new WriteAheadError(
        `${path} has layout 1 and cannot be rewritten in layout 2: ${message}. Make room beside it, or name another file with --wal.`,
      )
    }
    warnings.push(`${path} could not be compacted, and stays as it is: ${message}.`)
    return { fd, restored }
  }
}

function toEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

interface Opened extends WriteAheadOptions {
  readonly fs: FileSystem
  readonly fd: number
  readonly real: string
  readonly reserved: Epoch
  readonly newest: Epoch
  readonly release: () => void
}

class WriteAheadFile implements Durability, EpochReserve {
  readonly #options: Opened
  readonly #appender: Appender
  readonly #known = new KnownEpochs()
  /** The newest epoch that may be issued; a restart begins after it. */
  #reserved: Epoch
  #block = BLOCK_EPOCHS_MIN
  #cluster: Recorded | undefined
  #compactAt: number
  #compacting: Generator<void, Draft> | undefined
  #draft: Draft | undefined
  #closing: Promise<void> | undefined

  constructor(options: Opened) {
    this.#options = options
    this.#reserved = options.reserved
    const { fd, path, fs } = options
    this.#appender = new Appender({ fd, path, fs, fsync: options.fsync === 'always' })
    this.#appender.onPause = () => this.#tend()
    this.#compactAt = this.#compactAtSize()
  }

  get failure(): Error | undefined {
    return this.#appender.failure
  }

  whenDurable(done: (error: Error | undefined) => void): void {
    this.#appender.whenDurable(done)
  }

  /**
   * Records from now on what happens to a cluster. To be called once, before `restore`: the file must
   * hear of every epoch.
   * @throws WriteAheadError when not even the first epochs can be reserved
   */
  attach(cluster: Recorded): () => void {
    this.#reserveMore()
    const { failure } = this
    if (failure) throw new WriteAheadError(failure.message)
    this.#cluster = cluster
    cluster.reservedBy(this)
    return cluster.listen((event) => {
      const line = this.#lineOf(event, cluster.startTimeMs)
      // Nobody may see anything of the time after a reset that a crash could take back.
      if (line !== undefined && event.type === 'cluster-reset') this.#appender.appendNow(line)
      else if (line !== undefined) this.#appender.append(line)
      this.#known.note(event)
    })
  }

  reserve(epoch: Epoch): boolean {
    if (epoch >= this.#reserved) this.#reserveMore()
    return epoch <= this.#reserved
  }

  /** Writes what is left and lets go of the file. A failure is in `failure`, as always. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await new Promise<unknown>((resolve) => this.#appender.close(resolve))
    this.#compacting?.return(undefined as never)
    this.#compacting = undefined
    this.#draft?.drop()
    closeSync(this.#appender.fd)
    this.#options.release()
  }

  #reserveMore(): void {
    const to = this.#reserved + this.#block
    if (!this.#appender.appendNow(formatReserved(to))) return
    this.#reserved = to
    this.#block *= 2
  }

  /** Between two batches: begins to compact when it is time, and puts in place what is ready. */
  #tend(): void {
    if (this.#draft) return this.#takePlace(this.#draft)
    if (this.#compacting || this.#closing || this.#appender.size < this.#compactAt) return
    const log = this.#cluster?.settledLog()
    if (!log || log.wholeFrom === 1) return
    // What is compacted is what the cluster is now, so all its lines must be there.
    if (!this.#appender.appendNow('')) return
    const { fd, size: end } = this.#appender
    const { fs, real: path } = this.#options
    const compaction: Compaction = {
      ...{ fs, fd, path, header: CURRENT, end, log, reservedEpoch: this.#reserved },
    }
    this.#compacting = compact(compaction)
    this.#compactOn()
  }

  #compactOn(): void {
    if (!this.#compacting) return
    try {
      const { done, value } = this.#compacting.next()
      if (!done) return void setImmediate(() => this.#compactOn())
      this.#draft = value
      this.#compacting = undefined
      if (!this.#appender.isBusy) this.#takePlace(value)
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #takePlace(draft: Draft): void {
    this.#draft = undefined
    const { fd, size } = this.#appender
    try {
      const displaced = this.#appender.displaced()
      if (displaced) throw displaced
      draft.takePlace(size)
    } catch (error) {
      draft.drop()
      return this.#giveUp(error)
    }
    this.#appender.moveTo(draft.fd)
    closeSync(fd)
    this.#compactAt = this.#compactAtSize()
    const { path, say } = this.#options
    say?.(`Compacted ${path} from ${size} to ${this.#appender.size} bytes`)
  }

  /** The old file is as good as it was; to try again at once would be no better. */
  #giveUp(error: unknown): void {
    this.#compacting = undefined
    this.#compactAt = this.#compactAtSize()
    const { path, say } = this.#options
    say?.(`${path} could not be compacted, and grows on: ${(error as Error).message}`)
  }

  #compactAtSize(): number {
    const { compactBytesMin = COMPACT_BYTES_MIN } = this.#options
    return Math.max(compactBytesMin, GROWTH_FACTOR * this.#appender.size)
  }

  #lineOf(event: ClusterEvent, startTimeMs: number): string | undefined {
    switch (event.type) {
      case 'write-applied':
        return formatWrite(event.record, startTimeMs)
      case 'leader-elected': {
        const { epoch, to: leader, firstOffset, reason } = event
        // The file has its own word for what it restored, without what was reserved since.
        const before = reason === 'restored' ? this.#options.newest : this.#known.of(leader)
        const continues = firstOffset === 1 ? 0 : before
        return formatEpoch({ epoch, leader, firstOffset, continues })
      }
      case 'cluster-reset':
        return event.keep === 'data' ? undefined : formatReset()
      default:
        return undefined
    }
  }
}

/**
 * Which epoch each replica knows. Its log is a prefix of that epoch's log; so when it comes to lead, the
 * new epoch continues that one, which need not be the newest. What one knew before it lost its memory
 * does no harm: its log is empty until it learns again.
 */
class KnownEpochs {
  readonly #epochs = new Map<ReplicaId, Epoch>()

  of(replica: ReplicaId): Epoch {
    // Everybody knows of the first.
    return this.#epochs.get(replica) ?? 1
  }

  note(event: ClusterEvent): void {
    if (event.type === 'epoch-learned') this.#epochs.set(event.replica, event.epoch)
    else if (event.type === 'leader-elected') this.#epochs.set(event.to, event.epoch)
    else if (event.type === 'cluster-reset' && event.keep !== 'data') this.#epochs.clear()
  }
}
