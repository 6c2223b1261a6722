// One swarm run: a load and faults at random, the invariants after every step, and in the end everything heals
// and the cluster must converge. Whatever goes wrong is told with the seed, what it drew, the last
// commands and the one command that replays it.

import { Cluster } from '../../src/core/cluster.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import { Random } from '../../src/core/random.ts'
import type { StoredRecord } from '../../src/core/record.ts'
import { msFromUs } from '../../src/core/units.ts'
import { Watch } from '../checks/invariants.ts'
import { differentLogs, differentStores, mendEverything, unrest } from '../tools/converged.ts'
import { freezeDeeply } from '../tools/freeze.ts'
import { chance, type FaultKind, type SwarmPlan } from './draw.ts'
import { Faults } from './faults.ts'
import { Judging } from './judging.ts'
import { demand, Load } from './load.ts'

/** What a run did, so that one that did nothing can be told. */
export interface SwarmResult {
  readonly seed: number
  /** Under load, and in all: with the healing afterwards. */
  readonly loadedUs: number
  readonly simulatedUs: number
  readonly steps: number
  readonly acknowledgedWrites: number
  readonly answeredReads: number
  /** Counted alike by the core and by the judge of what clients saw. */
  readonly staleReads: number
  readonly failovers: number
  readonly fired: ReadonlyMap<FaultKind, number>
  readonly problems: ReadonlyMap<string, number>
}

export class SwarmFailure extends Error {
  override readonly name = 'SwarmFailure'
}

const COMMANDS_SHOWN = 25
/** Far more than the longest recovery takes. */
const SETTLING_STEPS_MAX = 200_000

/** Who wants to know more of a run than how it ended. */
export interface Audience {
  command?(line: string): void
  event?(event: ClusterEvent): void
}

/** Runs a plan to its end, or throws a SwarmFailure. */
export function runPlan(plan: SwarmPlan, audience: Audience = {}): SwarmResult {
  const session = new Session(plan, audience)
  try {
    return session.run()
  } catch (error) {
    const lines = [
      `Seed ${plan.seed}: ${error instanceof Error ? error.message : error}`,
      `Replay it: npm run swarm -- --seed ${plan.seed} --commands ${plan.commands}`,
      `Drawn: ${JSON.stringify(plan)}`,
      'The last commands:',
      ...session.recent.map(({ atUs, said }) => `  ${stamp(atUs)} ${said}`),
    ]
    throw new SwarmFailure(lines.join('\n'), { cause: error })
  }
}

class Session {
  readonly #plan: SwarmPlan
  readonly #cluster: Cluster
  readonly #random: Random
  readonly #watch: Watch
  readonly #load: Load
  readonly #faults: Faults
  readonly #judging = new Judging()
  readonly #audience: Audience
  /** The last commands. Their lines are made only when somebody looks. */
  readonly recent: { readonly atUs: number; readonly said: string }[] = []
  readonly #faultRatios: readonly (readonly [FaultKind, number])[]
  #steps = 0
  #loadedUs = 0
  #simulatedUs = 0
  #failovers = 0
  /** Whether anything happened that may rightly lose what all had acknowledged. */
  #mayLose = false

  constructor(plan: SwarmPlan, audience: Audience) {
    this.#plan = plan
    this.#audience = audience
    this.#faultRatios = Object.entries(plan.faults) as [FaultKind, number][]
    this.#random = Random.fromSeed(plan.seed).fork('swarm session')
    this.#cluster = new Cluster(plan.cluster)
    this.#watch = new Watch(this.#cluster)
    this.#load = new Load(this.#cluster, this.#random.fork('load'), plan)
    this.#faults = new Faults(this.#cluster, this.#random.fork('faults'), plan)
    this.#cluster.listen((event) => this.#hear(freezeDeeply(event)))
  }

  run(): SwarmResult {
    if (this.#plan.restored > 0) this.#restore(this.#plan.restored)
    for (let i = 0; i < this.#plan.commands; i++) {
      const us = this.#gap()
      this.#advance(us)
      this.#loadedUs += us
      this.#note(this.#command())
      this.#watch.check()
      this.#steps++
    }
    this.#heal()
    const { staleReads } = this.#judging.verify()
    return {
      seed: this.#plan.seed,
      loadedUs: this.#loadedUs,
      simulatedUs: this.#simulatedUs,
      steps: this.#steps,
      acknowledgedWrites: this.#load.acknowledgedWrites,
      answeredReads: this.#load.answeredReads,
      staleReads,
      failovers: this.#failovers,
      fired: this.#faults.fired,
      problems: this.#load.problems,
    }
  }

  /** Begins where an earlier run left off, with some epochs behind it. */
  #restore(count: number): void {
    const leader = this.#random.int(this.#cluster.inspect().n)
    let epoch = 1
    const records = Array.from({ length: count }, (_, i): StoredRecord => {
      if (chance(this.#random, 0.1)) epoch += 1 + this.#random.int(3)
      const key = `key${this.#random.int(this.#plan.keys)}`
      return { key, value: `restored${i}`, epoch, offset: i + 1, writtenUs: -1, quorum: false }
    })
    this.#cluster.restore({ leader, epoch, records })
    this.#watch.check()
  }

  #command(): string {
    for (const [kind, ratio] of this.#faultRatios) {
      if (!chance(this.#random, ratio)) continue
      if (kind !== 'abandon') return this.#faults.inject(kind)
      const abandoned = this.#load.abandonOne()
      if (abandoned) {
        this.#faults.fired.set(kind, (this.#faults.fired.get(kind) ?? 0) + 1)
        return abandoned
      }
    }
    if (chance(this.#random, this.#plan.mending)) return this.#faults.mendOne()
    return this.#load.issue()
  }

  #gap(): number {
    const meanUs = 1_000_000 / this.#plan.commandsPerSecond
    return Math.round(-meanUs * Math.log1p(-this.#random.float()))
  }

  /** One event at a time, so that no state goes unseen. */
  #advance(us: number): void {
    const toUs = this.#cluster.nowUs + us
    this.#simulatedUs += us
    let arrived: boolean
    do {
      arrived = this.#cluster.runTo(toUs, 1)
      this.#watch.check()
      this.#steps++
    } while (!arrived)
  }

  #heal(): void {
    this.#note('everything heals')
    this.#load.end()
    mendEverything(this.#cluster)
    this.#watch.check()
    this.#settle()
    this.#load.verify()
    demandNone(differentLogs(this.#cluster.inspect()), 'logs differ after everything healed')
    for (let i = 0; i < this.#plan.keys; i++) {
      this.#cluster.readWithRepair({ key: `key${i}` }, () => {})
      this.#settle()
    }
    demandNone(differentStores(this.#cluster.inspect()), 'stores differ after repair')
    this.#stillServes()
    this.#ledgerIsSound()
  }

  /** Nothing waits for ever: left alone, the cluster comes to rest. */
  #settle(): void {
    const fromUs = this.#cluster.nowUs
    for (let steps = 0; this.#cluster.inspect().timeline.foreground > 0; steps++) {
      demand(steps < SETTLING_STEPS_MAX, 'left alone, the cluster comes to rest')
      this.#cluster.runTo(this.#cluster.nextDueUs() ?? 0, 1)
      this.#watch.check()
    }
    const reply = this.#cluster.advance({ to: 'idle' })
    demand(reply.ok && reply.value.finished, 'at rest there is nothing to wait for')
    demandNone(unrest(this.#cluster), 'at rest something is still under way')
    this.#simulatedUs += this.#cluster.nowUs - fromUs
  }

  #stillServes(): void {
    // Time for the heartbeats that the write guard goes by.
    this.#advance(1_000_000)
    let acknowledged = 0
    const request = { key: 'key0', value: 'the end', w: this.#cluster.inspect().n }
    this.#cluster.writeWithQuorum(request, (reply) => {
      if (reply.ok) acknowledged = reply.value.acknowledgedBy.length
    })
    this.#settle()
    demand(acknowledged === request.w, `all ${request.w} replicas acknowledge after healing`)
  }

  #ledgerIsSound(): void {
    const n = this.#cluster.inspect().n
    for (const { lost, epoch } of this.#cluster.failovers()) {
      const full = lost.find(({ acknowledgedBy }) => acknowledgedBy.length === n)
      if (!full || this.#mayLose) continue
      demand(false, `${full.record.value}, which all had, was lost when epoch ${epoch} began`)
    }
  }

  #hear(event: ClusterEvent): void {
    this.#judging.hear(event)
    if (event.type === 'leader-elected') {
      this.#failovers++
      if (event.reason === 'forced') this.#mayLose = true
    }
    if (event.type === 'replica-crashed' && !event.keepData) this.#mayLose = true
    this.#audience.event?.(event)
  }

  #note(said: string): void {
    const atUs = this.#cluster.nowUs
    this.recent.push({ atUs, said })
    if (this.recent.length > COMMANDS_SHOWN) this.recent.shift()
    this.#audience.command?.(`${stamp(atUs)} ${said}`)
  }
}

function demandNone(trouble: string | undefined, claim: string): void {
  if (trouble !== undefined) throw new Error(`${claim}: ${trouble}`)
}

export function stamp(us: number): string {
  return `${msFromUs(us).toFixed(3).padStart(10)} ms`
}
