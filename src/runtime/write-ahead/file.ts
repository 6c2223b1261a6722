// The write-ahead file: what the cluster wrote, kept across restarts. Opening it checks, locks and replays;
// attached to a cluster, it appends a line for each write, epoch and reset. It delays answers, never
// events. Beside it: open (checks), replay, epochs and format (reading), append, lock.

import { close, closeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { ClusterEvent, Listener } from '../../core/events.ts'
import type { ReplicaId } from '../../core/nodes.ts'
import type { Durability } from '../../core/ports.ts'
import type { RestoredCluster } from '../../core/verbs.ts'
import type { Epoch } from '../../core/version.ts'
import { Appender, type AppendFs } from './append.ts'
import { formatEpoch, formatReset, formatWrite } from './format.ts'
import { checkPath, openFile, readFile, takeLock } from './open.ts'

export { WriteAheadError } from './open.ts'

export interface WriteAheadOptions {
  readonly path: string
  /** `never`: an answer waits until the system has its write, not until the disk has. */
  readonly fsync: 'always' | 'never'
  /** When simulated time is zero, in ms since 1970. */
  readonly startTimeMs: number
  /** How many the cluster has, the leader included. */
  readonly replicas: number
  readonly fs?: AppendFs
}

/** What of the cluster the file needs. */
interface EventSource {
  readonly startTimeMs: number
  listen(listener: Listener): () => void
}

export interface OpenedWriteAheadFile {
  /** Undefined when there is nothing to restore. */
  readonly restored: RestoredCluster | undefined
  /** Sentences for the log. */
  readonly warnings: readonly string[]
  readonly file: WriteAheadFile
}

/** @throws WriteAheadError */
export function openWriteAheadFile(options: WriteAheadOptions): OpenedWriteAheadFile {
  const { path } = options
  checkPath(path)
  const warnings: string[] = []
  const release = takeLock(path, warnings)
  let fd: number | undefined
  try {
    fd = openFile(path)
    const restored = readFile(fd, path, options, warnings)
    return { restored, warnings, file: new WriteAheadFile(fd, options, release) }
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    release()
    throw error
  }
}

class WriteAheadFile implements Durability {
  readonly #fd: number
  readonly #release: () => void
  readonly #appender: Appender
  readonly #known = new KnownEpochs()
  #closing: Promise<void> | undefined

  constructor(fd: number, options: WriteAheadOptions, release: () => void) {
    const { path, fsync, fs } = options
    this.#fd = fd
    this.#release = release
    this.#appender = new Appender({ fd, path, fsync: fsync === 'always', ...(fs && { fs }) })
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
   */
  attach(cluster: EventSource): () => void {
    return cluster.listen((event) => {
      const line = this.#lineOf(event, cluster.startTimeMs)
      if (line !== undefined) this.#appender.append(line)
      this.#known.note(event)
    })
  }

  /** Writes what is left and lets go of the file. A failure is in `failure`, as always. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await new Promise<unknown>((resolve) => this.#appender.close(resolve))
    await promisify(close)(this.#fd)
    this.#release()
  }

  #lineOf(event: ClusterEvent, startTimeMs: number): string | undefined {
    switch (event.type) {
      case 'write-applied':
        return formatWrite(event.record, startTimeMs)
      case 'leader-elected': {
        const { epoch, to: leader, firstOffset, fromEpoch, reason } = event
        const before = reason === 'restored' ? fromEpoch : this.#known.of(leader)
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
