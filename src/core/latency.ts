// How long a message travels: constants, distributions and mixtures of them, and how one draws from them.
// The four legs are named after the staleness literature: replicate (W), acknowledge (A), request (R)
// and respond (S). latency-text.ts is how people write them. No `Math.pow` and no `**`: their last bits
// differ between Node versions, those of exp, log1p, sqrt and cos do not.

import { BOUNDS } from './bounds.ts'
import { API, type MessageKind, type NodeId, type ReplicaId } from './nodes.ts'
import type { Random } from './random.ts'
import { type Microseconds, usFromMs } from './units.ts'

/** All but a constant may have fractions of a microsecond; what is drawn is whole. */
export type SimpleLatency =
  | { readonly kind: 'constant'; readonly us: Microseconds }
  | { readonly kind: 'uniform'; readonly fromUs: number; readonly toUs: number }
  | { readonly kind: 'exponential'; readonly meanUs: number }
  | { readonly kind: 'lognormal'; readonly medianUs: number; readonly sigma: number }
  /** Survival (xm/x)^alpha from xm on. */
  | { readonly kind: 'pareto'; readonly xmUs: number; readonly alpha: number }

export interface MixturePart {
  readonly weight: number
  readonly latency: SimpleLatency
}

/** The weights of a mixture sum to 1, up to rounding. */
export type LatencySpec =
  | SimpleLatency
  | { readonly kind: 'mixture'; readonly parts: readonly MixturePart[] }

export type Leg = 'replicate' | 'acknowledge' | 'request' | 'respond'
export const LEGS: readonly Leg[] = ['replicate', 'acknowledge', 'request', 'respond']

export interface LatencyOptions {
  /** None: the default. One: for every follower. Else one for each, in order of their numbers. */
  readonly replicate: readonly LatencySpec[]
  readonly acknowledge: LatencySpec
  readonly request: LatencySpec
  readonly respond: LatencySpec
}

const AT_ONCE: LatencySpec = Object.freeze({ kind: 'constant', us: 0 })

export const DEFAULT_LATENCY: LatencyOptions = Object.freeze({
  replicate: Object.freeze([]),
  acknowledge: AT_ONCE,
  request: AT_ONCE,
  respond: AT_ONCE,
})

/** 200 ms to replica 1, 500 ms to replica 2, 300 ms more for each further; replica 0 is as near as 1. */
export function defaultReplicateUs(replica: number): Microseconds {
  return usFromMs(200 + 300 * (Math.max(replica, 1) - 1))
}

/** The leg that a message takes to its receiver. */
export function latencyTo(legs: LatencyOptions, to: NodeId, kind: MessageKind): LatencySpec {
  switch (kind) {
    case 'copy':
    case 'announcement':
    case 'snapshot':
      return to === API ? legs.respond : replicateTo(legs.replicate, to)
    case 'acknowledgement':
      return legs.acknowledge
    case 'request':
      return legs.request
    case 'response':
      return legs.respond
  }
}

function replicateTo(specs: LatencyOptions['replicate'], to: ReplicaId): LatencySpec {
  // Replica 0 has no place in the list of followers; once it follows it is as near as the first.
  const spec = specs.length === 1 ? specs[0] : specs[Math.max(to, 1) - 1]
  return spec ?? { kind: 'constant', us: defaultReplicateUs(to) }
}

/** Whole microseconds, from 0 to an hour. A constant draws nothing from `random`. */
export function sampleUs(spec: LatencySpec, random: Random): Microseconds {
  return Math.min(Math.round(drawUs(spec, random)), BOUNDS.latencyUsMax)
}

/** The same, neither rounded nor capped: for those who count in fractions. */
export function drawUs(spec: LatencySpec, random: Random): number {
  return spec.kind === 'mixture' ? drawMixture(spec.parts, random) : drawSimple(spec, random)
}

function drawMixture(parts: readonly MixturePart[], random: Random): number {
  let rest = random.float()
  let i = 0
  // The last part takes what rounding leaves over, so there is always one to draw from.
  while (i < parts.length - 1 && rest >= (parts[i] as MixturePart).weight) {
    rest -= (parts[i] as MixturePart).weight
    i++
  }
  return drawSimple((parts[i] as MixturePart).latency, random)
}

/** By inversion of the distribution function, but for the log-normal, which has no closed inverse. */
function drawSimple(latency: SimpleLatency, random: Random): number {
  switch (latency.kind) {
    case 'constant':
      return latency.us
    case 'uniform':
      return latency.fromUs + (latency.toUs - latency.fromUs) * random.float()
    case 'exponential':
      return -latency.meanUs * Math.log1p(-random.float())
    case 'lognormal':
      return latency.medianUs * Math.exp(latency.sigma * standardNormal(random))
    case 'pareto':
      return latency.xmUs * Math.exp(-Math.log1p(-random.float()) / latency.alpha)
  }
}

/** Box and Muller's transform. Its second value is thrown away: keeping it would be hidden state. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log1p(-random.float()))
  return radius * Math.cos(2 * Math.PI * random.float())
}
