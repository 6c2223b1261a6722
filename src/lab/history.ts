// What the clients of a lab saw, in the hands of a test: to be judged, and shown when a matcher fails.

import type { EpochNote, FaultNote, History, Operation } from '../analysis/history/operation.ts'
import { jsonLines } from '../analysis/history/write.ts'
import { judge, type Report } from '../analysis/verdicts/judge.ts'
import { VERDICT_NAMES, type Verdict, type VerdictName } from '../analysis/verdicts/verdict.ts'
import { didYouMean } from '../core/text/nearest.ts'
import { isGiven, say, unknownFields, WrongCall } from './given.ts'

/** About a second of search, for histories without versions whose values repeat. */
const BUDGET = { steps: 500_000, bytes: 50_000_000 }

export interface CheckOptions {
  /** Only this client's sessions. */
  readonly client?: string
  /** Only operations on this key. */
  readonly key?: string
  /** How stale reads may be for `bounded-staleness`: versions missed, ms since the first of them was acknowledged. */
  readonly stale?: { readonly versions?: number; readonly ms?: number }
}

/** A session of a lab, or of one of its clients: all operations, for others wrote what the client read. */
export class LabHistory implements History {
  readonly operations: readonly Operation[]
  readonly faults: readonly FaultNote[]
  readonly epochs: readonly EpochNote[]
  readonly dropped: number
  readonly sinceMs: number | null
  readonly timed: boolean
  /** Whose sessions are judged; all unless said. */
  readonly client: string | undefined
  readonly seed: number
  readonly #scenario: () => string

  constructor(
    history: History,
    of: {
      readonly client: string | undefined
      readonly seed: number
      readonly scenario: () => string
    },
  ) {
    this.operations = history.operations
    this.faults = history.faults
    this.epochs = history.epochs
    this.dropped = history.dropped
    this.sinceMs = history.sinceMs
    this.timed = history.timed
    this.client = of.client
    this.seed = of.seed
    this.#scenario = of.scenario
  }

  /** The session as a scenario, as it is by now. */
  scenario(): string {
    return this.#scenario()
  }

  /** JSON lines, as `GET /history` has them and `replication-lab check FILE` reads them. */
  toJsonLines(): string {
    return [...jsonLines(this)].map((line) => `${line}\n`).join('')
  }

  /**
   * Every verdict by its name, and how far it is from linearizable.
   * @throws WrongCall for a client of whom nothing is known: for that every guarantee would hold
   */
  judge(options: CheckOptions = {}): Report {
    if (!isGiven(options as unknown)) {
      throw new WrongCall([`the options are ${say(options)}, not an object`])
    }
    const { client = this.client, key, stale, ...rest } = options
    const faults = unknownFields(rest, ['client', 'key', 'stale'])
    const clients = [...new Set(this.operations.map((one) => one.client))]
    if (client !== undefined && !clients.includes(client)) {
      const known = clients.length === 0 ? 'nobody' : clients.slice(0, 10).map(say).join(', ')
      const hint = didYouMean(client, clients)
      faults.push(`nothing is known of a client ${say(client)}, only of ${known}${hint}`)
    }
    if (faults.length > 0) throw new WrongCall(faults)
    return judge(this, { client, key, ...(stale && { stale }), budget: BUDGET })
  }

  /** One verdict. @throws WrongCall for a name that there is not */
  check(name: VerdictName, options?: CheckOptions): Verdict {
    if (VERDICT_NAMES.includes(name)) return this.judge(options).verdicts[name]
    const hint =
      didYouMean(String(name), VERDICT_NAMES) || `; there are ${VERDICT_NAMES.join(', ')}`
    throw new WrongCall([`there is no verdict ${say(name)}${hint}`])
  }
}
