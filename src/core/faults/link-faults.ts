// What can befall a link, one direction at a time: cut and heal, hold and release, settings of its own; and
// partitions, which are cuts by groups. Each acts at the present instant, is an event, and may expire.

import { advise, type Problem, problem } from '../errors.ts'
import type { FaultEvent } from '../events.ts'
import type { LatencySpec } from '../latency.ts'
import type { HoldOnly, Link, LinkSettings } from '../network/link.ts'
import { API, type NodeId, renderNode } from '../nodes.ts'
import type { Parts } from '../parts.ts'
import { formatLatency } from '../text/latency-text.ts'
import type { Microseconds } from '../units.ts'
import type { ForTime, HoldRequest } from '../verbs.ts'
import type { Expiries } from './expiry.ts'

/** Settings once their text was read; undefined leaves a thing as it is, null is the default. */
export interface ParsedLinkSettings extends ForTime {
  readonly latency?: LatencySpec | null
  readonly lossRatio?: number
  readonly duplicateRatio?: number
}

const DEFAULT_SETTINGS: LinkSettings = { latency: null, lossRatio: 0, duplicateRatio: 0 }

type LinkVerb = Extract<FaultEvent, { type: 'link-changed' }>['verb']

export class LinkFaults {
  readonly #parts: Parts
  readonly #expiries: Expiries
  /** To be called when somebody may be in reach again. */
  readonly #wake: () => void
  #groups: readonly (readonly NodeId[])[] | undefined

  constructor(parts: Parts, expiries: Expiries, wake: () => void) {
    this.#parts = parts
    this.#expiries = expiries
    this.#wake = wake
  }

  cut(from: NodeId, to: NodeId, how: ForTime): Problem | undefined {
    const link = this.#parts.network.link(from, to)
    if (link.state === 'cut') return this.#wrongState(link, 'cut', 'heal')
    this.#parts.network.cut(link)
    link.cutByHand = true
    this.#tell(link, 'cut', how.forUs)
    this.#expiries.plan(name(link), how.forUs, () => this.#timeUp(link))
    return undefined
  }

  heal(from: NodeId, to: NodeId): Problem | undefined {
    const link = this.#parts.network.link(from, to)
    if (link.state !== 'cut') return this.#wrongState(link, 'heal', null)
    this.#expiries.cancel(name(link))
    this.#heal(link, false)
    return undefined
  }

  hold(from: NodeId, to: NodeId, how: HoldRequest): Problem | undefined {
    const link = this.#parts.network.link(from, to)
    if (link.state !== 'up') {
      return this.#wrongState(link, 'hold', link.state === 'cut' ? 'heal' : 'release')
    }
    let only: HoldOnly = null
    if ('key' in how) only = { key: how.key }
    else if (how.copies !== undefined) only = { copies: how.copies }
    this.#parts.network.hold(link, only)
    this.#tell(link, 'hold', how.forUs)
    this.#expiries.plan(name(link), how.forUs, () => this.#release(link, true))
    return undefined
  }

  release(from: NodeId, to: NodeId): Problem | undefined {
    const link = this.#parts.network.link(from, to)
    if (link.state !== 'held') return this.#wrongState(link, 'release', null)
    this.#expiries.cancel(name(link))
    this.#release(link, false)
    return undefined
  }

  set(from: NodeId, to: NodeId, settings: ParsedLinkSettings): void {
    const link = this.#parts.network.link(from, to)
    const { forUs } = settings
    // What lasts stays under what passes, so that it is there when the latter's time is up.
    if (forUs !== undefined) link.lasting ??= link.settings
    else if (link.lasting) link.lasting = changed(link.lasting, settings)
    Object.assign(link, changed(link.settings, settings))
    this.#tell(link, 'set', forUs)
    if (forUs === undefined) return
    this.#expiries.plan(`settings of ${name(link)}`, forUs, () => {
      Object.assign(link, link.lasting)
      link.lasting = undefined
      this.#tell(link, 'set', undefined, true)
    })
  }

  /** The groups of the partition in force. */
  get groups(): readonly (readonly NodeId[])[] | undefined {
    return this.#groups
  }

  /** Cuts every link between replicas (and `api`, where it is named) of different groups. */
  partition(groups: readonly (readonly NodeId[])[], how: ForTime): Problem | undefined {
    const refusal = this.#badGroups(groups)
    if (refusal) return refusal
    this.#healPartition()
    const groupOf = new Map<NodeId, number>()
    groups.forEach((group, i) => {
      for (const node of group) groupOf.set(node, i)
    })
    for (const [a, groupA] of groupOf) {
      for (const [b, groupB] of groupOf) {
        if (groupA === groupB) continue
        const link = this.#parts.network.link(a, b)
        link.cutByPartition = true
        if (link.state === 'cut') continue
        this.#expiries.cancel(name(link))
        this.#parts.network.cut(link)
      }
    }
    // The caller's lists may change afterwards; what was emitted may not.
    const told = groups.map((group) => [...group])
    this.#groups = told
    const forUs = how.forUs ?? null
    this.#parts.emitter.emit({ type: 'network-partitioned', groups: told, forUs })
    this.#expiries.plan('partition', how.forUs, () => {
      this.#healPartition()
      this.#parts.emitter.emit({ type: 'network-healed', undone: true })
      this.#wake()
    })
    this.#wake()
    return undefined
  }

  /** Ends all cuts; holds, losses and latencies stay. */
  healAll(): void {
    this.#expiries.cancel('partition')
    this.#groups = undefined
    for (const link of this.#parts.network.links()) {
      if (link.state !== 'cut') continue
      this.#expiries.cancel(name(link))
      this.#parts.network.heal(link)
    }
    this.#parts.emitter.emit({ type: 'network-healed', undone: false })
    this.#wake()
  }

  /** Brings every link back to its default; used by a reset that keeps the data. */
  mendAll(): void {
    this.#groups = undefined
    for (const link of this.#parts.network.links()) {
      if (link.state === 'cut') this.#heal(link, false)
      else if (link.state === 'held') this.#release(link, false)
      link.lasting = undefined
      if (!link.isDefault) {
        Object.assign(link, DEFAULT_SETTINGS)
        this.#tell(link, 'set')
      }
    }
    this.#wake()
  }

  #healPartition(): void {
    this.#groups = undefined
    for (const link of this.#parts.network.links()) {
      if (link.cutByPartition && !link.cutByHand) this.#parts.network.heal(link)
      link.cutByPartition = false
    }
  }

  /** A cut by hand has lasted long enough; a partition may still keep the link cut. */
  #timeUp(link: Link): void {
    link.cutByHand = false
    if (!link.cutByPartition) this.#heal(link, true)
  }

  #heal(link: Link, undone: boolean): void {
    this.#parts.network.heal(link)
    this.#tell(link, 'heal', undefined, undone)
    this.#wake()
  }

  #release(link: Link, undone: boolean): void {
    this.#parts.network.release(link, () => this.#tell(link, 'release', undefined, undone))
    this.#wake()
  }

  #tell(link: Link, verb: LinkVerb, forUs?: Microseconds, undone = false): void {
    const { emitter } = this.#parts
    if (!emitter.hasListeners) return
    const { from, to, state } = link
    const only = verb === 'hold' && link.holding ? { ...link.holding } : null
    const settings = verb === 'set' ? sayable(link.settings) : null
    emitter.emit({
      type: 'link-changed',
      from,
      to,
      state,
      verb,
      only,
      settings,
      forUs: forUs ?? null,
      undone,
    })
  }

  #badGroups(groups: readonly (readonly NodeId[])[]): Problem | undefined {
    const named = groups.flat()
    const unknown = named.find((node) => node !== API && !this.#parts.has(node))
    if (unknown !== undefined) return this.#parts.noSuchReplica(unknown, 'invalid-request')
    const twice = named.find((node, i) => named.indexOf(node) !== i)
    if (twice !== undefined) {
      const who = twice === API ? 'api' : `replica ${twice}`
      return problem('invalid-request', `Groups must not overlap: ${who} is in two of them.`)
    }
    const missing = this.#parts.replicas.filter((replica) => !named.includes(replica.id))
    if (missing.length > 0) {
      const ids = missing.map((replica) => replica.id).join(', ')
      const detail = `Every replica must be in a group: ${ids} is in none. Put it into one of them, or into a group of its own.`
      return problem('invalid-request', detail)
    }
    if (groups.length >= 2 && groups.every((group) => group.length > 0)) return undefined
    return problem('invalid-request', 'A partition needs at least two groups, none of them empty.')
  }

  /** @param first the verb that must come before; null when there is simply nothing to undo */
  #wrongState(link: Link, verb: string, first: 'heal' | 'release' | null): Problem {
    const { from, to, state } = link
    const facts = { from: renderNode(from), to: renderNode(to), state }
    const why = `Cannot ${verb} link ${facts.from} to ${facts.to}: it is ${state}.`
    if (first) return advise(problem('wrong-state', why, facts), { verb: first, from, to })
    return problem('wrong-state', `${why} There is nothing to undo.`, facts)
  }
}

/** As the user would write them. */
function sayable({ latency, lossRatio, duplicateRatio }: LinkSettings) {
  return { latency: latency && formatLatency(latency), lossRatio, duplicateRatio }
}

function changed(
  old: LinkSettings,
  { latency = old.latency, lossRatio, duplicateRatio }: ParsedLinkSettings,
): LinkSettings {
  return {
    latency,
    lossRatio: lossRatio ?? old.lossRatio,
    duplicateRatio: duplicateRatio ?? old.duplicateRatio,
  }
}

function name(link: Link): string {
  return `link ${link.from} ${link.to}`
}
