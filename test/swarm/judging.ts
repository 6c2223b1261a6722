// What the clients of a swarm run saw, judged when it ends. The judge knows only the history, the core only its own state:
// that both count the same reads as stale shows that the recording tells what happened, and that the
// verdicts read it as the core meant it.

import type { History } from '../../src/analysis/history/operation.ts'
import { HistoryRecording } from '../../src/analysis/history/recording.ts'
import { judge, type Report } from '../../src/analysis/verdicts/judge.ts'
import { BOUNDS } from '../../src/core/bounds.ts'
import type { ClusterEvent } from '../../src/core/events.ts'
import type { Staleness } from '../../src/core/nodes.ts'
import { msFromUs } from '../../src/core/units.ts'
import { demand } from './load.ts'

/** Where zones decide, as they do wherever all have versions. */
const WITNESS_MAX = 4

export class Judging {
  readonly #recording = new HistoryRecording({
    operationsMax: BOUNDS.historyMax,
    bytesMax: BOUNDS.bytesMax,
  })
  /** By what the core said of each read that was stale; undefined once the two may rightly differ. */
  #stale: Staleness[] | undefined = []

  hear(event: ClusterEvent): void {
    this.#recording.hear(event)
    switch (event.type) {
      case 'leader-elected':
        // What a failover lost is stale to nobody in the core, but clients had been told of it.
        this.#stale = undefined
        return
      case 'cluster-reset':
        this.#stale = event.keep === 'data' ? undefined : []
        return
      case 'read-completed':
      case 'read-failed': {
        const { staleness } = event.answer ?? {}
        if (staleness?.atLeast) this.#stale = undefined
        else if (staleness && staleness.versions > 0) this.#stale?.push(staleness)
      }
    }
  }

  get history(): History {
    return this.#recording.history()
  }

  /** @returns the verdicts, and how many reads both call stale; 0 where they were not compared */
  verify(): Pick<Report, 'verdicts'> & { readonly staleReads: number } {
    const { verdicts, staleness } = judge(this.history)
    const { verdict, why, witness } = verdicts.linearizable
    demand(verdict !== 'undecided', `linearizable is always decided, but: ${why}`)
    const size = witness.length
    demand(size <= WITNESS_MAX, `a witness has ${WITNESS_MAX} operations at most, not ${size}`)
    const told = this.#stale
    if (!told) return { verdicts, staleReads: 0 }
    const most = (figures: readonly number[]) => figures.reduce((a, b) => Math.max(a, b), 0)
    const versions = most(told.map((one) => one.versions))
    const ms = most(told.map(({ us }) => msFromUs(us)))
    const core = sayStale(told.length, versions, ms)
    const judged = sayStale(staleness.stale, staleness.mostVersions, staleness.mostMs)
    demand(judged === core, `the judge finds ${core}, as the core does, not ${judged}`)
    return { verdicts, staleReads: told.length }
  }
}

function sayStale(reads: number, versions: number | null, ms: number): string {
  return `${reads} stale reads, by ${versions} versions and ${ms.toFixed(3)} ms at most`
}
