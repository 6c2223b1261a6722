// The faults of a swarm run: each kind as one command on a target drawn at random, and the counterparts that
// end those which last.

import type { Cluster } from '../../src/core/cluster.ts'
import { API, type NodeId } from '../../src/core/nodes.ts'
import type { Random } from '../../src/core/random.ts'
import type { ForTime } from '../../src/core/verbs.ts'
import { chance, type FaultKind, pick, type SwarmPlan } from './draw.ts'

export class Faults {
  readonly #cluster: Cluster
  readonly #random: Random
  readonly #plan: SwarmPlan
  /** How many of each kind took effect. */
  readonly fired = new Map<FaultKind, number>()

  constructor(cluster: Cluster, random: Random, plan: SwarmPlan) {
    this.#cluster = cluster
    this.#random = random
    this.#plan = plan
  }

  /** @returns what was done, in words */
  inject(kind: FaultKind): string {
    const { reply, said } = this.#act(kind)
    if (reply.ok) this.fired.set(kind, (this.fired.get(kind) ?? 0) + 1)
    return `${kind} ${said}${reply.ok ? '' : ' (refused)'}`
  }

  /** Ends one fault that lasts. */
  mendOne(): string {
    const { replicas, leader } = this.#cluster.view()
    if (leader === null && !this.#plan.oneLeader && chance(this.#random, 0.5)) {
      return `failover${this.#cluster.failover({}).ok ? '' : ' (refused)'}`
    }
    const down = replicas.filter(({ state }) => state !== 'running')
    if (down.length > 0 && chance(this.#random, 0.5)) {
      const { id, state } = pick(this.#random, down)
      const reply = state === 'crashed' ? this.#cluster.restart(id) : this.#cluster.resume(id)
      return `${state === 'crashed' ? 'restart' : 'resume'} ${id}${reply.ok ? '' : ' (refused)'}`
    }
    const links = this.#cluster.view().links.filter(({ state }) => state !== 'up')
    if (links.length === 0 || chance(this.#random, 0.2)) {
      this.#cluster.healAll()
      return 'heal all'
    }
    const { from, to, state } = pick(this.#random, links)
    if (state === 'cut') this.#cluster.heal(from, to)
    else this.#cluster.release(from, to)
    return `${state === 'cut' ? 'heal' : 'release'} ${from} ${to}`
  }

  #act(kind: FaultKind): { reply: { readonly ok: boolean }; said: string } {
    const cluster = this.#cluster
    const how = this.#forTime()
    const replica = this.#random.int(cluster.inspect().n)
    const [from, to] = this.#ends()
    const onReplica = (reply: { readonly ok: boolean }, said = '') => ({
      reply,
      said: `${replica} ${said}${sayFor(how)}`,
    })
    const onLink = (reply: { readonly ok: boolean }, said = '') => ({
      reply,
      said: `${from} ${to} ${said}${sayFor(how)}`,
    })
    switch (kind) {
      case 'crash':
        return onReplica(cluster.crash(replica, how))
      case 'crash-keep-data':
        return onReplica(cluster.crash(replica, { ...how, keepData: true }))
      case 'pause':
        return onReplica(cluster.pause(replica, how))
      case 'forget':
        return this.#forget(replica)
      case 'cut':
        return onLink(cluster.cut(from, to, how))
      case 'hold':
        return onLink(cluster.hold(from, to, how))
      case 'hold-copies': {
        const copies = 1 + this.#random.int(4)
        return onLink(cluster.hold(from, to, { ...how, copies }), `copies=${copies} `)
      }
      case 'hold-key': {
        const key = this.#key()
        return onLink(cluster.hold(from, to, { ...how, key }), `${key} `)
      }
      case 'loss': {
        const lossRatio = this.#random.float()
        return onLink(cluster.setLink(from, to, { ...how, lossRatio }), `${lossRatio} `)
      }
      case 'duplicates': {
        const duplicateRatio = this.#random.float()
        return onLink(cluster.setLink(from, to, { ...how, duplicateRatio }), `${duplicateRatio} `)
      }
      case 'slow-link': {
        const latency = pick(this.#random, ['0', '1ms', '300ms', 'exponential(100ms)', null])
        return onLink(cluster.setLink(from, to, { ...how, latency }), `${latency} `)
      }
      case 'partition':
        return this.#partition(how)
      case 'failover':
        return this.#failover(false)
      case 'forced-failover':
        return this.#failover(true)
      case 'abandon':
        // The load knows who waits; see session.ts.
        return { reply: { ok: false }, said: '' }
      case 'reset': {
        const keep = pick(this.#random, ['nothing', 'faults', 'data'] as const)
        return { reply: cluster.reset(keep) && { ok: true }, said: `keep=${keep}` }
      }
    }
  }

  #forget(replica: number) {
    const key = this.#key()
    return { reply: this.#cluster.forget(replica, key), said: `${replica} ${key}` }
  }

  #partition(how: ForTime) {
    const groups: NodeId[][] = [[], []]
    for (const { id } of this.#cluster.inspect().replicas) {
      groups[this.#random.int(2)]?.push(id)
    }
    if (chance(this.#random, 0.5)) groups[this.#random.int(2)]?.push(API)
    const reply = this.#cluster.partition(groups, how)
    return { reply, said: `${JSON.stringify(groups)}${sayFor(how)}` }
  }

  #failover(force: boolean) {
    const { n, replicas } = this.#cluster.inspect()
    const paused = replicas.filter(({ state }) => state === 'paused')
    const some = this.#random.int(n)
    // An order to a paused one waits until it resumes, and much may come between.
    const to = paused.length > 0 && chance(this.#random, 0.5) ? pick(this.#random, paused).id : some
    const how = force || chance(this.#random, 0.5) ? { to, force } : {}
    return { reply: this.#cluster.failover(how), said: JSON.stringify(how) }
  }

  #forTime(): ForTime {
    if (!chance(this.#random, this.#plan.passingRatio)) return {}
    return { forUs: Math.round(2 * this.#plan.faultMeanUs * this.#random.float()) }
  }

  #key(): string {
    return `key${this.#random.int(this.#plan.keys)}`
  }

  #ends(): [NodeId, NodeId] {
    const { n } = this.#cluster.inspect()
    const from = this.#random.int(n + 1) - 1
    const to = this.#random.int(n) - 1
    return [from, to >= from ? to + 1 : to]
  }
}

function sayFor({ forUs }: ForTime): string {
  return forUs === undefined ? '' : `for ${forUs / 1000} ms`
}
