// One client of a lab: who asks, and the verbs that read and write.

import type { Port } from './port.ts'
import type {
  FollowerReadOptions,
  QuorumReadAnswer,
  QuorumReadOptions,
  QuorumWriteAnswer,
  QuorumWriteOptions,
  ReadAnswer,
  RepairReadAnswer,
  WriteAnswer,
  WriteOptions,
} from './types.ts'

/**
 * Each call is one request of this client, and resolves to what the route of the same name answers. What that would
 * answer with a problem is a rejection: a `LabError`, of a read that finds nothing too (`key-not-found`).
 */
export class Client {
  readonly name: string
  readonly #port: Port

  constructor(port: Port, name: string) {
    this.#port = port
    this.name = name
  }

  /** Answered as soon as the leader has it. */
  write(key: string, value: string, options?: WriteOptions): Promise<WriteAnswer> {
    return this.#port.ask('write', [this.#with({ key, value }), options], this.#port.render.write)
  }

  /** Answered once `w` replicas have acknowledged, a majority unless said; the leader is the first. */
  writeWithQuorum(
    key: string,
    value: string,
    options?: QuorumWriteOptions,
  ): Promise<QuorumWriteAnswer> {
    const given = [this.#with({ key, value }), options] as const
    return this.#port.ask('write-with-quorum', given, this.#port.render.quorumWrite)
  }

  /** From the leader. */
  read(key: string): Promise<ReadAnswer> {
    return this.#port.ask('read', [this.#with({ key })], this.#port.render.read)
  }

  /** From one replica, whatever its role; it may be stale. */
  followerRead(key: string, options: FollowerReadOptions): Promise<ReadAnswer> {
    const given = [this.#with({ key }), options] as const
    return this.#port.ask('follower-read', given, this.#port.render.read)
  }

  /** The newest of all replicas that answer, and gives it to those that lack it. */
  readWithRepair(key: string): Promise<RepairReadAnswer> {
    return this.#port.ask('read-with-repair', [this.#with({ key })], this.#port.render.repairRead)
  }

  /** The newest of the first `r` answers. */
  readWithQuorum(key: string, options?: QuorumReadOptions): Promise<QuorumReadAnswer> {
    const given = [this.#with({ key }), options] as const
    return this.#port.ask('read-with-quorum', given, this.#port.render.quorumRead)
  }

  #with<T extends object>(targets: T) {
    return { ...targets, client: this.name }
  }
}
