// The real cluster that a forecast is held against: its replicas and its delays, and what is lost of the copies.

import type { Delay } from '../analysis/forecast/delay.ts'
import type { ForecastSettings } from '../analysis/forecast/settings.ts'
import { BOUNDS } from '../core/bounds.ts'
import { Cluster } from '../core/cluster.ts'
import type { LatencySpec } from '../core/latency.ts'
import { type Random, SEED_MAX } from '../core/random.ts'

const LOSS_RATIO = 0.1
/** Quantiles that stand for measured delays where there are more. */
const SAMPLES_KEPT = 1_000

export function measuredCluster(settings: ForecastSettings, random: Random): Cluster {
  const { replicas, legs, keys, under } = settings
  const { acknowledge, request, respond } = legs
  const cluster = new Cluster({
    followers: replicas - 1,
    seed: random.fork('cluster').int(SEED_MAX + 1),
    latency: {
      replicate: legs.replicate.map(specOf),
      acknowledge: specOf(acknowledge),
      request: specOf(request),
      respond: specOf(respond),
    },
    // A forecast knows no time-outs.
    quorumTimeoutUs: BOUNDS.advanceUsMax,
    waitingMax: BOUNDS.messagesMax,
    keysMax: Math.min(keys, BOUNDS.keysMax),
  })
  if (under === 'loss') loseCopies(cluster)
  return cluster
}

function loseCopies(cluster: Cluster): void {
  for (const { id } of cluster.view().replicas) {
    if (id > 0) cluster.setLink(0, id, { lossRatio: LOSS_RATIO })
  }
}

/** Of many samples a cluster draws from equally spaced quantiles. */
function specOf(delay: Delay): LatencySpec {
  if (delay.kind !== 'samples') return delay
  const { sortedUs } = delay
  const length = Math.min(sortedUs.length, SAMPLES_KEPT)
  const parts = Array.from({ length }, (_, i) => {
    const us = sortedUs[Math.floor(((i + 0.5) * sortedUs.length) / length)] as number
    return { weight: 1 / length, latency: { kind: 'constant' as const, us } }
  })
  return { kind: 'mixture', parts }
}
