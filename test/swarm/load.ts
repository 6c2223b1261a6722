// The clients of a swarm run. Every value is written once, so that whatever becomes of it can be told apart;
// every operation must get exactly one answer, and what the answer says must be what happened.

import type { Cluster } from '../../src/core/cluster.ts'
import type { Reply } from '../../src/core/errors.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { ReadAnswer } from '../../src/core/nodes.ts'
import type { Random } from '../../src/core/random.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import type { FullAnswer } from '../../src/core/requests/read.ts'
import type { QuorumReadReply, ReadReply, Ticket, WriteReply } from '../../src/core/verbs.ts'
import { compareVersions, isDead } from '../../src/core/version.ts'
import { chance, type OperationKind, pick, type SwarmPlan } from './draw.ts'

interface Issued {
  readonly kind: OperationKind
  readonly key: string
  readonly value: string
  readonly ticket: Ticket | undefined
  /** How often a leader put the value into its log. */
  applied: number
  replies: number
  abandoned: boolean
  outcome: 'ok' | 'applied' | 'not-applied' | 'unknown' | undefined
}

type Asked = ReadReply | QuorumReadReply

export class Load {
  readonly #cluster: Cluster
  readonly #random: Random
  readonly #plan: SwarmPlan
  readonly #kinds: readonly OperationKind[]
  readonly #issued: Issued[] = []
  readonly #byValue = new Map<string, Issued>()
  #isOver = false
  acknowledgedWrites = 0
  answeredReads = 0
  readonly problems = new Map<string, number>()

  constructor(cluster: Cluster, random: Random, plan: SwarmPlan) {
    this.#cluster = cluster
    this.#random = random
    this.#plan = plan
    this.#kinds = Object.keys(plan.operations) as OperationKind[]
    cluster.listen((event) => this.#hear(event))
  }

  /** Issues one operation. @returns it in words */
  issue(): string {
    const kind = this.#drawKind()
    const key = `key${this.#random.int(this.#plan.keys)}`
    const isWrite = kind.startsWith('write')
    const value = isWrite ? `value${this.#issued.length}` : ''
    const one: Issued = {
      kind,
      key,
      value,
      ticket: undefined,
      applied: 0,
      replies: 0,
      abandoned: false,
      outcome: undefined,
    }
    this.#issued.push(one)
    if (isWrite) this.#byValue.set(value, one)
    const { ticket, said } = isWrite ? this.#write(one) : this.#read(one)
    Object.assign(one, { ticket })
    return `${kind} ${key} ${value} ${said}`
  }

  /** From now on nobody asks again when it is answered. */
  end(): void {
    this.#isOver = true
  }

  /** A client leaves. */
  abandonOne(): string | undefined {
    const waiting = this.#issued.slice(-50).filter((one) => one.ticket && !one.ticket.settled)
    if (waiting.length === 0) return undefined
    const one = pick(this.#random, waiting)
    one.abandoned = true
    one.ticket?.abandon()
    return `abandon ${one.kind} ${one.key} ${one.value}`
  }

  /** Once nothing is under way any more: every operation has had its answer, and a true one. */
  verify(): void {
    for (const one of this.#issued) {
      const said = `${one.kind} ${one.key} ${one.value}`
      const expected = one.abandoned ? 0 : 1
      demand(one.replies === expected, `${said} got ${one.replies} replies`)
      demand(one.applied <= 1, `${said} was written ${one.applied} times`)
      if (!one.value || one.abandoned) continue
      const never = one.outcome === 'not-applied'
      demand(!never || one.applied === 0, `${said} was refused, and written all the same`)
      demand(one.outcome !== 'ok' || one.applied === 1, `${said} was never written`)
    }
  }

  #drawKind(): OperationKind {
    const weights = this.#plan.operations
    const total = this.#kinds.reduce((sum, kind) => sum + (weights[kind] ?? 0), 0)
    let rest = this.#random.float() * total
    for (const kind of this.#kinds) {
      rest -= weights[kind] ?? 0
      if (rest < 0) return kind
    }
    return this.#kinds[0] as OperationKind
  }

  #write(one: Issued): { ticket: Ticket; said: string } {
    const { key, value } = one
    const { n, replicas } = this.#cluster.inspect()
    const done = (reply: Reply<WriteReply>) => this.#wrote(one, reply, 1)
    if (one.kind === 'write') {
      return { ticket: this.#cluster.write({ key, value }, done), said: '' }
    }
    if (one.kind === 'write-to-named') {
      const leaders = replicas.filter(({ role }) => role === 'leader')
      const replica = pick(this.#random, leaders.length > 0 ? leaders : replicas).id
      const ticket = this.#cluster.write({ key, value, replica }, done)
      return { ticket, said: `replica=${replica}` }
    }
    const w = 1 + this.#random.int(chance(this.#random, 0.05) ? n + 1 : n)
    const ticket = this.#cluster.writeWithQuorum({ key, value, w }, (reply) =>
      this.#wrote(one, reply, w),
    )
    return { ticket, said: `w=${w}` }
  }

  #read(one: Issued): { ticket: Ticket; said: string } {
    const { key } = one
    const { n } = this.#cluster.inspect()
    const done = (reply: Reply<Asked>) => this.#hasRead(one, reply, 1)
    switch (one.kind) {
      case 'follower-read': {
        const replica = this.#random.int(n)
        const ticket = this.#cluster.followerRead({ key, replica }, done)
        return { ticket, said: `replica=${replica}` }
      }
      case 'read-with-repair':
        return { ticket: this.#cluster.readWithRepair({ key }, done), said: '' }
      case 'read-with-quorum': {
        const r = 1 + this.#random.int(n)
        const repair = pick(this.#random, ['blocking', 'async', 'false'] as const)
        const ticket = this.#cluster.readWithQuorum({ key, r, repair }, (reply) =>
          this.#hasRead(one, reply, r),
        )
        return { ticket, said: `r=${r} repair=${repair}` }
      }
      default:
        return { ticket: this.#cluster.read({ key }, done), said: '' }
    }
  }

  #wrote(one: Issued, reply: Reply<WriteReply>, w: number): void {
    this.#replied(one, reply)
    if (!reply.ok) return
    this.acknowledgedWrites++
    const { record, acknowledgedBy } = reply.value
    demand(record.key === one.key && record.value === one.value, 'a write answers with its record')
    demand(acknowledgedBy.length >= w, `w=${w}, but only ${acknowledgedBy.length} acknowledged`)
  }

  #hasRead(one: Issued, reply: Reply<Asked>, r: number): void {
    this.#replied(one, reply)
    if (!reply.ok) return
    this.answeredReads++
    const { record, staleness } = reply.value
    demand(record.key === one.key, 'a read answers with a record of its key')
    demand(staleness.us >= 0 && (staleness.versions > 0 || staleness.us === 0), 'sound staleness')
    if (!('answers' in reply.value)) return
    const { answers, repaired } = reply.value
    const asked = new Set(answers.map((answer) => answer.replica))
    demand(asked.size === answers.length, 'each replica answers once')
    demand(one.kind !== 'read-with-quorum' || answers.length >= r, `r=${r} answers decide`)
    demand(
      repaired.every((id) => asked.has(id)),
      'only who answered is repaired',
    )
    demand(newestOf(answers) === record, 'the newest live record wins')
  }

  #replied(one: Issued, reply: Reply<unknown>): void {
    one.replies++
    demand(!one.abandoned, `${one.kind} ${one.key} was answered after it was abandoned`)
    one.outcome = reply.ok ? 'ok' : reply.problem.outcome
    if (!reply.ok) {
      const { code } = reply.problem
      this.problems.set(code, (this.problems.get(code) ?? 0) + 1)
    }
    if (!this.#isOver && chance(this.#random, this.#plan.chained)) this.issue()
  }

  #hear(event: ClusterEvent): void {
    // A new leader writes some values again in its own epoch: that is no second write of a client.
    if (event.type !== 'write-applied' || event.client === 'failover') return
    const one = this.#byValue.get(event.record.value)
    if (one) one.applied++
  }
}

/** What should win: the newest epoch among the answers decides what is live, then the newest version. */
function newestOf(answers: readonly ReadAnswer[]): StoredRecord | null {
  // The core keeps more of each answer than it tells: what its replica knew of the leadership.
  const known = answers as readonly FullAnswer[]
  const newest = known.reduce((a, b) => (b.epoch > a.epoch ? b : a))
  return known.reduce<StoredRecord | null>((best, { record }) => {
    if (record === null || isDead(newest.table, record)) return best
    return best === null || compareVersions(record, best) > 0 ? record : best
  }, null)
}

export function demand(condition: boolean, claim: string): void {
  if (!condition) throw new Error(`Not so: ${claim}`)
}
