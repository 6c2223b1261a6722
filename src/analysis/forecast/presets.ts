// Latencies that were measured in production at LinkedIn and Yammer, as the paper on probabilistically bounded staleness
// fitted them (Table 3). Where it gives Exp(rate per ms), the lab's word takes the mean.

import { type LatencySpec, LEGS, type Leg } from '../../core/latency.ts'
import { US_PER_MS } from '../../core/units.ts'

export interface Preset {
  readonly about: string
  readonly legs: Readonly<Record<Leg, LatencySpec>>
  /** One replica in each data centre; so much more one way between two of them. */
  readonly betweenCentresUs: number | null
}

const LNKD_SSD = fitted(0.9122, 0.235, 10, 1.66)
const LNKD_DISK = fitted(0.38, 1.05, 1.51, 0.183)
const YMMR = fitted(0.982, 1.5, 3.8, 0.0217)

export const PRESETS: Readonly<Record<string, Preset>> = {
  'lnkd-ssd': preset('LinkedIn, on SSDs', LNKD_SSD, LNKD_SSD),
  'lnkd-disk': preset('LinkedIn, on disks', LNKD_DISK, LNKD_SSD),
  ymmr: preset('Yammer', fitted(0.939, 3, 3.35, 0.0028), YMMR),
  'ymmr-as-run': preset(
    'Yammer, with the exponent that the published results were produced with',
    fitted(0.939, 3, 3.5, 0.0028),
    YMMR,
  ),
  wan: preset(
    'lnkd-disk, each replica in a data centre of its own, 75 ms apart',
    LNKD_DISK,
    LNKD_SSD,
    75 * US_PER_MS,
  ),
}

export function presetOf(name: string): Preset | undefined {
  return Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined
}

function preset(
  about: string,
  replicate: LatencySpec,
  others: LatencySpec,
  betweenCentresUs: number | null = null,
): Preset {
  const legs = Object.fromEntries(LEGS.map((leg) => [leg, others])) as Record<Leg, LatencySpec>
  return { about, legs: { ...legs, replicate }, betweenCentresUs }
}

/** A Pareto body with an exponential tail; times in ms, the rate per ms. */
function fitted(weight: number, xmMs: number, alpha: number, ratePerMs: number): LatencySpec {
  return {
    kind: 'mixture',
    parts: [
      { weight, latency: { kind: 'pareto', xmUs: xmMs * US_PER_MS, alpha } },
      { weight: 1 - weight, latency: { kind: 'exponential', meanUs: US_PER_MS / ratePerMs } },
    ],
  }
}
