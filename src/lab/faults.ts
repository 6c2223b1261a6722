// What befalls replicas and links, as promises: each acts at the present instant, and resolves to how what it befell
// looks then.

import type { ActVerb, AnswerOf } from '../core/verbs/table.ts'
import type { Given } from './given.ts'
import type { Port } from './port.ts'
import type {
  ClusterAnswer,
  CrashOptions,
  ForOptions,
  HoldOptions,
  LinkAnswer,
  LinkOptions,
  Node,
  ReplicaAnswer,
} from './types.ts'

/** Faults that have a counterpart, and so can be undone. */
export class Faults {
  readonly #port: Port
  readonly #calls: Promise<unknown>[] | undefined

  /** @param calls collects what was called */
  constructor(port: Port, calls?: Promise<unknown>[]) {
    this.#port = port
    this.#calls = calls
  }

  /** Stops a replica; without `keepData` it loses its memory. */
  crash(replica: number, options?: CrashOptions): Promise<ReplicaAnswer> {
    return this.#act('crash', { replica }, options, this.#port.render.replica)
  }

  /** Freezes a replica; messages queue up at it. */
  pause(replica: number, options?: ForOptions): Promise<ReplicaAnswer> {
    return this.#act('pause', { replica }, options, this.#port.render.replica)
  }

  /** Loses every message on a link, in this direction. */
  cut(from: Node, to: Node, options?: ForOptions): Promise<LinkAnswer> {
    return this.#act('cut', { from, to }, options, this.#port.render.link)
  }

  /** Holds back messages on a link until they are released. */
  hold(from: Node, to: Node, options?: HoldOptions): Promise<LinkAnswer> {
    return this.#act('hold', { from, to }, options, this.#port.render.link)
  }

  /** What is not named stays as it is; a latency of null is the default. */
  setLink(from: Node, to: Node, options: LinkOptions): Promise<LinkAnswer> {
    return this.#act('set-link', { from, to }, options, this.#port.render.link)
  }

  /** Cuts every link between groups; a newer partition replaces the older. */
  partition(groups: readonly (readonly Node[])[], options?: ForOptions): Promise<ClusterAnswer> {
    return this.#act('partition', { groups }, options, this.#port.render.cluster)
  }

  #act<V extends ActVerb, T>(
    verb: V,
    targets: Given,
    options: unknown,
    render: (answer: AnswerOf<V>) => T,
  ): Promise<T> {
    const call = this.#port.act(verb, [targets, options], render)
    this.#calls?.push(call)
    return call
  }
}
