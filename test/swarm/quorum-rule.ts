// The rule of quorums, tried at random: clients read and write while faults befall replicas and links, those of `api`
// included, and what the clients saw is judged. Which of the rule's conditions hold is the caller's to say.

import type { History } from '../../src/analysis/history/operation.ts'
import { judge } from '../../src/analysis/verdicts/judge.ts'
import { sayOperation } from '../../src/analysis/verdicts/say.ts'
import { Cluster } from '../../src/core/cluster.ts'
import { Random } from '../../src/core/random.ts'
import type { RepairMode } from '../../src/core/verbs.ts'
import { mendEverything } from '../tools/converged.ts'
import {
  chance,
  drawPlan,
  type FaultKind,
  type OperationKind,
  pick,
  type SwarmPlan,
} from './draw.ts'
import { Faults } from './faults.ts'
import { Judging } from './judging.ts'

/** What a session is to keep to. */
export interface Conditions {
  /** N, R and W, drawn anew for each session. */
  readonly sizes: (random: Random) => { readonly n: number; readonly r: number; readonly w: number }
  readonly repair: RepairMode
  /** Beside those that leave memory and leadership alone. */
  readonly faults: readonly FaultKind[]
  /** Beside quorum reads and writes. */
  readonly operations: readonly OperationKind[]
  /** Whether only that is judged which is there in the end: what was acknowledged, and the last reads. */
  readonly onlyLasting?: boolean
}

const HARMLESS: readonly FaultKind[] = [
  'crash-keep-data',
  'pause',
  'cut',
  'hold',
  'hold-copies',
  'hold-key',
  'partition',
  'loss',
  'duplicates',
  'slow-link',
]

const COMMANDS = 80

/** Who issues one operation at a time. */
interface Client {
  readonly name: string
  isWaiting: boolean
}

/** What one session came to. */
export interface Judged {
  readonly answered: number
  /** What broke, with its witness; undefined when the history is linearizable. */
  readonly violation: string | undefined
}

export function judgeSession(seed: number, conditions: Conditions): Judged {
  const session = new RuleSession(seed, conditions)
  session.run()
  const whole = session.judging.verify()
  const { onlyLasting } = conditions
  const history = onlyLasting ? lastingOf(session.judging.history) : session.judging.history
  const answered = history.operations.filter(({ outcome }) => outcome === 'ok').length
  // By their values, and in the order that the system itself claims.
  const bare = history.operations.map(({ version, origin, ...operation }) => operation)
  const byValue = judge({ ...history, operations: bare }).verdicts.linearizable
  const { verdicts } = onlyLasting ? judge(history) : whole
  const byVersion = verdicts['linearizable-in-order']
  const broken = [byValue, byVersion].find(({ verdict }) => verdict !== 'consistent')
  if (!broken) return { answered, violation: undefined }
  const lines = [broken.why, ...broken.witness.map(sayOperation), ...session.told]
  return { answered, violation: `Seed ${seed}, ${session.said}: ${lines.join('\n')}` }
}

/** Without what a failover may rightly lose, and the reads that saw it. */
function lastingOf(history: History): History {
  const last = history.operations.filter((one) => one.kind === 'read' && isLast(one.client))
  const found = new Set(last.map(({ value }) => value))
  const writes = history.operations.filter(
    ({ kind, outcome, value }) => kind === 'write' && (outcome === 'ok' || found.has(value)),
  )
  return { ...history, operations: [...writes, ...last] }
}

const LAST = 'last '

function isLast(client: string): boolean {
  return client.startsWith(LAST)
}

class RuleSession {
  readonly #conditions: Conditions
  readonly #random: Random
  readonly #cluster: Cluster
  readonly #faults: Faults
  readonly #plan: SwarmPlan
  readonly #kinds: readonly FaultKind[]
  readonly #n: number
  readonly #r: number
  readonly #w: number
  readonly #clients: readonly Client[]
  readonly judging = new Judging()
  readonly told: string[] = []
  #writes = 0

  constructor(seed: number, conditions: Conditions) {
    this.#conditions = conditions
    this.#random = Random.fromSeed(seed).fork('quorum rule')
    const { n, r, w } = conditions.sizes(this.#random)
    this.#n = n
    this.#r = r
    this.#w = w
    const drawn = drawPlan(seed, COMMANDS)
    const promoted = conditions.faults.includes('failover')
    const { oneLeader, ...plan } = { ...drawn, oneLeader: true as const }
    this.#plan = { ...plan, keys: 1 + (seed % 2), ...(!promoted && { oneLeader }) }
    this.#kinds = [...HARMLESS.filter(() => chance(this.#random, 0.5)), ...conditions.faults]
    this.#cluster = new Cluster({
      ...drawn.cluster,
      followers: n - 1,
      // Requests as slow as copies, so that reads overtake each other.
      latency: {
        replicate: [{ kind: 'exponential', meanUs: pick(this.#random, [20_000, 500_000]) }],
        acknowledge: { kind: 'constant', us: 0 },
        request: { kind: 'exponential', meanUs: 30_000 },
        respond: { kind: 'exponential', meanUs: 3_000 },
      },
      quorumTimeoutUs: 300_000,
      minFollowersToWrite: 0,
      autoFailoverUs: null,
    })
    this.#faults = new Faults(this.#cluster, this.#random.fork('faults'), this.#plan)
    this.#clients = Array.from({ length: 6 }, (_, i) => ({ name: `c${i}`, isWaiting: false }))
    this.#cluster.listen((event) => this.judging.hear(event))
  }

  get said(): string {
    return `N=${this.#n} R=${this.#r} W=${this.#w}`
  }

  run(): void {
    for (let i = 0; i < COMMANDS; i++) {
      const gapUs = Math.round(-10_000 * Math.log1p(-this.#random.float()))
      this.#cluster.runTo(this.#cluster.nowUs + gapUs, 100_000)
      if (this.#kinds.length > 0 && chance(this.#random, 0.15)) {
        this.told.push(this.#faults.inject(pick(this.#random, this.#kinds)))
      } else if (chance(this.#random, 0.05)) this.told.push(this.#faults.mendOne())
      else this.#issue()
    }
    mendEverything(this.#cluster)
    this.#cluster.advance({ to: 'idle' })
    for (let i = 0; i < this.#plan.keys; i++) {
      this.#read('read-with-quorum', `key${i}`, { name: `${LAST}${i}`, isWaiting: false })
      this.#cluster.advance({ to: 'idle' })
    }
  }

  #issue(): void {
    const idle = this.#clients.filter(({ isWaiting }) => !isWaiting)
    if (idle.length === 0) return
    const client = pick(this.#random, idle)
    const key = `key${this.#random.int(this.#plan.keys)}`
    const others = this.#conditions.operations
    const isOther = others.length > 0 && chance(this.#random, 0.5)
    const kinds = isOther
      ? others
      : (['write-with-quorum', 'read-with-quorum', 'read-with-quorum'] as const)
    const kind = pick(this.#random, kinds)
    if (kind.startsWith('write')) this.#write(kind, key, client)
    else this.#read(kind, key, client)
  }

  #write(kind: OperationKind, key: string, client: Client): void {
    const value = `value${this.#writes++}`
    const write = { key, value, client: client.name }
    const done = this.#ask(client)
    if (kind === 'write') this.#cluster.write(write, done)
    else this.#cluster.writeWithQuorum({ ...write, w: this.#w }, done)
  }

  #read(kind: OperationKind, key: string, client: Client): void {
    const read = { key, client: client.name }
    const done = this.#ask(client)
    const cluster = this.#cluster
    if (kind === 'read') cluster.read(read, done)
    else if (kind === 'follower-read') {
      cluster.followerRead({ ...read, replica: this.#random.int(this.#n) }, done)
    } else if (kind === 'read-with-repair') cluster.readWithRepair(read, done)
    else {
      const { repair } = this.#conditions
      cluster.readWithQuorum({ ...read, r: this.#r, repair, replicas: this.#someReplicas() }, done)
    }
  }

  /** @returns for its answer, after which the client may ask again */
  #ask(client: Client): () => void {
    client.isWaiting = true
    return () => {
      client.isWaiting = false
    }
  }

  /** R of them, or a few more. */
  #someReplicas(): number[] {
    const left = Array.from({ length: this.#n }, (_, id) => id)
    const count = this.#r + this.#random.int(this.#n - this.#r + 1)
    return Array.from({ length: count }, () => {
      const [id] = left.splice(this.#random.int(left.length), 1)
      return id as number
    })
  }
}
