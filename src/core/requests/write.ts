// A write under way: what it brings, how many acknowledgements it waits for and who gave them. writes.ts runs it.

import { bytesOf } from '../bytes.ts'
import type { Done, Reply } from '../errors.ts'
import type { ReplicaId } from '../nodes.ts'
import type { ObservedWrite } from '../observed-write.ts'
import type { Parts } from '../parts.ts'
import type { QuorumWriteReply, WriteRequest } from '../verbs.ts'
import { type OpenOperations, Operation } from './operation.ts'

/** Runs a write, and hears how it ended. */
interface WriteOwner {
  ended(write: Write, reply: Reply<QuorumWriteReply> | undefined): void
}

export class Write extends Operation<QuorumWriteReply> {
  readonly key: string
  readonly value: string
  readonly client: string
  /** Acknowledgements it waits for; null for a plain write. */
  readonly w: number | null
  /** Who has acknowledged it, the leader first; empty until it was applied. */
  readonly acknowledgedBy: ReplicaId[] = []
  written: ObservedWrite | undefined
  /** It has reached its replica, which took or refused it. */
  served = false
  readonly #owner: WriteOwner
  protected override readonly bytes: number

  constructor(
    owner: WriteOwner,
    parts: Parts,
    open: OpenOperations,
    request: WriteRequest,
    w: number | null,
    done: Done<QuorumWriteReply>,
  ) {
    super(parts, open, done)
    this.#owner = owner
    this.key = request.key
    this.value = request.value
    this.client = request.client ?? 'default'
    this.w = w
    this.bytes = bytesOf(request)
  }

  protected override ended(reply: Reply<QuorumWriteReply> | undefined): void {
    this.#owner.ended(this, reply)
  }
}
